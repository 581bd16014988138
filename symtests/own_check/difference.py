"""A gradient check by differences of the loss: its own error, and the wrong gradients that it lets pass."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array
from symtests.network import DTYPES
from symtests.own_check.gradient_faults import GRADIENT_FAULTS, right_gradient
from symtests.own_check.secant import Indices, Secants, secants_of
from symtests.own_check.setting import Setting
from symtests.validation import InvalidValue, integer_at_least, one_of, positive, real_in

__all__ = [
    "GRADCHECK",
    "Difference",
    "DifferenceReport",
    "FaultSeen",
    "StepError",
    "Suggestion",
    "TensorSeen",
    "explain_difference",
]

_MOST: Final = 120
"""Components that are tried unless another number is given; so many of each tensor as its share allows."""
_OF_EACH_STEP: Final = 24
"""Components at which other steps are tried."""
_STEPS: Final = tuple(10.0**-exponent for exponent in range(1, 13))


@dataclass(frozen=True)
class Difference:
    """A check that compares a gradient g with differences d of the loss.

        central  d = (L(theta + h e_j) - L(theta - h e_j)) / (2 h),      forward  d = (L(theta + h e_j) - L(theta)) / h

    It passes where |g - d| <= atol + rtol |d| for every component, as `torch.allclose(g, d)` and `numpy.allclose(g, d)`
    have it.

    Parameters
    ----------
    step
        h, above 0.
    dtype
        In which the loss is computed: float32 or float64.
    rtol, atol
        The tolerances, at least 0.
    central
        Whether differences are central.
    """

    step: float = 1e-6
    dtype: str = "float64"
    rtol: float = 1e-3
    atol: float = 1e-5
    central: bool = True

    def __post_init__(self) -> None:
        positive("step", self.step)
        one_of("dtype", self.dtype, DTYPES)
        for name in ("rtol", "atol"):
            real_in(name, getattr(self, name), 0.0, math.inf, open_end=True)

    def allowed(self, d: Array) -> Array:
        """Return how far a gradient may be from the differences d."""
        found: Array = self.atol + self.rtol * np.abs(d)
        return found

    def passes(self, g: Array, d: Array) -> npt.NDArray[np.bool_]:
        """Return for each component whether the check passes."""
        found: npt.NDArray[np.bool_] = np.abs(g - d) <= self.allowed(d)
        return found


GRADCHECK: Final = Difference(step=1e-6, dtype="float64", rtol=1e-3, atol=1e-5, central=True)
"""What `torch.autograd.gradcheck` does unless told otherwise (its slow mode, which is the default)."""


@dataclass(frozen=True)
class TensorSeen:
    """What the check can tell of one tensor.

    Parameters
    ----------
    name
        As in W1.
    tried, components
        How many components were tried, of how many.
    largest
        Largest |g| of those tried.
    zero_passes
        In how many of them 0 in place of the gradient passes.
    factors
        The gradient of the tensor times any number between these two passes in all components tried; infinite where
        there is no limit, None where the right gradient itself does not pass.
    """

    name: str
    tried: int
    components: int
    largest: float
    zero_passes: int
    factors: tuple[float, float] | None


@dataclass(frozen=True)
class FaultSeen:
    """A wrong gradient, and in how many components the check tells it from the right one.

    Parameters
    ----------
    name
        What is wrong with it.
    fails
        In how many of the components tried the check fails for it and passes for the right gradient; the fault is
        missed where that is 0.
    largest
        By how much its largest error exceeds, or falls short of, what is allowed: |error| / allowed.
    """

    name: str
    fails: int
    largest: float


@dataclass(frozen=True)
class StepError:
    """The error of the differences with another step: largest |d - g|, relative to the largest |g| of its tensor."""

    step: float
    error: float


@dataclass(frozen=True)
class Suggestion:
    """The check with the best step and the smallest tolerances, by powers of ten, that the right gradient passes.

    Parameters
    ----------
    check
        The check, with ten times what the right gradient needs.
    missed
        Names of the faults that it lets pass.
    """

    check: Difference
    missed: tuple[str, ...]


@dataclass(frozen=True)
class DifferenceReport:
    """What a check by differences can tell in one setting.

    Parameters
    ----------
    check
        The check.
    tried, components
        How many components were tried, of how many.
    truncation
        Largest |d* - g|, d* being the difference in exact arithmetic: what the step costs.
    rounding
        Largest |d - d*|: what the dtype costs.
    rounding_limit
        How large that may become for a correct loss of this dtype, by a derived bound.
    kinks
        In how many components the step crosses a kink of an activation.
    fails_when_right
        In how many components the check fails for the right gradient.
    tensors, faults, steps
        What it can tell of each tensor, of each fault, and how large its error is with other steps.
    suggested
        A check that tells more, tried in the same way.
    """

    check: Difference
    tried: int
    components: int
    truncation: float
    rounding: float
    rounding_limit: float
    kinks: int
    fails_when_right: int
    tensors: tuple[TensorSeen, ...]
    faults: tuple[FaultSeen, ...]
    steps: tuple[StepError, ...]
    suggested: Suggestion

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the faults that the check lets pass."""
        return tuple(fault.name for fault in self.faults if not fault.fails)

    @property
    def best_step(self) -> StepError:
        """The step, of those tried, with the smallest error."""
        return min(self.steps, key=lambda tried: tried.error)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON data; what has no limit is None."""
        data = asdict(self)
        data["missed"], data["best_step"] = list(self.missed), asdict(self.best_step)
        for tensor in data["tensors"]:
            if tensor["factors"] is not None:
                tensor["factors"] = [factor if math.isfinite(factor) else None for factor in tensor["factors"]]
        return data


def explain_difference(setting: Setting, check: Difference = GRADCHECK, most: int = _MOST) -> DifferenceReport:
    """Return what a check by differences can tell of a network: its own error and the faults that it misses.

    Everything is tried, with the plain NumPy implementation in the dtype of the check: the right gradient, each fault
    of `symtests.own_check.gradient_faults`, and other steps. The right gradient is the oracle's, in float64.

    Parameters
    ----------
    setting
        Network, parameters and batch; they are rounded to the dtype of the check.
    check
        The check.
    most
        How many components are tried at most, at least one of each tensor: the largest, the smallest and those evenly
        between.

    Raises
    ------
    InvalidValue
        Where `most` is no whole number of at least 1, or the loss or the gradient is not finite.
    """
    setting = setting.astype(check.dtype)
    g = right_gradient(setting)
    if not np.isfinite(g).all():
        raise InvalidValue("parameters=<a gradient that is not finite>: choose parameters at which the loss is finite")
    tried = _tried(setting, g, integer_at_least("most", most, 1))
    found = secants_of(setting, check.step, check.dtype, central=check.central, components=tried)
    right = g[tried]
    steps = _steps(setting, check, g, tried)
    return DifferenceReport(
        check,
        len(tried),
        g.size,
        _largest(found.exact - right),
        _largest(found.found - found.exact),
        _largest(found.rounding_limit),
        int(np.count_nonzero(found.crosses_kink)),
        int(np.count_nonzero(~check.passes(right, found.found))),
        _tensors(setting, check, tried, right, found.found),
        _faults(setting, check, tried, right, found.found),
        steps,
        _suggested(setting, check, tried, right, min(steps, key=lambda tried: tried.error).step),
    )


def _tried(setting: Setting, g: Array, most: int) -> Indices:
    """Return which components are tried: of each tensor a share, evenly by size, the extremes included."""
    if g.size <= most:
        return np.arange(g.size)
    chosen: list[int] = []
    for where in setting.tensors.values():
        size = where.stop - where.start
        count = min(size, max(2, most * size // g.size, most // (2 * len(setting.tensors))))
        order = np.argsort(np.abs(g[where]), kind="stable")
        ranks = np.unique(np.linspace(0, size - 1, count).round().astype(np.intp))
        chosen += (where.start + order[ranks]).tolist()
    return np.array(sorted(chosen))


def _tensors(setting: Setting, check: Difference, tried: Indices, g: Array, d: Array) -> tuple[TensorSeen, ...]:
    found = []
    for name, where in setting.tensors.items():
        here = (tried >= where.start) & (tried < where.stop)
        mine, differences = g[here], d[here]
        zero = int(np.count_nonzero(check.passes(np.zeros_like(mine), differences)))
        factors = _factors(check, mine, differences)
        found.append(TensorSeen(name, len(mine), where.stop - where.start, _largest(mine), zero, factors))
    return tuple(found)


def _factors(check: Difference, g: Array, d: Array) -> tuple[float, float] | None:
    """Return the least and the greatest c with |c g - d| <= allowed in all components; None where 1 is not between."""
    if not check.passes(g, d).all():
        return None
    moved = g != 0
    if not moved.any():
        return -math.inf, math.inf
    with np.errstate(over="ignore"):
        ends = np.stack([(d - check.allowed(d))[moved], (d + check.allowed(d))[moved]]) / g[moved]
    return float(ends.min(axis=0).max()), float(ends.max(axis=0).min())


def _faults(setting: Setting, check: Difference, tried: Indices, g: Array, d: Array) -> tuple[FaultSeen, ...]:
    found = []
    for fault in GRADIENT_FAULTS:
        if not fault.applies(setting):
            continue
        wrong = fault.gradient(setting)[tried]
        if (wrong == g).all():  # as the derivative of a rectifier, which is the same at z and at max(z, 0)
            continue
        allowed = np.maximum(check.allowed(d), np.finfo(np.float64).tiny)
        fails = int(np.count_nonzero(check.passes(g, d) & ~check.passes(wrong, d)))
        found.append(FaultSeen(fault.name, fails, _largest((wrong - d) / allowed)))
    return tuple(found)


def _steps(setting: Setting, check: Difference, g: Array, tried: Indices) -> tuple[StepError, ...]:
    some = tried[np.unique(np.linspace(0, len(tried) - 1, _OF_EACH_STEP).round().astype(np.intp))]
    scale = np.ones(g.size)
    for where in setting.tensors.values():
        scale[where] = _largest(g[where]) or 1.0
    found = []
    for step in sorted({*_STEPS, check.step}, reverse=True):
        secants: Secants = secants_of(setting, step, check.dtype, central=check.central, components=some, exact=False)
        found.append(StepError(step, _largest((secants.found - g[some]) / scale[some])))
    return tuple(found)


def _suggested(setting: Setting, check: Difference, tried: Indices, g: Array, step: float) -> Suggestion:
    """Return the check with this step and the smallest tolerances that the right gradient passes, with room to spare.

    The relative tolerance is a power of ten, and the absolute one that share of the largest |g| of the tensor whose
    largest |g| is smallest, so that no tensor is hidden by it as a whole.
    """
    d = secants_of(setting, step, check.dtype, central=check.central, components=tried, exact=False).found
    sizes = [_largest(g[(tried >= where.start) & (tried < where.stop)]) for where in setting.tensors.values()]
    least = min((size for size in sizes if size), default=1.0)
    for exponent in range(-15, 3):
        tight = replace(check, step=step, rtol=10.0**exponent, atol=10.0**exponent * least)
        if tight.passes(g, d).all():
            break
    wide = replace(tight, rtol=10 * tight.rtol, atol=float(f"{10 * tight.atol:.0e}"))
    return Suggestion(wide, tuple(fault.name for fault in _faults(setting, wide, tried, g, d) if not fault.fails))


def _largest(numbers: Array) -> float:
    return float(np.abs(numbers).max(initial=0.0))
