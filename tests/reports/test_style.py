"""The style sheet gives every word and every line a colour that can be read, in light and in dark."""

import re
from importlib.resources import files

import pytest

from symtests.reports.drawing import COLOURS
from symtests.reports.words import WORDS

SHEET = (files("symtests.reports") / "templates" / "report.css").read_text(encoding="utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\}", SHEET, re.S)
MODES = {
    name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))
    for name, text in {"light": LIGHT, "dark": DARK}.items()
}


def contrast(one: str, other: str) -> float:
    """Contrast ratio of the Web Content Accessibility Guidelines 2.2: (L1 + 0.05) / (L2 + 0.05)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_dark_has_every_colour_that_light_has() -> None:
    assert set(MODES["light"]) == set(MODES["dark"])


@pytest.mark.parametrize("mode", MODES)
def test_text_can_be_read(mode: str) -> None:
    colours = MODES[mode]
    for name in ("ink", "quiet", "accent", "floor"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for word in WORDS:
        name = word.replace("not judged", "unjudged")
        assert contrast(colours[name], colours[f"{name}-soft"]) >= 4.5, word
        assert contrast(colours[name], colours["paper"]) >= 4.5, word


@pytest.mark.parametrize("mode", MODES)
def test_lines_can_be_told_from_the_paper(mode: str) -> None:
    series = [name for name in MODES[mode] if name.startswith("series")]
    assert len(series) == 6
    assert all(contrast(MODES[mode][name], MODES[mode]["paper"]) >= 3 for name in series)


def test_every_word_and_every_colour_of_a_chart_has_its_rule() -> None:
    rules = set(re.findall(r"\.([\w-]+)", SHEET))
    assert {word.style for word in WORDS.values()} <= rules
    assert {f"{paint}-{name}" for paint in ("fill", "stroke") for name in COLOURS} <= rules


def test_every_variable_is_defined() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", SHEET)) <= set(re.findall(r"--([\w-]+):", SHEET))
