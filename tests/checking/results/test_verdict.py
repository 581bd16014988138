"""Verdicts: JSON both ways, and the exit status of a run."""

from __future__ import annotations

import json
import math
from typing import cast

import pytest

from symtests.checking.results.verdict import (
    EXIT_STATUS,
    OWN_FAULT,
    WORDS,
    Counterexample,
    Failure,
    Tally,
    Verdict,
    Word,
    exit_status,
)


def test_a_verdict_survives_json() -> None:
    counterexample = Counterexample("it broke", {"network": {}}, 2, 1, "symtests check", "assert False", "W1[0,0]", 0.5)
    verdict = Verdict(
        "mine", "SYM1", "float32", "violated", "it broke", 2, Tally(1, 2, 3, 4, 5), 0.25, 1e-7, "certified", 1,
        counterexample, Failure("raised", "no"), ({"sentence": "seen", "data": {"step": 29}},), 1.5, 7,
    )  # fmt: skip
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


def test_a_tally_knows_how_many_cases_it_counts() -> None:
    assert Tally(1, 20, 300, 4000, 50000).tried == 54321


def told(word: str) -> Verdict:
    kind = {"own fault": OWN_FAULT, "errored": "raised"}.get(word)
    failure = None if kind is None else Failure(kind, "")
    return Verdict("mine", "GRAD1", "float64", cast("Word", "errored" if kind else word), "So.", failure=failure)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["exact", "holds"], 0),
        (["holds", "unsupported"], 0),
        (["known", "exact"], 0),
        (["holds", "inconclusive"], 3),
        (["holds", "errored"], 3),
        (["errored", "violated"], 1),
        (["fixed", "holds"], 1),
        (["unsupported", "unsupported"], 3),
        ([], 3),
        (["own fault"], 4),
        (["violated", "own fault", "errored", "exact"], 4),
    ],
)
def test_the_worst_verdict_decides_the_exit_status(words: list[str], status: int) -> None:
    assert exit_status(told(word) for word in words) == status


def test_every_word_has_a_status() -> None:
    assert set(WORDS) == set(EXIT_STATUS)


def test_numbers_that_are_not_finite_survive_json() -> None:
    counterexample = Counterexample("it broke", {}, 1, 1, "", "", "loss", math.inf, -math.inf, math.inf)
    verdict = Verdict(
        "mine", "NUM1", "float64", "violated", "it broke", worst_fraction=math.inf, counterexample=counterexample
    )
    data = json.loads(json.dumps(verdict.to_json(), allow_nan=False))
    assert data["counterexample"]["found"] == "-Infinity"
    assert Verdict.from_json(data) == verdict
