"""Keras as an implementation: right within rounding in float32, and its options set as the adapter says."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from symtests.implementations import find
from symtests.implementations.checked import Checked
from symtests.implementations.keras_layers import Keras
from symtests.oracle import train
from symtests.training import Training
from tests.implementations.questions import assert_right, question
from tests.peers.questions import PAIRS, assert_starts


@pytest.mark.parametrize(("activation", "loss", "weighted"), PAIRS)
def test_every_answer_is_right_within_rounding(activation: str, loss: str, weighted: bool) -> None:
    assert_right(Keras(), "float32", *question("float32", activation, loss, bias=not weighted, weighted=weighted))


@pytest.mark.parametrize("optimizer", Keras.capabilities.optimizers)
def test_every_optimizer_ends_where_the_oracle_does(optimizer: str) -> None:
    network, parameters, batch = question("float32", "tanh", "mse", weighted=True)
    training = Training(optimizer, 0.01, 4, 0.75)
    found = Checked(Keras(), "float32").train(network, parameters, batch, training).vector
    expected = train(network, parameters.astype("float64"), batch.astype("float64"), training).vector
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert np.abs(expected - parameters.vector).max() > 1e-3


def test_train_on_batch_takes_the_same_step_and_reports_the_same_loss() -> None:
    network, parameters, batch = question("float32", "tanh", "mse", weighted=True)
    model = keras.Sequential([keras.layers.Input((3,)), *(keras.layers.Dense(n, "tanh") for n in (5, 4))])
    model.add(keras.layers.Dense(2))
    model.set_weights([array for pair in zip(parameters.weights, parameters.biases, strict=True) for array in pair])
    model.compile(
        keras.optimizers.SGD(0.125, 0.75, nesterov=True),
        keras.losses.MeanSquaredError("mean_with_sample_weight"),
        jit_compile=True,
    )
    loss = model.train_on_batch(batch.x, batch.y, sample_weight=batch.sample_weights)
    assert float(loss) == pytest.approx(Keras().loss_and_gradient(network, parameters, batch)[0], rel=1e-6)
    after = np.concatenate([array.ravel() for array in model.get_weights()])
    ours = Keras().train(network, parameters, batch, Training("nesterov", 0.125, 1, 0.75)).vector
    np.testing.assert_allclose(after, ours, rtol=1e-5, atol=1e-7)


def test_starts_have_the_mean_and_the_spread_of_their_names() -> None:
    assert_starts(Keras())


def test_it_is_found_by_name() -> None:
    assert isinstance(find("keras"), Keras)
