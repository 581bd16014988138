"""Named starts: each has the distribution that its source asks for, from one stream that a seed decides."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.initialization import INITIALIZATIONS, initialize
from symtests.network import Network
from symtests.validation import InvalidValue

RANDOM = tuple(scheme for scheme in INITIALIZATIONS if scheme not in ("zeros", "constant"))
SCALED_BY_FAN = tuple(scheme for scheme in INITIALIZATIONS if scheme.startswith(("glorot", "he_", "lecun")))
# Fan-in and fan-out differ in every layer, so that no formula passes with the one in place of the other.
WIDE = Network((60, 300, 40), "tanh")

# The variance of each scheme, as a function of fan-in m and fan-out k, written out from the sources.
VARIANCES: dict[str, Callable[[int, int], float]] = {
    "uniform": lambda m, k: 1 / 12,
    "normal": lambda m, k: 1.0,
    "glorot_uniform": lambda m, k: 2 / (m + k),
    "glorot_normal": lambda m, k: 2 / (m + k),
    "he_uniform": lambda m, k: 2 / m,
    "he_normal": lambda m, k: 2 / m,
    "lecun_uniform": lambda m, k: 1 / m,
    "lecun_normal": lambda m, k: 1 / m,
}
# Every interval below is missed by a correct scheme with probability at most 2 exp(-T) = 2e-13.
T = 30.0


def mean_square_interval(scheme: str, count: int) -> tuple[float, float]:
    """Return what (mean of w^2) / variance stays within, for `count` independent weights.

    normal: chi-square with n degrees of freedom, 1 - 2 sqrt(T / n) and 1 + 2 sqrt(T / n) + 2 T / n
    (Laurent & Massart, 2000, lemma 1). uniform: w^2 / variance lies in [0, 3], so that its mean is off by more than
    3 sqrt(T / (2 n)) with probability at most exp(-T) on either side (Hoeffding, 1963, theorem 2).
    """
    if scheme.endswith("normal"):
        return 1 - 2 * math.sqrt(T / count), 1 + 2 * math.sqrt(T / count) + 2 * T / count
    margin = 3 * math.sqrt(T / (2 * count))
    return 1 - margin, 1 + margin


@pytest.mark.parametrize("scheme", VARIANCES)
@pytest.mark.parametrize("seed", [0, 1, 2**70])
def test_each_layer_has_the_variance_of_its_scheme(scheme: str, seed: int) -> None:
    for weight in initialize(WIDE, scheme, seed).weights:
        relative = (weight**2).mean() / VARIANCES[scheme](*weight.shape)
        low, high = mean_square_interval(scheme, weight.size)
        assert low <= relative <= high


def test_the_intervals_are_narrow_enough_to_tell_any_two_formulas_apart() -> None:
    formulas = dict(VARIANCES)
    formulas["1 / k"] = lambda m, k: 1 / k  # fan-out in place of fan-in
    formulas["2 / k"] = lambda m, k: 2 / k
    for one, other in combinations(formulas, 2):
        if one.split("_")[0] == other.split("_")[0]:
            continue  # one variance, two distributions: the tests of the distributions tell these apart
        told_apart = []
        for m, k in ((60, 300), (300, 40)):
            low, high = mean_square_interval("uniform", m * k)  # the wider of the two
            ratio = formulas[one](m, k) / formulas[other](m, k)
            told_apart.append(not low / high <= ratio <= high / low)
        assert any(told_apart), (one, other)


@pytest.mark.parametrize("scheme", VARIANCES)
def test_the_mean_is_zero(scheme: str) -> None:
    for weight in initialize(WIDE, scheme, seed=5).weights:
        # Both distributions are sub-Gaussian: the normal with its variance, the uniform on [-a, a) with a^2.
        variance = VARIANCES[scheme](*weight.shape) * (1 if scheme.endswith("normal") else 3)
        assert abs(weight.mean()) <= math.sqrt(2 * variance * T / weight.size)


@pytest.mark.parametrize("scheme", [scheme for scheme in VARIANCES if scheme.endswith("uniform")])
def test_uniform_weights_fill_the_interval_evenly_and_never_leave_it(scheme: str) -> None:
    for weight in initialize(WIDE, scheme, seed=3).weights:
        bound = math.sqrt(3 * VARIANCES[scheme](*weight.shape))
        assert np.abs(weight).max() <= bound
        assert_distribution(weight / bound, lambda x: (x + 1) / 2)


@pytest.mark.parametrize("scheme", [scheme for scheme in VARIANCES if scheme.endswith("normal")])
def test_normal_weights_are_normal_and_not_truncated(scheme: str) -> None:
    for weight in initialize(WIDE, scheme, seed=3).weights:
        scaled = weight / math.sqrt(VARIANCES[scheme](*weight.shape))
        assert_distribution(scaled, lambda x: (1 + math.erf(x / math.sqrt(2))) / 2)
        # P(|w| > 3) = 0.0027: that none of 12,000 lies there has probability 0.9973^12000 < 1e-14.
        assert np.abs(scaled).max() > 3


def assert_distribution(values: Array, cumulative: Callable[[float], float]) -> None:
    """Compare with a cumulative distribution function F.

    The empirical one is off by more than sqrt(T / (2 n)) somewhere with probability at most 2 exp(-T) (Massart, 1990).
    """
    ordered = np.sort(values, axis=None)
    expected = np.array([cumulative(x) for x in ordered])
    upper = np.arange(1, ordered.size + 1) / ordered.size
    distance = max((upper - expected).max(), (expected - upper + 1 / ordered.size).max())
    assert distance <= math.sqrt(T / (2 * ordered.size))


@given(st.integers(0, 2**64), st.sampled_from(INITIALIZATIONS), st.booleans())
@settings(deadline=None)
def test_same_seed_same_start_and_float32_is_its_rounding(seed: int, scheme: str, bias: bool) -> None:
    network = Network((3, 5, 2), "tanh", bias=bias)
    start = initialize(network, scheme, seed)
    assert start.vector.tobytes() == initialize(network, scheme, seed).vector.tobytes()
    rounded = initialize(network, scheme, seed, "float32")
    assert rounded.dtype == np.float32
    assert rounded.vector.tobytes() == start.vector.astype(np.float32).tobytes()


@given(st.sets(st.integers(0, 2**64), min_size=2, max_size=2), st.sampled_from(RANDOM))
@settings(deadline=None)
def test_different_seeds_differ_in_every_weight(seeds: set[int], scheme: str) -> None:
    one, other = (initialize(Network((3, 5, 2), "tanh"), scheme, seed) for seed in seeds)
    for weight, its_counterpart in zip(one.weights, other.weights, strict=True):
        assert (weight != its_counterpart).all()


@given(
    st.integers(0, 2**32),
    st.sampled_from(RANDOM),
    st.sampled_from(("float32", "float64")),
    st.lists(st.integers(2, 40), min_size=2, max_size=4),
)
@settings(deadline=None)
def test_no_two_units_are_equal(seed: int, scheme: str, dtype: str, sizes: list[int]) -> None:
    for weight in initialize(Network(sizes, "tanh"), scheme, seed, dtype).weights:
        incoming, outgoing = weight.T, weight
        for units in (incoming, outgoing):
            assert len(np.unique(units, axis=0)) == len(units)


@pytest.mark.parametrize("scheme", RANDOM)
def test_even_units_with_a_single_weight_differ(scheme: str) -> None:
    start = initialize(Network((1, 130, 1), "tanh"), scheme)
    assert all(len(np.unique(weight)) == 130 for weight in start.weights)


@pytest.mark.parametrize("scheme", RANDOM)
def test_layers_of_one_shape_do_not_repeat_each_other(scheme: str) -> None:
    first, second = initialize(Network((7, 7, 7), "tanh"), scheme).weights
    assert (np.abs(first) != np.abs(second)).all()


@pytest.mark.parametrize("scheme", ["zeros", *SCALED_BY_FAN, "orthogonal"])
def test_biases_are_zero_and_take_nothing_from_the_stream(scheme: str) -> None:
    sizes = (4, 3, 2)
    with_bias = initialize(Network(sizes, "tanh"), scheme, seed=8)
    without = initialize(Network(sizes, "tanh", bias=False), scheme, seed=8)
    assert not np.concatenate(with_bias.biases).any()
    for weight, same in zip(with_bias.weights, without.weights, strict=True):
        np.testing.assert_array_equal(weight, same)


@pytest.mark.parametrize("scheme", ["uniform", "normal"])
def test_uniform_and_normal_draw_biases_like_weights_in_the_order_of_the_vector(scheme: str) -> None:
    drawn = initialize(Network((4, 3, 2), "tanh"), scheme, seed=8).vector
    # One layer of as many weights and no bias reads the same stream.
    weights_only = initialize(Network((drawn.size, 1), bias=False), scheme, seed=8).vector
    assert drawn.all()
    np.testing.assert_array_equal(drawn, weights_only)


def test_zeros_and_constant_are_what_they_say_biases_included() -> None:
    assert not initialize(WIDE, "zeros", seed=4).vector.any()
    assert (initialize(WIDE, "constant", seed=4).vector == 0.5).all()
    assert (initialize(WIDE, "constant", value=-2).vector == -2.0).all()


@given(st.integers(0, 2**32), st.floats(2.0**-20, 2.0**20))
@settings(deadline=None)
def test_a_setting_scales_the_same_draws(seed: int, factor: float) -> None:
    network = Network((3, 4, 2), "tanh")
    for scheme, name, default in (("uniform", "bound", 0.5), ("normal", "std", 1.0), ("orthogonal", "gain", 1.0)):
        setting: dict[str, Any] = {name: default * factor}
        scaled = initialize(network, scheme, seed, **setting).vector
        plain = initialize(network, scheme, seed).vector
        # low + (high - low) u rounds three times relative to the bound, and factor * w twice: 8 roundings are ample.
        allowed = 8 * 2.0**-53 * factor * max(1.0, float(np.abs(plain).max()))
        np.testing.assert_allclose(scaled, factor * plain, rtol=0, atol=allowed)


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 40))
@settings(deadline=None)
def test_orthogonal_is_orthonormal_on_its_shorter_side(seed: int, fan_in: int, fan_out: int) -> None:
    weight = initialize(Network((fan_in, fan_out)), "orthogonal", seed).weight(0)
    assert weight.shape == (fan_in, fan_out)
    tall = weight if fan_in >= fan_out else weight.T
    rows, columns = tall.shape
    # Householder QR: Q is within sqrt(n) gamma_{c m n} of an orthonormal matrix (Higham 2002, theorem 19.4; c is a
    # small whole number, 8 here), which enters the product twice; the product itself adds gamma_m.
    unit_roundoff = 2.0**-53
    allowed = 2 * math.sqrt(columns) * 8 * rows * columns * unit_roundoff + 2 * rows * unit_roundoff
    assert np.abs(tall.T @ tall - np.eye(columns)).max() <= allowed


def test_orthogonal_prefers_no_sign() -> None:
    # Without the correction of signs, the first row and column of Q would nearly always have the sign that QR chose.
    starts = [initialize(Network((3, 3), bias=False), "orthogonal", seed).weight(0) for seed in range(2000)]
    positive = np.mean([start > 0 for start in starts], axis=0)
    # Hoeffding: the share of 2000 fair coins is off by more than this with probability at most 2 exp(-T).
    assert (np.abs(positive - 0.5) <= math.sqrt(T / (2 * 2000))).all()


NETWORK = Network((2, 3, 1), "tanh")
INVALID: list[tuple[str, dict[str, Any], str]] = [
    ("glorot", {}, "scheme='glorot': must be one of zeros, constant, uniform, normal, glorot_uniform"),
    ("Zeros", {}, "scheme='Zeros': must be one of zeros,"),
    (None, {}, "scheme=None: must be one of zeros,"),  # type: ignore[list-item]  # what must be refused
    ("normal", {"seed": -1}, "seed=-1: must be a whole number of at least 0"),
    ("normal", {"seed": 1.0}, "seed=1.0: must be a whole number of at least 0"),
    ("normal", {"seed": None}, "seed=None: must be a whole number of at least 0"),
    ("zeros", {"seed": True}, "seed=True: must be a whole number of at least 0"),
    ("normal", {"dtype": "int32"}, "dtype='int32': must be a float type"),
    ("constant", {"value": math.nan}, "value=nan: must be a finite number"),
    ("constant", {"value": "0.5"}, "value='0.5': must be a finite number"),
    ("uniform", {"bound": 0}, "bound=0: must be a finite number above 0"),
    ("uniform", {"bound": math.inf}, "bound=inf: must be a finite number above 0"),
    ("normal", {"std": -1}, "std=-1: must be a finite number above 0"),
    ("orthogonal", {"gain": None}, "gain=None: must be a finite number above 0"),
    ("zeros", {"value": 1}, "value=1: is no setting of zeros, which has no settings"),
    ("he_normal", {"std": 1}, "std=1: is no setting of he_normal, which has no settings"),
    ("normal", {"bound": 1}, "bound=1: is no setting of normal, which has only std"),
]


@pytest.mark.parametrize(("scheme", "arguments", "message"), INVALID, ids=[message for _, _, message in INVALID])
def test_invalid_arguments_are_refused_with_what_is_required(
    scheme: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        initialize(NETWORK, scheme, **arguments)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("glorot_unifrom", "glorot_uniform"),
        ("henormal", "he_normal"),
        ("Orthogonal", "orthogonal"),
        ("zero", "zeros"),
        ("xavier_normal", "glorot_normal"),
        ("xavier", "glorot_uniform"),
        ("kaiming_uniform", "he_uniform"),
    ],
)
def test_a_slip_or_another_name_is_answered_with_the_name_used_here(asked: str, meant: str) -> None:
    with pytest.raises(InvalidValue, match=rf"^scheme='{asked}': .*did you mean '{meant}'\?$"):
        initialize(NETWORK, asked)
