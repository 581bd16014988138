"""The shapes of wrong gradients in words: one fault that explains all of them, or several that explain most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symtests.diagnosis.condition import separating, separating_pair
from symtests.diagnosis.facts import facts_told
from symtests.diagnosis.questions.question import Answered
from symtests.diagnosis.shape import Shape, shape_of, shape_of_most

__all__ = ["explained", "is_evidence", "shapes_of", "shapes_told"]

_MOST: Final = 3
"""How many faults are thought of at once."""
_EXPLAINED: Final = 0.8
"""Share of the wrong answers that several faults have to explain: with fewer, they are no more than a guess."""


def shapes_of(answers: Sequence[Answered]) -> tuple[Shape, ...]:
    """Return what explains the wrong answers: one fault for all; else some for most, that which explains more first.

    Nothing is returned where no answer is wrong, or too few are explained.
    """
    whole = shape_of(answers)
    if whole is not None:
        return (whole,)
    found: list[Shape] = []
    rest = list(answers)
    while len(found) < _MOST and _wrong(rest):
        shape = (shape_of(rest, are_left=True) if found else None) or shape_of_most(rest)
        if shape is None or not is_evidence([answered for answered in rest if explained([shape], answered)]):
            break
        found.append(shape)
        rest = [answered for answered in rest if not explained([shape], answered)]
    enough = len(_wrong(rest)) <= (1 - _EXPLAINED) * len(_wrong(answers))
    return tuple(found) if enough else ()


def explained(shapes: Sequence[Shape], answered: Answered) -> bool:
    """Tell whether an answer is wrong in one of these ways."""
    return answered.is_wrong and any(answered.agrees(shape.predict(answered)) for shape in shapes)


def shapes_told(shapes: Sequence[Shape], answers: Sequence[Answered]) -> str:
    """Return in words what is wrong with these answers, some of which are: the shapes, or nothing but facts."""
    if not shapes:
        return f"{facts_told(answers)}."
    wrong = _wrong(answers)
    if len(shapes) == 1 and all(explained(shapes, answered) for answered in wrong):
        right = len(answers) - len(wrong)
        told = f"{shapes[0].words}. This explains the wrong answer{_s(wrong)} to {len(wrong)} of {len(answers)}"
        return f"{told} questions, and the right one{'s' * (right > 1)} to {right}." if right else f"{told} questions."
    parts: list[str] = []
    left = wrong
    for shape in shapes:
        still = [answered for answered in left if not explained([shape], answered)]
        begin = "Besides, " if parts else ""
        parts.append(f"{begin}{shape.words}. This explains {len(left) - len(still)} of {len(wrong)} wrong answers.")
        left = still
    if left:
        this = "It does" if len(shapes) == 1 else "They do"
        parts.append(f"{this} not explain {len(left)} wrong answer{_s(left)}{_where(left, wrong)}.")
    return " ".join(parts)


def _where(left: Sequence[Answered], wrong: Sequence[Answered]) -> str:
    """Return what sets the answers that are left apart from the other wrong ones; nothing if that takes much."""
    others = [answered for answered in wrong if answered not in left]
    condition = separating(left, others)
    words = separating_pair(left, others) if condition is None else condition.words
    return f", {words}" if words else ""


def is_evidence(wrong: Sequence[Answered]) -> bool:
    """Tell whether wrong answers are more than one output of one sample, and not 0: such a one any fault explains."""
    return sum(a.question.samples * a.question.outputs for a in wrong if a.found.any()) > 1


def _wrong(answers: Sequence[Answered]) -> list[Answered]:
    return [answered for answered in answers if answered.is_wrong]


def _s(some: Sequence[Answered]) -> str:
    return "s" * (len(some) > 1)
