"""Autograd as an implementation: right within rounding, and what it does at a kink is what it declares."""

from __future__ import annotations

import numpy as np
import pytest
from autograd.misc import optimizers

from symtests.batch import Batch
from symtests.implementations import find
from symtests.implementations.hips_autograd import Autograd
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.parameters import Parameters
from tests.implementations.questions import assert_right, assert_trains, question


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_answer_is_right_within_rounding(activation: str, loss: str) -> None:
    for bias in (True, False):
        for weighted in (True, False):
            assert_right(Autograd(), "float64", *question("float64", activation, loss, bias=bias, weighted=weighted))


@pytest.mark.parametrize("optimizer", Autograd.capabilities.optimizers)
def test_every_optimizer_ends_where_the_oracle_does(optimizer: str) -> None:
    assert_trains(Autograd(), optimizer)


def test_the_derivative_of_relu_at_zero_is_what_it_declares() -> None:
    network = Network((1, 1, 1), "relu", "mse", bias=False)
    batch = Batch(np.zeros((1, 1)), np.array([[1.0]]))
    signals = Autograd().stages(network, Parameters(network, np.ones(2)), batch).error_signals
    assert signals[0][0, 0] / signals[1][0, 0] == Autograd.capabilities.relu_derivative_at_zero == 0.5


def test_rmsprop_is_not_offered_as_its_squares_start_from_one() -> None:
    after = optimizers.rmsprop(lambda x, _: np.zeros(1) + 2.0, np.zeros(1), None, 1, 1.0, 0.5, 0.0)
    assert after[0] == pytest.approx(-2 / np.sqrt(0.5 + 0.5 * 4), rel=1e-15)
    assert "rmsprop" not in Autograd.capabilities.optimizers


def test_it_is_found_by_name() -> None:
    assert isinstance(find("autograd"), Autograd)
