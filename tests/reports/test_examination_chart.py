"""The drawings of an examination: what is drawn of many, and how a check says what happened."""

from __future__ import annotations

import numpy as np

from symtests.doctor.watching import GroupRecord, Record, TensorRecord, watch
from symtests.reports.examination_chart import (
    MOST_GROUPS,
    MOST_TENSORS,
    movement_chart,
    shown_groups,
    shown_tensors,
    width_chart,
)
from tests.doctor.simple import Simple, random_simple


def test_a_narrow_group_and_a_stuck_tensor_are_always_drawn() -> None:
    model = random_simple()
    (group,) = model.candidates()
    groups = [GroupRecord(group, (), [], []) for _ in range(MOST_GROUPS + 5)]
    groups[-1] = GroupRecord(group, (), [], [(0, 1)])
    assert len(shown_groups(groups)) == MOST_GROUPS
    assert shown_groups(groups)[-1] is groups[-1]
    moving, stuck = TensorRecord([1.0], [1.0], [1.0]), TensorRecord([0.0], [0.0], [1.0])
    record = Record([1.0], {**{f"t{place}": moving for place in range(MOST_TENSORS + 5)}, "stuck": stuck}, [])
    assert len(shown_tensors(record)) == MOST_TENSORS
    assert shown_tensors(record)[-1] == "stuck"


def test_a_zero_gradient_and_none_are_written_out() -> None:
    model = Simple(np.random.default_rng(0).standard_normal((4, 3)), np.zeros((2, 4)))
    record = watch(model, model.candidates(), 3)
    record.tensors["last"].gradients[2] = None
    drawing = str(movement_chart(record, list(record.tensors), "map"))
    assert drawing.count(">0</text>") == 2  # a step of `first`, and the number of the first step
    assert drawing.count(">–</text>") == 1  # noqa: RUF001 - the sign for no gradient
    assert "fill-series-1" in drawing


def test_a_bar_ends_at_the_effective_width() -> None:
    model = random_simple()
    (group,) = model.candidates()
    drawing = str(width_chart([GroupRecord(group, (), [], [(0, 1, 2)])], "width"))
    assert "2 of 4 hidden units of first" in drawing
    assert "fill-floor" in drawing
