"""Replicas of rounding errors: what is wrong together adds up in step, and what is not averages out."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.network import Network
from symtests.oracle.carried_errors import carried_errors
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.spread import spread
from symtests.oracle.workings import Workings, work_out
from symtests.parameters import Parameters
from tests.oracle.questions import question
from tests.oracle.rounded_implementations import FLOAT32, answer

MODEL = ErrorModel("statistical", 2.0**-24)


def worked_out(network: Network, regime: str = "normal", samples: int = 6, seed: int = 0) -> Workings:
    asked = question(np.random.default_rng(seed), network, samples, regime, dtype=np.float32)
    return work_out(network, asked.parameters, asked.batch, 0.0)


def test_the_first_layer_has_the_variance_of_its_own_roundings() -> None:
    exact = worked_out(Network((40, 7, 2), "tanh"))
    found = spread(MODEL, exact).pre_activations[0]
    np.testing.assert_allclose(found, MODEL.dot_rounding(exact.inputs[0], exact.matrices[0]), rtol=1e-6)


def test_the_same_question_has_the_same_spread() -> None:
    exact = worked_out(Network((33, 40, 3), "silu"))
    np.testing.assert_array_equal(spread(MODEL, exact).gradient, spread(MODEL, exact).gradient)


def orthogonal_to(x: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return x without its part along the column: their product is 0 up to rounding."""
    return x - (x @ column / (column**2).sum()) @ column.T


def test_errors_of_tied_units_add_up() -> None:
    """64 units, each off by e, move their sum by 64 e if they are tied."""
    network, random = Network((128, 64, 1), "identity", bias=False), np.random.default_rng(1)
    column = random.normal(size=(128, 1))
    parameters = Parameters.from_layers(network, [column * np.ones((1, 64)), np.ones((64, 1))])
    x = orthogonal_to(random.normal(size=(40, 128)), column)
    found = spread(MODEL, work_out(network, parameters, Batch(x, np.zeros((40, 1))), 0.0))
    one, total = found.pre_activations[0][:, 0], found.pre_activations[1][:, 0]
    np.testing.assert_allclose(total, 64**2 * one, rtol=1e-3)


def test_errors_of_other_units_average_out() -> None:
    """With random weights, variances that are carried as if all errors were independent are the same in the median."""
    exact = worked_out(Network((64, 128, 128, 5), "tanh"), samples=12)
    found, independent = spread(MODEL, exact), carried_errors(MODEL, exact)
    assert 0.3 < np.median(found.gradient / independent.gradient) < 3
    for mine, other in zip(found.error_signals, independent.error_signals, strict=True):
        assert 0.3 < np.median(mine / other) < 3


def test_a_narrow_layer_makes_all_behind_it_wrong_together() -> None:
    """Behind one unit all errors are proportional: the variance of a sum is the square of the sum of the deviations."""
    network = Network((128, 1, 64, 1), "identity", bias=False)
    random = np.random.default_rng(2)
    weights = [random.normal(size=(128, 1)), np.ones((1, 64)) * random.uniform(1, 2, 64), np.ones((64, 1))]
    x = random.normal(size=(40, 128))
    x = orthogonal_to(x, weights[0])  # all that reaches the one unit is rounding
    exact = work_out(network, Parameters.from_layers(network, weights), Batch(x, np.zeros((40, 1))), 0.0)
    found = spread(MODEL, exact)
    behind, total = found.pre_activations[1], found.pre_activations[2][:, 0]
    in_step = np.sqrt(behind).sum(axis=1) ** 2
    np.testing.assert_allclose(total, in_step, rtol=0.5)
    assert np.median(in_step / behind.sum(axis=1)) > 30


@pytest.mark.parametrize("dtype_roundoff", [2.0**-24, 2.0**-53])
def test_spreads_scale_with_the_unit_roundoff(dtype_roundoff: float) -> None:
    exact = worked_out(Network((33, 20, 3), "softplus"))
    one, other = (spread(ErrorModel("statistical", u), exact).gradient for u in (dtype_roundoff, dtype_roundoff / 2))
    np.testing.assert_allclose(np.median(one / other), 4.0, rtol=0.5)


def test_real_errors_are_of_the_size_of_the_spread() -> None:
    """Neither far larger, nor so much smaller that nothing could be seen: within a factor 100 in the mean square."""
    network = Network((64, 128, 128, 4), "tanh")
    asked = question(np.random.default_rng(3), network, 16, dtype=np.float32)
    exact = work_out(network, asked.parameters, asked.batch, 0.0)
    found = answer(FLOAT32, network, asked.parameters, asked.batch)
    variances = spread(MODEL, exact)
    for layer, z in enumerate(found.pre_activations):
        error = z.astype(np.float64) - exact.stages.pre_activations[layer]
        share = (error**2).mean() / variances.pre_activations[layer].mean()
        assert 1e-4 < share < 1
