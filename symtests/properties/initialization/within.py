"""How statistics become judgements: numbers of which each lies within its bounds but for chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from symtests.properties.base import Judgement, Violation
from symtests.properties.judging.judging import TRIVIAL, Telling, together

__all__ = ["Within", "judge_within", "told_together"]

_MORE_TELLING: Final = 2.0


@dataclass(frozen=True)
class Within:
    """The judgement of some statistics, and by how much the worst of them is off."""

    judgement: Judgement
    deviation: float


def told_together(found: Iterable[Within]) -> Judgement:
    """Return one judgement for all: the first violation, unless a later one is off by more than twice as much.

    Statistics come with the widest first: what is wrong with all weights is not told of one row.
    """
    judged = list(found)
    told: Within | None = None
    for each in judged:
        worse = told is None or each.deviation > _MORE_TELLING * told.deviation
        if each.judgement.outcome == "violated" and worse:
            told = each
    if told is not None:
        return told.judgement
    return together(*(each.judgement for each in judged)) if judged else TRIVIAL


def judge_within(
    found: npt.ArrayLike,
    due: npt.ArrayLike,
    bounds: tuple[npt.ArrayLike, npt.ArrayLike],
    tell: Callable[[int], Telling],
    *,
    unit: npt.ArrayLike = 1.0,
    detectable: float = 0.0,
) -> Within:
    """Judge whether each statistic lies within its bounds.

    Parameters
    ----------
    found, due
        The statistics, and what they should be but for chance; of one shape, or one number for all.
    bounds
        Least and greatest values that chance explains.
    tell
        What to say of the entry at a flat index; `Telling.sentence` names what was found and what is due.
    unit
        What numbers of the violation are multiplied by.
    detectable
        The relative fault that would have been seen.
    """
    values = np.ravel(np.asarray(found, np.float64))
    right, low, high, units = (
        np.broadcast_to(np.asarray(each, np.float64), np.shape(found)).ravel() for each in (due, *bounds, unit)
    )
    room = np.where(values > right, high - right, right - low)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(values == right, 0.0, np.abs(values - right) / room)
    worst = int(np.argmax(np.where(np.isnan(part), np.inf, part)))
    off = float(abs(values[worst] - right[worst]))
    held = Judgement("held", fraction=float(part[worst]), detectable=detectable, tolerance="statistical")
    if part[worst] <= 1:
        return Within(held, off)
    said, factor = tell(worst), float(units[worst])
    violation = Violation(
        said.sentence, said.quantity, float(right[worst]) * factor, float(values[worst]) * factor,
        float(room[worst]) * factor, said.script,
    )  # fmt: skip
    return Within(
        replace(held, outcome="violated", fraction=0.0, detectable=0.0, violation=violation),
        off if off == off else np.inf,
    )
