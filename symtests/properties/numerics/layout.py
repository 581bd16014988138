"""NUM5: where numbers lie in memory does not matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.memory_layout import LAYOUTS, changes, lines
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.network import OPTIMIZERS
from symtests.oracle import step_tolerance
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.strategies import cases, trainings
from symtests.properties.judging.answers import measure, near_a_kink
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    Telling,
    expectation,
    judge_equal,
    number,
    together,
    violated,
)
from symtests.properties.judging.telling import assertion, explained
from symtests.properties.judging.whole_answers import Part, ask, offered, script_lines

__all__ = ["NUM5", "arrays_of", "laid_out_lines"]

_NAMES: Final = {
    "batch.sample_weights": "weights", "batch.x": "x", "batch.y": "y", "parameters": "vector",
}  # fmt: skip
"""The arrays that an implementation is handed, and how a script calls them."""

_WRITES: Final = ("output array is read-only", "assignment destination is read-only")
"""What NumPy says where somebody writes to an array that is read-only."""
_FOR_ANY_SHAPE: Final = tuple(layout for layout in LAYOUTS if changes((1, 1), layout))


def arrays_of(case: Case) -> dict[str, Array]:
    """Return the arrays of a case by the names that `Checked.laid_out` knows."""
    arrays = {"batch.x": case.batch.x, "batch.y": case.batch.y, "parameters": case.parameters.vector}
    weights = case.batch.sample_weights
    return arrays if weights is None else {**arrays, "batch.sample_weights": weights}


def laid_out_lines(layouts: Mapping[str, str]) -> tuple[str, ...]:
    """Return lines of a script that make `laid_out` and `at`, batch and parameters in these memory layouts."""
    return (
        "x, y, weights, vector = batch.x, batch.y, batch.sample_weights, parameters.vector",
        *(line for name, layout in layouts.items() for line in lines(_NAMES[name], layout)),
        "laid_out, at = Batch(x, y, weights), Parameters(network, vector)",
    )


def _laid_out_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases with other memory layouts for some of the arrays, ``details["layouts"]``, and one step of training."""
    drawn = cases(domain, tier, hidden_if_possible(domain, tier))
    training = trainings(domain, OPTIMIZERS, steps=(1, 1))

    @st.composite
    def laid_out(draw: st.DrawFn) -> Case:
        case = replace(draw(drawn), training=draw(training))
        layouts = {
            name: draw(st.sampled_from((None, *(layout for layout in LAYOUTS if changes(array.shape, layout)))))
            for name, array in arrays_of(case).items()
        }
        chosen = {name: layout for name, layout in layouts.items() if layout is not None}
        return replace(case, details={"layouts": chosen or {"batch.x": draw(st.sampled_from(_FOR_ANY_SHAPE))}})

    return laid_out()


def _judge(implementation: Checked, case: Case) -> Judgement:
    layouts: Mapping[str, str] = case.details["layouts"]
    judgements = []
    for operation in offered(implementation):
        plain = ask(implementation, case, operation)
        try:
            with implementation.laid_out(layouts):
                found = ask(implementation, case, operation)
        except Misbehaviour as problem:
            if problem.refuses and not _writes(problem):
                raise Unsupported(f"{problem}, where {_in_words(case)}") from None
            return _failed(case, plain[-1], problem)
        judgements += [_judge_part(implementation, case, one, other) for one, other in zip(found, plain, strict=True)]
    return together(*judgements)


