"""One implementation in one dtype, examined after it has broken a law: what is wrong, in words."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Final

from symtests.diagnosis.explanation import explain
from symtests.diagnosis.memory import memory_told
from symtests.diagnosis.optimizers.trainings import training_told
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered, Question
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.reported import loss_told, predictions_told
from symtests.diagnosis.shape import Shape, shape_of, shape_told
from symtests.implementations.subject import Subject
from symtests.properties.base import Case

__all__ = ["Examination"]

_FEWEST: Final = 6
"""With fewer answers, nothing is said: what varies cannot be told apart."""


class Examination:
    """Asks an implementation a small number of designed questions, once, and says what is wrong with the answers.

    Nothing that the implementation does makes it raise. It asks for the gradient first; where that is right, for the
    loss, predictions and trainings, as far as a case is about them.

    Parameters
    ----------
    subject
        The implementation in one dtype.
    seconds
        How long each kind of question may be asked; a slow implementation is asked fewer.
    """

    def __init__(self, subject: Subject, seconds: float) -> None:
        self._subject = subject
        self._seconds = seconds
        self._trainings: dict[str, str] = {}

    def diagnosis_of(self, case: Case, operations: Collection[str]) -> str:
        """Return what is wrong, in words; empty where nothing that was asked is, or nothing can be said.

        Parameters
        ----------
        case
            The smallest case that broke a law: asked for its gradient too.
        operations
            What that law asked for: nothing is said of what it did not.
        """
        if "initialize" in operations or self._seconds <= 0:  # a start has no gradient
            return ""
        told = self._of_gradient(case)
        if not told and "train" in operations:
            told = self._of_step(case) or self._of_training(case.training.optimizer)
        if not told and "loss_and_gradient" in operations:
            told = self._of_loss
        if not told and "predict" in operations:
            told = self._of_predictions
        return told

    @cached_property
    def _reports(self) -> bool:
        return self._subject.offers("loss_and_gradient")

    @cached_property
    def _gradient(self) -> _Series:
        return _Series(self._subject, self._seconds, None if self._reports else 1.0)

    @cached_property
    def _step(self) -> _Series:
        return _Series(self._subject, self._seconds, 1.0)

    def _of_gradient(self, case: Case) -> str:
        return self._gradient.told(case)

    def _of_step(self, case: Case) -> str:
        if not self._reports or "sgd" not in self._subject.capabilities.optimizers:
            return ""
        told = self._step.told(case)
        return f"the reported gradient is right, that of a plain step is not: {told}" if told else ""

    def _of_training(self, optimizer: str) -> str:
        if optimizer not in self._trainings:
            series = self._gradient
            interview = Interview(self._subject, self._seconds)
            self._trainings[optimizer] = training_told(interview, series.designer, optimizer) or ""
        return self._trainings[optimizer]

    @cached_property
    def _of_loss(self) -> str:
        return loss_told(self._gradient.answers) or ""

    @cached_property
    def _of_predictions(self) -> str:
        interview = Interview(self._subject, self._seconds)
        return predictions_told(interview, self._gradient.answers) or ""


class _Series:
    """The answers to the designed questions, by reported gradients or by plain steps."""

    def __init__(self, subject: Subject, seconds: float, rate: float | None) -> None:
        self.designer = Designer(subject.capabilities, subject.dtype, rate)
        self._interview = Interview(subject, seconds)
        self.kept = memory_told(self._interview, self.designer)
        self.answers = [] if self.kept else self._interview.ask_all(self.designer.series())

    def told(self, case: Case) -> str:
        """Return what is wrong with the gradients, that of the case included; empty where nothing is."""
        if self.kept:
            return f"{self.kept}."
        if len(self.answers) < _FEWEST:
            return ""
        of_case = self._ask(case)
        answers = self.answers if of_case is None else [*self.answers, of_case]
        if not any(answered.is_wrong for answered in answers):
            return ""
        if not self._is_wrong:
            return shape_told(shape_of(answers), answers)
        shape = self._shape
        if shape is None or of_case is None or explain(shape.predict, answers) is not None:
            return shape_told(shape, answers)
        return f"{shape_told(shape, self.answers)} It does not explain the gradient of the smallest case."

    @cached_property
    def _is_wrong(self) -> bool:
        return any(answered.is_wrong for answered in self.answers)

    @cached_property
    def _shape(self) -> Shape | None:
        return shape_of(self.answers)

    def _ask(self, case: Case) -> Answered | None:
        """Ask for the gradient of a case, if its numbers are of moderate size."""
        finite = all(
            abs(array).max(initial=0.0) < 1e6 for array in (case.parameters.vector, case.batch.x, case.batch.y)
        )
        if not finite or not len(case.batch):
            return None
        designer = self.designer
        question = Question(
            case.network, case.parameters, case.batch, designer.rate, designer.can.relu_derivative_at_zero
        )
        return self._interview.ask(question)
