"""Trying an elementary function on a stretch of all float32 numbers, and on chosen float64 numbers.

The error of a float32 result is taken from the kernel's own float64 result, y, which is no proof by itself: so y is
compared with SciPy's at every 256th number, and with mpmath at 20,000. Nothing is rounded on the way: the difference of
two floats of almost the same size is exact, so that what is reported is off by the error of y and no more. An ulp of y
is 2^-29 ulp of the float32 result.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final, cast

import mpmath
import numpy as np
from numba import njit

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.machine.intrinsics import absolute, at_least, at_most, exponent_field, power_of_two, where_nan
from tests.evidence.elementary import FUNCTIONS, ElementaryFunction, compiled
from tests.kernels.bits import Numbers

__all__ = ["CHUNK_SIZE", "Trial", "against_mpmath", "chunks_of", "errors_of", "many_floats", "outputs_of", "try_chunk"]

CHUNK_SIZE: Final = 1 << 24
"""The chunk c holds the numbers whose bits are from c CHUNK_SIZE on: 0 upwards, then -0 downwards, NaNs behind each."""
_BLOCK: Final = 1 << 10
_EVERY: Final = 256
"""SciPy is asked at every so many-th number."""
_SIGN_BIT: Final = 0x8000_0000


@dataclass
class Trial:
    """What came of trying some numbers; every field can be joined with that of other numbers.

    Parameters
    ----------
    inputs
        How many there were, NaNs included.
    largest_error, largest_at
        In units in the last place, see `ElementaryFunction.most`; the number at which it was.
    steps_back
        Neighbouring numbers whose results go the wrong way.
    faults
        Results out of range, not odd, or NaN where they must not be or the other way round.
    off_known
        Largest difference of the float64 result from SciPy's, in units in the last place of float32.
    """

    inputs: int = 0
    largest_error: float = 0.0
    largest_at: float = 0.0
    steps_back: int = 0
    faults: int = 0
    off_known: float = 0.0

    def join(self, other: Trial) -> None:
        """Add what came of trying other numbers."""
        if other.largest_error > self.largest_error:
            self.largest_error, self.largest_at = other.largest_error, other.largest_at
        for field in fields(self):
            if not field.name.startswith("largest"):
                mine, others = getattr(self, field.name), getattr(other, field.name)
                setattr(self, field.name, max(mine, others) if field.name == "off_known" else mine + others)


@scalar_function
def _in_ulp(found: Any, truth: Any) -> float:
    """Return |found - truth| in float32's units in the last place; an infinity counts as 2^128, NaN as no error.

    With 2^e <= |truth| < 2^(e+1) the unit is 2^(e-23), at least 2^-149: its reciprocal is made of bits.
    """
    largest = 2.0**128
    y, t = at_most(at_least(found, -largest), largest), at_most(at_least(truth, -largest), largest)
    exponent = at_most(at_least(exponent_field(absolute(t)), 1023.0 - 126), 1023.0 + 127)
    reciprocal = power_of_two(1.5 * 2.0**52 + (2 * 1023.0 + 23 - exponent))
    difference = absolute(y - t)
    return where_nan(difference, 0.0, difference) * reciprocal


@njit(error_model="numpy", nogil=True)
def _errors(found: Any, truth: Any, errors: Any) -> None:
    for i in range(found.size):
        errors[i] = _in_ulp(np.float64(found[i]), truth[i])


def errors_of(found: Numbers, truth: Numbers) -> Numbers:
    """Return the errors of results in units in the last place of float32, where the truth is float64."""
    errors = np.empty_like(truth)
    _errors(found, truth, errors)
    return errors


@scalar_function
def _is_step_back(x: Any, y: Any, next_x: Any, next_y: Any, turns: Any, outwards: Any) -> bool:
    """Tell whether the result goes the wrong way from x to its neighbour, upwards where `outwards` is 1, not -1."""
    rise = (next_y - y) * outwards
    rises_there = (x >= turns) & (next_x >= turns)
    falls_there = (x <= turns) & (next_x <= turns)
    return ((rise < 0) & rises_there) | ((rise > 0) & falls_there)


@cache
def _trial_of(kernel: Callable[[float], float], odd: bool) -> Callable[..., tuple[float, float, int, int]]:
    """Return the trial of a kernel on the numbers from some bits on, in blocks that stay in the nearest cache."""

    @njit(error_model="numpy", nogil=True)
    def trial(first: Any, size: Any, before: Any, low: Any, high: Any, turns: Any, outwards: Any) -> Any:
        bits, found, mirrored = np.empty(_BLOCK, np.uint32), np.empty(_BLOCK, np.float32), np.empty(_BLOCK, np.float32)
        x, truth, errors = bits.view(np.float32), np.empty(_BLOCK), np.empty(_BLOCK)
        last_x, last_y = before, kernel(before)
        order = errors.view(np.int64)  # bits of floats that are not below 0 are ordered as the floats: compared faster
        worst = np.zeros(1)
        order_of_worst = worst.view(np.int64)
        at, steps, faults = before, 0, 0
        for start in range(first, first + size, _BLOCK):
            for i in range(_BLOCK):
                bits[i] = start + i
            for i in range(_BLOCK):
                found[i] = kernel(x[i])
            for i in range(_BLOCK):
                truth[i] = kernel(np.float64(x[i]))
            for i in range(_BLOCK):
                errors[i] = _in_ulp(np.float64(found[i]), truth[i])
            largest = 0
            for i in range(_BLOCK):
                largest = max(largest, order[i])
            if largest > order_of_worst[0]:
                order_of_worst[0] = largest
                at = x[np.argmax(errors)]
            steps += _is_step_back(last_x, last_y, x[0], found[0], turns, outwards)
            for i in range(1, _BLOCK):
                steps += _is_step_back(x[i - 1], found[i - 1], x[i], found[i], turns, outwards)
            last_x, last_y = x[_BLOCK - 1], found[_BLOCK - 1]
            for i in range(_BLOCK):
                faults += ((x[i] != x[i]) != (found[i] != found[i])) | (found[i] < low) | (found[i] > high)
            if odd:
                for i in range(_BLOCK):
                    mirrored[i] = -kernel(-x[i])
                here, there = found.view(np.uint32), mirrored.view(np.uint32)
                for i in range(_BLOCK):
                    faults += (here[i] != there[i]) & (x[i] == x[i])
        return worst[0], at, steps, faults

    return cast("Callable[..., tuple[float, float, int, int]]", trial)


def chunks_of(function: ElementaryFunction) -> range:
    """Return the numbers of the chunks that hold all numbers the function is of."""
    return range(((1 << 31) if function.from_zero else (1 << 32)) // CHUNK_SIZE)


def try_chunk(name: str, chunk: int) -> Trial:
    """Try a function on one chunk of all float32 numbers."""
    function, first = FUNCTIONS[name], chunk * CHUNK_SIZE
    single = np.float32
    before = np.array([first - 1 if first % _SIGN_BIT else 0], np.uint32).view(single)[0]
    error, at, steps, faults = _trial_of(function.kernel, function.odd)(
        first, CHUNK_SIZE, before, single(function.low), single(function.high), single(function.turns),
        single(1 if first < _SIGN_BIT else -1),
    )  # fmt: skip
    return Trial(CHUNK_SIZE, float(error), float(at), int(steps), int(faults), _off_known(function, first))


def _off_known(function: ElementaryFunction, first: int) -> float:
    """Return how far the float64 results of a chunk are from SciPy's, in units in the last place of float32."""
    x = np.arange(first, first + CHUNK_SIZE, _EVERY, dtype=np.uint32).view(np.float32).astype(np.float64)
    y = np.empty_like(x)
    compiled(function.kernel)(x, y)
    with np.errstate(all="ignore"):
        return float(errors_of(function.known(x), y).max())


