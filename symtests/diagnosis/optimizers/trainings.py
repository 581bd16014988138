"""What is wrong with trainings of several steps, whether the gradients that they use are right or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from symtests.diagnosis.optimizers.faults import faults_for
from symtests.diagnosis.optimizers.fitted_faults import fitted_faults
from symtests.diagnosis.optimizers.matching import explanation_of, rule_of
from symtests.diagnosis.optimizers.sources import Source
from symtests.diagnosis.optimizers.step_fault import StepFault
from symtests.diagnosis.optimizers.trained import Trained, designed, long_ones, trained
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Question
from symtests.diagnosis.questions.series import Designer
from symtests.implementations.checked import Checked
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training

__all__ = ["TrainingFinding", "Trainings"]

_MOST_ASKED_AGAIN: Final = 8
"""How many trainings of a property are asked again."""
_FEWEST: Final = 4
"""With fewer trainings, nothing is said: what varies cannot be told apart."""
_FEW_STEPS: Final = 5
"""Steps beyond which two faults at once are not tried: each would take long."""
_MOST_STEPS: Final = 400
"""Steps of a training of a property beyond which it is not asked again."""
_LARGEST: Final = 1e6
"""Skip the diagnosis of a property's training above this input magnitude."""


@dataclass(frozen=True)
class TrainingFinding:
    """What is said of the trainings by an optimizer.

    Parameters
    ----------
    named
        What is wrong, in words; empty where it is not explained, or nothing is.
    facts
        Which trainings are wrong, where it is not explained.
    is_right
        Whether all trainings are right, by the gradients with which they were judged.
    is_kept
        Whether what is named is that trainings depend on earlier ones.
    """

    named: str = ""
    facts: str = ""
    is_right: bool = False
    is_kept: bool = False


