"""Answers that depend on what was asked before."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np

from symtests.diagnosis.faults.later import right_gradient
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered, Question
from symtests.diagnosis.questions.series import Designer
from symtests.float_json import Array
from symtests.oracle import stages
from symtests.oracle.passes import Stages, gradient_of
from symtests.parameters import Parameters

__all__ = ["memory_told"]

_REPEATS: Final = 4
_LARGE_BATCH: Final = 200
"""Samples of a batch that is larger than any that the properties ask."""


def memory_told(interview: Interview, designer: Designer) -> str | None:
    """Return in words how answers depend on earlier calls; None where they do not, as far as one sees."""
    plain = designer.plain()
    repeated = interview.ask_all([plain] * _REPEATS)
    if len(repeated) < _REPEATS:
        return None
    if not all(_same(repeated[0], answered) for answered in repeated[1:]):
        return _of_repeated(repeated)
    fresh = interview.ask_all(designer.fresh())
    if len(fresh) == 3:
        told = _of_fresh(fresh)
        if told is not None:
            return told
    large = interview.ask(designer.plain(_LARGE_BATCH))
    again = interview.ask(plain)
    if large is None or again is None or large.question.samples <= plain.samples:
        return None
    return _of_larger_batch(repeated[0], large, again)


def _same(first: Answered, second: Answered) -> bool:
    return bool((np.abs(first.found - second.found) <= 2 * first.bound).all())


def _of_repeated(answers: Sequence[Answered]) -> str:
    """Tell how answers to one question differ, call after call."""
    first = answers[0]
    steps = [after.found - before.found for before, after in itertools.pairwise(answers)]
    if all(_close(first, step, first.right, scale=_growth(answers)) for step in steps):
        return (
            "each call adds its gradient to those of the calls before: the same question has an answer that grows by "
            "the right gradient each time, for want of setting the sum to 0"
        )
    if all(_goes_on(before, after) for before, after in itertools.pairwise(answers)):
        return "a training begins where the one before has ended, not at the parameters that are handed over"
    ratio = _common_ratio(answers)
    if ratio is not None:
        return f"the same question has an answer that is {ratio:.6g} times as large in each further call"
    different = len({answered.found.tobytes() for answered in answers})
    return f"the same question, asked {len(answers)} times in a row, has {different} different answers"


def _goes_on(before: Answered, after: Answered) -> bool:
    """Tell whether a plain step is one from where the step before has ended."""
    question = before.question
    if question.rate is None:
        return False
    start = question.theta - question.rate * before.found
    end = start - question.rate * right_gradient(question, start)
    return _close(after, after.found, (question.theta - end) / question.rate)


def _common_ratio(answers: Sequence[Answered]) -> float | None:
    first, second = answers[0].found, answers[1].found
    if not first.any():
        return None
    ratio = float(first @ second / (first @ first))
    pairs = itertools.pairwise(answers)
    steady = all(_close(before, after.found, ratio * before.found, scale=_growth(answers)) for before, after in pairs)
    return ratio if steady else None


def _growth(answers: Sequence[Answered]) -> float:
    sizes = [float(np.abs(answered.found).max()) for answered in answers]
    return max(1.0, max(sizes) / float(np.abs(answers[0].right).max()))


def _close(answered: Answered, found: Array, expected: Array, scale: float = 1.0) -> bool:
    return bool((np.abs(found - expected) <= 8 * scale * answered.tensor_bounds).all())


def _of_fresh(answers: Sequence[Answered]) -> str | None:
    """Tell how three answers to questions of a shape that was never asked before depend on each other."""
    first, second, third = answers
    if first.is_wrong or not second.is_wrong:
        return None
    shape = "a network and a batch of shapes that were not asked before"
    kept = _kept(first, second)
    if kept is not None:
        return f"right in the first call with {shape}, wrong in the next: {kept}"
    rest = "right again with the first ones" if not third.is_wrong else "wrong with the first ones too after that"
    return (
        f"right in the first call with {shape}, wrong in the next, with other parameters and data, and {rest}: "
        "something is kept from call to call"
    )


def _kept(first: Answered, second: Answered) -> str | None:
    """Return what the second answer shows of the first question."""
    old, new = first.question, second.question
    if second.agrees(first.right):
        return "the answer of the call before is given again"
    if second.agrees(first.right + second.right):
        return "the gradient of the call before is added, for want of setting the sum to 0"
    for words, parameters, batch in (
        ("the parameters of the call before are used", old.parameters, new.batch),
        ("the data of the call before are used", new.parameters, old.batch),
    ):
        if second.agrees(right_gradient(Question(new.network, parameters, batch, new.rate, new.at_zero))):
            return words
    if new.rate is not None:
        ended = old.theta - (old.rate or 0.0) * first.right
        after = ended - new.rate * right_gradient(new, ended)
        if second.agrees((new.theta - after) / new.rate):
            return "a training begins where the one before has ended"
    return None


def _of_larger_batch(before: Answered, large: Answered, again: Answered) -> str | None:
    """Tell whether samples of a larger batch are still counted."""
    if _same(before, again) or not again.is_wrong:
        return None
    asked = f"a batch of {again.question.samples} has another answer after a call with {large.question.samples} samples"
    for words, weights, biases in (
        ("in the bias gradient", False, True),
        ("in the weight gradient", True, False),
        ("in every tensor", True, True),
    ):
        if again.agrees(again.right + _leftover(large, again.question.samples, weights=weights, biases=biases)):
            return f"{asked}: the further samples of the larger batch are still counted {words}, a buffer not cleared"
    return f"{asked}: something is kept from it"


def _leftover(large: Answered, samples: int, *, weights: bool, biases: bool) -> Array:
    """Return the part of a gradient that the samples behind the first ones have."""
    question = large.question
    network = question.network
    found = stages(network, Parameters(network, question.theta), question.batch, question.at_zero)
    rest = Stages(
        found.pre_activations,
        tuple(a[samples:] for a in found.activations),
        tuple(delta[samples:] for delta in found.error_signals),
    )
    part = gradient_of(network, rest)
    for layer in range(network.layer_count):
        part.weight(layer)[...] *= weights
        part.bias(layer)[...] *= biases
    return part.vector
