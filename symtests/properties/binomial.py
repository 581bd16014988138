"""The binomial distribution: exact tails, and the exact interval for a probability."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

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
    successes = np.arange(least, trials + 1)
    # C(n, i+1) = C(n, i) (n - i) / (i + 1)
    first = math.lgamma(trials + 1) - math.lgamma(least + 1) - math.lgamma(trials - least + 1)
    ratios = np.log((trials - successes[:-1]) / (successes[:-1] + 1))
    log_choices = first + np.concatenate([[0.0], np.cumsum(ratios)])
    terms = np.exp(log_choices + successes * math.log(p) + (trials - successes) * math.log1p(-p))
    return min(1.0, float(terms.sum()))


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
    low, high = 0.0, 1.0 if successes else 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if tail(successes, trials, middle) < miss:
            low = middle
        else:
            high = middle
    return low
