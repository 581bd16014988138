"""One implementation in one dtype, examined after it has broken a property: what is wrong, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from symtests.diagnosis.gradients import Gradients
from symtests.diagnosis.optimizers.steps import Steps
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.reported import loss_told, predictions_told
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
        told = self._gradient.told(case, seen)
        if "train" in operations:
            told = self._steps.told(case, trainings, told)
        if not told and "loss_and_gradient" in operations:
            told = loss_told(self._gradient.right_answers, self._gradient.with_variations(seen)) or ""
        if not told and "predict" in operations:
            told = self._of_predictions
        return told

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
    def _steps(self) -> Steps:
        series = self._gradient
        return Steps(
            self._implementation,
            self._seconds,
            series.designer,
            gradient_is_known=lambda: series.is_known,
            step_told=self._of_step,
        )

    @cached_property
    def _of_predictions(self) -> str:
        interview = Interview(self._implementation, self._seconds)
        return predictions_told(interview, self._gradient.right_answers) or ""
