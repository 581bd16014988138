"""Named data: the facts that their sources state, and what a checksum can tell."""

from __future__ import annotations

import hashlib
import math
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.datasets import DATASETS, load
from symtests.float_json import Array
from symtests.validation import InvalidValue


def checksum(array: Array) -> str:
    """Return the first half of SHA-256 of whole numbers of two bytes, so that no machine's byte order matters."""
    assert (array == array.astype("<i2")).all()
    return hashlib.sha256(array.astype("<i2").tobytes()).hexdigest()[:32]


@pytest.mark.parametrize(
    ("name", "inputs", "targets"),
    [
        ("xor", (4, 2), (4, 1)),
        ("parity", (8, 3), (8, 1)),
        ("spirals", (194, 2), (194, 1)),
        ("iris", (150, 4), (150, 3)),
        ("digits", (1797, 64), (1797, 10)),
    ],
)
def test_shapes(name: str, inputs: tuple[int, int], targets: tuple[int, int]) -> None:
    batch = load(name)
    assert (batch.x.shape, batch.y.shape, batch.sample_weights) == (inputs, targets, None)


@pytest.mark.parametrize("name", DATASETS)
def test_each_load_is_equal_fresh_and_in_rows(name: str) -> None:
    one, other = load(name), load(name)
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.y, other.y)
    for mine, its in ((one.x, other.x), (one.y, other.y)):
        assert mine.flags.c_contiguous
        assert mine.flags.writeable
        assert not np.shares_memory(mine, its)


@pytest.mark.parametrize("name", DATASETS)
def test_float32_is_the_rounding_of_float64(name: str) -> None:
    wide, narrow = load(name), load(name, np.float32)
    assert narrow.x.dtype == narrow.y.dtype == np.float32
    np.testing.assert_array_equal(narrow.x, wide.x.astype(np.float32))
    np.testing.assert_array_equal(narrow.y, wide.y)


@pytest.mark.parametrize("name", ["iris", "digits"])
def test_targets_are_one_hot(name: str) -> None:
    targets = load(name).y
    assert set(np.unique(targets)) == {0.0, 1.0}
    assert (targets.sum(axis=1) == 1).all()


