"""One implementation in one dtype, examined after it has broken a property: what is wrong, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from symtests.diagnosis.gradients import Gradients
from symtests.diagnosis.optimizers.steps import Steps
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.reported import predictions_told
from symtests.implementations.checked import Checked
from symtests.properties.base import Case

__all__ = ["Examination"]


class Examination:
    """Asks an implementation a small number of designed questions, once, and says what is wrong with the answers.

    Nothing that the implementation does makes it raise. It asks for the gradient first; where that is right, for the
    loss, predictions and trainings, as far as a case is about them.

    Parameters
    ----------
    implementation
        The implementation in one dtype.
    seconds
        How long each kind of question may be asked; a slow implementation is asked fewer.
    """

    def __init__(self, implementation: Checked, seconds: float) -> None:
        self._implementation = implementation
        self._seconds = seconds

    def diagnosis_of(
        self, case: Case, operations: Collection[str], cases: Sequence[Case] = (), trainings: Sequence[Case] = ()
    ) -> str:
        """Return what is wrong, in words; empty where nothing that was asked is, or nothing can be said.

        Parameters
        ----------
        case
            The smallest case that broke a property: asked for its gradient too.
        operations
            What that property asked for: nothing is said of what it did not.
        cases
            Where it asked: wrong gradients elsewhere are not what it has seen, where those here are right.
        trainings
            Which trainings it asked for: no fault of an optimizer is named that does not lead to what they gave.
        """
        numbers = np.concatenate([case.parameters.vector, case.batch.x.ravel(), case.batch.y.ravel()])
        # A start has no gradient, and what is no number has no right one.
        if "initialize" in operations or self._seconds <= 0 or not np.isfinite(numbers).all():
            return ""
        seen = self._gradient.asked_again(cases)
        if cases and not seen and not self._gradient.kept and self._gradient.has_time:
            return (
                ""  # what the property has seen cannot be asked for here, and something else would be beside the point
            )
        of_gradient = self._gradient.told(case, seen)
        told = self._steps.told(case, trainings, of_gradient) if "train" in operations else of_gradient
        if "loss_and_gradient" in operations and (of_gradient or not told):
            told = self._with_loss(told, self._gradient.loss_told(seen))
        if not told and "predict" in operations:
            told = self._of_predictions
        return told

    @staticmethod
    def _with_loss(told: str, of_loss: str) -> str:
        if not told:
            return f"{of_loss}, while the gradient is right." if of_loss else ""
        return f"{told} Besides, {of_loss}." if of_loss else told

    @cached_property
    def _reports(self) -> bool:
        return self._implementation.offers("loss_and_gradient")

    @cached_property
    def _gradient(self) -> Gradients:
        return Gradients(self._implementation, self._seconds, None if self._reports else 1.0)

    @cached_property
    def _step(self) -> Gradients:
        return Gradients(self._implementation, self._seconds, 1.0)

    def _of_step(self, case: Case) -> str:
        if not self._reports or "sgd" not in self._implementation.capabilities.optimizers or self._gradient.is_wrong:
            return ""
        told = self._step.told(case, [])
        return f"the reported gradient is right, that of a plain step is not: {told}" if told else ""

    @cached_property
    def _of_step_beside(self) -> str:
        """What is wrong with a plain step besides the gradient, which is wrong itself; empty where it is not known."""
        if not self._reports or "sgd" not in self._implementation.capabilities.optimizers:
            return ""
        told = self._step.told_beyond(self._gradient)
        return f"a plain step does not follow the reported gradient: {told}" if told else ""

    @cached_property
    def _steps(self) -> Steps:
        series = self._gradient
        return Steps(
            self._implementation,
            self._seconds,
            series.designer,
            gradient_is_known=lambda: series.is_known,
            step_told=self._of_step,
            told_beside=lambda: self._of_step_beside,
        )

    @cached_property
    def _of_predictions(self) -> str:
        interview = Interview(self._implementation, self._seconds)
        return predictions_told(interview, self._gradient.right_answers) or ""
