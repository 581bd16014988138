"""INIT4: the shape of the distribution of a start."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.chance import Standard, bernstein, distribution_bound
from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.initialization.start_cases import random_schemes, start_cases
from symtests.properties.initialization.start_sample import Sample, Tensor, judge_samples, starts_lines
from symtests.properties.initialization.within import Within, judge_within, told_together
from symtests.properties.judging.judging import Telling, together

__all__ = ["INIT4"]

_NUMBERS: Final = 300_000
"""Weights of a scheme: so many tell a sum of twelve uniform numbers from a normal one."""
_BINS: Final = 512
_FARTHEST: Final = 4.75
"""Where the last bin of an unbounded distribution begins: beyond lies less than a number in 10^5."""
_DEGREES: Final = 6
"""Orthogonal polynomials that are tried: the first two see mean and variance, the fourth how heavy the tails are."""


def _cases(domain: Domain, _tier: Tier) -> st.SearchStrategy[Case]:
    return start_cases(domain, random_schemes(domain), numbers=_NUMBERS)


@lru_cache(maxsize=16)
def _bins(distribution: Standard) -> tuple[float, Array, Array, Array]:
    """Return the width of a bin, F at the upper end of each, its probability, and polynomials, shape (degrees, bins).

    The polynomials are orthonormal under these probabilities: each is 0 in the mean and has the variance 1, exactly.
    """
    farthest = min(distribution.edge, _FARTHEST)
    width = 2 * farthest / _BINS
    ends = width * np.arange(1, _BINS + 1) - farthest
    below = distribution.below(ends)
    below[-1] = 1.0
    shares = np.diff(below, prepend=0.0)
    middle = ends - width / 2
    powers = np.vander(middle / farthest, _DEGREES + 1, increasing=True) * np.sqrt(shares)[:, np.newaxis]
    orthonormal = np.linalg.qr(powers)[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        polynomials = np.where(shares > 0, (orthonormal / np.sqrt(shares)[:, np.newaxis])[:, 1:].T, 0.0)
    return width, below, shares, polynomials


def _counts(tensor: Tensor) -> Array:
    """Return how many numbers lie in each bin; what lies outside counts for the first or the last."""
    distribution = tensor.standard
    width = _bins(distribution)[0]
    scaled = tensor.standardized.ravel()
    scaled += min(distribution.edge, _FARTHEST)
    scaled *= 1 / width
    return np.bincount(np.clip(scaled, 0, _BINS - 1).astype(np.int64), minlength=_BINS).astype(np.float64)


def _judge(implementation: Checked, case: Case) -> Judgement:
    return judge_samples(implementation, case, _judge_sample)


def _judge_sample(sample: Sample) -> Judgement:
    """Judge each tensor by itself, and all of one distribution together."""
    groups: dict[Standard, list[tuple[Tensor, Array]]] = {}
    for tensor in sample.drawn:
        groups.setdefault(tensor.standard, []).append((tensor, _counts(tensor)))
    parts = [[each] for members in groups.values() for each in members]
    parts += [members for members in groups.values() if len(members) > 1]
    miss = sample.miss / (len(parts) * (1 + 2 * _DEGREES))
    judged = [_judge_part(sample, [tensor for tensor, _ in part], sum(c for _, c in part), miss) for part in parts]
    shares, means = (told_together(part[which] for part in judged) for which in (0, 1))
    judgement = together(shares, means)  # a share says more to the reader
    if judgement.outcome != "held":
        return judgement
    seen = min(part[0].judgement.detectable for part in judged)  # the largest part sees most
    return Judgement("held", fraction=judgement.fraction, detectable=seen, tolerance="statistical")


def _judge_part(sample: Sample, tensors: list[Tensor], counts: Array | int, miss: float) -> list[Within]:
    distribution, numbers = tensors[0].standard, np.asarray(counts)
    total = numbers.sum()
    width, below, _, polynomials = _bins(distribution)
    off = np.cumsum(numbers) / total - below
    far = float(distribution_bound(total, miss))
    means = polynomials @ numbers / total
    most = bernstein(1.0, polynomials.max(axis=1), total, miss)
    least = -bernstein(1.0, -polynomials.min(axis=1), total, miss)
    name = tensors[0].said if len(tensors) == 1 else f"all of {', '.join(tensor.name for tensor in tensors)}"

    def tell_share(k: int) -> Telling:
        end = (k + 1) * width - min(distribution.edge, _FARTHEST)
        return Telling(
            f"{sample.asked}: {off[k] + below[k]:.4f} of the {total:.0f} numbers of {name} lie below {end:.4g} "
            f"standard deviations, and {below[k]:.4f} should, as the distribution is "
            f"{distribution.name.replace('_', ' ')}; chance "
            f"explains a difference of {far:.4f}, but for once in 10^13 cases",
            f"share of {name} below {end:.4g} standard deviations",
            (*_lines(sample, tensors), f"share = (numbers <= {end!r}).mean()",
             f"assert abs(share - {float(below[k])!r}) <= {far!r}, share"),
        )  # fmt: skip

    def tell_polynomial(k: int) -> Telling:
        what = {2: "skewness", 3: "kurtosis"}.get(k, f"moment of order {k + 1}")
        table = f"np.array({np.round(polynomials[k], 9).tolist()})"
        return Telling(
            f"{sample.asked}: the {what} of the {total:.0f} numbers of {name} is not that of the distribution, "
            f"{distribution.name.replace('_', ' ')}: the orthogonal polynomial of degree {k + 1} has the mean "
            f"{means[k]:.5f} "
            f"and should have 0; chance explains {least[k]:.5f} to {most[k]:.5f}, but for once in 10^13 cases",
            f"{what} of {name}",
            (*_lines(sample, tensors), f"bins = (numbers + {min(distribution.edge, _FARTHEST)!r}) / {width!r}",
             f"values = {table}[np.clip(bins, 0, {_BINS - 1}).astype(int)]",
             f"assert {float(least[k])!r} <= values.mean() <= {float(most[k])!r}, values.mean()"),
        )  # fmt: skip

    return [
        judge_within(off, 0.0, (-far, far), tell_share, detectable=far + float(np.abs(off).max())),
        judge_within(means, 0.0, (least, most), tell_polynomial),
    ]


def _lines(sample: Sample, tensors: list[Tensor]) -> tuple[str, ...]:
    return (
        *starts_lines(sample),
        "numbers = np.concatenate([",
        *(f"    {tensor.expression}.ravel() / {math.sqrt(tensor.variance)!r}," for tensor in tensors),
        "])",
    )


def _of_another_distribution(domain: Domain) -> st.SearchStrategy[Case]:
    return start_cases(domain, ("he_normal",), owed=("he_uniform",), numbers=_NUMBERS // 10)


INIT4: Final = Property(
    id="INIT4",
    group="initialization",
    title="the distribution that the name promises",
    statement="The numbers of each tensor of a start, and all together, are distributed as the scheme's distribution "
    "says.",
    formula="sup |Fₙ − F| ≤ √(ln(2/miss) / 2n), and the mean of each orthogonal polynomial of degree 1 to 6 is 0",
    precondition="a scheme that draws each number by itself, from the distribution that is declared of it; starts of "
    "different "
    "seeds differ",
    exactness=Exactness.LOGICAL,
    catches="a uniform distribution for a normal one and the reverse, a distribution that is cut off, a sum of uniform "
    "numbers in place "
    "of a normal one, a coarse grid, weights that are left out, two signs alone",
    source="Kolmogorov's distance with the exact constant (P. Massart 1990), and J. Neyman's smooth test (1937) with "
    "Bernstein's bounds, both on a histogram of 512 bins, of which they hold without approximation: a case accuses "
    "what is right less than once in 10^13 times. The smallest deviation that it sees is that of a share.",
    claims=("S6",),
    cases=_cases,
    judge=_judge,
    tiers=("wide",),
    needs=("initialize",),
    without_precondition=_of_another_distribution,
)
