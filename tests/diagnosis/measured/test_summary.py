"""What all answers together say: how many are right, what is not as it should be, and the page."""

import json
from pathlib import Path

from tests.diagnosis.measured.asking import Told
from tests.diagnosis.measured.listing import FAULTS, fault_of
from tests.diagnosis.measured.summary import Answer, Summary, page

SLOPE, ADAM = fault_of("SlopeMissing"), fault_of("NoCorrection")
_SLOPE = "the error signals of hidden units lack the slope of the activation."
_ADAM = "the step is that of adam without bias correction."


def answer(*sentences: str, pair: bool = False) -> Answer:
    told = [Told(f"GRAD{number}", sentence, 0.1) for number, sentence in enumerate(sentences, 1)]
    return Answer.of([SLOPE, ADAM] if pair else [SLOPE], told, 0.25)


def test_each_sentence_is_kept_once_with_the_properties_that_it_was_said_of() -> None:
    assert answer(_SLOPE, _SLOPE, _ADAM, pair=True).told == {_SLOPE: "GRAD1 GRAD2", _ADAM: "GRAD3"}


def test_a_line_tells_what_was_said() -> None:
    assert answer(_ADAM).line() == f"WRONG SlopeMissing\n    GRAD1: {_ADAM}"
    assert "no property is violated" in answer().line()
    assert "(nothing)" in answer("").line()


def test_troubles_are_what_is_wrong_and_what_is_missing() -> None:
    well = Summary((answer(_SLOPE),), (answer(_SLOPE, _ADAM, pair=True),), (), 1)
    assert well.troubles() == []
    assert "right 1 (100%)" in well.text()
    ill = Summary((answer(_ADAM),), (answer(_SLOPE, pair=True),), (), 1)
    assert ill.troubles() == [
        "1 single faults have a cause named that is not there",
        "fewer than 90% of the single faults are named",
        "fewer than 75% of the pairs are named",
    ]


def test_the_page_has_every_fault_and_the_pairs_that_are_not_right() -> None:
    summary = Summary(
        (answer(_SLOPE),),
        (answer(_SLOPE, pair=True), answer(_SLOPE, _ADAM, pair=True)),
        (("NoCorrection", "MeanMissing"),),
        5,
    )
    text = page(summary)
    assert "| 1 single faults | 1 (100%) | 0 (0%) | 0 (0%) | 0 (0%) |" in text
    assert "| 2 pairs | 1 (50%) | 1 (50%) | 0 (0%) | 0 (0%) |" in text
    assert "a random sample of 3 of 5" in text
    assert text.count("SlopeMissing + NoCorrection") == 1
    assert summary.to_json()["singles"][0]["grade"] == "right"
    assert "seconds" not in summary.to_json()["singles"][0]


def test_the_page_in_the_docs_is_that_of_its_record_and_has_every_fault() -> None:
    docs = Path(__file__).parents[3] / "docs"
    summary = Summary.from_json(json.loads((docs / "diagnosis.json").read_text(encoding="utf-8")))
    assert page(summary) == (docs / "diagnosis.md").read_text(encoding="utf-8")
    assert [answer.faults for answer in summary.singles] == [(fault.name,) for fault in FAULTS]
    assert summary.troubles() == []
