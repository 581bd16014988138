"""The guarantee: what a unit computes does not depend on its index, the layer's width or the batch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.kernels import loss, loss_and_gradient, predict, stages, train
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.kernels.bits import DTYPES, Dtype, Numbers, same_bits
from tests.oracle.questions import targets

DTYPE = st.sampled_from(DTYPES)
SEED = st.integers(0, 2**32 - 1)
ACTIVATION = st.sampled_from(ACTIVATIONS)
LOSS = st.sampled_from(LOSSES)
WIDTH = st.integers(2, 130) | st.sampled_from([7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65])
TRAINING = st.builds(
    Training, st.sampled_from(OPTIMIZERS), learning_rate=st.sampled_from([0.5, 0.01]), steps=st.integers(1, 60)
)


def batch_for(random: np.random.Generator, network: Network, samples: int, dtype: Dtype) -> Batch:
    x = random.normal(size=(samples, network.sizes[0]))
    return Batch(x, targets(random, network, samples)).astype(dtype)


def random_parameters(random: np.random.Generator, network: Network, dtype: Dtype) -> Parameters:
    vector = random.normal(size=network.parameter_count) / np.sqrt(max(network.sizes[:-1]))
    return Parameters(network, vector.astype(dtype))


def columns_equal(matrix: Numbers, columns: list[int]) -> bool:
    return all(same_bits(matrix[:, columns[0]], matrix[:, other]) for other in columns)


@pytest.mark.thorough
@given(
    dtype=DTYPE,
    seed=SEED,
    widths=st.lists(WIDTH, min_size=1, max_size=2),
    activation=ACTIVATION,
    loss_name=LOSS,
    outputs=st.integers(1, 20),
    samples=st.integers(1, 40),
    bias=st.booleans(),
    training=TRAINING,
    constant=st.sampled_from([0.5, -0.1, 0.01]),
)
def test_constant_start_stays_one_unit(
    dtype: Dtype,
    seed: int,
    widths: list[int],
    activation: str,
    loss_name: str,
    outputs: int,
    samples: int,
    bias: bool,
    training: Training,
    constant: float,
) -> None:
    network = Network((3, *widths, outputs), activation, loss_name, bias)
    start = Parameters(network, np.full(network.parameter_count, constant, dtype))
    batch = batch_for(np.random.default_rng(seed), network, samples, dtype)
    trained = train(network, start, batch, training)
    for layer, width in enumerate(widths):
        units = list(range(width))
        assert columns_equal(trained.weight(layer), units)
        assert columns_equal(trained.weight(layer + 1).T, units)
        if bias:
            assert columns_equal(trained.bias(layer)[None], units)


@given(
    dtype=DTYPE,
    seed=SEED,
    width=WIDTH,
    before=st.integers(1, 40),
    after=st.integers(1, 40),
    activation=ACTIVATION,
    loss_name=LOSS,
    samples=st.integers(1, 40),
    training=TRAINING,
    data=st.data(),
)
def test_tied_units_stay_tied_wherever_they_stand(
    dtype: Dtype,
    seed: int,
    width: int,
    before: int,
    after: int,
    activation: str,
    loss_name: str,
    samples: int,
    training: Training,
    data: st.DataObject,
) -> None:
    """The tied layer lies between two others; all other units are random."""
    network = Network((4, before, width, after, 3), activation, loss_name)
    random = np.random.default_rng(seed)
    tied = data.draw(st.lists(st.integers(0, width - 1), min_size=2, max_size=width, unique=True))
    parameters = random_parameters(random, network, dtype)
    parameters.weight(1)[:, tied] = parameters.weight(1)[:, tied[:1]]
    parameters.bias(1)[tied] = parameters.bias(1)[tied[0]]
    parameters.weight(2)[tied] = parameters.weight(2)[tied[0]]
    batch = batch_for(random, network, samples, dtype)

    found = stages(network, parameters, batch)
    assert columns_equal(found.pre_activations[1], tied)
    assert columns_equal(found.activations[2], tied)
    assert columns_equal(found.error_signals[1], tied)
    for result in (loss_and_gradient(network, parameters, batch)[1], train(network, parameters, batch, training)):
        assert columns_equal(result.weight(1), tied)
        assert columns_equal(result.bias(1)[None], tied)
        assert columns_equal(result.weight(2).T, tied)


@given(
    dtype=DTYPE,
    seed=SEED,
    width=WIDTH,
    activation=ACTIVATION,
    loss_name=LOSS,
    outputs=st.integers(1, 20),
    samples=st.integers(1, 40),
    bias=st.booleans(),
    data=st.data(),
)
def test_unit_computes_the_same_alone_and_among_others(
    dtype: Dtype,
    seed: int,
    width: int,
    activation: str,
    loss_name: str,
    outputs: int,
    samples: int,
    bias: bool,
    data: st.DataObject,
) -> None:
    """The others pass nothing on: a product with 0 changes no sum, so that even the loss keeps its bits."""
    random = np.random.default_rng(seed)
    alone = Network((5, 1, outputs), activation, loss_name, bias)
    among = Network((5, width, outputs), activation, loss_name, bias)
    place = data.draw(st.integers(0, width - 1))
    one, many = random_parameters(random, alone, dtype), random_parameters(random, among, dtype)
    many.weight(0)[:, place], many.weight(1)[...], many.weight(1)[place] = one.weight(0)[:, 0], 0, one.weight(1)[0]
    if bias:
        many.bias(0)[place], many.bias(1)[...] = one.bias(0)[0], one.bias(1)
    batch = batch_for(random, alone, samples, dtype)

    first, second = stages(alone, one, batch), stages(among, many, batch)
    assert same_bits(first.pre_activations[0][:, 0], second.pre_activations[0][:, place])
    assert same_bits(first.activations[1][:, 0], second.activations[1][:, place])
    assert same_bits(first.error_signals[0][:, 0], second.error_signals[0][:, place])
    assert same_bits(first.error_signals[1], second.error_signals[1])
    assert loss(alone, one, batch) == loss(among, many, batch)
    of_one, of_many = loss_and_gradient(alone, one, batch)[1], loss_and_gradient(among, many, batch)[1]
    assert same_bits(of_one.weight(0)[:, 0], of_many.weight(0)[:, place])
    assert same_bits(of_one.weight(1)[0], of_many.weight(1)[place])


@given(
    dtype=DTYPE,
    seed=SEED,
    width=WIDTH,
    activation=ACTIVATION,
    loss_name=LOSS,
    outputs=st.integers(1, 20),
    samples=st.integers(1, 70),
    data=st.data(),
)
def test_sample_computes_the_same_alone_and_in_a_batch(
    dtype: Dtype,
    seed: int,
    width: int,
    activation: str,
    loss_name: str,
    outputs: int,
    samples: int,
    data: st.DataObject,
) -> None:
    random = np.random.default_rng(seed)
    network = Network((3, width, outputs), activation, loss_name)
    parameters = random_parameters(random, network, dtype)
    batch = batch_for(random, network, samples, dtype)
    i = data.draw(st.integers(0, samples - 1))
    assert same_bits(predict(network, parameters, batch.x)[i], predict(network, parameters, batch.x[i : i + 1])[0])
    # With a power of two of samples the mean's divisor is exact, and the error signals differ by it alone.
    samples = 1 << (samples.bit_length() - 1)
    i %= samples
    together = stages(network, parameters, Batch(batch.x[:samples], batch.y[:samples]))
    single = stages(network, parameters, Batch(batch.x[i : i + 1], batch.y[i : i + 1]))
    for several, one in zip(together.error_signals, single.error_signals, strict=True):
        if np.abs(several[i]).max() > np.finfo(dtype).tiny * samples:
            normal = np.abs(several[i]) > np.finfo(dtype).tiny * samples
            assert same_bits((several[i] * dtype(samples))[normal], one[0][normal])


@given(
    dtype=DTYPE, seed=SEED, outputs=st.integers(2, 130), loss_name=LOSS, samples=st.integers(1, 40), training=TRAINING
)
def test_output_units_with_equal_targets_stay_tied(
    dtype: Dtype, seed: int, outputs: int, loss_name: str, samples: int, training: Training
) -> None:
    network = Network((3, 4, outputs), "tanh", loss_name)
    random = np.random.default_rng(seed)
    parameters = random_parameters(random, network, dtype)
    tied = sorted(random.choice(outputs, random.integers(2, outputs + 1), replace=False).tolist())
    parameters.weight(1)[:, tied] = parameters.weight(1)[:, tied[:1]]
    parameters.bias(1)[tied] = parameters.bias(1)[tied[0]]
    batch = batch_for(random, network, samples, dtype)
    y = batch.y.copy()
    y[:, tied] = y[:, tied[:1]]
    trained = train(network, parameters, Batch(batch.x, y), training)
    assert columns_equal(trained.weight(1), tied)
    assert columns_equal(trained.bias(1)[None], tied)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_width_keeps_the_tie_for_many_steps(dtype: Dtype) -> None:
    """Widths 2 to 130 without a gap: a tie that breaks anywhere grows exponentially and is seen."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype)
    batch = Batch(x, np.array([[0], [1], [1], [0]], dtype))
    for width in range(2, 131):
        network = Network((2, width, 1), "tanh", "mse")
        start = Parameters(network, np.full(network.parameter_count, 0.5, dtype))
        trained = train(network, start, batch, Training("momentum", 0.1, steps=500))
        assert columns_equal(trained.weight(0), list(range(width)))
        assert np.unique(trained.weight(1)).size == 1


@settings(max_examples=30)
@given(dtype=DTYPE, seed=SEED, training=TRAINING, loss_name=LOSS)
def test_trained_alike_with_weights_of_one_and_without(
    dtype: Dtype, seed: int, training: Training, loss_name: str
) -> None:
    random = np.random.default_rng(seed)
    network = Network((3, 5, 2), "silu", loss_name)
    parameters, batch = random_parameters(random, network, dtype), batch_for(random, network, 7, dtype)
    weighted: Any = replace(batch, sample_weights=np.ones(7, dtype))
    trained = (train(network, parameters, each, training) for each in (batch, weighted))
    assert same_bits(*(each.vector for each in trained))