def many_floats(function: ElementaryFunction, count: int, seed: int) -> Numbers:
    """Return float64 numbers: of all sizes, evenly where it bends, and beside the borders between two formulas."""
    random = np.random.default_rng(seed)
    part = count // 5
    borders = random.choice([0.5, 0.6, 0.7, 1.0, 2.0, math.log(2) / 2, math.log(2), 20.0, 37.5, 39.0], part)
    numbers = np.concatenate([
        random.uniform(-3, 3, part), random.uniform(-40, 40, part), random.uniform(-760, 760, part),
        random.choice([-1.0, 1.0], part) * 2.0 ** random.uniform(-1074, 3, part),
        random.choice([-1.0, 1.0], part) * borders * (1 + 2.0 ** random.uniform(-52, -6, part)
                                                      * random.choice([-1.0, 1.0], part)),
    ])  # fmt: skip
    return np.abs(numbers) if function.from_zero else numbers


def against_mpmath(function: ElementaryFunction, x: Numbers) -> tuple[float, float]:
    """Return the largest error of float64 results, in their units in the last place, and where it is."""
    found = np.empty_like(x)
    compiled(function.kernel)(x, found)
    largest = (0.0, 0.0)
    with mpmath.workprec(150):
        for number, result in zip(x.tolist(), found.tolist(), strict=True):
            exact = function.exact(mpmath.mpf(number))
            if abs(exact) >= mpmath.mpf(2) ** 1024:
                error = 0.0 if math.isinf(result) else math.inf
            else:
                error = float(abs(result - exact) / _unit(exact))
            largest = max(largest, (error, number))
    return largest


def _unit(exact: Any) -> float:
    """The unit in the last place of float64 at an exact number: 2^(e-52) for 2^e <= |exact|, at least 2^-1074."""
    exponent = int(mpmath.frexp(exact)[1]) - 1
    return math.ldexp(1.0, max(exponent - 52, -1074))


def outputs_of(function: ElementaryFunction) -> str:
    """Return a short hash of a million results in each dtype, evenly from all bits; one NaN is like another."""
    digest = hashlib.sha256()
    with np.errstate(all="ignore"):
        for dtype, bits in ((np.float32, np.uint32), (np.float64, np.uint64)):
            size = 8 * np.dtype(dtype).itemsize - function.from_zero
            step = (1 << (size - 20)) + 1  # odd, so that the low bits vary too
            x = (np.arange(1 << 20, dtype=np.uint64) * np.uint64(step)).astype(bits).view(dtype)
            if function.from_zero:
                x = np.abs(x)
            y = np.empty_like(x)
            compiled(function.kernel)(x, y)
            y[np.isnan(y)] = np.nan
            digest.update(y.astype(y.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()[:16]
