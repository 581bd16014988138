"""The activations: how near they are to the truth, and what must hold exactly."""

from __future__ import annotations

from typing import Any, Final

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from symtests.kernels.activations import activate, multiply_by_derivative
from symtests.model.activations import ACTIVATION_TABLE, ACTIVATIONS, LEAKY_SLOPE, activations_that
from symtests.oracle.activations import derivative as oracle_derivative
from symtests.oracle.activations import value as oracle_value
from tests.evidence.elementary import FUNCTIONS
from tests.kernels.bits import DTYPES, Dtype, Numbers, same_bits, ulps
from tests.oracle import many_digits

NOT_STRAIGHT: Final = activations_that(lambda entry: not entry.is_straight)
PROMISED: Final = {name: (each.most, each.most_in_double) for name, each in FUNCTIONS.items()}
"""Largest errors in ulp; of those that have not been tried on every float32, a bound of 3.5."""


def activated(name: str, z: Numbers) -> Numbers:
    a = np.full_like(z, 7)
    activate(ACTIVATIONS.index(name), z, a)
    return a


def derivative(name: str, z: Numbers) -> Numbers:
    error_signals = np.ones_like(z)
    multiply_by_derivative(ACTIVATIONS.index(name), z, activated(name, z), error_signals)
    return error_signals


def exact(name: str, z: Any) -> Any:
    """The activation of one mpmath number."""
    return many_digits.ACTIVATIONS[name](z)


def sample(dtype: Dtype, count: int) -> Numbers:
    """Arguments of all sizes, denser where the functions bend."""
    random = np.random.default_rng(5)
    widest = 100 if dtype is np.float32 else 700
    smallest = -44 if dtype is np.float32 else -320
    parts = (
        random.uniform(-3, 3, count),
        random.uniform(-15, 15, count),
        random.uniform(-widest, widest, count),
        random.choice([-1.0, 1.0], count) * 10.0 ** random.uniform(smallest, 1, count),
    )
    return np.concatenate(parts).astype(dtype)


@pytest.mark.parametrize("name", NOT_STRAIGHT)
@pytest.mark.parametrize("dtype", DTYPES)
def test_error_in_ulp(name: str, dtype: Dtype) -> None:
    z = sample(dtype, 400)
    with mpmath.workprec(200):
        truth = [exact(name, mpmath.mpf(float(value))) for value in z]
        worst = ulps(activated(name, z), truth, float(np.finfo(dtype).tiny))
    assert worst <= PROMISED.get(name, (3.5, 3.5))[dtype is np.float64]


