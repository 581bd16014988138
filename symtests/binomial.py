"""The binomial distribution: exact tails, and the exact interval for a probability."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array

__all__ = ["interval", "tail"]

_HALVINGS: Final = 60
"""An interval of length 1 that is halved so often is shorter than the unit roundoff."""


def tail(least: int, trials: int, p: float) -> float:
    """Return the probability of at least so many successes in independent trials.

        P(X >= k) = sum_(i=k)^n C(n, i) p^i (1 - p)^(n - i)

    The logarithm of each term comes from the gamma function; its error, about 2^-53 times the logarithm of n!, is the
    relative error of the sum.

    Parameters
    ----------
    least
        k.
    trials
        n, at least 1.
    p
        Probability of a success, in [0, 1].
    """
    if least <= 0:
        return 1.0
    if least > trials or p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    return _sum(np.arange(least, trials + 1), _log_choices(least, trials), p)


def _log_choices(least: int, trials: int) -> Array:
    """Return log C(n, i) for i = least, ..., n, at least 1: C(n, i+1) = C(n, i) (n - i) / (i + 1)."""
    successes = np.arange(least, trials)
    first = math.lgamma(trials + 1) - math.lgamma(least + 1) - math.lgamma(trials - least + 1)
    return first + np.concatenate([[0.0], np.cumsum(np.log((trials - successes) / (successes + 1)))])


def _sum(successes: npt.NDArray[np.int64], log_choices: Array, p: float) -> float:
    """Return the sum of C(n, i) p^i (1 - p)^(n - i) over numbers of successes that end with n, for 0 < p < 1."""
    failures = successes[-1] - successes
    return min(1.0, float(np.exp(log_choices + successes * math.log(p) + failures * math.log1p(-p)).sum()))


def interval(successes: int, trials: int, miss: float) -> tuple[float, float]:
    """Return the interval that holds the probability of a success, whatever it is, in all but a share `miss` of cases.

        lowest p with P(X >= k) >= miss / 2,    highest p with P(X <= k) >= miss / 2

    Parameters
    ----------
    successes, trials
        k of n.
    miss
        In (0, 1).

    References
    ----------
    C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial,
    Biometrika 26 (1934), 404-413.
    """
    return _lowest(successes, trials, miss / 2), 1.0 - _lowest(trials - successes, trials, miss / 2)


def _lowest(successes: int, trials: int, miss: float) -> float:
    """Return the p at which `successes` or more have the probability `miss`, to the lower side; 0 for none."""
    if successes == 0:
        return 0.0
    numbers, log_choices = np.arange(successes, trials + 1), _log_choices(successes, trials)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _sum(numbers, log_choices, middle) < miss:
            low = middle
        else:
            high = middle
    return low
