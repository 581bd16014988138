"""Faults of steps with a constant that is found from a wrong answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from symtests.diagnosis.optimizers.general_faults import with_factor
from symtests.diagnosis.optimizers.rule import At, Rule
from symtests.diagnosis.optimizers.step_fault import StepFault
from symtests.float_json import Array

__all__ = ["fitted_faults"]

_RIGHT: Final = "the reported gradient is right, that of a step is not: "
_DIGITS: Final = (1, 2, 3, 4, 6, 17)
"""Significant digits of constants that somebody may have written down, or that were measured."""
_FEWEST: Final = 2
"""Components at the limit that tell where numbers are clipped: the largest is one in any case."""


def fitted_faults(theta: Array, g: Array, found: Array, rate: float) -> Iterator[StepFault]:
    """Yield the faults whose constant one plain step shows.

    Parameters
    ----------
    theta, g
        The parameters before the step and the gradient there, both of shape (n,).
    found
        What the step has moved the parameters by, divided by the negative learning rate.
    rate
        The learning rate of that step.
    """
    if not np.isfinite(found).all() or not g.any():
        return
    limit, length = float(np.abs(found).max()), float(np.sqrt(found @ found))
    if limit > 0 and np.isclose(np.abs(found), limit, rtol=1e-6).sum() >= _FEWEST:
        yield from _each(f"{_RIGHT}the components of the gradient are clipped at {{}}", limit, _clipped)
        yield from _each("no component of a step exceeds {}: steps are clipped", rate * limit, _clipped_step)
    factor = float(found @ g / (g @ g))
    if 0 < factor < 1:
        yield from _each(f"{_RIGHT}the gradient is shortened to the length {{}} where it is longer", length, _shortened)
    if factor not in (0.0, 1.0):
        for constant in _written(factor):
            words = f"the learning rate is multiplied by {constant:g}"
            yield replace(with_factor(words, lambda number, c=constant: c), is_fitted=True)  # type: ignore[misc]
    if theta.any():
        share = float((found - g) @ theta / (theta @ theta))
        words = f"{_RIGHT}it has {{}} theta added, as weight decay of {{}} does"
        yield from _each(words, share, lambda at, theta, g, c: g + c * theta)


_Change = Callable[[At, Array, Array, float], Array]
"""What the rule has in place of the gradient, of the parameters, the gradient and the constant."""


def _each(words: str, constant: float, change: _Change) -> Iterator[StepFault]:
    for written in _written(constant):
        yield StepFault(words.replace("{}", f"{written:.6g}"), lambda r, c=written: _with(r, change, c), is_fitted=True)  # type: ignore[misc]


def _with(rule: Rule, change: _Change, constant: float) -> Rule:
    if change is _clipped_step:
        return replace(rule, moved=lambda at, theta, d: rule.moved(at, theta, _clipped_step(at, theta, d, constant)))
    return replace(rule, used=lambda at, theta, g: change(at, theta, rule.used(at, theta, g), constant))


def _written(constant: float) -> list[float]:
    return list(dict.fromkeys(float(f"{constant:.{digits}g}") for digits in _DIGITS))


def _clipped(at: At, theta: Array, g: Array, limit: float) -> Array:
    return np.clip(g, -limit, limit)


def _clipped_step(at: At, theta: Array, d: Array, limit: float) -> Array:
    largest = limit / at.training.learning_rate if at.training.learning_rate else np.inf
    return np.clip(d, -largest, largest)


def _shortened(at: At, theta: Array, g: Array, limit: float) -> Array:
    length = float(np.sqrt(g @ g))
    return g if length <= limit else g * (limit / length)
