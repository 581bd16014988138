"""Units that stay alike, that noise parts, and that were only alike at the start."""

from __future__ import annotations

import numpy as np

from symtests.doctor.alike import judge_groups
from symtests.doctor.findings import Finding
from symtests.doctor.watching import watch
from tests.doctor.simple import Simple, random_simple


def said(model: Simple) -> list[Finding]:
    record = watch(model, model.candidates(), 6)
    return list(judge_groups(model, record))


def copied(units: int) -> Simple:
    """A random start in which the first units are one."""
    model = random_simple(units=4)
    model.start["first"][:units] = model.start["first"][0]
    model.start["last"][:, :units] = model.start["last"][:, :1]
    return model


def test_units_that_stay_alike() -> None:
    (found,) = said(copied(2))
    assert (found.kind, found.verdict) == ("tied", "costly")
    assert found.sentence.startswith("4 hidden units of first, effectively 3: {0, 1} are alike in first, last together")
    assert found.numbers["width"] == 3
    (found,) = said(copied(4))
    assert found.verdict == "fatal"
    assert "alone drawn at random, all of them differ from step" in found.sentence


def test_noise_alone_parts_them() -> None:
    model = copied(4)
    (found,) = said(Simple(model.start["first"], model.start["last"], noise=0.5))
    assert (found.kind, found.verdict) == ("tied but for noise", "costly")


def test_a_random_start_is_nothing_to_speak_of() -> None:
    assert said(random_simple()) == []


def test_dead_units_are_counted() -> None:
    model = random_simple()
    model.start["first"][1:] = 0
    model.start["last"][:, 1:] = 0
    found = {each.kind: each for each in said(model)}
    assert found["dead units"].verdict == "costly"
    assert found["dead units"].sentence.startswith(
        "3 of 4 hidden units of first got no gradient in 6 steps ({1, 2, 3})"
    )


def test_units_without_a_gradient_are_not_called_tied() -> None:
    assert [each.kind for each in said(Simple(np.zeros((4, 3)), np.zeros((2, 4))))] == []
