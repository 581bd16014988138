"""Outputs that do not depend on inputs, and the loss of a network that knows nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.doctor.outputs import ignorance, judge_outputs, same_for_all
from symtests.doctor.watching import watch
from tests.doctor.simple import Simple, random_simple


@given(st.integers(2, 9), st.integers(0, 99))
def test_ln_k_is_what_equal_probabilities_cost(classes: int, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, classes, 20)
    found = ignorance(np.zeros((20, classes)), labels, math.log(classes))
    assert found is not None
    assert found.name == f"ln {classes}"
    assert found.value == pytest.approx(math.log(classes))


@given(st.integers(0, 99))
def test_the_variance_is_what_the_best_constant_costs(seed: int) -> None:
    random = np.random.default_rng(seed)
    y, z = random.standard_normal((20, 3)), random.standard_normal((20, 3))
    found = ignorance(z, y, float(((z - y) ** 2).mean()))
    assert found is not None
    assert found.value == pytest.approx(((y - y.mean(0)) ** 2).mean())


def test_the_entropy_of_binary_targets() -> None:
    y, p = np.array([[0.0], [1.0], [1.0], [1.0]]), np.array([[0.2], [0.7], [0.6], [0.9]])
    loss = float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())
    for outputs in (p, np.log(p / (1 - p))):
        found = ignorance(outputs, y, loss)
        assert found is not None
        assert found.value == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))


def test_of_another_loss_nothing_is_said() -> None:
    y, z = np.zeros((4, 2)), np.ones((4, 2))
    assert ignorance(z, y, 5.0) is None
    assert ignorance(None, y, 1.0) is None
    assert ignorance(z[:, 0], y, 1.0) is None


def test_outputs_that_are_the_same_for_all_samples() -> None:
    assert same_for_all(random_simple(), 0) is None
    assert same_for_all(Simple(np.zeros((4, 3)), np.ones((2, 4))), 0) == 16


def test_a_model_that_stays_constant_is_fatal_and_one_that_learns_is_not() -> None:
    model = Simple(np.zeros((4, 3)), np.zeros((2, 4)))
    found = list(judge_outputs(model, watch(model, [], 3)))
    assert [(each.kind, each.verdict) for each in found] == [("constant output", "fatal"), ("loss", "to know")]
    model = random_simple()
    (loss,) = judge_outputs(model, watch(model, [], 10))
    assert "fell from" in loss.sentence
    assert "the variance of the targets" in loss.sentence


def test_a_loss_that_rises_is_said_and_not_judged() -> None:
    model = random_simple()
    model.rate = -0.1
    (loss,) = judge_outputs(model, watch(model, [], 5))
    assert loss.verdict == "to know"
    assert "did not fall" in loss.sentence
    assert "needs more steps" in loss.sentence
