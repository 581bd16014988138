"""One implementation in one dtype, examined after it has broken a law: what is wrong, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np

from symtests.diagnosis.condition import Condition, separating
from symtests.diagnosis.explanation import explain
from symtests.diagnosis.memory import memory_told
from symtests.diagnosis.optimizers.steps import Steps
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered, Question
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.reported import loss_is_wrong, loss_told, predictions_told
from symtests.diagnosis.shape import Shape
from symtests.diagnosis.shapes import explained, is_evidence, shapes_of, shapes_told
from symtests.implementations.subject import Subject
from symtests.parameters import Parameters
from symtests.properties.base import Case

__all__ = ["Examination"]

_FEWEST: Final = 6
"""With fewer answers, nothing is said: what varies cannot be told apart."""
_MOST_ASKED_AGAIN: Final = 6
"""How many of a law's own questions are asked again."""

_LARGEST: Final = 1e6
"""Numbers of a law's own question from which on nothing is thought about it."""


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

    def diagnosis_of(
        self, case: Case, operations: Collection[str], cases: Sequence[Case] = (), trainings: Sequence[Case] = ()
    ) -> str:
        """Return what is wrong, in words; empty where nothing that was asked is, or nothing can be said.

        Parameters
        ----------
        case
            The smallest case that broke a law: asked for its gradient too.
        operations
            What that law asked for: nothing is said of what it did not.
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
            return ""  # what the law has seen cannot be asked for here, and something else would be beside the point
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
        return self._subject.offers("loss_and_gradient")

    @cached_property
    def _gradient(self) -> _Series:
        return _Series(self._subject, self._seconds, None if self._reports else 1.0)

    @cached_property
    def _step(self) -> _Series:
        return _Series(self._subject, self._seconds, 1.0)

    def _of_step(self, case: Case) -> str:
        if not self._reports or "sgd" not in self._subject.capabilities.optimizers or self._gradient.is_wrong:
            return ""
        told = self._step.told(case, [])
        return f"the reported gradient is right, that of a plain step is not: {told}" if told else ""

    @cached_property
    def _steps(self) -> Steps:
        series = self._gradient
        return Steps(
            self._subject,
            self._seconds,
            series.designer,
            gradient_is_known=lambda: series.is_known,
            step_told=self._of_step,
        )

    @cached_property
    def _of_predictions(self) -> str:
        interview = Interview(self._subject, self._seconds)
        return predictions_told(interview, self._gradient.right_answers) or ""


class _Series:
    """The answers to the designed questions, by reported gradients or by plain steps."""

    def __init__(self, subject: Subject, seconds: float, rate: float | None) -> None:
        self.designer = Designer(subject.capabilities, subject.dtype, rate)
        interview = Interview(subject, seconds)
        self.kept = memory_told(interview, self.designer)
        self.answers = [] if self.kept else interview.ask_all(self.designer.series())
        self._again = Interview(subject, seconds)

    @property
    def right_answers(self) -> list[Answered]:
        """The answers whose gradient is right."""
        return [answered for answered in self.answers if not answered.is_wrong]

    @property
    def has_time(self) -> bool:
        """Whether a question of a law would be asked again."""
        return self._again.spent < self._again.seconds

    @property
    def is_known(self) -> bool:
        """Whether there were enough answers to tell what is wrong with gradients from what is right."""
        return bool(self.kept) or len(self.answers) >= _FEWEST

    def asked_again(self, cases: Sequence[Case]) -> list[Answered]:
        """Return the answers to a law's own questions; none where there is no time left."""
        self._again.refusals = 0  # of these questions: those of another law say nothing of them
        with np.errstate(all="ignore"):
            return self._again.ask_all(map(self._question, filter(_has_samples, cases[:_MOST_ASKED_AGAIN])))

    def with_variations(self, seen: Sequence[Answered]) -> list[Answered]:
        """Return what a law has seen, with the answers to such a question with other numbers if its loss is wrong."""
        wrong = next((answered.question for answered in seen if loss_is_wrong(answered)), None)
        return [*seen, *self._again.ask_all(_varied(wrong) if wrong is not None else ())]

    def told(self, case: Case, seen: Sequence[Answered]) -> str:
        """Return what is wrong with the gradients, that of the case included; empty where nothing is that was seen.

        Parameters
        ----------
        case, seen
            The case that broke a law, and what that law asked.
        """
        if self.kept:
            return f"{self.kept}."
        if not self.is_known or not self._concerns(seen):
            return ""
        of_case = _of_moderate_numbers(self.asked_again([case]))
        own = [answered for answered in _of_moderate_numbers([*of_case, *seen]) if answered.is_wrong]
        if not own and not self.is_wrong:
            return ""
        if self.is_wrong and (not self._shapes or all(map(self._explains, [*of_case, *own]))):
            return shapes_told(_first_for(own, self._shapes), [*self.answers, *own])
        left = [answered for answered in own if not self._explains(answered)]
        # What is wrong in one answer can be anything.
        varied = self._again.ask_all(_varied(left[0].question) if left else ())
        wrong = [*own, *(answered for answered in varied if answered.is_wrong)]
        for known in (self.answers, self.right_answers):
            answers = [*known, *own, *varied]
            shapes = shapes_of(answers)
            if len(wrong) > 1 and all(explained(shapes, answered) for answered in wrong):
                return shapes_told(_first_for(own, shapes), answers)
        if not self.is_wrong:
            shapes = shapes_of([*self.answers, *own]) if is_evidence(own) else ()
            return shapes_told(shapes, [*self.answers, *own])
        return f"{shapes_told(self._shapes, self.answers)} The gradient of the smallest case is not explained."

    def _explains(self, of_law: Answered) -> bool:
        """Tell whether what explains the designed questions explains the answer to a question of a law too."""
        if self._is_whole:
            return explain(self._shapes[0].predict, [*self.answers, of_law]) is not None
        return not of_law.is_wrong or explained(self._shapes, of_law)

    @cached_property
    def _is_whole(self) -> bool:
        """Whether one thought explains all designed questions."""
        return len(self._shapes) == 1 and explain(self._shapes[0].predict, self.answers) is not None

    def _concerns(self, seen: Sequence[Answered]) -> bool:
        """Tell whether wrong gradients may be what a law has seen, which may be sharper than the bounds here."""
        if not seen or any(answered.is_wrong for answered in seen):
            return True
        if any(loss_is_wrong(answered) for answered in seen):
            return False
        return self._condition is None or any(map(self._condition.holds, seen))

    @cached_property
    def _condition(self) -> Condition | None:
        """Where gradients are wrong, as far as this is known."""
        if not self.is_wrong:
            return None
        if self._is_whole:
            return self._shapes[0].condition
        return separating([answered for answered in self.answers if answered.is_wrong], self.right_answers)

    @cached_property
    def is_wrong(self) -> bool:
        """Whether some answer is wrong."""
        return any(answered.is_wrong for answered in self.answers)

    @cached_property
    def _shapes(self) -> tuple[Shape, ...]:
        return shapes_of(self.answers)

    def _question(self, case: Case) -> Question:
        """Return the question for the gradient of a case."""
        designer = self.designer
        return Question(case.network, case.parameters, case.batch, designer.rate, designer.can.relu_derivative_at_zero)


def _has_samples(case: Case) -> bool:
    return len(case.batch) > 0


def _first_for(own: Sequence[Answered], shapes: Sequence[Shape]) -> list[Shape]:
    """Return the shapes, those first that explain what a law itself has seen."""
    return sorted(shapes, key=lambda shape: not any(explained([shape], answered) for answered in own))


def _varied(question: Question) -> list[Question]:
    """Return a question with other numbers, which are as exact."""
    parameters, batch = question.parameters, question.batch
    return [
        replace(question, batch=replace(batch, x=factor * batch.x), parameters=Parameters(question.network, vector))
        for factor, vector in ((2, parameters.vector), (-1, parameters.vector), (1, parameters.vector / 2))
    ]


def _of_moderate_numbers(answers: Sequence[Answered]) -> list[Answered]:
    """Return the answers, each once, to questions with numbers that do not make thoughts about them overflow."""
    found: dict[bytes, Answered] = {}
    for answered in answers:
        question = answered.question
        arrays = (question.parameters.vector, question.batch.x, question.batch.y)
        if all(np.abs(array).max(initial=0.0) < _LARGEST for array in arrays):
            found.setdefault(repr(question.network).encode() + b"".join(array.tobytes() for array in arrays), answered)
    return list(found.values())
