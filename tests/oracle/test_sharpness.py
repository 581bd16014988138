"""Tolerances are worth something only where a fault exceeds them."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest

from symtests import oracle
from symtests.model.activations import ACTIVATIONS_OF_0_1
from symtests.model.losses import LOSSES_OF_0_1
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.oracle.error_bounds import SHARP
from tests.oracle.questions import question

ROUNDOFFS = {"float32": 2.0**-24, "float64": 2.0**-53}
SHAPES = ((8, 16, 4), (32, 32, 32, 32, 32, 4), (64, 128, 128, 10), (33, 256, 256, 256, 256, 8))


LOSS_OF = dict(zip(ACTIVATIONS_OF_0_1, cycle(LOSSES_OF_0_1), strict=False))
"""Each of the first activations with a loss; the later ones, of which more is rounded, have the Huber loss."""


def expectation(dtype: str, sizes: tuple[int, ...], activation: str, loss: str, regime: str) -> oracle.Expectation:
    network = Network(sizes, activation, loss)
    asked = question(np.random.default_rng(7), network, 16, regime, dtype=dtype)
    return oracle.expect(network, asked.parameters, asked.batch, ROUNDOFFS[dtype])


def seen_in_largest(expected: oracle.Expectation) -> float:
    """Return the relative fault that is seen in the largest component of every weight matrix."""
    network, faults = expected.gradient.network, []
    for layer in range(network.layer_count):
        where = network.weight_slice(layer)
        g, tolerance = expected.gradient.vector[where], expected.gradient_tolerance[where]
        largest = np.argmax(np.abs(g))
        faults.append(oracle.detectable(g, tolerance)[largest])
    return max(faults)


@pytest.mark.parametrize("regime", ["normal", "small start"])
@pytest.mark.parametrize("dtype", ROUNDOFFS)
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_small_fault_in_the_largest_component_is_seen(
    activation: str, sizes: tuple[int, ...], dtype: str, regime: str
) -> None:
    expected = expectation(dtype, sizes, activation, LOSS_OF.get(activation, "huber"), regime)
    assert seen_in_largest(expected) <= {"float32": 1e-4, "float64": 1e-10}[dtype]
    some = expected.gradient.vector != 0
    seen = oracle.detectable(expected.gradient.vector[some], expected.gradient_tolerance[some])
    assert np.median(seen) <= SHARP[dtype]


@pytest.mark.parametrize("dtype", ROUNDOFFS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_first_layer_gradient_of_zero_is_seen_in_every_regime(activation: str, dtype: str) -> None:
    loss = LOSSES[(ACTIVATIONS.index(activation) + list(ROUNDOFFS).index(dtype)) % len(LOSSES)]
    for regime in ("normal", "small start", "saturated", "large data", "positive", "constant rows"):
        for sizes in ((2, 3, 2), (16, 32, 32, 3), (65, 130, 4)):
            expected = expectation(dtype, sizes, activation, loss, regime)
            first = expected.gradient.network.weight_slice(0)
            size, tolerance = np.abs(expected.gradient.vector[first]), expected.gradient_tolerance[first]
            # saturated to the last bit: the gradient is within rounding of 0
            assert (size > 10 * tolerance).any() or size.max() < 1e-6, (regime, sizes)


def test_the_fault_that_is_seen() -> None:
    found = oracle.detectable(np.array([2.0, -4.0, 0.0, 0.0]), np.array([0.5, 0.5, 1.0, 0.0]))
    np.testing.assert_array_equal(found, [0.5, 0.25, np.inf, np.inf])
