"""From measured trios to a verdict: the ratio, its interval, and the smallest change that would have been seen.

Let m_p be the median of the logarithms of trio p of processes, and P their number. Trios are independent, and rounds
within a trio are not, as they share where the pages of its processes lie; so the trio is the unit, and for m_p, nearly
normal as medians of many rounds are,

    estimate m = mean m_p,   error s / sqrt(P),   (m - mu) sqrt(P) / s distributed as Student's t with P - 1 degrees

(W. Gosset, The probable error of a mean, 1908). With four to twelve trios, the percentiles of a bootstrap would be too
narrow. s is the larger of the deviation of m_p and of the control's, the same code measured against itself, so that a
luckily small s_head does not count.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from scipy import special

from symtests.benchmarks.speed.rounds import Trio

__all__ = ["FEWEST_TRIOS", "Estimate", "Limits", "Outcome", "Verdict", "adjusted", "estimate_of", "word_of"]

Outcome = Literal["faster", "slower", "same", "undecided", "refused", "left out"]

FEWEST_TRIOS: Final = 4
_CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Limits:
    """When something is said.

    Parameters
    ----------
    level
        Largest probability, over all benchmarks of a run together, of a difference that is none; before confirmation.
    floor
        A change below this share is not told from none: where code and data lie makes as much.
    same_within
        Where the interval lies within this share of 1, the verdict is *same*.
    most_trios
        How many trios are measured at most where it is undecided.
    rounds, places, precise, seconds
        Rounds of a trio, in how many places of memory, the error at which no further place is tried, and after how many
        seconds no round is begun.
    """

    level: float = 0.01
    floor: float = 0.003
    same_within: float = 0.01
    most_trios: int = 12
    rounds: int = 40
    places: int = 10
    precise: float = 0.0005
    seconds: float = 2.0


@dataclass(frozen=True)
class Estimate:
    """What the trios of one benchmark say.

    Parameters
    ----------
    change, low, high
        The change of time, as a share (0.02 is 2 % slower), and its 95 % interval.
    seen
        The smallest change that these trios would have told from none in 95 of 100 runs.
    p
        Probability of as large a difference where there is none, two-sided.
    control
        The change of base again, which is none, as measured.
    control_differs
        Whether the control is told from none: then nothing can be said.
    processor
        The change of processor time.
    trios
        How many trios there are.
    """

    change: float
    low: float
    high: float
    seen: float
    p: float
    control: float
    control_differs: bool
    processor: float
    trios: int


@dataclass(frozen=True)
class Verdict:
    """What became of one benchmark.

    Parameters
    ----------
    name
        Of the benchmark.
    outcome
        The word.
    estimate
        The figures; None where nothing was measured.
    seconds
        Shortest time of a call of base.
    why
        Why it was left out or refused, or why nothing can be said; empty otherwise.
    confirmed
        Whether fresh processes have shown the same.
    """

    name: str
    outcome: Outcome
    estimate: Estimate | None = None
    seconds: float = 0.0
    why: str = ""
    confirmed: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON data."""
        return asdict(self)


def estimate_of(trios: Sequence[Trio], limits: Limits) -> Estimate:
    """Return what the trios of one benchmark say."""
    heads = [statistics.median(trio.head) for trio in trios]
    controls = [statistics.median(trio.control) for trio in trios]
    count = len(trios)
    deviation = max(statistics.stdev(heads), statistics.stdev(controls), 1e-9)
    error = deviation / math.sqrt(count)
    mean, control = statistics.fmean(heads), statistics.fmean(controls)
    reach = _quantile(count, (1 + _CONFIDENCE) / 2) * error
    told = max(_quantile(count, 1 - limits.level / 2) * error, math.log1p(limits.floor))
    of_control = _quantile(count, 1 - limits.level / 2) * max(statistics.stdev(controls), 1e-9) / math.sqrt(count)
    return Estimate(
        math.expm1(mean),
        math.expm1(mean - reach),
        math.expm1(mean + reach),
        math.expm1(told + _quantile(count, _CONFIDENCE) * error),
        2 * float(special.stdtr(count - 1, -abs(mean) / error)),
        math.expm1(control),
        abs(control) > max(of_control, limits.floor),
        math.expm1(statistics.fmean(statistics.median(trio.processor) for trio in trios)),
        count,
    )


def _quantile(count: int, share: float) -> float:
    """Return the quantile of Student's t with one degree less than there are trios."""
    return float(special.stdtrit(count - 1, share))


def adjusted(p: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for their number, by Holm's procedure.

        sorted p_(1) <= ... <= p_(n):  q_(k) = max over j <= k of min(1, (n - j + 1) p_(j))

    Whichever of the hypotheses are true, the probability that some q of a true one is at most a is at most a.

    References
    ----------
    S. Holm, A simple sequentially rejective multiple test procedure (1979).
    """
    found: dict[str, float] = {}
    largest = 0.0
    for rank, name in enumerate(sorted(p, key=lambda key: p[key])):
        largest = max(largest, min(1.0, (len(p) - rank) * p[name]))
        found[name] = largest
    return found


def word_of(estimate: Estimate, q: float, limits: Limits) -> Outcome:
    """Return the verdict of an estimate with its corrected p-value."""
    if estimate.control_differs:
        return "undecided"
    if q <= limits.level and abs(estimate.change) > limits.floor:
        return "slower" if estimate.change > 0 else "faster"
    if -limits.same_within < estimate.low and estimate.high < limits.same_within:
        return "same"
    return "undecided"
