"""The sentence that is read first is true, and names what is worst."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.reports.headline import counts_of, headline_of
from symtests.reports.reading import read_results
from symtests.reports.results import Results
from symtests.reports.words import NOT_JUDGED, WORDS
from tests.reports import sample

JUDGED = [word for word in WORDS if word != NOT_JUDGED]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("headline")


def run(folder: Path, words: list[str], planned: int | None = None, end: bool = True, **smoke: Any) -> Results:
    cells = [
        (prop, name, dtype) for prop in sample.PROPERTIES for name in ("numba", "mynet") for dtype in sample.DTYPES
    ]
    lines = [
        sample.run_line(len(words) if planned is None else planned),
        sample.implementation_line("numba", **smoke),
        sample.implementation_line("mynet"),
        *(sample.verdict_line(cell, word=word) for cell, word in zip(cells, words, strict=False)),
        *([sample.end_line()] if end else []),
    ]
    return read_results(sample.write(folder / "results.jsonl", lines))


SMOKE = {"kind": "raised", "message": "no", "output": ""}


@pytest.mark.parametrize(
    ("words", "settings", "glyph", "sentence"),
    [
        (["exact", "exact"], {}, "✓", "2 checks held, 2 bit for bit"),
        (["holds"], {}, "✓", "1 check held, 1 within rounding"),
        (["exact", "holds", "known", "unsupported"], {}, "✓",
         "2 checks held, 1 bit for bit and 1 within rounding; 1 known to fail; 1 unsupported"),
        (["violated", "exact"], {}, "✗", "1 of 2 checks violated"),
        (["violated", "errored", "fixed", "inconclusive"], {}, "✗",
         "1 of 4 checks violated; 1 errored; 1 known failure no longer fails; 1 inconclusive"),
        (["errored", "holds"], {}, "!", "1 errored; no new violation"),
        (["fixed", "fixed"], {}, "↻", "2 known failures no longer fail; no new violation"),
        (["inconclusive"], {}, "?", "1 inconclusive; no new violation"),
        (["unsupported"], {}, "-", "No property was seen to hold; 1 unsupported"),
        (["known"], {}, "⊗", "No property was seen to hold; 1 known to fail"),
        (["exact"] * 3, {"planned": 8, "end": False}, "·",
         "Cut short, 3 of 8 checks judged: 3 checks held, 3 bit for bit"),
        (["violated"], {"planned": 8, "end": False}, "✗", "Cut short, 1 of 8 checks judged: 1 violated"),
        (["exact"], {"planned": 4}, "·", "1 of 4 checks judged: 1 check held, 1 bit for bit"),
        ([], {"planned": 4, "end": False}, "·", "Cut short, 0 of 4 checks judged: nothing is known"),
        ([], {}, "-", "No property was seen to hold"),
        (["exact"], {"smoke": SMOKE}, "!", "1 implementation could not be checked at all; no new violation"),
    ],
)  # fmt: skip
def test_the_sentence(folder: Path, words: list[str], settings: Any, glyph: str, sentence: str) -> None:
    headline = headline_of(run(folder, words, **settings))
    assert (headline.glyph, headline.sentence) == (glyph, sentence)


@given(words=st.lists(st.sampled_from(JUDGED), max_size=12), missing=st.integers(0, 5), end=st.booleans())
def test_every_check_is_counted_once_and_no_trouble_is_passed_over(
    folder: Path, words: list[str], missing: int, end: bool
) -> None:
    results = run(folder, words, len(words) + missing, end)
    counts, headline = counts_of(results), headline_of(results)
    assert sum(counts.values()) == len(words) + missing
    assert list(counts) == list(WORDS)
    troubled = bool({"violated", "errored", "fixed", "inconclusive"} & set(words)) or missing > 0 or not end
    held = bool({"exact", "holds"} & set(words))
    assert (headline.glyph == "✓") == (held and not troubled)
    assert ("violated" in headline.sentence) == ("violated" in words)
