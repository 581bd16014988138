"""Named data: two of logic, one of geometry, two measured; all ship with the package or are computed."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from symtests.batch import Batch
from symtests.float_json import Array, float_dtype
from symtests.validation import (
    InvalidValue,
    integer_at_least,
    integer_in,
    known_settings,
    one_of,
    real_in,
    true_or_false,
)

__all__ = ["DATASETS", "load"]

DATASETS: Final = ("xor", "parity", "spirals", "iris", "digits")


def load(name: str, dtype: npt.DTypeLike = np.float64, **settings: Any) -> Batch:
    """Return a named data set as one batch of fresh arrays.

    ========  =======  ======  =======  ==============================================================
    name      samples  inputs  targets  what it is
    ========  =======  ======  =======  ==============================================================
    xor             4       2        1  the exclusive or of two bits: parity with ``bits=2``
    parity     2^bits    bits        1  whether the number of ones is odd; samples count up in binary
    spirals       194       2        1  which of two interlocked spirals a point lies on
    iris          150       4       3   flowers: four lengths in centimetres; the species
    digits       1797      64      10   handwritten digits: 8 x 8 pixels row by row in [0, 1]; the digit
    ========  =======  ======  =======  ==============================================================

    The targets of iris and digits are one-hot; the other targets are 0 or 1. Iris is as Fisher printed it: samples 35
    and 38 are ``4.9, 3.1, 1.5, 0.2`` and ``4.9, 3.6, 1.4, 0.1``, which a widespread copy has wrong. Pixels are k / 16
    with k = 0..16 and therefore exact in every float type. The sources and licences of iris and digits stand in
    ``symtests/data/SOURCES.md``.

    The points of the spirals alternate between the two. With n = samples / 2 and t from 0 to 96 in n equal steps,

        radius = 6.5 (104 - t) / 104,   angle = pi t / 16,   x = radius (sin angle, cos angle) for target 1

    and -x for target 0, plus normal noise where it is asked for.

    Parameters
    ----------
    name
        One name of `DATASETS`.
    dtype
        Float type of inputs and targets; everything is computed in float64 and rounded at the end.
    **settings
        xor and parity: ``signed_inputs=False`` and ``signed_targets=False`` (-1 and +1 in place of 0 and 1).
        parity: also ``bits=3``, from 1 to 16. spirals: ``samples=194``, even and at least 4; ``noise=0``, the standard
        deviation of what is added to each coordinate; ``seed=0`` of that noise, drawn from ``Generator(PCG64(seed))``.

    Raises
    ------
    InvalidValue
        Where an argument is none of these.

    References
    ----------
    K. Lang, M. Witbrock, Learning to tell two spirals apart (1988): the spirals, with 194 samples.
    R. A. Fisher, The use of multiple measurements in taxonomic problems (1936), table I: iris.
    E. Alpaydin, C. Kaynak, Cascading classifiers (1998): digits.
    """
    build, known = _BUILDERS[one_of("name", name, DATASETS)]
    known_settings(name, settings, known)
    final_dtype = float_dtype(dtype)
    return build(**settings).astype(final_dtype)


def _xor(*, signed_inputs: bool = False, signed_targets: bool = False) -> Batch:
    return _parity(bits=2, signed_inputs=signed_inputs, signed_targets=signed_targets)


def _parity(*, bits: int = 3, signed_inputs: bool = False, signed_targets: bool = False) -> Batch:
    bits = integer_in("bits", bits, 1, 16)
    places = np.arange(bits)[::-1]  # the first input is the highest place
    inputs = (np.arange(2**bits)[:, None] >> places) & 1
    targets = inputs.sum(axis=1, keepdims=True) & 1
    return Batch(
        _bits(inputs, true_or_false("signed_inputs", signed_inputs)),
        _bits(targets, true_or_false("signed_targets", signed_targets)),
    )


def _bits(values: npt.NDArray[np.int64], signed: bool) -> Array:
    return (2.0 * values - 1.0) if signed else values.astype(np.float64)


def _spirals(*, samples: int = 194, noise: float = 0.0, seed: int = 0) -> Batch:
    samples = integer_at_least("samples", samples, 4)
    if samples % 2:
        raise InvalidValue(f"samples={samples}: must be even, because both spirals have as many; use {samples + 1}")
    noise = real_in("noise", noise, 0.0, np.inf, open_end=True)
    random = np.random.Generator(np.random.PCG64(integer_at_least("seed", seed, 0)))
    t = np.linspace(0.0, 96.0, samples // 2)
    radius, angle = 6.5 * (104.0 - t) / 104.0, np.pi * t / 16.0
    points = np.empty((samples, 2))
    points[0::2] = np.column_stack((radius * np.sin(angle), radius * np.cos(angle)))
    points[1::2] = -points[0::2]
    points += noise * random.normal(size=points.shape)
    return Batch(points, np.tile([[1.0], [0.0]], (samples // 2, 1)))


def _iris() -> Batch:
    table = _table(_shipped("iris.csv"))
    return Batch(table[:, :-1], _one_hot(table[:, -1], 3))


def _digits() -> Batch:
    table = _table(gzip.decompress(_shipped("digits.csv.gz")))
    return Batch(table[:, :-1] / 16.0, _one_hot(table[:, -1], 10))


def _shipped(name: str) -> bytes:
    return files("symtests.data").joinpath(name).read_bytes()


def _table(text: bytes) -> Array:
    """Return comma-separated numbers below one header line, shape (samples, inputs + 1)."""
    return np.loadtxt(io.BytesIO(text), delimiter=",", skiprows=1)


def _one_hot(classes: Array, count: int) -> Array:
    return np.eye(count)[classes.astype(np.int64)]


# What builds each data set, and the settings that it takes.
_BUILDERS: Final[dict[str, tuple[Callable[..., Batch], tuple[str, ...]]]] = {
    "xor": (_xor, ("signed_inputs", "signed_targets")),
    "parity": (_parity, ("bits", "signed_inputs", "signed_targets")),
    "spirals": (_spirals, ("samples", "noise", "seed")),
    "iris": (_iris, ()),
    "digits": (_digits, ()),
}