def test_xor_is_the_exclusive_or() -> None:
    batch = load("xor")
    np.testing.assert_array_equal(batch.x, [[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(batch.y, [[0], [1], [1], [0]])


def test_signs_stand_for_bits_where_asked() -> None:
    signed = load("xor", signed_inputs=True)
    np.testing.assert_array_equal(signed.x, [[-1, -1], [-1, 1], [1, -1], [1, 1]])
    np.testing.assert_array_equal(signed.y, load("xor").y)
    np.testing.assert_array_equal(load("xor", signed_targets=True).y, [[-1], [1], [1], [-1]])
    np.testing.assert_array_equal(load("xor", signed_targets=True).x, load("xor").x)


@given(st.integers(1, 10))
@settings(deadline=None)
def test_parity_lists_every_input_once_and_one_flip_turns_the_target(bits: int) -> None:
    batch = load("parity", bits=bits)
    assert batch.x.shape == (2**bits, bits)
    numbers = batch.x @ 2.0 ** np.arange(bits)[::-1]
    np.testing.assert_array_equal(numbers, np.arange(2**bits))
    # No bits set is even, and flipping any one bit turns even into odd: that is parity, and nothing else is.
    assert batch.y[0, 0] == 0
    for place in range(bits):
        flipped = np.arange(2**bits) ^ (1 << place)
        np.testing.assert_array_equal(batch.y[flipped], 1 - batch.y)
    # With signs, the target is the product of the inputs up to a sign that only the number of bits decides.
    signed = load("parity", bits=bits, signed_inputs=True, signed_targets=True)
    np.testing.assert_array_equal(signed.y[:, 0], -np.prod(-signed.x, axis=1))


def test_spirals_are_those_of_lang_and_witbrock() -> None:
    batch = load("spirals")
    for i in range(97):  # their formula, one point at a time
        angle, radius = i * math.pi / 16, 6.5 * (104 - i) / 104
        point = radius * math.sin(angle), radius * math.cos(angle)
        # The angle (up to 6 pi) is off by at most two roundings of 2^-53, which the radius, at most 6.5, multiplies.
        np.testing.assert_allclose(batch.x[2 * i], point, rtol=0, atol=6.5 * (6 * math.pi * 4 + 8) * 2.0**-53)
        assert (batch.x[2 * i + 1] == -batch.x[2 * i]).all()
    np.testing.assert_array_equal(batch.y[:, 0], [1.0, 0.0] * 97)


@given(st.integers(2, 300))
@settings(deadline=None)
def test_spirals_have_as_many_points_as_asked_half_on_each(half: int) -> None:
    batch = load("spirals", samples=2 * half)
    assert len(batch) == 2 * half
    assert batch.y.sum() == half
    radius = np.hypot(*batch.x.T)
    np.testing.assert_allclose(radius[[0, -1]], [6.5, 0.5], rtol=2.0**-48)  # six roundings, 32 granted
    assert (np.diff(radius[::2]) < 0).all()


def test_noise_is_normal_around_the_points_and_decided_by_its_seed() -> None:
    quiet = load("spirals", samples=20_000)
    noise, same, other = (load("spirals", samples=20_000, noise=0.25, seed=seed).x - quiet.x for seed in (3, 3, 4))
    np.testing.assert_array_equal(noise, same)
    assert (noise != other).all()
    # Chi-square with n = 40,000 degrees of freedom, T = 30 (Laurent & Massart, 2000, lemma 1).
    count, t = noise.size, 30.0
    relative = (noise**2).mean() / 0.25**2
    assert 1 - 2 * math.sqrt(t / count) <= relative <= 1 + 2 * math.sqrt(t / count) + 2 * t / count


def test_without_noise_the_seed_is_of_no_matter() -> None:
    np.testing.assert_array_equal(load("spirals", seed=1).x, load("spirals", seed=2).x)


def test_iris_is_what_fisher_printed() -> None:
    batch = load("iris")
    assert batch.y.sum(axis=0).tolist() == [50, 50, 50]
    assert (np.diff(batch.y.argmax(axis=1)) >= 0).all()
    np.testing.assert_array_equal(batch.x[0], [5.1, 3.5, 1.4, 0.2])
    np.testing.assert_array_equal(batch.x[50], [7.0, 3.2, 4.7, 1.4])
    np.testing.assert_array_equal(batch.x[149], [5.9, 3.0, 5.1, 1.8])
    # The two samples that a widespread copy has wrong (Bezdek and others, 1999).
    np.testing.assert_array_equal(batch.x[34], [4.9, 3.1, 1.5, 0.2])
    np.testing.assert_array_equal(batch.x[37], [4.9, 3.6, 1.4, 0.1])
    # The means of each species; those of setosa and versicolor stand in Fisher's table II.
    means = [batch.x[batch.y[:, species] == 1].mean(axis=0) for species in range(3)]
    published = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]
    np.testing.assert_allclose(means, published, rtol=0, atol=1e-12)
    assert checksum(np.rint(batch.x * 10)) == "e62396864a6786fd7074da6959e73459"
    np.testing.assert_array_equal(np.rint(batch.x * 10) / 10, batch.x)  # nothing is lost by counting millimetres


def test_digits_are_the_test_part_of_the_uci_set() -> None:
    batch = load("digits")
    # The counts that the description of the set states for its test part.
    assert batch.y.sum(axis=0).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert batch.y.argmax(axis=1)[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    pixels = batch.x * 16
    assert set(np.unique(pixels)) == set(range(17))
    top_of_the_first = [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0], [0, 3, 15, 2, 0, 11, 8, 0]]
    np.testing.assert_array_equal(pixels[0].reshape(8, 8)[:3], top_of_the_first)
    assert checksum(pixels) == "adb48773177b1086e57b39600a9da17b"
    assert checksum(batch.y.argmax(axis=1).astype(np.float64)) == "f14a07436451a9daca9837e468bd332d"


def test_pixels_are_exact_in_float32() -> None:
    np.testing.assert_array_equal(load("digits", "float32").x, load("digits").x)


def test_what_is_shipped_names_its_source_and_licence() -> None:
    sources = files("symtests.data").joinpath("SOURCES.md").read_text(encoding="utf-8")
    shipped = [entry.name for entry in files("symtests.data").iterdir() if ".csv" in entry.name]
    assert len(shipped) == 2
    for name in shipped:
        section = sources.split(f"## {name}\n")[1].split("\n## ")[0]
        assert "CC BY 4.0" in section


INVALID: list[tuple[Any, dict[str, Any], str]] = [
    ("mnist", {}, "name='mnist': must be one of xor, parity, spirals, iris, digits"),
    ("irsi", {}, "name='irsi': must be one of xor, parity, spirals, iris, digits; did you mean 'iris'?"),
    (None, {}, "name=None: must be one of xor, parity, spirals, iris, digits"),
    ("xor", {"dtype": "int8"}, "dtype='int8': must be a float type"),
    ("xor", {"bits": 2}, "bits=2: is no setting of xor, which has only signed_inputs, signed_targets"),
    ("iris", {"seed": 1}, "seed=1: is no setting of iris, which has no settings"),
    ("xor", {"signed_inputs": 1}, "signed_inputs=1: must be True or False"),
    ("parity", {"signed_targets": "no"}, "signed_targets='no': must be True or False"),
    ("parity", {"bits": 0}, "bits=0: must be a whole number from 1 to 16"),
    ("parity", {"bits": 17}, "bits=17: must be a whole number from 1 to 16"),
    ("parity", {"bits": 2.0}, "bits=2.0: must be a whole number from 1 to 16"),
    ("spirals", {"samples": 2}, "samples=2: must be a whole number of at least 4"),
    ("spirals", {"samples": 195}, "samples=195: must be even, because both spirals have as many; use 196"),
    ("spirals", {"noise": -0.1}, "noise=-0.1: must be a number in [0, inf)"),
    ("spirals", {"noise": math.nan}, "noise=nan: must be a number in [0, inf)"),
    ("spirals", {"seed": -1}, "seed=-1: must be a whole number of at least 0"),
    ("spirals", {"sample": 4}, "sample=4: is no setting of spirals, which has only samples, noise, seed; did you mean"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), INVALID, ids=[message for _, _, message in INVALID])
def test_invalid_arguments_are_refused_with_what_is_required(
    name: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        load(name, **arguments)
    assert str(refusal.value).startswith(message)
