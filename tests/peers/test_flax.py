"""Flax with Optax as an implementation: right within rounding, and its options set as the adapter says."""

from __future__ import annotations

import numpy as np
import optax
import pytest

from symtests.implementations import find
from symtests.implementations.checked import Checked
from symtests.implementations.flax_optax import FlaxOptax
from symtests.network import DTYPES
from symtests.training import Training
from tests.implementations.questions import assert_right, assert_trains, question
from tests.peers.questions import PAIRS, assert_starts

OPTIMIZERS = FlaxOptax.capabilities.optimizers


@pytest.mark.parametrize(("activation", "loss", "weighted"), PAIRS)
def test_every_answer_is_right_within_rounding(activation: str, loss: str, weighted: bool) -> None:
    for dtype in DTYPES:
        assert_right(FlaxOptax(), dtype, *question(dtype, activation, loss, bias=not weighted, weighted=weighted))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_ends_where_the_oracle_does(optimizer: str) -> None:
    assert_trains(FlaxOptax(), optimizer)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_stays_in_float32(optimizer: str) -> None:
    network, parameters, batch = question("float32", "tanh", "mse")
    trained = Checked(FlaxOptax(), "float32").train(network, parameters, batch, Training(optimizer, 0.1, 2))
    assert trained.vector.dtype == np.float32


def test_adagrad_is_not_offered_as_it_adds_epsilon_inside_of_the_root() -> None:
    """One step from a gradient of 1 at rate 1, with squares that start from 0: -1 / 2, where 1 / (1 + 3) is said."""
    optimizer = optax.adagrad(1.0, initial_accumulator_value=0.0, eps=3.0)
    start = np.zeros(1)
    update, _ = optimizer.update(np.ones(1), optimizer.init(start), start)
    assert float(update[0]) == -0.5
    assert "adagrad" not in OPTIMIZERS


def test_starts_have_the_mean_and_the_spread_of_their_names() -> None:
    assert_starts(FlaxOptax())


def test_it_is_found_by_name() -> None:
    assert isinstance(find("flax"), FlaxOptax)
