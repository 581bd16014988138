"""What the steps of a model without any library show."""

from __future__ import annotations

import numpy as np

from symtests.doctor.watching import watch
from tests.doctor.simple import Simple, random_simple


def test_every_tensor_of_a_random_start_moves_at_once() -> None:
    model = random_simple()
    record = watch(model, model.candidates(), 5)
    assert record.steps == 5
    assert len(record.losses) == 6
    for each in record.tensors.values():
        assert each.first_gradient == each.first_move == 0
        assert not each.stuck
        assert not each.without
        assert len(each.updates) == len(each.sizes) == 5
    assert [(each.width, each.dead, each.ties) for each in record.groups] == [(4, (), [])]


def test_a_zero_last_layer_moves_first() -> None:
    random = np.random.default_rng(0)
    model = Simple(random.standard_normal((4, 3)), np.zeros((2, 4)))
    record = watch(model, model.candidates(), 3)
    assert (record.tensors["last"].first_gradient, record.tensors["first"].first_gradient) == (0, 1)
    assert record.tensors["last"].constant == 0
    assert record.groups[0].ties == []


def test_two_zero_layers_are_stuck() -> None:
    model = Simple(np.zeros((4, 3)), np.zeros((2, 4)))
    record = watch(model, model.candidates(), 3)
    assert all(each.stuck for each in record.tensors.values())
    assert record.groups[0].dead == (0, 1, 2, 3)


def test_a_constant_start_stays_tied() -> None:
    model = Simple(np.full((4, 3), 0.3), np.full((2, 4), 0.2))
    record = watch(model, model.candidates(), 5)
    (tie,) = record.groups[0].ties
    assert tie.members == (0, 1, 2, 3)
    assert tie.gradient
    assert len(tie.apart) == 6
    assert max(tie.apart) < 1e-12
    assert record.groups[0].width == 1 or not tie.exact


def test_a_dead_unit_is_one_without_a_gradient_in_all_its_parts() -> None:
    model = random_simple()
    model.start["first"][1] = 0
    model.start["last"][:, 1] = 0
    record = watch(model, model.candidates(), 5)
    assert record.groups[0].dead == (1,)


def test_a_loss_that_is_not_finite() -> None:
    model = random_simple()
    model.start["last"][0, 0] = np.inf
    with np.errstate(invalid="ignore"):
        assert not watch(model, [], 2).finite