@pytest.mark.parametrize("name", ["logistic", "softplus", "gelu", "silu"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_subnormal_results_are_right_to_two_units(name: str, dtype: Dtype) -> None:
    z = np.linspace(-110, -80, 200).astype(dtype) if dtype is np.float32 else np.linspace(-750, -700, 200)
    if name == "gelu":
        z = -np.sqrt(-2 * z)
    found, unit = activated(name, z), float(np.finfo(dtype).smallest_subnormal)
    with mpmath.workprec(200):
        distance = [abs(float(a) - exact(name, mpmath.mpf(float(value)))) for a, value in zip(found, z, strict=True)]
    subnormal = np.abs(found) < np.finfo(dtype).tiny
    assert subnormal.any()
    assert all(float(d / unit) <= 2 for d, small in zip(distance, subnormal, strict=True) if small)


@pytest.mark.parametrize("name", NOT_STRAIGHT)
@pytest.mark.parametrize("dtype", DTYPES)
def test_derivative_is_right_to_a_few_roundings(name: str, dtype: Dtype) -> None:
    """A derivative is a sum that may cancel, so its error is counted in roundings of the largest ones."""
    z = sample(dtype, 100)
    with mpmath.workprec(400):
        truth = [many_digits.derivative(name, float(value)) for value in z]
        distance = [abs(float(d) - t) for d, t in zip(derivative(name, z), truth, strict=True)]
    assert max(map(float, distance)) <= 4 * float(np.finfo(dtype).eps)


@given(z=st.floats(width=32))
def test_tanh_is_odd_and_at_most_one(z: float) -> None:
    for dtype in DTYPES:
        plus, minus = activated("tanh", np.array([z], dtype)), activated("tanh", np.array([-z], dtype))
        assert same_bits(plus, -minus)
        assert np.isnan(plus) or abs(plus) <= 1


@pytest.mark.parametrize("name", ["logistic", "tanh"])
@pytest.mark.parametrize("centre", [-17.5, -9.0, -0.6, -1e-3, 0.1, 0.5999, 0.7, 2.0, 8.7, 9.01])
def test_never_falls_between_neighbours(name: str, centre: float) -> None:
    bits = np.float32(centre).view(np.int32) + np.arange(-30_000, 30_000, dtype=np.int32)
    z = np.sort(bits.view(np.float32))
    assert (np.diff(activated(name, z)) >= 0).all()


@pytest.mark.parametrize("name", NOT_STRAIGHT)
@pytest.mark.parametrize("dtype", DTYPES)
def test_rises_along_a_grid(name: str, dtype: Dtype) -> None:
    z = np.linspace(-8 if ACTIVATION_TABLE[name].monotone else -0.7, 8, 2_000).astype(dtype)
    assert (np.diff(activated(name, z)) >= 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "at_minus_infinity", "at_zero", "at_infinity"),
    [
        ("identity", -np.inf, 0, np.inf),
        ("logistic", 0, 0.5, 1),
        ("tanh", -1, 0, 1),
        ("relu", 0, 0, np.inf),
        ("leaky_relu", -np.inf, 0, np.inf),
        ("softplus", 0, np.log(2), np.inf),
        ("gelu", 0, 0, np.inf),
        ("silu", 0, 0, np.inf),
    ],
)
def test_limits(name: str, at_minus_infinity: float, at_zero: float, at_infinity: float, dtype: Dtype) -> None:
    found = activated(name, np.array([-np.inf, 0.0, np.inf], dtype))
    expected = np.array([at_minus_infinity, at_zero, at_infinity], dtype)
    if name == "softplus":  # log 2 is no float
        assert abs(found[1] - expected[1]) <= np.spacing(expected[1])
        found[1] = expected[1]
    assert same_bits(found, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "at_minus_infinity", "at_zero", "at_infinity"),
    [
        ("identity", 1, 1, 1),
        ("logistic", 0, 0.25, 0),
        ("tanh", 0, 1, 0),
        ("relu", 0, 0, 1),
        ("leaky_relu", LEAKY_SLOPE, LEAKY_SLOPE, 1),
        ("softplus", 0, 0.5, 1),
        ("gelu", 0, 0.5, 1),
        ("silu", 0, 0.5, 1),
    ],
)
def test_limits_of_the_derivative(
    name: str, at_minus_infinity: float, at_zero: float, at_infinity: float, dtype: Dtype
) -> None:
    assert np.array_equal(
        derivative(name, np.array([-np.inf, np.inf], dtype)), np.array([at_minus_infinity, at_infinity], dtype)
    )
    near_zero = derivative(name, np.array([-0.0, 0.0], dtype)) - dtype(at_zero)
    assert (np.abs(near_zero) <= (np.finfo(dtype).eps if name == "gelu" else 0)).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_infinity_is_met_as_the_largest_number_is(name: str, dtype: Dtype) -> None:
    """A bounded side has its limit, another side is infinite; a slope is finite, and that of the far side."""
    ends, far = np.array([-np.inf, np.inf], dtype), np.array([-1e30, 1e30])
    right, slopes = oracle_value(name, far), oracle_derivative(name, far)
    limits = np.where(np.abs(right) > 1e20, np.copysign(np.inf, right), right)
    np.testing.assert_allclose(activated(name, ends), limits, rtol=float(np.finfo(dtype).eps))
    np.testing.assert_allclose(
        derivative(name, ends), np.where(slopes < 1e-20, 0, slopes), rtol=float(np.finfo(dtype).eps)
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_stays_nan(name: str, dtype: Dtype) -> None:
    z = np.full(9, np.nan, dtype)
    assert np.isnan(activated(name, z)).all()
    if name != "identity":
        assert np.isnan(derivative(name, z)).all()


@pytest.mark.parametrize("name", activations_that(lambda entry: entry.zero_at_zero))
@pytest.mark.parametrize("dtype", DTYPES)
def test_zero_keeps_its_sign(name: str, dtype: Dtype) -> None:
    assert same_bits(activated(name, np.array([-0.0, 0.0], dtype)), np.array([-0.0, 0.0], dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_subnormal_arguments_pass(dtype: Dtype) -> None:
    z = np.finfo(dtype).smallest_subnormal * np.array([1, 2, 1000], dtype)
    for name in ("identity", "tanh", "relu", "leaky_relu"):
        assert same_bits(activated(name, z), z)
        assert np.array_equal(
            activated(name, -z), -(dtype(LEAKY_SLOPE) * z if name == "leaky_relu" else z) * (name != "relu")
        )


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_same_bits_at_every_place_and_length(name: str, dtype: Dtype) -> None:
    """What is left over behind the last full vector register gets the bits of the main loop."""
    z = sample(dtype, 20)[:70]
    alone = np.concatenate([activated(name, value) for value in z.reshape(-1, 1)])
    slopes = np.concatenate([derivative(name, value) for value in z.reshape(-1, 1)])
    for length in range(1, 71):
        for part in (slice(0, length), slice(70 - length, 70)):
            assert same_bits(activated(name, z[part].copy()), alone[part])
            assert same_bits(derivative(name, z[part].copy()), slopes[part])


def llvm_code(kernel: Any, *arguments: Any) -> str:
    """The code for these arguments, compiled anew: what comes from the cache on disk cannot be looked at."""
    options = {name: value for name, value in kernel.targetoptions.items() if name not in ("cache", "nopython")}
    fresh: Any = njit(**options)(kernel.py_func)
    fresh(*arguments)
    (code,) = fresh.inspect_llvm().values()
    return str(code)


def test_float32_is_never_widened() -> None:
    gelu, z, a, error_signals = ACTIVATIONS.index("gelu"), *np.ones((3, 1), np.float32)
    for code in (llvm_code(activate, gelu, z, a), llvm_code(multiply_by_derivative, gelu, z, a, error_signals)):
        assert "fpext" not in code
        assert "llvm.fma" in code
