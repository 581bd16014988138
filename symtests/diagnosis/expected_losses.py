"""Which loss is to be expected where the gradient is wrong, and why is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce

from symtests.diagnosis.combination import Combination
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Answered

__all__ = ["with_expected_losses"]


def with_expected_losses(combination: Combination, answers: Iterable[Answered]) -> Iterator[Answered]:
    """Yield the answers of which it is known what loss is due, with that loss in the place of the right one.

    What is wrong with the backward pass alone leaves the loss as it is. What is wrong with the forward pass or the data
    may change it or not, and so may a factor of the gradient: whichever of these is reported is due. Answers whose
    gradient the causes do not explain, or in which the derivative of the loss is another one, are left out.

    Parameters
    ----------
    combination
        What explains the gradients.
    answers
        Right and wrong ones.
    """
    for answered in answers:
        losses = _losses(combination, answered) if answered.is_wrong else [answered.expected.loss]
        if losses:
            due = next((loss for loss in losses if _is_reported(answered, loss)), losses[-1])
            yield replace(answered, expected=replace(answered.expected, loss=due))


def _losses(combination: Combination, answered: Answered) -> list[float]:
    """Return the losses that may be due, the most probable one last; none where that is not known."""
    if not combination.explains(answered):
        return []
    active = [cause.fault_model for cause in combination.causes if cause.holds(answered)]
    passes = [t.gradient for t in active if isinstance(t.gradient, FaultyPass) and t.from_outputs is None]
    if any(each.changes_outputs for each in passes):
        return []
    losses = [answered.expected.loss]
    if passes:
        losses.append(reduce(FaultyPass.followed_by, passes).loss(answered.question))
    return losses if len(passes) == len(active) else [*(_factor(answered) * loss for loss in losses), *losses]


def _factor(answered: Answered) -> float:
    """Return the factor that brings the right gradient closest to the one found."""
    right = answered.right
    return float(answered.found @ right / (right @ right)) if right.any() else 1.0


def _is_reported(answered: Answered, loss: float) -> bool:
    right = abs(answered.expected.loss)
    growth = max(1.0, abs(loss) / right) if right > 0 else 1.0
    reach = 4 * growth * answered.loss_bound + 64 * answered.unit_roundoff * abs(loss)
    return answered.loss is not None and abs(answered.loss - loss) <= reach
