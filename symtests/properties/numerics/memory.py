"""NUM4: a call leaves nothing behind, neither in its arguments nor in the next answer nor in the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.oracle import step_tolerance
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import any_training, samples_of
from symtests.properties.judging.judging import expectation, number, violated

__all__ = ["NUM4"]

_OPERATIONS: Final = ("loss_and_gradient", "predict", "stages", "train")


@dataclass(frozen=True, eq=False)
class _Part:
    """One array of an answer: what it is, and its numbers as they were told."""

    operation: str
    name: str
    told: Array


def _cases_of_two_sizes(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases whose last samples, `samples_of_a` of them, are the first question: fewer than all, where possible."""
    least = min(2, domain.capabilities.max_samples or 2)

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        plain = draw(drawn)
        most = 1 if domain.capabilities.few_shapes else max(1, len(plain.batch) - 1)
        return replace(plain, details={"samples_of_a": draw(st.integers(1, most))})

    drawn = any_training(domain, tier, samples=(least, 2 if tier == "small" else 33))
    return case()


@dataclass(frozen=True, eq=False)
class _Question:
    """A case to ask all operations about, and how a script names its parameters and its batch."""

    case: Case
    parameters: str
    batch: str


def _judge(implementation: Checked, case: Case) -> Judgement:
    few = int(case.details["samples_of_a"])
    last = replace(case, batch=samples_of(case.batch, slice(len(case.batch) - few, None)))
    other = replace(case, parameters=Parameters(case.network, case.parameters.vector[::-1] / 2))
    a, b = _Question(last, "parameters", "few"), _Question(other, "other", "batch")
    # What comes before A the first time is another question too, the same whenever the case is asked: so whatever is
    # left over from earlier cases, A meets the traces of two questions that differ.
    answers: list[list[_Answer]] = []
    for question in (_Question(case, "parameters", "batch"), a, b, a):
        found = _ask_all(implementation, case, question)
        if isinstance(found, Judgement):
            return found
        answers.append(found)
        for answer in answers[1] if question is b else ():  # now, before A is asked again and puts its numbers back
            for part, held in zip(answer.parts, _parts(answer.operation, answer.held()), strict=True):
                if not _same(part.told, held.told):
                    return _overwritten(implementation, case, part, held.told)
    first, second = ([part for answer in answers[n] for part in answer.parts] for n in (1, 3))
    for before, after in zip(first, second, strict=True):
        if not _same(before.told, after.told):
            if _explained_by_rounding(implementation, last, before, after):
                return _not_deterministic(implementation, case, before, after)
            return _another_answer(implementation, case, before, after)
    return Judgement("held", bitwise=True)


@dataclass(frozen=True, eq=False)
class _Answer:
    """What one operation has answered, and what the objects that it handed out hold now."""

    operation: str
    parts: list[_Part]
    held: Callable[[], Mapping[str, Array]]


def _ask_all(implementation: Checked, case: Case, question: _Question) -> list[_Answer] | Judgement:
    """Return the answers of all operations, or the violation by the first that changed an argument."""
    answers: list[_Answer] = []
    for operation in filter(implementation.offers, _OPERATIONS):
        answers.append(_ask(implementation, operation, question.case))
        if implementation.changed_inputs:
            return _changed(case, question, operation, implementation.changed_inputs[0])
    return answers


def _ask(implementation: Checked, operation: str, case: Case) -> _Answer:
    """Ask one operation. Numbers that are not finite will do here: all that counts is whether they repeat."""
    if operation == "predict":
        implementation.predict(case.network, case.parameters, case.batch.x, finite=False)
    elif operation == "stages":
        implementation.stages(case.network, case.parameters, case.batch)
    elif operation == "train":
        implementation.train(case.network, case.parameters, case.batch, case.training, finite=False)
    else:
        implementation.loss_and_gradient(case.network, case.parameters, case.batch, finite=False)
    assert implementation.told is not None
    return _Answer(operation, _parts(operation, implementation.told.parts), implementation.told.held)


