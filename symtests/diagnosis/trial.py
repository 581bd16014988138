"""Fresh questions for a suspected cause: it must predict the answers, number by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.combination import Cause, Combination
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered, Question
from symtests.diagnosis.questions.series import Designer
from symtests.float_json import Array
from symtests.implementations.misbehaviour import OutOfTime
from symtests.parameters import Parameters

__all__ = ["Trial", "redrawn", "tried", "varied"]

_POOL: Final = 60
"""Questions of which those are asked that tell most."""
_NEEDED: Final = 4
"""Fresh answers that each cause has to foretell, which would be others without it."""
_FEWEST_NEEDED: Final = 3
"""With fewer, a cause is a guess."""
_EXCLUDED: Final = 3
"""Fresh answers that a condition has to foretell, where the cause would show but for the condition."""
_NEAR: Final = 6
"""Fresh answers to questions with other sizes than one that shows a cause which has a condition."""
_OTHERS: Final = 2
_REDRAWN: Final = 3
"""Wrong answers whose questions are asked again with other numbers."""


@dataclass(frozen=True)
class Trial:
    """The fresh answers, whether they are those that were foretold, and whether they are enough."""

    answers: tuple[Answered, ...]
    is_refuted: bool
    is_enough: bool

    @property
    def is_passed(self) -> bool:
        """Whether there were enough fresh answers, all as foretold."""
        return self.is_enough and not self.is_refuted


def tried(
    combination: Combination,
    designer: Designer,
    interview: Interview,
    known: Sequence[Answered],
    first: int,
    held: Sequence[Answered] = (),
    is_left_out: Callable[[Answered], bool] = lambda answered: False,
) -> Trial:
    """Ask what the causes foretell, each cause, condition and constant in questions in which it makes a difference.

    Parameters
    ----------
    combination
        The suspected causes.
    designer, interview
        Who makes questions, and who asks them.
    known
        Answers that the combination explains.
    first
        Number of the first mixed question, so that each trial has its own.
    held
        Answers that the search did not use: they are as good as fresh ones, and take no time.
    is_left_out
        Tells whether the combination says nothing about an answer.
    """
    with np.errstate(all="ignore"):
        of_held = [answered for answered in held if not is_left_out(answered)]
        prospects = _prospects(combination, designer, interview, known, first, is_left_out)
        near = [
            prospect
            for cause in combination.causes
            for question in _near(combination, cause, designer, known, first)
            if not is_left_out(prospect := interview.right(question)) and not prospect.is_near_a_kink
        ]
        chosen = _chosen(combination, [*of_held, *prospects, *near], near)
        answers = _answered(chosen, held, interview)
        right = all(map(combination.explains, answers))
        enough = all(_is_enough(combination, cause, answers) for cause in combination.causes)
    return Trial(tuple(answers), not right, enough)


def _answered(chosen: Sequence[Answered], held: Sequence[Answered], interview: Interview) -> list[Answered]:
    """Return the answers to the chosen questions, as far as there is time for those that are not answered yet."""
    answers = [prospect for prospect in chosen if prospect in held]
    try:
        for prospect in chosen:
            answered = None if prospect in held else interview.ask(prospect.question)
            if answered is not None:
                answers.append(answered)
    except OutOfTime:
        interview.spent = interview.seconds
    return answers


def _is_enough(combination: Combination, cause: Cause, answers: Sequence[Answered]) -> bool:
    needing = [answered for answered in answers if combination.needs(cause, answered)]
    if len(needing) < _FEWEST_NEEDED:
        return False
    return (
        cause.fault_model.of is None or sum(_shows_constant(combination, cause, a) for a in needing) >= _FEWEST_NEEDED
    )


def _prospects(
    combination: Combination,
    designer: Designer,
    interview: Interview,
    known: Sequence[Answered],
    first: int,
    is_left_out: Callable[[Answered], bool],
) -> list[Answered]:
    """Return right answers to fresh questions, none of which is asked yet."""

    def questions() -> Iterator[Question]:
        for cause in combination.causes:
            needing = [answered for answered in known if answered.is_wrong and combination.needs(cause, answered)]
            for answered in needing[:: -(-len(needing) // _REDRAWN) or 1]:
                yield redrawn(answered.question, first)
                yield from varied(answered.question)
        for number in range(first, first + _POOL):
            yield designer.mixed(number)

    found = []
    for question in questions():
        prospect = interview.right(question)
        if np.isfinite(prospect.right).all() and not prospect.is_near_a_kink and not is_left_out(prospect):
            found.append(prospect)
    # Mixed ones first, which have most that is new.
    return sorted(found, key=lambda prospect: _alike(prospect.question, known))


def _alike(question: Question, known: Sequence[Answered]) -> bool:
    return any(question.network == answered.question.network for answered in known)


def _near(
    combination: Combination, cause: Cause, designer: Designer, known: Sequence[Answered], first: int
) -> Iterator[Question]:
    """Yield questions like one that shows a conditional cause, with other sizes: it may be that size by chance."""
    if cause.condition is not None:
        needing = [answered for answered in known if answered.is_wrong and combination.needs(cause, answered)]
        for answered in needing[-1:]:
            yield from designer.resized(answered.question, first)


def _chosen(combination: Combination, prospects: Sequence[Answered], near: Sequence[Answered]) -> list[Answered]:
    """Return the questions that each cause, condition and constant needs; one may serve several."""
    quotas: list[tuple[int, Callable[[Answered], bool]]] = [(_OTHERS, lambda prospect: True)]
    for cause in combination.causes:
        quotas.append((_NEEDED, _needed(combination, cause)))
        if cause.condition is not None:
            quotas.append((_EXCLUDED, _excluded(combination, cause)))
            quotas.append((_NEAR, lambda prospect: prospect in near))
        if cause.fault_model.of is not None:
            quotas.append((_NEEDED, _with_constant(combination, cause)))
    left = [count for count, _ in quotas]
    chosen = []
    for prospect in prospects:
        serves = [at for at, (_, wanted) in enumerate(quotas) if left[at] > 0 and wanted(prospect)]
        for at in serves:
            left[at] -= 1
        if serves:
            chosen.append(prospect)
        if not any(left):
            break
    return chosen


def _needed(combination: Combination, cause: Cause) -> Callable[[Answered], bool]:
    return lambda prospect: combination.needs(cause, prospect)


def _excluded(combination: Combination, cause: Cause) -> Callable[[Answered], bool]:
    everywhere = replace(cause, condition=None)
    without = Combination(tuple(everywhere if other is cause else other for other in combination.causes))
    return lambda prospect: not cause.holds(prospect) and without.needs(everywhere, prospect)


def _with_constant(combination: Combination, cause: Cause) -> Callable[[Answered], bool]:
    return lambda prospect: combination.needs(cause, prospect) and _shows_constant(combination, cause, prospect)


def _shows_constant(combination: Combination, cause: Cause, answered: Answered) -> bool:
    """Tell whether the answer would be another one with another constant."""
    fault_model = cause.fault_model
    if fault_model.of is None or not cause.holds(answered):
        return False
    expected = combination.predict(answered)
    for constant in fault_model.others:
        near = replace(fault_model, gradient=fault_model.of(constant), of=None)
        other = Combination(tuple(replace(c, fault_model=near) if c is cause else c for c in combination.causes))
        if answered.sets_apart(expected, other.predict(answered)):
            return True
    return False


def varied(question: Question) -> list[Question]:
    """Return a question with other numbers, which are as exact."""
    parameters, batch = question.parameters, question.batch
    return [
        replace(question, batch=replace(batch, x=factor * batch.x), parameters=Parameters(question.network, vector))
        for factor, vector in ((2, parameters.vector), (-1, parameters.vector), (1, parameters.vector / 2))
    ]


def redrawn(question: Question, seed: int) -> Question:
    """Return a question of the same shape and size of numbers, with other numbers."""
    random = np.random.default_rng([seed, question.samples, *question.network.sizes])

    def other(array: Array) -> Array:
        size = float(np.sqrt(np.mean(np.square(array.astype(np.float64))))) if array.size else 0.0
        return (size * random.normal(size=array.shape)).astype(array.dtype)

    parameters = Parameters(question.network, other(question.parameters.vector))
    batch = Batch(other(question.batch.x), random.permutation(question.batch.y), question.batch.sample_weights)
    return replace(question, parameters=parameters, batch=batch)
