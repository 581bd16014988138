"""How answers become judgements: numbers that a property says are equal, bit for bit or within a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.checked import RECOVERY_RATE, Answer, Checked
from symtests.network import Network
from symtests.oracle import Expectation, expect, recovered_tolerance, train
from symtests.parameters import Parameters
from symtests.properties.base import Case, Judgement, Violation

__all__ = [
    "PROMISE",
    "REJECTED",
    "TRIVIAL",
    "Telling",
    "Tolerance",
    "expectation",
    "finite_sizes",
    "gradient_tolerance",
    "judge_equal",
    "number",
    "step_tolerance",
    "together",
    "train_if_it_converges",
    "violated",
]

Tolerance = Literal["exact", "certified", "stage-local", "statistical"]
PROMISE: Final = 1e-3
"""Relative fault of one component that a property judged within rounding promises to see.

A term that is missing from a sum, or counted twice, moves a sum of up to 130 terms by about 1/130 or more; ten times
less is still ten thousand times what rounding does to a small network in float32.
"""
_DIVERGED: Final = 1e6
REJECTED = Judgement("rejected")
"""The precondition fails."""
TRIVIAL = Judgement("trivial")
"""The property is true of anything here."""


def expectation(implementation: Checked, case: Case) -> Expectation:
    """Return the right answer to a case with its tolerances, for the implementation's arithmetic and conventions."""
    at_zero = implementation.capabilities.relu_derivative_at_zero
    return _expectation(case.network, case.parameters, case.batch, implementation.unit_roundoff, at_zero)


@lru_cache(maxsize=4)  # parts of a property ask about the same parameters and batch, which do not change once drawn
def _expectation(
    network: Network, parameters: Parameters, batch: Batch, unit_roundoff: float, relu_derivative_at_zero: float
) -> Expectation:
    return expect(network, parameters, batch, unit_roundoff, relu_derivative_at_zero)


def finite_sizes(found: Array) -> Array:
    """Return the absolute values in float64, and 0 in the place of each that is not finite."""
    sizes = np.abs(found.astype(np.float64))
    return np.where(np.isfinite(sizes), sizes, 0.0)


def gradient_tolerance(implementation: Checked, case: Case, answer: Answer, expected: Expectation) -> Array:
    """Return how far rounding may lead each component of an answered gradient, shape (n,).

    What is rounded last is the number that was found, not the one that is right: where it is larger, so is its ulp.
    What is not finite explains nothing.
    """
    found = finite_sizes(answer.gradient.vector)
    if answer.recovered:
        return recovered_tolerance(expected, case.parameters, RECOVERY_RATE, implementation.unit_roundoff, found)
    # A gradient of another scale has been divided by it: one rounding more.
    size = np.fmax(np.abs(expected.gradient.vector) + expected.gradient_tolerance, found)
    rounded: Array = expected.gradient_tolerance + implementation.unit_roundoff * size
    return rounded


def step_tolerance(
    implementation: Checked, case: Case, expected: Expectation, after: Parameters | None = None
) -> Array:
    """Return how far rounding may lead each parameter in one plain step with the case's learning rate, shape (n,).

    Where the parameters that were found `after` it have moved further than the right ones, so has what was rounded.
    """
    rate, found = case.training.learning_rate, None
    if after is not None and rate:
        found = finite_sizes(case.parameters.vector.astype(np.float64) - after.vector.astype(np.float64)) / rate
    tolerance: Array = rate * recovered_tolerance(expected, case.parameters, rate, implementation.unit_roundoff, found)
    return tolerance


def train_if_it_converges(implementation: Checked, case: Case) -> Parameters | None:
    """Return the trained parameters, or None where a correct training diverges.

    Raises
    ------
    Misbehaviour
        Where a NaN or an infinity comes out although a correct training stays finite.
    """
    after = implementation.train(case.network, case.parameters, case.batch, case.training, finite=False)
    if np.isfinite(after.vector).all():
        return after
    at_zero = implementation.capabilities.relu_derivative_at_zero
    right = train(case.network, case.parameters, case.batch, case.training, at_zero).vector
    if not (np.abs(right) < _DIVERGED).all():
        return None
    return implementation.train(case.network, case.parameters, case.batch, case.training)


@dataclass(frozen=True)
class Telling:
    """What to say of one entry that breaks a property: the parts of a `Violation` that are not numbers."""

    sentence: str
    quantity: str = ""
    script: tuple[str, ...] = ()


