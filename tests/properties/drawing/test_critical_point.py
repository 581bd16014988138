"""Batches at which the gradient is 0 although the error signals are not."""

import numpy as np
import pytest

from symtests.network import Network
from symtests.oracle import loss_and_gradient, passes
from symtests.parameters import Parameters
from symtests.properties.drawing.critical_point import bend, critical_batch, gradient_left, samples_for


@pytest.mark.parametrize("loss", ["mse", "logistic_mse", "bce"])
def test_the_gradient_is_zero_and_the_error_signals_are_not(loss):
    network = Network((2, 2, 1), "tanh", loss)
    random = np.random.default_rng(0)
    parameters = Parameters(network, random.normal(size=network.parameter_count))
    x = random.normal(size=(samples_for(network), 2))
    batch = critical_batch(parameters, x, 0, np.ones(3), 1.0)
    assert np.abs(passes.stages(network, parameters, batch).error_signals[-1]).max() > 1e-3
    assert (np.abs(loss_and_gradient(network, parameters, batch)[1].vector) <= gradient_left(parameters, batch)).all()
    assert bend(parameters, batch, [0], np.ones(3)) > 0


def test_an_output_so_far_off_that_its_slope_is_zero_gives_targets_that_are_numbers():
    network = Network((1, 1, 1), "tanh", "logistic_mse")
    parameters = Parameters(network, np.array([1.0, 0.0, 64.0, 0.0]))
    x = np.arange(1.0, samples_for(network) + 1)[:, np.newaxis]
    batch = critical_batch(parameters, x, 0, np.ones(2), 1.0)
    assert np.isfinite(batch.y).all()
    assert bend(parameters, batch, [0], np.ones(2)) == 0
