"""INIT3: the bounds of a start are kept, and reached."""

from __future__ import annotations

import math
from typing import Final

from hypothesis import strategies as st

from symtests.binomial import tail
from symtests.chance import Standard
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.initialization.start_cases import random_schemes, start_cases
from symtests.properties.initialization.start_sample import Sample, Tensor, judge_samples, starts_lines
from symtests.properties.judging.judging import together, violated

__all__ = ["INIT3"]

_NUMBERS: Final = 60_000
_ROUNDINGS: Final = 8
"""Roundings between the distribution and a number of the start: those of the bound, of the draw and of the result."""
_COARSEST: Final = 2.0**-22
"""Chance of an exact zero of a generator that draws multiples of 2^-23, as many in float32 do, twice taken."""


def _cases(domain: Domain, _tier: Tier) -> st.SearchStrategy[Case]:
    return start_cases(domain, random_schemes(domain), numbers=_NUMBERS)


def _judge(implementation: Checked, case: Case) -> Judgement:
    return judge_samples(implementation, case, lambda sample: _judge_sample(sample, implementation.unit_roundoff))


def _judge_sample(sample: Sample, roundoff: float) -> Judgement:
    tensors = sample.drawn
    miss = sample.miss / (5 * len(tensors))
    return together(*(_judge_tensor(sample, tensor, miss, roundoff) for tensor in tensors))


def _judge_tensor(sample: Sample, tensor: Tensor, miss: float, roundoff: float) -> Judgement:
    distribution, count, deviation = tensor.standard, tensor.values.size, math.sqrt(tensor.variance)
    least, most = (float(each) / deviation for each in (tensor.values.min(), tensor.values.max()))
    kept = (
        distribution.edge * (1 + _ROUNDINGS * roundoff)
        if math.isfinite(distribution.edge)
        else distribution.beyond(miss / count)
    )
    # The largest of n numbers lies below z with the probability (1 - share / 2)^n <= exp(-n share / 2).
    share = 2 * math.log(1 / miss) / count
    reached = distribution.beyond(share) if share < 1 else -math.inf
    for found, sign in ((most, 1), (least, -1)):
        if sign * found > kept:
            return _violation(sample, tensor, distribution, sign, found * deviation, kept * deviation, "goes beyond")
        if sign * found < reached:
            return _violation(
                sample, tensor, distribution, sign, found * deviation, reached * deviation, "stays short of"
            )
    zeros = int((tensor.values == 0).sum())
    if zeros > 1 and tail(zeros, count, _COARSEST) < miss:
        return violated(
            f"{sample.asked}: {zeros} of the {count} numbers of {tensor.said} are exactly 0, where a continuous "
            "distribution "
            "has next to none",
            f"zeros of {tensor.name}",
            (*starts_lines(sample), f"assert ({tensor.expression} == 0).sum() < {zeros}"),
            expected=0,
            found=zeros,
        )
    detectable = 1 - max(reached, 0.0) / min(kept, max(most, -least)) if share < 1 else 1.0
    return Judgement("held", fraction=max(most, -least) / kept, detectable=detectable, tolerance="statistical")


def _violation(
    sample: Sample, tensor: Tensor, distribution: Standard, sign: int, found: float, limit: float, verb: str
) -> Judgement:
    word = "largest" if sign > 0 else "smallest"
    edge = distribution.edge * math.sqrt(tensor.variance) if math.isfinite(distribution.edge) else math.inf
    owed = f"between {-edge:.6g} and {edge:.6g}" if math.isfinite(edge) else "without bounds"
    above = (sign > 0) == (verb == "goes beyond")
    low = f"{'max' if sign > 0 else 'min'}()"
    return violated(
        f"{sample.asked}: the {word} of the {tensor.values.size} numbers of {tensor.said}, {found:.9g}, {verb} "
        f"{sign * limit:.6g}; the distribution is {tensor.drawn.distribution.replace('_', ' ')}, {owed}, with the "
        "variance "
        f"{tensor.variance:.6g} ({tensor.drawn.formula})",
        f"{word} number of {tensor.name}",
        (
            *starts_lines(sample),
            f"numbers = {tensor.expression}",
            f"assert numbers.{low} {'<=' if above else '>='} {sign * limit!r}, numbers.{low}",
        ),
        expected=sign * limit,
        found=found,
    )


def _of_another_distribution(domain: Domain) -> st.SearchStrategy[Case]:
    return start_cases(domain, ("normal",), owed=("uniform",), numbers=_NUMBERS // 10)


INIT3: Final = Property(
    id="INIT3",
    group="initialization",
    title="bounds are kept and reached",
    statement="No number of a start lies beyond the bound of its distribution, the largest and the smallest reach it "
    "but for "
    "what chance leaves, and none is exactly zero; where a distribution has no bound, its tails are there.",
    formula="|w| ≤ √(3 v) (uniform);  max w and −min w ≥ z with n P(w > z) = ln(1/miss), for n numbers of variance v",
    precondition="a scheme that draws each number by itself, from the distribution that is declared of it; starts of "
    "different "
    "seeds differ",
    exactness=Exactness.LOGICAL,
    catches="one half of an interval, a bound taken for a deviation, a normal distribution that is cut off and sold as "
    "whole, "
    "outliers, weights that are left at zero",
    source="The largest of n independent numbers lies below z with the probability (1 − P(w > z))ⁿ; a case accuses "
    "what is right less than once in 10^13 times.",
    claims=("S6",),
    cases=_cases,
    judge=_judge,
    tiers=("wide",),
    needs=("initialize",),
    without_precondition=_of_another_distribution,
)
