"""The question that started it all: what becomes of equal, of zero and of random weights."""

import numpy as np
import pytest

from symtests.datasets import load
from symtests.initialization import initialize
from symtests.kernels import loss, predict, train
from symtests.network import DTYPES, OPTIMIZERS, Network
from symtests.training import Training


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_constant_start_leaves_all_hidden_units_equal_for_ever(optimizer, dtype):
    xor = load("xor", dtype)
    rate = 0.01 if optimizer in ("adam", "adamw", "rmsprop", "adagrad") else 0.002
    for width in range(2, 131):
        network = Network((2, width, 1), "tanh", "mse")
        start = initialize(network, "constant", dtype=dtype)
        trained = train(network, start, xor, Training(optimizer, rate, steps=2000))
        assert not np.array_equal(trained.vector, start.vector)
        for rows in (trained.weight(0).T, trained.bias(0)[:, None], trained.weight(1)):
            assert np.isfinite(rows).all()
            assert (rows == rows[0]).all(), (width, np.ptp(rows, axis=0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_zero_start_moves_the_output_bias_and_nothing_else(dtype):
    network = Network((2, 4, 1), "tanh", "mse")
    start = initialize(network, "zeros", dtype=dtype)
    trained = train(network, start, load("xor", dtype), Training("sgd", 0.25, steps=2000))
    moved = np.flatnonzero(trained.vector)
    assert [trained.name_of(int(index)) for index in moved] == ["b2[0]"]
    assert trained.bias(1)[0] == pytest.approx(0.5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_random_start_solves_the_exclusive_or(dtype):
    xor = load("xor", dtype)
    network = Network((2, 4, 1), "tanh", "mse")
    trained = train(network, initialize(network, "normal", seed=0, dtype=dtype), xor, Training("sgd", 0.2, steps=3000))
    assert loss(network, trained, xor) < 1e-6
    assert np.array_equal(predict(network, trained, xor.x) > 0.5, xor.y > 0.5)
