"""The pictures of the report in the docs: small, shown on the page, and taken again by the script that says so."""

from __future__ import annotations

import importlib.util
import re
import struct
from pathlib import Path
from types import ModuleType

import pytest

from symtests.reports import write_report
from tests.reports import diagnosis_sample, sample

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = sorted(DOCS.glob("report_*.png"))
SIZES = {
    "light": (1280, 900), "dark": (1280, 900), "phone": (390, 844), "phone_dark": (390, 844), "models": (1280, 500),
}  # fmt: skip


def loaded() -> ModuleType:
    specification = importlib.util.spec_from_file_location("report_pictures", DOCS / "report_pictures.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_small_and_of_the_size_of_a_screen(path: Path) -> None:
    content = path.read_bytes()
    assert len(content) < 60_000
    size = struct.unpack(">II", content[16:24])
    assert size == SIZES.get(path.stem.removeprefix("report_"), size)


def test_every_picture_is_shown_and_described() -> None:
    shown = dict(re.findall(r"!\[([^\]]+)\]\((report_\w+\.png)\)", (DOCS / "report.md").read_text(encoding="utf-8")))
    assert sorted(shown.values()) == [path.name for path in PICTURES]
    assert len(PICTURES) == len(SIZES) + 1, "and the printed page"


@pytest.mark.browser
def test_the_script_takes_them_again(tmp_path: Path) -> None:
    pictures = loaded()
    results = sample.write(tmp_path / "results.jsonl", sample.lines())
    page, _ = write_report(results, tmp_path, diagnoses=[diagnosis_sample.write(tmp_path)])
    light = pictures.pictured(page, pictures.PHONE, "--blink-settings=preferredColorScheme=1", tmp_path)
    dark = pictures.pictured(page, pictures.PHONE, "--blink-settings=preferredColorScheme=0", tmp_path)
    assert light.size == dark.size == pictures.PHONE
    assert sum(light.getpixel((5, 5))) > 600 > 200 > sum(dark.getpixel((5, 5)))
    below = pictures.pictured(page, pictures.PHONE, "--blink-settings=preferredColorScheme=1", tmp_path, "models")
    assert below.tobytes() != light.tobytes()
    printed = pictures.printed(page, tmp_path)
    assert printed.height > printed.width > 500
    for picture in (light, dark, printed):
        assert len(pictures.small(picture)) <= pictures.MOST_BYTES


@pytest.mark.browser
def test_the_networks_that_it_breaks_are_still_there(tmp_path: Path) -> None:
    names = loaded().broken_networks(tmp_path)
    assert len(names) == 3
    for name in names:
        assert (tmp_path / name.partition(":")[0]).is_file()
