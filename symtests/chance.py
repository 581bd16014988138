"""How far chance leads the mean and the mean square of independent numbers, and the shape of their histogram.

Every bound here is one that chance exceeds with the probability `miss` at most, whatever the number of numbers: none
is an approximation for many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array

__all__ = ["Standard", "bernstein", "distribution_bound", "mean_bound", "mean_square_bounds"]

_NORMAL: Final = NormalDist()


@dataclass(frozen=True)
class Standard:
    """A symmetric distribution of mean 0 and variance 1: uniform, normal, or a normal one that is cut off.

    Parameters
    ----------
    name
        ``uniform``, ``normal`` or ``truncated_normal``.
    cut
        At how many standard deviations of the whole normal distribution it is cut off, where it is.
    """

    name: str
    cut: float = math.inf

    @property
    def _inside(self) -> float:
        """Share of the whole normal distribution that is left."""
        return math.erf(self.cut / math.sqrt(2)) if self.name == "truncated_normal" else 1.0

    def _moment(self, order: int) -> float:
        """Return E x^order of what is left of N(0, 1): m_k = (k - 1) m_(k-2) - 2 c^(k-1) phi(c) / share."""
        if order == 0:
            return 1.0
        lost = 2 * self.cut ** (order - 1) * _NORMAL.pdf(self.cut) / self._inside if self._cut_off else 0.0
        return (order - 1) * self._moment(order - 2) - lost

    @property
    def _cut_off(self) -> bool:
        return self.name == "truncated_normal" and math.isfinite(self.cut)

    @property
    def _spread(self) -> float:
        """Standard deviation of what is left of N(0, 1)."""
        return math.sqrt(self._moment(2)) if self._cut_off else 1.0

    @property
    def edge(self) -> float:
        """The largest absolute value; infinity where there is none."""
        if self.name == "uniform":
            return math.sqrt(3)
        return self.cut / self._spread if self._cut_off else math.inf

    @property
    def fourth_moment(self) -> float:
        """E z^4: 9/5 (uniform), 3 (normal)."""
        return 1.8 if self.name == "uniform" else self._moment(4) / self._spread**4

    def below(self, z: npt.ArrayLike) -> Array:
        """Return P(Z <= z) for each z."""
        z = np.asarray(z, np.float64)
        if self.name == "uniform":
            return np.asarray(np.clip((1 + z / self.edge) / 2, 0.0, 1.0))
        x = np.clip(z * self._spread, -self.cut, self.cut)
        whole = np.array([math.erf(value / math.sqrt(2)) for value in x.ravel()]).reshape(x.shape)
        return np.asarray((1 + whole / self._inside) / 2)

    def beyond(self, share: float) -> float:
        """Return the z with P(|Z| > z) = share, a number in (0, 1)."""
        if self.name == "uniform":
            return self.edge * (1 - share)
        outside = (1 - self._inside) / 2 + share * self._inside / 2
        return -_NORMAL.inv_cdf(outside) / self._spread


def mean_bound(count: npt.ArrayLike, miss: float) -> Array:
    """Return what the mean of so many numbers of a `Standard` distribution stays within.

        P(|mean| > t) <= 2 exp(-n t^2 / 2)

    The uniform, the normal and the symmetrically truncated normal distribution are strictly sub-Gaussian: the variance
    itself stands in the exponent.

    References
    ----------
    J. Arbel, O. Marchal, H. D. Nguyen, On strict sub-Gaussianity, optimal proxy variance and symmetry for bounded
    random variables (2020); M. Barreto, O. Marchal, J. Arbel, Optimal sub-Gaussian variance proxy for truncated
    Gaussian and exponential random variables (2024).
    """
    return np.sqrt(2 * math.log(2 / miss) / np.asarray(count, np.float64))


def mean_square_bounds(distribution: Standard, count: npt.ArrayLike, miss: float) -> tuple[Array, Array]:
    """Return the least and the greatest mean of the squares of so many numbers that chance explains.

    The sum of squares of normal numbers is chi-square with n degrees of freedom:

        1 - 2 sqrt(t / n) <= mean <= 1 + 2 sqrt(t / n) + 2 t / n,    t = ln(2 / miss)

    Of bounded ones it has the variance n (E z^4 - 1), and Bernstein's inequality holds.

    References
    ----------
    B. Laurent, P. Massart, Adaptive estimation of a quadratic functional by model selection (2000), lemma 1.
    """
    n, t = np.asarray(count, np.float64), math.log(2 / miss)
    if math.isinf(distribution.edge):
        return 1 - 2 * np.sqrt(t / n), 1 + 2 * np.sqrt(t / n) + 2 * t / n
    variance = distribution.fourth_moment - 1
    return 1 - bernstein(variance, 1.0, n, miss / 2), 1 + bernstein(variance, distribution.edge**2 - 1, n, miss / 2)


def bernstein(variance: npt.ArrayLike, largest: npt.ArrayLike, count: npt.ArrayLike, miss: float) -> Array:
    """Return what the mean of independent numbers of mean 0 exceeds with the probability `miss` at most.

        sqrt(2 v t / n) + b t / (3 n),    t = ln(1 / miss)

    Parameters
    ----------
    variance, largest
        v, and b, which no number exceeds.
    count
        n.
    miss
        In (0, 1), for one side.

    References
    ----------
    S. Boucheron, G. Lugosi, P. Massart, Concentration Inequalities (2013), theorem 2.10 with its corollary.
    """
    n, t = np.asarray(count, np.float64), math.log(1 / miss)
    return np.asarray(np.sqrt(2 * np.asarray(variance) * t / n) + np.asarray(largest) * t / (3 * n))


def distribution_bound(count: npt.ArrayLike, miss: float) -> Array:
    """Return what the shares of so many numbers that lie below any points differ from their probabilities by.

        P(sup |F_n - F| > d) <= 2 exp(-2 n d^2)

    References
    ----------
    A. Dvoretzky, J. Kiefer, J. Wolfowitz (1956); P. Massart, The tight constant in the Dvoretzky-Kiefer-Wolfowitz
    inequality (1990).
    """
    return np.sqrt(math.log(2 / miss) / (2 * np.asarray(count, np.float64)))
