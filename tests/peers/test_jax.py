"""JAX as an implementation: right within rounding in both dtypes, and what the user has set stays so."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from jax.example_libraries import optimizers

from symtests.implementations import find
from symtests.implementations.checked import Checked
from symtests.implementations.jax_gradients import Jax
from symtests.network import DTYPES, LOSSES, Network
from symtests.properties.drawing.questions import samples_of
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.implementations.questions import assert_right, assert_trains, question
from tests.peers.questions import PAIRS, assert_starts

OPTIMIZERS = Jax.capabilities.optimizers


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("activation", "loss", "weighted"), PAIRS)
def test_every_answer_is_right_within_rounding(activation: str, loss: str, weighted: bool, dtype: str) -> None:
    assert_right(Jax(), dtype, *question(dtype, activation, loss, bias=not weighted, weighted=weighted))


def test_all_losses_are_among_the_pairs() -> None:
    assert {loss for _, loss, _ in PAIRS} == set(LOSSES)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_ends_where_the_oracle_does(optimizer: str) -> None:
    assert_trains(Jax(), optimizer)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_stays_in_float32(optimizer: str) -> None:
    network, parameters, batch = question("float32", "tanh", "mse")
    trained = Checked(Jax(), "float32").train(network, parameters, batch, Training(optimizer, 0.1, 2))
    assert trained.vector.dtype == np.float32


def test_what_is_not_offered_moves_otherwise() -> None:
    """One step from a gradient of 1: Training says eta / (1 + epsilon) for adagrad, and they are far from that."""
    gradient, start = np.ones(1), np.zeros(1)
    adagrad = optimizers.adagrad(1.0, momentum=0.0)
    assert float(adagrad.params_fn(adagrad.update_fn(0, gradient, adagrad.init_fn(start)))[0]) == -1.0
    rmsprop = optimizers.rmsprop(1.0, gamma=0.0, eps=3.0)
    assert float(rmsprop.params_fn(rmsprop.update_fn(0, gradient, rmsprop.init_fn(start)))[0]) == -0.5


def test_starts_have_the_mean_and_the_spread_of_their_names() -> None:
    assert_starts(Jax())


def test_an_unknown_start_is_refused() -> None:
    with pytest.raises(InvalidValue, match="did you mean 'he_normal'"):
        Jax().initialize(Network((1, 1)), "henormal", 0)


def test_the_mean_of_nothing_is_its_nan() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    assert np.isnan(Jax().loss_and_gradient(network, parameters, samples_of(batch, slice(0)))[0])


def test_float64_is_allowed_for_the_call_alone() -> None:
    before = jax.numpy.ones(1, "float32").dtype, jax.config.jax_enable_x64
    network, parameters, batch = question("float64", "tanh", "mse")
    assert Jax().predict(network, parameters, batch.x).dtype == np.float64
    assert (jax.numpy.ones(1, "float32").dtype, jax.config.jax_enable_x64) == before


def test_it_is_found_by_name() -> None:
    assert isinstance(find("jax"), Jax)
    assert Jax.version == jax.__version__
