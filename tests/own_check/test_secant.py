"""Tests of differences of the loss against what is known in closed form."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.network import Network
from symtests.own_check.gradient_faults import right_gradient
from symtests.own_check.secant import secants_of
from symtests.own_check.setting import Setting
from symtests.parameters import Parameters

ALL = np.arange(4)


def _one_weight(w: float, x: float, y: float) -> Setting:
    """L(w) = (w x - y)^2: the central difference is exact, the forward one is off by h x^2."""
    network = Network((1, 1), bias=False)
    batch = Batch(np.array([[x]]), np.array([[y]]))
    return Setting(network, Parameters(network, np.array([w])), batch)


@given(st.integers(-8, 8), st.integers(-8, 8), st.integers(-8, 8), st.sampled_from([2.0**-4, 2.0**-10]))
def test_differences_of_a_square_are_known_exactly(w: int, x: int, y: int, step: float) -> None:
    setting = _one_weight(float(w), float(x), float(y))
    slope = 2 * x * (w * x - y)
    central = secants_of(setting, step, "float64", central=True, components=np.array([0]))
    forward = secants_of(setting, step, "float64", central=False, components=np.array([0]))
    assert central.exact[0] == pytest.approx(slope, rel=1e-14, abs=1e-14)
    expected = float(slope + Fraction(step) * x * x)
    assert forward.exact[0] == pytest.approx(expected, rel=1e-14, abs=1e-14)
    # numbers this small are exact in float64
    assert (central.found[0], forward.found[0]) == (slope, expected)


@given(
    st.sampled_from(["tanh", "logistic", "softplus", "relu"]), st.sampled_from(["float32", "float64"]),
    st.integers(0, 50), st.sampled_from([1e-2, 1e-3, 1e-5]),
)  # fmt: skip
def test_rounding_stays_within_its_derived_limit(activation: str, dtype: str, seed: int, step: float) -> None:
    setting = Setting.drawn(Network((2, 2, 1), activation), samples=3, seed=seed).astype(dtype)
    components = np.arange(setting.network.parameter_count)
    found = secants_of(setting, step, dtype, central=True, components=components)
    inside = ~found.crosses_kink
    assert (np.abs(found.found - found.exact)[inside] <= found.rounding_limit[inside]).all()


def test_the_step_costs_the_square_of_its_size() -> None:
    setting = Setting.drawn(Network((2, 3, 1), "tanh"))
    g = right_gradient(setting)
    components = np.arange(g.size)
    errors = [
        np.abs(secants_of(setting, h, "float64", central=True, components=components).exact - g) for h in (1e-2, 1e-3)
    ]
    clear = errors[1] > 1e-12
    assert clear.sum() > 5
    np.testing.assert_allclose(errors[0][clear] / errors[1][clear], 100, rtol=0.01)


def test_a_step_across_a_kink_is_told() -> None:
    network = Network((1, 1, 1), "relu", bias=False)
    setting = Setting(network, Parameters(network, np.array([2.0**-6, 1.0])), Batch(np.ones((1, 1)), np.ones((1, 1))))
    found = secants_of(setting, 2.0**-4, "float64", central=True, components=np.array([0, 1]))
    assert found.crosses_kink.tolist() == [True, False]
    # L falls from 1 at w <= 0 to (1 - 5/64)^2 at w = 5/64
    assert found.exact[0] == pytest.approx(((1 - 5 / 64) ** 2 - 1) / 2**-3, rel=1e-12)