def number(value: np.floating[Any] | float) -> str:
    """Write a number with as many digits as its dtype needs to be read back: 0.1 in float32 is ``0.1``."""
    return str(value)


def violated(
    sentence: str, quantity: str = "", script: Sequence[str] = (), *, expected: float = np.nan, found: float = np.nan
) -> Judgement:
    """Return the judgement of a case that broke a property."""
    return Judgement(
        "violated", violation=Violation(sentence, quantity, float(expected), float(found), 0.0, tuple(script))
    )


def judge_equal(
    found: npt.ArrayLike,
    expected: npt.ArrayLike,
    tell: Callable[[int], Telling],
    *,
    bound: npt.ArrayLike | None = None,
    promise: float = np.inf,
    tolerance: Tolerance = "certified",
    trivial: bool | None = None,
) -> Judgement:
    """Judge whether numbers are equal, bit for bit or within a bound for each.

    +0.0 and -0.0 are equal. Without a bound, numbers are compared as they are, in their own dtype; with one,
    |found - expected| <= bound is asked in float64. What is no number, or infinite, differs from every number.

    Parameters
    ----------
    found, expected
        The numbers, of one shape; both are read as if flat.
    tell
        What to say of the entry at a flat index, called for the worst entry of a violation.
    bound
        Largest differences that rounding explains, of the same shape or a single number; None for none.
    promise
        Relative fault that the property promises to see: where half of the nonzero entries would hide it, the case is
        too wide. Half, because an entry that nearly cancels hides everything in any arithmetic.
    tolerance
        What kind of bound it is.
    trivial
        Whether the equality is true of anything; by default, whether all numbers are zero.
    """
    found, expected = np.ravel(found), np.ravel(expected)
    with np.errstate(invalid="ignore"):
        difference = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    difference[np.isnan(difference)] = np.inf
    difference[found == expected] = 0.0  # infinities too
    bitwise = bool((found == expected).all())
    bounds = np.broadcast_to(0.0 if bound is None else np.ravel(bound), found.shape).astype(np.float64)
    excess = (difference > bounds) | (~np.isfinite(found) & np.isfinite(expected))
    if excess.any():
        with np.errstate(divide="ignore", invalid="ignore"):
            worst = int(np.argmax(np.where(excess, difference / bounds, -1.0)))  # inf / inf is NaN: the most
        said = tell(worst)
        violation = Violation(
            said.sentence, said.quantity, float(expected[worst]), float(found[worst]), float(bounds[worst]), said.script
        )
        return Judgement("violated", violation=violation, tolerance="exact" if bound is None else tolerance)
    if trivial is None:
        trivial = not (found.any() or expected.any())
    if trivial:
        return replace(TRIVIAL, bitwise=bitwise)
    if bound is None:
        return Judgement("held", bitwise=True)
    detectable = _detectable(difference, bounds, expected)
    return Judgement(
        "held" if detectable <= promise else "too_wide",
        bitwise=bitwise,
        fraction=float(np.max(np.divide(difference, bounds, out=np.zeros_like(bounds), where=bounds > 0))),
        detectable=detectable,
        tolerance=tolerance,
    )


def _detectable(difference: Array, bounds: Array, expected: Array) -> float:
    """Return the relative fault that half of the nonzero entries would have shown, rounding being against it."""
    size = np.abs(expected.astype(np.float64))
    seen = size > 0
    return float(np.median((bounds[seen] + difference[seen]) / size[seen])) if seen.any() else 0.0


def together(*judgements: Judgement) -> Judgement:
    """Return the judgement of a case that was asked several things.

    The first violation speaks for all; otherwise one question that is too wide makes the case too wide, and it is
    trivial or rejected only if every question is.
    """
    for outcome in ("violated", "too_wide"):
        for judgement in judgements:
            if judgement.outcome == outcome:
                return judgement
    held = [judgement for judgement in judgements if judgement.outcome == "held"]
    if not held:
        return judgements[0]
    tolerances = {judgement.tolerance for judgement in held}
    return Judgement(
        "held",
        bitwise=all(judgement.bitwise for judgement in held),
        fraction=max(judgement.fraction for judgement in held),
        detectable=max(judgement.detectable for judgement in held),
        tolerance=next(kind for kind in ("statistical", "stage-local", "certified", "exact") if kind in tolerances),
    )