def _judge_part(implementation: Checked, case: Case, found: Part, plain: Part) -> Judgement:
    """Judge whether numbers are the same: bit for bit where that is claimed, else within twice the rounding of one."""
    bound: Array | None = None

    def tell(k: int) -> Telling:
        largest = 0.0 if bound is None else float(bound[k])
        before, now = np.ravel(plain.values)[k], np.ravel(found.values)[k]
        return Telling(
            f"{found.name_of(case, k)} is {number(before)} where all arrays lie row after row, and {number(now)} where "
            f"{_in_words(case)}{explained(largest)}",
            found.name_of(case, k),
            (
                *laid_out_lines(case.details["layouts"]),
                *script_lines(plain, "implementation", "parameters", "batch", "before"),
                *script_lines(found, "implementation", "at", "laid_out", "found"),
                assertion(f"found[{k}]", f"before[{k}]", largest),
            ),
        )

    same = judge_equal(found.values, plain.values, tell)
    if same.outcome != "violated" or implementation.capabilities.index_independent:
        return same
    bound, form = 2 * _rounding(implementation, case, found), expectation(implementation, case).form
    judged = judge_equal(found.values, plain.values, tell, bound=bound, promise=PROMISE, tolerance=form)
    kinked = judged.outcome == "too_wide" and near_a_kink(case, expectation(implementation, case))
    return REJECTED if kinked else judged


def _rounding(implementation: Checked, case: Case, part: Part) -> Array:
    """Return how far rounding may lead each number of a part, flat."""
    expected = expectation(implementation, case)
    if part.kind == "outputs":
        return expected.stage_tolerances.pre_activations[-1].ravel()
    if part.kind == "parameters":
        return step_tolerance(expected, case.parameters, case.training, implementation.unit_roundoff)
    measured = measure(implementation, case)
    return np.array([measured.loss_tolerance]) if part.kind == "loss" else measured.own_tolerance


def _writes(problem: Misbehaviour) -> bool:
    """Tell whether NumPy has refused to write to an argument: that is no layout which the implementation refuses."""
    return any(said in str(problem) for said in _WRITES)


def _failed(case: Case, plain: Part, problem: Misbehaviour) -> Judgement:
    """Return the violation of an implementation that answers when all arrays lie row after row, and fails otherwise."""
    sentence = f"{problem}, where {_in_words(case)}; it answers where all arrays lie row after row"
    return violated(
        sentence,
        plain.operation,
        (
            *laid_out_lines(case.details["layouts"]),
            *script_lines(plain, "implementation", "parameters", "batch", "before"),
            "try:",
            *_indented(script_lines(plain, "implementation", "at", "laid_out", "found")),
            "except Exception as error:",
            "    raise AssertionError(error) from error",
            "assert np.shape(found) == np.shape(before), np.shape(found)",
            "assert np.isfinite(found).all(), found",
        ),
    )


def _indented(script: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in script]


def _in_words(case: Case) -> str:
    """Return the layouts of a case, as in "batch.x lies backwards"."""
    said = [_WORDS[layout].format(name=name) for name, layout in case.details["layouts"].items()]
    return " and ".join(said)


_WORDS: Final = {
    "column by column": "{name} lies column by column",
    "every other number": "{name} is every other number of a longer array",
    "rows of a wider table": "{name} is the first columns of a wider table",
    "backwards": "{name} lies backwards",
    "not aligned": "{name} is not aligned",
    "read-only": "{name} is read-only",
}
NUM5 = Property(
    id="NUM5",
    group="numerics",
    title="memory layout does not matter",
    statement="Loss, gradient, outputs and one step are the same wherever inputs, targets, sample weights and "
    "parameters lie in memory: in columns, with gaps, backwards, not aligned, or where nothing may be written.",
    formula="f(A) = f(A laid out in another way)",
    precondition="the arrays hold the same numbers, and NumPy's description of them is right; a layout that is refused "
    "by an error of Python (ValueError, TypeError, BufferError, NotImplementedError) is not supported",
    exactness=Exactness.BITWISE,
    catches="strides ignored, rows taken for granted, a transposed array read as it lies, arguments used as scratch "
    "space, a crash where numbers lie otherwise",
    source="Determinism of a function of its arguments; a layout is none. What layouts there are: the NumPy reference, "
    "The N-dimensional array.",
    cases=_laid_out_cases,
    judge=_judge,
    promise=PROMISE,
)
