"""What parts units that are alike, tried by real steps."""

from __future__ import annotations

import numpy as np

from symtests.doctor.findings import Finding
from symtests.doctor.parting import redraw, with_cure
from symtests.doctor.watching import watch
from symtests.model.groups import Group
from tests.doctor.simple import Simple, random_simple

FOUND = Finding("tied", "fatal", "they are alike")


def test_one_tensor_drawn_at_random_parts_all() -> None:
    model = Simple(np.full((4, 3), 0.3), np.full((2, 4), 0.2))
    (group,) = model.candidates()
    cured = with_cure(model, group, FOUND, watch(model, [group], 3))
    assert cured.sentence == (
        "they are alike. Tried: with last alone drawn at random, all of them differ from step 1 on"
    )
    assert cured.cure == redraw(random_simple(), ["last"])


def test_what_does_not_part_them_is_not_said_to() -> None:
    """No gradient flows: the other tensor stays as it is, whatever is drawn."""
    model = Simple(np.zeros((4, 3)), np.zeros((2, 4)), rate=0.0)
    (group,) = model.candidates()
    cured = with_cure(model, group, FOUND, watch(model, [group], 3))
    assert cured.sentence == "they are alike"


def test_noise_on_experts_is_measured() -> None:
    model = Simple(np.full((4, 3), 0.3), np.full((2, 4), 0.2))
    (units,) = model.candidates()
    experts = Group("first", "experts", 4, units.parts)
    cured = with_cure(model, experts, FOUND, watch(model, [experts], 3))
    assert "with noise of 0.001 of their size on them alone they are" in cured.sentence
    assert "times as much at each step" in cured.sentence


def test_many_tensors_are_drawn_by_one_line() -> None:
    assert redraw(random_simple(), ["a", "b"]).endswith("  # and 1 like it")
