"""Training as a whole: what it learns, what it cannot, and that it is nothing but its steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.kernels import loss, predict, train
from symtests.network import OPTIMIZERS, Network
from symtests.oracle import expect
from symtests.parameters import Parameters
from symtests.training import Training
from tests.kernels.bits import DTYPES, Dtype, same_bits
from tests.oracle.questions import Question, questions

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
XOR = Batch(CORNERS, np.array([[0], [1], [1], [0]], float))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss_name", ["bce", "mse"])
def test_random_start_learns_xor(loss_name: str, dtype: Dtype) -> None:
    network = Network((2, 3, 1), "tanh", loss_name)
    start = Parameters(network, np.random.default_rng(3).normal(size=network.parameter_count).astype(dtype))
    trained = train(network, start, XOR.astype(dtype), Training("sgd", 0.2, 10_000))
    outputs = predict(network, trained, XOR.x.astype(dtype))
    assert np.array_equal(outputs > (0 if loss_name == "bce" else 0.5), XOR.y > 0.5)
    assert loss(network, trained, XOR.astype(dtype)) < 0.01


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_constant_start_does_not_learn_xor(optimizer: str, dtype: Dtype) -> None:
    """Tied units are one unit, and one monotone unit leaves XOR a mean squared error of at least 1/6."""
    network, batch = Network((2, 16, 1), "tanh", "mse"), XOR.astype(dtype)
    start = Parameters(network, np.full(network.parameter_count, 0.5, dtype))
    trained = train(network, start, batch, Training(optimizer, 0.005, 5000))
    rounding = expect(network, trained, batch, float(np.finfo(dtype).eps) / 2, form="certified").loss_tolerance
    assert 1 / 6 - rounding <= loss(network, trained, batch) < loss(network, start, batch)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu", "identity"])
def test_zero_start_moves_the_output_bias_alone(activation: str, optimizer: str, dtype: Dtype) -> None:
    network = Network((3, 20, 7, 2), activation, "mse")
    random = np.random.default_rng(0)
    batch = Batch(random.normal(size=(9, 3)), random.normal(size=(9, 2))).astype(dtype)
    trained = train(network, Parameters.zeros(network, dtype), batch, Training(optimizer, 0.1, 25))
    assert trained.bias(2).all()
    trained.bias(2)[...] = 0
    assert same_bits(trained.vector, np.zeros(network.parameter_count, dtype))


@given(asked=questions(np.float64, widest=33), first=st.integers(0, 4))
def test_steps_add_up(asked: Question, first: int) -> None:
    """Gradient descent has no state: it goes on where it stopped."""
    training = Training("sgd", 0.1, 5)
    whole = train(asked.network, asked.parameters, asked.batch, training)
    half = train(asked.network, asked.parameters, asked.batch, training.with_steps(first))
    rest = train(asked.network, half, asked.batch, training.with_steps(5 - first))
    assert same_bits(whole.vector, rest.vector)


@given(asked=questions(np.float32, widest=33), optimizer=st.sampled_from(OPTIMIZERS), steps=st.integers(0, 5))
def test_arguments_stay_as_they_were(asked: Question, optimizer: str, steps: int) -> None:
    arrays = [asked.parameters.vector, asked.batch.x, asked.batch.y]
    if asked.batch.sample_weights is not None:
        arrays.append(asked.batch.sample_weights)
    copies = [array.copy() for array in arrays]
    for array in arrays:
        array.setflags(write=False)
    trained = train(asked.network, asked.parameters, asked.batch, Training(optimizer, 0.1, steps))
    assert all(same_bits(array, copy) for array, copy in zip(arrays, copies, strict=True))
    assert not np.shares_memory(trained.vector, asked.parameters.vector)
    assert trained.dtype == np.float32
    if steps == 0:
        assert same_bits(trained.vector, asked.parameters.vector)


@given(
    small=questions(np.float64, widest=9),
    large=questions(np.float64, widest=65),
    optimizer=st.sampled_from(OPTIMIZERS),
)
def test_a_call_leaves_nothing_behind(small: Question, large: Question, optimizer: str) -> None:
    training = Training(optimizer, 0.1, 3)
    before = train(small.network, small.parameters, small.batch, training)
    train(large.network, large.parameters, large.batch, training)
    after = train(small.network, small.parameters, small.batch, training)
    assert same_bits(before.vector, after.vector)
