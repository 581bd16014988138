"""INIT1: what a start does not draw is exactly what it names."""

from __future__ import annotations

from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.initialization.start_cases import random_schemes, start_cases
from symtests.properties.initialization.start_sample import Sample, Tensor, judge_samples, starts_lines
from symtests.properties.judging.judging import Telling, judge_equal, number, together
from symtests.start_distributions import StartDistribution

__all__ = ["INIT1"]

_SMALL: Final = ((1, 1), (2, 2), (1, 1, 1), (2, 2, 1), (1, 3, 2), (2, 1, 2, 1))


def _has_constants(distribution: StartDistribution) -> bool:
    return any(drawn.distribution == "constant" for drawn in distribution.parts)


def _cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return _asked(domain, tier, random_schemes(domain, _has_constants))


def _asked(domain: Domain, tier: Tier, schemes: tuple[str, ...], owed: tuple[str, ...] | None = None) -> (
    st.SearchStrategy[Case]
):  # fmt: skip
    deepest = domain.capabilities.max_hidden_layers
    small = [sizes for sizes in _SMALL if deepest is None or len(sizes) - 2 <= deepest]
    sizes = st.sampled_from(small) if tier == "small" else None
    return start_cases(domain, schemes, numbers=1, least_starts=2, most_starts=2, sizes=sizes, owed=owed)


def _judge(implementation: Checked, case: Case) -> Judgement:
    return judge_samples(implementation, case, _judge_sample, repeats=True)


def _judge_sample(sample: Sample) -> Judgement:
    judged = [_judge_tensor(sample, each) for each in sample.tensors() if each.drawn.distribution == "constant"]
    return together(*judged) if judged else Judgement("trivial")


def _judge_tensor(sample: Sample, tensor: Tensor) -> Judgement:
    due = tensor.values.dtype.type(tensor.drawn.scale)

    def tell(k: int) -> Telling:
        place = np.unravel_index(k, tensor.values.shape)
        name = f"{tensor.name}[{','.join(map(str, place[1:]))}]"
        return Telling(
            f"{sample.asked}: {name} is {number(tensor.values[place])} and should be {number(due)}",
            name,
            (*starts_lines(sample), f"assert ({tensor.expression} == {float(due)!r}).all()"),
        )

    return judge_equal(tensor.values, np.full_like(tensor.values, due), tell, trivial=False)


INIT1: Final = Property(
    id="INIT1",
    group="initialization",
    title="what is not drawn is exactly as named",
    statement="A start at zero or at a constant, and biases that a scheme leaves at zero, have exactly that value.",
    formula="w = 0 (zeros), w = ½ (constant), b = 0 (glorot, he, lecun, orthogonal), for every number",
    precondition="the scheme, or the distribution that is declared of it, names the value",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="random biases where zeros are asked, zeros that are tiny, a value that is jittered or rounded",
    source="The definitions of the schemes.",
    claims=("S6", "S11"),
    cases=_cases,
    judge=_judge,
    needs=("initialize",),
    without_precondition=lambda domain: _asked(domain, "small", ("normal",), ("zeros",)),
)