class Trainings:
    """Asks for trainings by one optimizer, and says what is wrong with them.

    Parameters
    ----------
    implementation, seconds
        Who is asked, and how long: the designed trainings, and those of each property.
    designer, optimizer
        With which questions, about which optimizer.
    source
        The gradients with which trainings are judged.
    gradient_is_known
        Whether it is known that one gradient by itself is right.
    """

    def __init__(
        self,
        implementation: Checked,
        seconds: float,
        designer: Designer,
        optimizer: str,
        source: Source,
        *,
        gradient_is_known: bool,
    ) -> None:
        self._implementation, self._seconds = implementation, seconds
        self._designer, self._optimizer, self._source = designer, optimizer, source
        self._gradient_is_known = gradient_is_known
        self._interview = interview = Interview(implementation, seconds)
        self._answers = list(designed(interview, designer, optimizer, source))
        self._kept = self._memory_told()
        self._explanation: tuple[StepFault, ...] = ()
        if self._kept:
            return
        if len(self._answers) >= _FEWEST and not self._wrong:
            self._answers += long_ones(interview, optimizer, designer.can.relu_derivative_at_zero, source)
        if len(self._answers) >= _FEWEST and any(each.is_far_off for each in self._wrong):
            self._explanation = self._explained(self._answers)

    def told(self, cases: Sequence[Case]) -> TrainingFinding:
        """Return what is wrong with the trainings that a property asked for.

        Parameters
        ----------
        cases
            The trainings; nothing is named that does not lead to them.
        """
        self._interview = Interview(self._implementation, self._seconds)
        ours = [case for case in cases if case.training.optimizer == self._optimizer]
        own = list(self._asked_again(ours))
        if self._kept:
            return TrainingFinding(self._kept, is_kept=True)
        if ours and not own:
            return TrainingFinding()  # what the property has seen cannot be asked for here
        if not self._wrong and not any(each.is_wrong_for_sure for each in own):
            return TrainingFinding(is_right=bool(self._answers))
        if own and not any(each.is_wrong_for_sure for each in own):
            return TrainingFinding(is_right=True)  # what is wrong elsewhere is not what the property has seen
        explanation = self._explanation
        if not explanation or not self._gives(explanation, own):
            explanation = self._explained_with(own)
        if not explanation:
            return TrainingFinding(facts=self._facts(own) if self._answers else "")
        return TrainingFinding(self._words(explanation, own))

    @property
    def _wrong(self) -> list[Trained]:
        return [each for each in self._answers if each.is_wrong]

    def _asked_again(self, cases: Sequence[Case]) -> Iterator[Trained]:
        at_zero = self._designer.can.relu_derivative_at_zero
        for case in list(filter(_is_moderate, cases))[:_MOST_ASKED_AGAIN]:
            question = Question(case.network, case.parameters, case.batch, None, at_zero)
            asked = trained(self._interview, question, case.training, self._source)
            if asked is not None and np.isfinite(asked.right).all():
                yield asked

    def _explained(self, answers: Sequence[Trained]) -> tuple[StepFault, ...]:
        """Return what explains these trainings; what has a constant that was found must predict other ones too."""
        in_pairs = any(each.is_wrong and each.training.steps <= _FEW_STEPS for each in answers)
        faults = [*faults_for(self._optimizer), *self._fitted()]
        while True:
            found = explanation_of(answers, faults, in_pairs=in_pairs)
            fitted = [fault for fault in found if fault.is_fitted]
            if not fitted or self._predicts_others(found):
                return found
            faults = [fault for fault in faults if fault not in fitted]

    def _explained_with(self, own: Sequence[Trained]) -> tuple[StepFault, ...]:
        """Return what explains the trainings of a property too, and such trainings with other numbers."""
        wrong = [each for each in own if each.is_wrong_for_sure]
        if not any(each.is_far_off for each in wrong):
            return ()
        varied = [
            asked
            for question in _varied(wrong[0].question)
            if (asked := trained(self._interview, question, wrong[0].training, self._source)) is not None
        ]
        if sum(each.is_wrong for each in (*varied, *wrong, *self._answers)) < 2:
            return ()
        return self._explained([*self._answers, *varied, *own])

    def _fitted(self) -> list[StepFault]:
        """Return the faults with a constant that some first step shows."""
        found: list[StepFault] = []
        for each in self._first_steps():
            rate, theta = each.training.learning_rate, each.question.theta
            moved = (theta - each.found) / rate
            expected = (theta - each.right) / rate
            if each.is_wrong:
                found += fitted_faults(theta, expected, moved, rate)
        return list({fault.words: fault for fault in found}.values())

    def _first_steps(self) -> list[Trained]:
        """Return the wrong trainings of one step, by sgd before those by the optimizer itself."""
        plain = replace(self._designer.plain(), rate=None)
        first = [each for each in self._answers if each.training.steps == 1]
        if self._optimizer != "sgd" and "sgd" in self._designer.can.optimizers:
            asked = trained(self._interview, plain, Training("sgd", 0.125, 1), self._source)
            first = [*([asked] if asked is not None else []), *first]
        return first[:2]

    def _predicts_others(self, faults: Sequence[StepFault]) -> bool:
        """Tell whether faults lead to trainings from other numbers, which they do not leave as they should be."""
        rule, asked = rule_of(faults), []
        for question in _varied(replace(self._designer.plain(), rate=None)):
            each = trained(self._interview, question, self._answers[0].training.with_steps(2), self._source)
            if each is not None:
                asked.append(each)
        return all(each.agrees(each.after(rule)) for each in asked) and any(each.is_far_off for each in asked)

    def _gives(self, faults: Sequence[StepFault], own: Sequence[Trained]) -> bool:
        rule = rule_of(faults)
        return all(each.is_given_by(rule) for each in own)

    def _words(self, faults: Sequence[StepFault], own: Sequence[Trained]) -> str:
        answers = [*self._answers, *own]
        wrong = sum(each.is_wrong for each in answers)
        first, *others = (fault.words for fault in faults)
        begin = " ".join([f"{first}.", *(f"Besides, {words}." for words in others)])
        how = "Together they explain" if others else "This explains"
        return f"{begin} {how} all {len(answers)} trainings asked, {wrong} of which are wrong."

    def _memory_told(self) -> str:
        """Tell whether a training goes on with what the one before has left."""
        if not self._answers:
            return ""
        last = self._answers[-1]
        before = self._interview.train(last.question, last.training)
        again = self._interview.train(last.question, last.training)
        if before is None or again is None or np.abs(again - before).max() <= last.bound:
            return ""
        return (
            f"the same training by {self._optimizer}, asked twice in a row, leads to different parameters: "
            "something is kept from training to training."
        )

    def _facts(self, own: Sequence[Trained]) -> str:
        answers = self._answers if self._wrong else own
        wrong = sorted({each.training.steps for each in answers if each.is_wrong_for_sure})
        right = sorted({each.training.steps for each in answers} - set(wrong))
        beside = f"right for steps = {_listed(right)} and " if right else ""
        known = ", while one gradient by itself is right" if self._gradient_is_known else ""
        return (
            f"trainings by {self._optimizer} are {beside}wrong for steps = {_listed(wrong)}{known}; "
            "this is not explained."
        )


def _is_moderate(case: Case) -> bool:
    arrays = (case.parameters.vector, case.batch.x, case.batch.y)
    small = all(np.abs(array).max(initial=0.0) < _LARGEST for array in arrays)
    return small and len(case.batch) > 0 and case.training.steps <= _MOST_STEPS


def _varied(question: Question) -> list[Question]:
    """Return a question with other numbers, which are as exact."""
    parameters, batch = question.parameters, question.batch
    return [
        replace(question, batch=replace(batch, x=factor * batch.x), parameters=Parameters(question.network, vector))
        for factor, vector in ((2, parameters.vector), (-1, parameters.vector), (1, parameters.vector / 2))
    ]


def _listed(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last