def _parts(operation: str, arrays: Mapping[str, Array]) -> list[_Part]:
    """Return the arrays of an answer with the words for them."""
    names = {"parameters": "", "gradient": "gradient of "}
    return [_Part(operation, names.get(name, name), array) for name, array in arrays.items()]


def _same(one: Array, other: Array) -> bool:
    """Tell whether two arrays have the same bits; one NaN is as good as another."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return np.where(np.isnan(one), np.nan, one).tobytes() == np.where(np.isnan(other), np.nan, other).tobytes()


def _changed(case: Case, question: _Question, operation: str, name: str) -> Judgement:
    at, data = question.parameters, question.batch
    arguments = {"predict": f"{data}.x", "train": f"{data}, training"}.get(operation, data)
    kind = name.removeprefix("batch.")
    place = f"{at}.vector" if kind == "parameters" else f"{data}.{kind}"
    script = (
        *_questions(case),
        f"before = {place}.copy()",
        f"implementation.{operation}(network, {at}, {arguments})",
        f"assert {place}.tobytes() == before.tobytes(), {place} - before",
    )
    return violated(f"{operation} changed its argument {name} in place", name, script)


def _overwritten(implementation: Checked, case: Case, part: _Part, now: Array) -> Judgement:
    quantity, told, held = _first_difference(case, part, now)
    sentence = (
        f"{part.operation} answered {quantity} = {told}, and when other questions had been asked, the array that it "
        f"had handed out said {held}: it is memory that later calls write to"
    )
    script = (
        *_asking(implementation, case),
        "ask(parameters, batch)",
        "held = ask(parameters, few)",
        "told = [part.copy() for part in held]",
        "ask(other, batch)",
        "assert all(a.tobytes() == b.tobytes() for a, b in zip(told, held)), (told, held)",
    )
    return violated(sentence, quantity, script, expected=float(told), found=float(held))


def _explained_by_rounding(implementation: Checked, case: Case, before: _Part, after: _Part) -> bool:
    """Tell whether rounding alone can part two answers to one question: no state is left then, but another order."""
    if before.told.shape != after.told.shape:
        return False
    expected = expectation(implementation, case)
    stage, _, layer = before.name.removesuffix("]").partition("[")
    if before.operation == "stages":
        tolerance = getattr(expected.stage_tolerances, stage)[int(layer)]
    elif before.name == "outputs":
        tolerance = expected.stage_tolerances.pre_activations[-1]
    elif before.operation == "train":
        if case.training.steps > 1:  # what the first step parts, later ones part further
            once = replace(case, training=case.training.with_steps(1))
            one, other = (_ask(implementation, "train", once).parts[0] for _ in range(2))
            return _explained_by_rounding(implementation, once, one, other)
        tolerance = step_tolerance(expected, case.parameters, case.training, implementation.unit_roundoff)
    else:
        scale, u = (
            float(implementation.capabilities.loss_scale.get(case.network.loss, 1.0)),
            implementation.unit_roundoff,
        )
        tolerance = (1 + u) * expected.gradient_tolerance + u * np.abs(expected.gradient.vector)
        tolerance = scale * (np.array(expected.loss_tolerance) if before.name == "loss" else tolerance)
    apart = np.abs(before.told.astype(np.float64) - after.told.astype(np.float64))
    return bool((apart <= 2 * tolerance).all())  # not so for NaN, too


def _not_deterministic(implementation: Checked, case: Case, before: _Part, after: _Part) -> Judgement:
    quantity, told, now = _first_difference(case, before, after.told)
    sentence = (
        f"it is not deterministic: {before.operation} was asked the same question twice, and {quantity} was {told} and "
        f"is {now}; rounding explains that, where sums run in another order each time"
    )
    script = (
        *_asking(implementation, case),
        "first = [part.copy() for part in ask(parameters, few)]",
        "again = [[part.copy() for part in ask(parameters, few)] for _ in range(20)]",
        "assert all(a.tobytes() == b.tobytes() for parts in again for a, b in zip(first, parts)), (first, again)",
    )
    return violated(sentence, quantity, script, expected=float(told), found=float(now))


def _another_answer(implementation: Checked, case: Case, before: _Part, after: _Part) -> Judgement:
    quantity, told, now = _first_difference(case, before, after.told)
    few, many = int(case.details["samples_of_a"]), len(case.batch)
    sentence = (
        f"{before.operation} was asked the same question (batch size {few}) before and after another one (batch size "
        f"{many}): {quantity} was {told} and is {now}"
    )
    script = (
        *_asking(implementation, case),
        "ask(parameters, batch)",
        "first = [part.copy() for part in ask(parameters, few)]",
        "ask(other, batch)",
        "again = ask(parameters, few)",
        "assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again)), (first, again)",
    )
    return violated(sentence, quantity, script, expected=float(told), found=float(now))


def _first_difference(case: Case, part: _Part, other: Array) -> tuple[str, str, str]:
    """Return the name of the first number that differs, and both numbers; the shapes where these differ."""
    if part.told.shape != other.shape:
        return part.name or "the parameters", "nan", "nan"
    one, two = part.told.ravel(), other.ravel()
    index = next(k for k in range(one.size) if not _same(one[k : k + 1], two[k : k + 1]))
    if part.operation == "train" or part.name == "gradient of ":
        name = f"{part.name}{case.parameters.name_of(index)}"
    else:
        name = f"{part.name}{list(map(int, np.unravel_index(index, part.told.shape)))}" if part.told.ndim else part.name
    return name, number(one[index]), number(two[index])


_CALLS: Final = {
    "loss_and_gradient": "    said += implementation.loss_and_gradient(network, at.copy(), data)",
    "predict": "    said.append(implementation.predict(network, at.copy(), data.x))",
    "stages": "    found = implementation.stages(network, at.copy(), data)\n"
    "    said += [*found.pre_activations, *found.activations, *found.error_signals]",
    "train": "    said.append(implementation.train(network, at.copy(), data, training))",
}


def _questions(case: Case) -> tuple[str, str]:
    """Return lines that define `few`, the last samples, and `other`, other parameters."""
    last = f"[-{int(case.details['samples_of_a'])}:]"
    weights = "" if case.batch.sample_weights is None else f", batch.sample_weights{last}"
    return (
        f"few = Batch(batch.x{last}, batch.y{last}{weights})",
        "other = Parameters(network, parameters.vector[::-1] / 2)",
    )


def _asking(implementation: Checked, case: Case) -> tuple[str, ...]:
    """Return lines that define the questions and `ask`, which calls all operations and returns arrays."""
    return (
        *_questions(case),
        "",
        "def ask(at, data):",
        "    said = []",
        *(line for operation in filter(implementation.offers, _OPERATIONS) for line in _CALLS[operation].split("\n")),
        '    return [np.asarray(getattr(part, "vector", part)) for part in said]',
        "",
    )


NUM4 = Property(
    id="NUM4",
    group="numerics",
    title="no call leaves a trace",
    statement="A call changes none of its arguments; the same question gets the same answer again, bit for bit, after "
    "another and larger one; and what was handed out for it is still the same then.",
    formula="f(A) = f(A) after f(B);  A = A after f(A)",
    precondition="each training starts from a fresh optimizer state, as every training here does",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="gradients that add up from call to call, an optimizer state that is carried over, a buffer that keeps the "
    "rows of a larger batch, answers that share their memory, inputs that are scaled in place, random numbers that are "
    "still drawn (dropout left on); sums in another order each time, of which no other property tells",
    source="Determinism of a function of its arguments; no rounding enters.",
    cases=_cases_of_two_sizes,
    judge=_judge,
)
