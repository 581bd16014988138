"""A comparison of two trainings by a tolerance: how far two right ones part, and the wrong ones that it lets pass."""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from symtests.float_json import Array
from symtests.network import DTYPES
from symtests.own_check.right_trainings import right_trainings
from symtests.own_check.setting import Setting
from symtests.own_check.wrong_trainings import wrong_trainings
from symtests.training import Training
from symtests.validation import InvalidValue, integer_at_least, one_of, real_in

__all__ = ["Agreement", "AgreementReport", "AtStep", "TrainingFaultSeen", "explain_agreement"]

_MOST_STEPS: Final = 100_000


@dataclass(frozen=True)
class Agreement:
    """A check that compares the parameters a and b after the same training by two implementations.

    It passes where |a - b| <= atol + rtol |b| for every component, as `numpy.allclose(a, b)` has it.

    Parameters
    ----------
    steps
        After how many steps it compares: whole numbers of at least 1.
    training
        The training; its own number of steps does not matter.
    dtype
        In which both compute: float32 or float64.
    rtol, atol
        The tolerances, at least 0.
    """

    steps: tuple[int, ...] = (1, 10, 1000)
    training: Training = field(default_factory=Training)
    dtype: str = "float64"
    rtol: float = 1e-5
    atol: float = 1e-8

    def __post_init__(self) -> None:
        one_of("dtype", self.dtype, DTYPES)
        for name in ("rtol", "atol"):
            real_in(name, getattr(self, name), 0.0, math.inf, open_end=True)
        steps = tuple(sorted({integer_at_least("steps", count, 1) for count in self.steps}))
        if not steps or steps[-1] > _MOST_STEPS:
            raise InvalidValue(f"steps={self.steps}: must name at least one number from 1 to {_MOST_STEPS}")
        object.__setattr__(self, "steps", steps)

    def allowed(self, b: Array) -> Array:
        """Return how far a may be from b."""
        found: Array = self.atol + self.rtol * np.abs(b.astype(np.float64))
        return found

    def share(self, a: Array, b: Array) -> float:
        """Return the largest |a - b| as a share of what is allowed; above 1 where the check fails."""
        difference = np.abs(a.astype(np.float64) - b)
        allowed = np.maximum(self.allowed(b), np.finfo(np.float64).tiny)
        with np.errstate(over="ignore", invalid="ignore"):
            share = difference / allowed
        return math.inf if np.isnan(share).any() else float(share.max(initial=0.0))


@dataclass(frozen=True)
class TrainingFaultSeen:
    """A wrong training, and its largest error as a share of what the check allows: missed where that is at most 1."""

    name: str
    share: float


@dataclass(frozen=True)
class AtStep:
    """What the check can tell after a number of steps.

    Parameters
    ----------
    steps
        The number of steps.
    moved
        Largest |theta - start|: how far the training has come.
    median_parted, most_parted
        Median and largest of the largest |a - b| over all pairs of right trainings.
    pairs, pairs_failing
        How many pairs of right trainings were compared, and for how many the check fails.
    most_share
        The largest |a - b| of two right trainings as a share of what is allowed.
    faults
        What becomes of each wrong training.
    """

    steps: int
    moved: float
    median_parted: float
    most_parted: float
    pairs: int
    pairs_failing: int
    most_share: float
    faults: tuple[TrainingFaultSeen, ...]

    @property
    def needed(self) -> float:
        """How many times the tolerances must be what they are, so that all pairs pass with a factor of ten to spare."""
        return 10 * self.most_share

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the faults that the check lets pass."""
        return tuple(fault.name for fault in self.faults if fault.share <= 1)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of the faults that no tolerance tells from rounding, as two right trainings part as far."""
        return tuple(fault.name for fault in self.faults if fault.share <= self.most_share)


@dataclass(frozen=True)
class AgreementReport:
    """What a comparison can tell in one setting, after each number of steps.

    Parameters
    ----------
    check
        The check.
    ways
        In how many right ways the training was done.
    at
        What it can tell, by the number of steps.
    """

    check: Agreement
    ways: int
    at: tuple[AtStep, ...]

    @property
    def doubling_steps(self) -> float | None:
        """In how many steps the median difference doubles, from the first number of steps to the last; or None."""
        first, last = self.at[0], self.at[-1]
        if not 0 < first.median_parted < last.median_parted < math.inf:
            return None
        return (last.steps - first.steps) / math.log2(last.median_parted / first.median_parted)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON data; what is not finite is None."""
        data = asdict(self)
        for at, found in zip(data["at"], self.at, strict=True):
            at["missed"], at["hidden"] = list(found.missed), list(found.hidden)
            at["faults"] = [{**fault, "share": _finite(fault["share"])} for fault in at["faults"]]
            for name in ("moved", "median_parted", "most_parted", "most_share"):
                at[name] = _finite(at[name])
        return {**data, "doubling_steps": self.doubling_steps}


def explain_agreement(setting: Setting, check: Agreement | None = None) -> AgreementReport:
    """Return what a comparison of two trainings can tell: how far right ones part, and the wrong ones that it misses.

    Everything is tried: the training is done in some ways that are all right (`symtests.own_check.right_trainings`) and
    with each fault, and all pairs are compared.

    Parameters
    ----------
    setting
        Network, start and batch; they are rounded to the dtype of the check.
    check
        The check; `numpy.allclose` with its defaults after 1, 10 and 1,000 plain steps unless given.

    Raises
    ------
    InvalidValue
        Where the right training does not stay finite.
    """
    check = check or Agreement()
    setting = setting.astype(check.dtype)
    at = tuple(_at_step(setting, check, check.training.with_steps(count)) for count in check.steps)
    ways = len(right_trainings(setting, check.training.with_steps(1)))
    return AgreementReport(check, ways, at)


def _at_step(setting: Setting, check: Agreement, training: Training) -> AtStep:
    ends = list(right_trainings(setting, training).values())
    if not all(np.isfinite(end).all() for end in ends):
        raise InvalidValue(
            f"learning_rate={training.learning_rate:g}: the training diverges within {training.steps} steps; "
            "choose a smaller one, or fewer steps"
        )
    pairs = list(itertools.permutations(ends, 2))
    parted = [float(np.abs(one.astype(np.float64) - other).max()) for one, other in itertools.combinations(ends, 2)]
    shares = [check.share(one, other) for one, other in pairs]
    return AtStep(
        training.steps,
        float(np.abs(ends[0].astype(np.float64) - setting.parameters.vector).max()),
        float(np.median(parted)),
        max(parted),
        len(pairs) // 2,
        sum(max(check.share(a, b), check.share(b, a)) > 1 for a, b in itertools.combinations(ends, 2)),
        max(shares),
        tuple(_faults(setting, check, training, ends)),
    )


def _faults(setting: Setting, check: Agreement, training: Training, ends: list[Array]) -> list[TrainingFaultSeen]:
    """Return how far each wrong training is from the nearest right one."""
    found = []
    for name, train in wrong_trainings(setting, training).items():
        end = train()
        found.append(TrainingFaultSeen(name, min(check.share(end, right) for right in ends)))
    return found


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
