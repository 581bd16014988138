"""INIT6 and INIT7: an orthogonal start is orthogonal, and no direction is preferred."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.chance import bernstein, distribution_bound
from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.initialization.start_cases import random_schemes, start_cases
from symtests.properties.initialization.start_sample import Sample, Tensor, judge_samples, starts_lines
from symtests.properties.initialization.within import judge_within, told_together
from symtests.properties.judging.judging import TRIVIAL, Telling, judge_equal, together
from symtests.start_distributions import StartDistribution

__all__ = ["INIT6", "INIT7"]

_PROMISE: Final = 0.01
_OPERATIONS: Final = 6
"""Roundings for each entry of a column and each reflection applied to it: a product, its sum, times a factor, times an
entry, taken away, and the rounding of the reflection itself."""
_SMALL: Final = ((1, 1), (2, 2), (1, 2), (2, 1), (2, 2, 1), (1, 3, 2))
_WIDE: Final = ((8, 8), (33, 9, 2), (9, 33), (17, 17, 17), (64, 31, 1))
_UNIFORM: Final = ((2, 2), (3, 2), (2, 5), (4, 4), (8, 8), (8, 3, 6))
_STARTS: Final = 400
_GRID: Final = 4096


def _orthogonal(distribution: StartDistribution) -> bool:
    return any(drawn.distribution == "orthogonal" for drawn in distribution.parts)


def _asked(
    domain: Domain, shapes: tuple[tuple[int, ...], ...], starts: int, scheme: str = "", *, step: int = 1
) -> st.SearchStrategy[Case]:
    """Draw cases of some shapes, as far as the implementation can do them."""
    can, schemes = domain.capabilities, random_schemes(domain, _orthogonal)
    suiting = [
        sizes for sizes in shapes
        if len(sizes) - 2 <= (len(sizes) if can.max_hidden_layers is None else can.max_hidden_layers)
        and max(sizes) <= (can.max_width or max(sizes))
    ]  # fmt: skip
    asked = (scheme,) * len(schemes) if scheme else schemes
    return start_cases(
        domain, asked, numbers=1, least_starts=starts, most_starts=starts, sizes=st.sampled_from(suiting or [(1, 1)]),
        owed=schemes, step=step,
    )  # fmt: skip


def _matrices(sample: Sample) -> list[Tensor]:
    return [each for each in sample.tensors() if each.drawn.distribution == "orthogonal"]


# INIT6: W'W = 1.


def _orthogonal_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return _asked(domain, _SMALL if tier == "small" else _WIDE, 1)


def _judge_orthogonal(implementation: Checked, case: Case) -> Judgement:
    def judge(sample: Sample) -> Judgement:
        judged = [_judge_products(sample, each, implementation.unit_roundoff) for each in _matrices(sample)]
        return together(*judged) if judged else TRIVIAL

    return judge_samples(implementation, case, judge, repeats=True)


def _judge_products(sample: Sample, tensor: Tensor, roundoff: float) -> Judgement:
    weight, gain = np.asarray(tensor.values[0], np.float64), tensor.drawn.scale
    tall = weight.shape[0] >= weight.shape[1]
    found = weight.T @ weight if tall else weight @ weight.T
    short, long = sorted(weight.shape)
    # Each column is off by no more than its share of all roundings, and so is its product with another one.
    bound = 2 * (_OPERATIONS * short * long + 1) * roundoff * gain**2
    what, form = ("units", "W.T @ W") if tall else ("rows", "W @ W.T")

    def tell(k: int) -> Telling:
        i, j = divmod(k, short)
        due = gain**2 if i == j else 0.0
        return Telling(
            f"{sample.asked}: the product of {what} {i} and {j} of {tensor.said} is {found[i, j]:.9g} and should be "
            f"{due:g}; rounding explains {bound:.3g}",
            f"product of {what} {i} and {j} of {tensor.name}",
            (
                *starts_lines(sample),
                f"W = {tensor.expression}[0]",
                f"assert abs(({form})[{i}, {j}] - {due!r}) <= {bound!r}, {form}",
            ),
        )

    return judge_equal(found, gain**2 * np.eye(short), tell, bound=bound, promise=_PROMISE, trivial=False)


# INIT7: Q is uniformly distributed.


def _uniform_cases(domain: Domain, _tier: Tier, *, step: int = 1) -> st.SearchStrategy[Case]:
    return _asked(domain, _UNIFORM, _STARTS, step=step)


def _judge_uniform(implementation: Checked, case: Case) -> Judgement:
    def judge(sample: Sample) -> Judgement:
        judged = [_judge_entries(sample, each, len(_matrices(sample))) for each in _matrices(sample)]
        return together(*judged) if judged else TRIVIAL

    return judge_samples(implementation, case, judge, repeats=True)


def _judge_entries(sample: Sample, tensor: Tensor, matrices: int) -> Judgement:
    """Judge mean, mean square and distribution of each entry: a coordinate of a point on a sphere, drawn uniformly."""
    entries = np.asarray(tensor.values, np.float64).reshape(len(tensor.values), -1) / tensor.drawn.scale
    starts, count = entries.shape
    dimension = max(tensor.fans)
    miss = sample.miss / (3 * count * matrices)
    mean = math.sqrt(2 * math.log(2 / miss) / (starts * dimension))
    # d w^2 lies in [0, d], with the mean 1 and the variance 3 d / (d + 2) - 1.
    variance = 3 * dimension / (dimension + 2) - 1
    low = 1 - float(bernstein(variance, 1.0, starts, miss / 2))
    high = 1 + float(bernstein(variance, dimension - 1, starts, miss / 2))
    far = float(distribution_bound(starts, miss))
    grid, below = _coordinate(dimension)
    ranks = np.arange(1, starts + 1)[:, np.newaxis] / starts
    of_distribution = np.interp(np.sort(entries, axis=0), grid, below)
    off = np.maximum(np.abs(of_distribution - ranks), np.abs(of_distribution - ranks + 1 / starts)).max(axis=0)

    def tell(what: str, found: float, due: float, bound: float, k: int, line: str) -> Telling:
        i, j = divmod(k, tensor.values.shape[-1])
        return Telling(
            f"{sample.asked}: the {what} of {tensor.name}[{i},{j}] ({tensor.said}) over {starts} starts is {found:.4g} "
            f"and should be {due:.4g}, as no direction is preferred; chance explains a difference of {bound:.4g}, but "
            "for once in 10^13 cases",
            f"{what} of {tensor.name}[{i},{j}]",
            (
                *starts_lines(sample),
                f"w = {tensor.expression}[:, {i}, {j}] / {tensor.drawn.scale!r}",
                *line.split("\n"),
            ),
        )

    means, squares = entries.mean(axis=0), dimension * np.square(entries).mean(axis=0)
    judged = [
        judge_within(means, 0.0, (-mean, mean), lambda k: tell(
            "mean", means[k], 0.0, mean, k, f"assert abs(w.mean()) <= {mean!r}, w.mean()"
        ), detectable=mean * math.sqrt(dimension)),
        judge_within(squares, 1.0, (low, high), lambda k: tell(
            "mean square", squares[k] / dimension, 1 / dimension, max(high - 1, 1 - low) / dimension, k,
            f"assert {low!r} <= {dimension} * (w ** 2).mean() <= {high!r}, (w ** 2).mean()",
        )),
    ]  # fmt: skip
    if dimension > 1:
        judged.append(judge_within(off, 0.0, (-far, far), lambda k: tell(
            "largest difference between the distribution", off[k], 0.0, far, k,
            "\n".join(_distance_lines(dimension, far)),
        )))  # fmt: skip
    return told_together(judged)


def _distance_lines(dimension: int, far: float) -> tuple[str, ...]:
    return (
        f"angle = np.linspace(0, np.pi, {_GRID + 1})",
        f"density = np.sin((angle[1:] + angle[:-1]) / 2) ** {dimension - 2}",
        "below = np.concatenate([[0], np.cumsum(density)]) / density.sum()",
        "of_distribution, rank = np.interp(np.sort(w), -np.cos(angle), below), np.arange(1, len(w) + 1) / len(w)",
        "off = max(abs(of_distribution - rank).max(), abs(of_distribution - rank + 1 / len(w)).max())",
        f"assert off <= {far!r}, off",
    )


@lru_cache(maxsize=16)
def _coordinate(dimension: int) -> tuple[Array, Array]:
    """Return points of [-1, 1], and the probability that a coordinate of a point on the sphere in R^d lies below.

    Its density is proportional to (1 - x^2)^((d - 3) / 2), that is sin^(d - 2) of the angle whose cosine is x.
    """
    angle = np.linspace(0.0, math.pi, _GRID + 1)
    density = np.sin((angle[1:] + angle[:-1]) / 2) ** (dimension - 2)
    share = np.concatenate([[0.0], np.cumsum(density)]) / density.sum()
    return -np.cos(angle), share


INIT6: Final = Property(
    id="INIT6",
    group="initialization",
    title="an orthogonal start is orthogonal",
    statement="The columns of each weight matrix of an orthogonal start, or its rows where there are fewer, have "
    "length 1 and are perpendicular: such a layer keeps the length of what passes.",
    formula="WᵀW = 1 where fan-in ≥ fan-out, else W Wᵀ = 1",
    precondition="the scheme is orthogonal, with the gain 1 or the one that is declared",
    exactness=Exactness.ROUNDING,
    catches="a normal start sold as orthogonal, a gain that is applied twice or left out, columns that are only "
    "normalized, arithmetic in a coarser dtype",
    source="A. Saxe, J. McClelland, S. Ganguli (2014); the rounding of Householder's reflections: N. Higham, Accuracy "
    "and Stability of Numerical Algorithms (2002), section 19.3",
    claims=("S6",),
    cases=_orthogonal_cases,
    judge=_judge_orthogonal,
    needs=("initialize",),
    promise=_PROMISE,
    without_precondition=lambda domain: _asked(domain, _SMALL, 1, "normal"),
)
INIT7: Final = Property(
    id="INIT7",
    group="initialization",
    title="no direction is preferred by an orthogonal start",
    statement="Each entry of the weights of an orthogonal start is distributed as a coordinate of a point that is "
    "drawn uniformly on the sphere: both signs alike, with the variance 1 / max(fan-in, fan-out).",
    formula="E w = 0, E w² = 1/d, P(w ≤ x) ∝ ∫ √(1 − t²)ᵈ⁻³ dt from −1 to x, d = max(fan-in, fan-out)",
    precondition="the scheme is orthogonal; different seeds",
    exactness=Exactness.LOGICAL,
    catches="the signs of a QR factorization left as they come, permutations sold as random, one matrix for every seed",
    source="F. Mezzadri, How to generate random matrices from the classical compact groups (2007), section 5. The "
    "coordinate is strictly sub-Gaussian (O. Marchal, J. Arbel, On the sub-Gaussianity of the Beta and Dirichlet "
    "distributions, 2017); 400 starts; a case accuses what is right less than once in 10^13 times. The smallest "
    "deviation that it sees is that of the mean, in standard deviations.",
    claims=("S6",),
    cases=_uniform_cases,
    judge=_judge_uniform,
    tiers=("wide",),
    needs=("initialize",),
    without_precondition=lambda domain: _uniform_cases(domain, "wide", step=0),
)
