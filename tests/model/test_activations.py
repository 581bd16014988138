"""The table of activations: its traits are those of the functions, and what others keep of it agrees with it."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_functions import ACTIVATION_PAIRS
from symtests.kernels.activations import DERIVATIVE_BY_ACTIVATION, DERIVATIVE_BY_PRE_ACTIVATION, FUNCTIONS
from symtests.model.activations import ACTIVATION_TABLE, ACTIVATIONS, ACTIVATIONS_OF_0_1, Activation, activations_that
from symtests.oracle.activations import derivative, second_derivative, value

Z = np.concatenate([np.linspace(-30, 30, 60_001), np.linspace(-1, 1, 2_001)])
EACH = pytest.mark.parametrize("entry", ACTIVATION_TABLE.values(), ids=ACTIVATIONS)
BESIDE = 2.0**-20


def test_what_is_claimed_without_a_name_is_what_version_0_1_had() -> None:
    """Frozen: whoever names nothing is asked nothing new by a later version."""
    first = "identity", "logistic", "tanh", "relu", "leaky_relu", "softplus", "gelu", "silu"
    assert Capabilities().activations == ACTIVATIONS_OF_0_1 == first
    assert set(first) == set(activations_that(lambda entry: entry.since == "0.1"))


def test_kernels_and_numpy_have_all_of_them() -> None:
    assert {"identity", *FUNCTIONS} == set(ACTIVATIONS)
    assert {"identity", *DERIVATIVE_BY_ACTIVATION, *DERIVATIVE_BY_PRE_ACTIVATION} == set(ACTIVATIONS)
    assert set(ACTIVATION_PAIRS) == set(ACTIVATIONS)


@EACH
def test_traits_are_those_of_the_function(entry: Activation) -> None:
    a, turned = value(entry.name, Z), value(entry.name, -Z)
    assert entry.zero_at_zero == (value(entry.name, np.zeros(1))[0] == 0)
    assert entry.monotone == bool((np.diff(value(entry.name, np.sort(Z))) >= 0).all())
    assert entry.odd == bool((turned == -a).all())
    assert entry.bounded == bool(np.abs(value(entry.name, np.array([-1e6, 1e6]))).max() <= 2)
    assert entry.homogeneous == bool((value(entry.name, 4 * Z) == 4 * a).all())


@EACH
def test_kinks_are_where_the_slope_jumps(entry: Activation) -> None:
    for kink in entry.kinks:
        beside = derivative(entry.name, kink.at + np.array([-BESIDE, BESIDE]))
        np.testing.assert_allclose(beside, [kink.below, kink.above], atol=2 * BESIDE)
    steps = np.abs(np.diff(derivative(entry.name, np.sort(Z))))
    assert steps.max() <= entry.bounds.second * 2e-3 + max((abs(k.above - k.below) for k in entry.kinks), default=0.0)
    assert bool(entry.kinks) == bool(steps.max() > 4 * entry.bounds.second * 1e-3)


@EACH
def test_bends_are_where_the_second_derivative_jumps(entry: Activation) -> None:
    z = np.linspace(-4, 4, 80_001) + 1e-9
    steps = np.abs(np.diff(second_derivative(entry.name, z)))
    away = np.ones(steps.shape, bool)
    for place in (*entry.bends, *(kink.at for kink in entry.kinks)):
        away &= np.abs(z[1:] - place) > 2e-4
    assert (steps[away] <= entry.bounds.third * 2e-4 + 1e-12).all()
    for place in entry.bends:
        low, high = second_derivative(entry.name, place + np.array([-BESIDE, BESIDE]))
        assert abs(high - low) > 0.5
