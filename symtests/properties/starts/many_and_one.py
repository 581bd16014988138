"""MST4: a training from one of many starts is the training from that start."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.network import OPTIMIZERS
from symtests.oracle import step_tolerance
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.strategies import cases, trainings
from symtests.properties.judging.judging import REJECTED, Telling, expectation, judge_equal, number, together, violated
from symtests.properties.judging.telling import assertion, explained
from symtests.properties.starts.multi_start import drawn_scheme, ends_lines
from symtests.training import Training

__all__ = ["MST4"]

_COUNTS: Final[dict[Tier, tuple[int, ...]]] = {"small": (2, 3, 4), "wide": (5, 9, 17)}
_DIVERGING: Final = (1024.0, 2.0**40)
"""Learning rates at which a training leaves its start far behind, and, after some steps, the range of its dtype."""


def _cases(domain: Domain, tier: Tier, *, same_steps: bool = True) -> st.SearchStrategy[Case]:
    """Draw sets of starts, and trainings of which some diverge.

    Where results need not be the same bit for bit, one step is asked, after which they can be judged within rounding.
    """
    drawn = cases(domain, tier, hidden_if_possible(domain, tier), samples=(1, 2 if tier == "small" else 9))
    steps = (1, 12 if domain.capabilities.index_independent else 1)
    usual = trainings(domain, OPTIMIZERS, steps=steps)
    diverging = trainings(domain, OPTIMIZERS, steps=steps, rates=_DIVERGING)

    @st.composite
    def set_of_starts(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        first, count = draw(st.integers(0, 2**30)), draw(st.sampled_from(_COUNTS[tier]))
        details = {
            "scheme": draw(drawn_scheme(domain, case.network)),
            "seeds": list(range(first, first + count)),
            "alone_steps": 0,
        }
        training = draw(usual if draw(st.sampled_from((True, False))) else diverging)
        details["alone_steps"] = training.steps + (not same_steps)
        at = Parameters.zeros(case.network, domain.dtype)  # the starts are the implementation's own
        return replace(case, parameters=at, training=training, details=details)

    return set_of_starts()


def _judge(implementation: Checked, case: Case) -> Judgement:
    scheme, seeds = case.details["scheme"], case.details["seeds"]
    ends = implementation.train_many(case.network, scheme, seeds, case.batch, case.training, finite=False)
    alone = case.training.with_steps(case.details["alone_steps"])
    return together(*(
        _judge_end(implementation, case, alone, place, end) for place, end in enumerate(ends)
    ))  # fmt: skip


def _judge_end(implementation: Checked, case: Case, alone: Training, place: int, end: Parameters) -> Judgement:
    seed = case.details["seeds"][place]
    start = implementation.initialize(case.network, case.details["scheme"], seed)
    expected = implementation.train(case.network, start, case.batch, alone, finite=False)
    told = f"the training from the start of seed {seed}, number {place + 1} of {len(case.details['seeds'])},"
    lines = _lines(implementation, case, alone, place)
    if not np.isfinite(expected.vector).all():
        if np.isfinite(end.vector).all():
            said = f"{told} ends at finite parameters, and trained alone by train it diverges"
            return violated(said, f"end from seed {seed}", (*lines, "assert not np.isfinite(found).all(), found"))
        return Judgement("held", bitwise=True)
    bound: Array | None = None

    def tell(k: int) -> Telling:
        name, largest = end.name_of(k), 0.0 if bound is None else float(bound[k])
        return Telling(
            f"{told} ends at {name} = {number(end.vector[k])}, and trained alone by train at "
            f"{number(expected.vector[k])}{explained(largest)}",
            f"{name} from seed {seed}",
            (*lines, assertion(f"found[{k}]", f"expected[{k}]", largest)),
        )

    same = judge_equal(end.vector, expected.vector, tell)
    if (
        same.outcome != "violated"
        or implementation.capabilities.index_independent
        or alone.steps != case.training.steps
    ):
        return same
    of_start = expectation(implementation, replace(case, parameters=start))
    bound = 2 * step_tolerance(of_start, start, case.training, implementation.unit_roundoff)
    if not np.isfinite(bound).all():
        return REJECTED
    return judge_equal(end.vector, expected.vector, tell, bound=bound, tolerance=of_start.form)


def _lines(implementation: Checked, case: Case, alone: Training, place: int) -> tuple[str, ...]:
    scheme, seed = case.details["scheme"], case.details["seeds"][place]
    by = alone.to_json()
    return (
        *ends_lines(implementation, scheme),
        f"found = ends({list(case.details['seeds'])})[{place}]",
        f"start = implementation.initialize(network, {scheme!r}, {seed})",
        'start = Parameters(network, np.array(getattr(start, "vector", start), batch.x.dtype))',
        f"expected = implementation.train(network, start, batch, Training(**{by!r}))",
        'expected = np.asarray(getattr(expected, "vector", expected))',
    )


MST4: Final = Property(
    id="MST4",
    group="multi_start",
    title="many trainings are each a training",
    statement="A training from one of many starts ends where train ends from that start, after as many steps; where "
    "one diverges, so does the other.",
    formula="train_many(s₁, …, sₙ)ᵢ = train(initialize(sᵢ))",
    precondition="it offers train_many and initialize; a start is a function of its seed",
    exactness=Exactness.BITWISE,
    catches="one step less or more for many starts, diverged starts that are replaced, another rate or optimizer, "
    "gradients that are cut off for many starts alone",
    source="The definition of train_many.",
    claims=("S8",),
    cases=_cases,
    judge=_judge,
    needs=("train_many", "initialize"),
    without_precondition=lambda domain: _cases(domain, "small", same_steps=False),
)
