"""INIT2: the mean and the variance of a start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.chance import mean_bound, mean_square_bounds
from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.initialization.start_cases import random_schemes, start_cases
from symtests.properties.initialization.start_sample import Sample, Tensor, judge_samples, starts_lines
from symtests.properties.initialization.within import Within, judge_within, told_together
from symtests.properties.judging.judging import Telling

__all__ = ["INIT2"]

_NUMBERS: Final = 200_000
"""Weights that are drawn for a scheme: the mean of so many squares of normal numbers is known to 2.7 %."""
_PROMISE: Final = 0.05


def _cases(domain: Domain, _tier: Tier) -> st.SearchStrategy[Case]:
    return start_cases(domain, random_schemes(domain), numbers=_NUMBERS)


def _of_another_distribution(domain: Domain) -> st.SearchStrategy[Case]:
    """Draw cases in which one start is judged by the distribution of another."""
    return start_cases(domain, ("normal",), owed=("he_normal",), numbers=_NUMBERS // 10)


@dataclass(frozen=True)
class _Part:
    """Some numbers of a tensor in all starts: all, or those of one row or of one column after the other."""

    name: str
    index: str
    axes: tuple[int, ...]


_PARTS: Final = {
    2: (_Part("all weights of {}", "", (0, 1)), _Part("row {k} of {}", "[:, {k}]", (1,)),
        _Part("the weights of unit {k} in {}", "[:, :, {k}]", (0,))),
    1: (_Part("all biases of {}", "", (0,)),),
}  # fmt: skip


def _judge(implementation: Checked, case: Case) -> Judgement:
    return judge_samples(implementation, case, _judge_sample)


def _judge_sample(sample: Sample) -> Judgement:
    tensors = sample.drawn
    parts = [(tensor, part) for tensor in tensors for part in _PARTS[tensor.values.ndim - 1]]
    tests = sum(2 * _count_of(tensor, part) for tensor, part in parts) + 2
    miss = sample.miss / tests
    judged: list[Within] = []
    totals = [0.0, 0.0, 0]
    for tensor in tensors:
        numbers, count = np.asarray(tensor.values, np.float64), len(tensor.values)
        mean = numbers.mean(axis=0) / np.sqrt(tensor.variance)  # over the starts: the parts need no more
        square = np.einsum("s...,s...->...", numbers, numbers) / (count * tensor.variance)
        for of, part in parts:
            if of is tensor:
                judged += _judge_part(sample, tensor, part, mean.mean(part.axes), square.mean(part.axes), miss)
        if tensor.name[0] == "W":
            totals = [totals[0] + count * mean.sum(), totals[1] + count * square.sum(), totals[2] + numbers.size]
    if totals[2]:
        judged += _judge_all(sample, tensors, float(totals[0]), float(totals[1]), int(totals[2]), miss)
    return told_together(judged)


def _count_of(tensor: Tensor, part: _Part) -> int:
    return tensor.values.size // _numbers_of(tensor, part)


def _numbers_of(tensor: Tensor, part: _Part) -> int:
    return len(tensor.values) * int(np.prod([tensor.values.shape[1 + axis] for axis in part.axes]))


def _judge_part(sample: Sample, tensor: Tensor, part: _Part, means: Array, squares: Array, miss: float) -> list[Within]:
    count, deviation = _numbers_of(tensor, part), float(np.sqrt(tensor.variance))
    mean = float(mean_bound(count, miss))
    low, high = mean_square_bounds(tensor.standard, count, miss)

    def tell_mean(k: int) -> Telling:
        return _telling(sample, tensor, part, k, "mean", (means, 0.0, -mean, mean), deviation)

    def tell_square(k: int) -> Telling:
        numbers = (squares, 1.0, max(float(low), 0.0), float(high))
        return _telling(sample, tensor, part, k, "mean square", numbers, tensor.variance)

    return [
        judge_within(means, 0.0, (-mean, mean), tell_mean, unit=deviation),
        judge_within(squares, 1.0, (low, high), tell_square, unit=tensor.variance),
    ]


def _telling(
    sample: Sample, tensor: Tensor, part: _Part, k: int, what: str,
    numbers: tuple[Array, float, float, float], unit: float,
) -> Telling:  # fmt: skip
    found, due, low, high = float(np.ravel(numbers[0])[k]) * unit, *(number * unit for number in numbers[1:])
    name = part.name.format(tensor.said, k=k)
    distribution = f"its variance is {tensor.drawn.formula}" if what != "mean" else "its mean is 0"
    power = " ** 2" if what != "mean" else ""
    return Telling(
        f"{sample.asked}: the {what} of {name}, {_numbers_of(tensor, part)} numbers, is {found:.6g} and should be "
        f"{due:.6g} ({distribution}); chance explains {low:.6g} to {high:.6g}, but for once in 10^13 cases",
        f"{what} of {name}",
        (
            *starts_lines(sample),
            f"numbers = {tensor.expression}{part.index.format(k=k)}",
            f"assert {low!r} <= (numbers{power}).mean() <= {high!r}, (numbers{power}).mean()",
        ),
    )


def _judge_all(
    sample: Sample, tensors: list[Tensor], total: float, of_squares: float, count: int, miss: float
) -> list[Within]:
    """Judge all weights together, each divided by the standard deviation that its layer owes."""
    weights = [tensor for tensor in tensors if tensor.name[0] == "W"]
    distributions = {tensor.standard for tensor in weights}
    distribution = max(distributions, key=lambda each: each.fourth_moment)
    low, high = (float(bound) for bound in mean_square_bounds(distribution, count, miss))
    mean = float(mean_bound(count, miss))
    lines = (
        *starts_lines(sample),
        "numbers = np.concatenate([",
        *(f"    {tensor.expression}.ravel() / {float(np.sqrt(tensor.variance))!r}," for tensor in weights),
        "])",
    )

    def tell(what: str, found: float, due: float, least: float, most: float) -> Telling:
        power = " ** 2" if due else ""
        return Telling(
            f"{sample.asked}: the {what} of all {count} weights, each divided by the standard deviation that its layer "
            f"owes, is {found:.6g} and should be {due:g}; chance explains {least:.6g} to {most:.6g}, but for once in "
            "10^13 cases",
            f"{what} of all weights",
            (*lines, f"assert {least!r} <= (numbers{power}).mean() <= {most!r}, (numbers{power}).mean()"),
        )

    found = total / count, of_squares / count
    seen = max(high - 1, 1 - low) + abs(found[1] - 1)
    return [
        judge_within(found[0], 0.0, (-mean, mean), lambda _: tell("mean", found[0], 0, -mean, mean)),
        judge_within(
            found[1], 1.0, (low, high), lambda _: tell("mean square", found[1], 1, low, high), detectable=seen
        ),
    ]


INIT2: Final = Property(
    id="INIT2",
    group="initialization",
    title="mean 0, and the variance that the name promises",
    statement="The weights of each layer, of each row and of each unit, and the biases where they are drawn, have mean "
    "0 and the variance that the scheme's distribution gives for their fan-in and fan-out.",
    formula="E w = 0,  E w² = 2/m (he), 1/m (lecun), 2/(m + k) (glorot), 1 (normal), 1/12 (uniform), m = fan-in, "
    "k = fan-out",
    precondition="a scheme that draws each number by itself, from the distribution that is declared of it; starts of "
    "different "
    "seeds differ",
    exactness=Exactness.LOGICAL,
    catches="fan-out for fan-in, a factor 2 left out, a bound taken for a deviation, a distribution cut off without "
    "being "
    "scaled again, numbers from [0, 1), one layer or one row drawn otherwise, weights of one sign",
    source="Chi-square (B. Laurent, P. Massart 2000, lemma 1), Bernstein's inequality and strict sub-Gaussianity "
    "(J. Arbel, O. Marchal, H. D. Nguyen 2020): a case accuses what is right less than once in 10^13 times, all its "
    "tests together, and a check less than once in 10^9. The smallest deviation that it sees is that of the variance "
    "of all weights of a scheme.",
    claims=("S6",),
    cases=_cases,
    judge=_judge,
    tiers=("wide",),
    needs=("initialize",),
    promise=_PROMISE,
    without_precondition=_of_another_distribution,
)
