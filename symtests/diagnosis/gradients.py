"""What is wrong with the gradients of an implementation, reported ones or those of plain steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from symtests.diagnosis.expected_losses import with_expected_losses
from symtests.diagnosis.facts import facts_told
from symtests.diagnosis.finding import Finding, Inquiry
from symtests.diagnosis.memory import memory_told
from symtests.diagnosis.precision import precision_told
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered, Question
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.reported import loss_is_wrong, loss_told
from symtests.diagnosis.trial import varied
from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case

__all__ = ["Gradients"]

_FEWEST: Final = 6
"""With fewer answers, nothing is said: what varies cannot be told apart."""
_MOST_ASKED_AGAIN: Final = 6
"""How many of a property's own questions are asked again."""
_LARGEST: Final = 1e6
"""Skip the diagnosis of a property's own question above this input magnitude."""
_HELD: Final = 16
"""Mixed questions that are asked before the search, and kept for trials."""
_MOST_INQUIRIES: Final = 3
"""At most so many properties' own questions are diagnosed, so that one cause is not searched again and again."""


class Gradients:
    """The answers to the designed questions, and the causes found from them and from the calls of properties.

    Parameters
    ----------
    implementation, seconds
        Who is asked, and how long each kind of question.
    rate
        Learning rate of the plain steps that gradients are recovered from; None for reported ones.
    """

    def __init__(self, implementation: Checked, seconds: float, rate: float | None) -> None:
        self.designer = Designer(implementation.capabilities, implementation.dtype, rate)
        interview = Interview(implementation, seconds)
        self.kept = memory_told(interview, self.designer)
        self.answers = [] if self.kept else interview.ask_all(self.designer.series())
        self._again = Interview(implementation, seconds)
        self._fresh = Interview(implementation, seconds)
        self._findings: list[tuple[Finding, list[Answered]]] = []
        self._inquiries = 0
        self._told_of: tuple[Finding, list[Answered]] | None = None

    @property
    def right_answers(self) -> list[Answered]:
        """The answers whose gradient is right."""
        return [answered for answered in self.answers if not answered.is_wrong]

    @property
    def has_time(self) -> bool:
        """Whether a question of a property would be asked again."""
        return self._again.spent < self._again.seconds

    @property
    def is_known(self) -> bool:
        """Whether there were enough answers to tell what is wrong with gradients from what is right."""
        return bool(self.kept) or len(self.answers) >= _FEWEST

    @cached_property
    def is_wrong(self) -> bool:
        """Whether some answer is wrong."""
        return any(answered.is_wrong for answered in self.answers)

    def asked_again(self, cases: Sequence[Case]) -> list[Answered]:
        """Return the answers to a property's own questions; none where there is no time left."""
        self._again.refusals = 0  # of these questions: those of another property say nothing of them
        with np.errstate(all="ignore"):
            return self._again.ask_all(map(self._question, filter(_has_samples, cases[:_MOST_ASKED_AGAIN])))

    def loss_told(self, seen: Sequence[Answered]) -> str:
        """Return what is wrong with losses, in words; empty where nothing is that was seen, or it is not known.

        Where gradients are wrong, `told` is to be asked first: losses are judged by what explains these.

        Parameters
        ----------
        seen
            What a property has asked.
        """
        told_of = self._told_of
        if told_of is None and any(answered.is_wrong for answered in seen):
            return ""
        wrong = next((answered.question for answered in seen if loss_is_wrong(answered)), None)
        seen = [*seen, *self._again.ask_all(varied(wrong) if wrong is not None else ())]
        answers = self.answers if told_of is None else told_of[1]

        def known(answers: Sequence[Answered]) -> list[Answered]:
            if told_of is None:
                return [answered for answered in answers if not answered.is_wrong]
            return list(with_expected_losses(told_of[0].combination, answers))

        with np.errstate(all="ignore"):
            # What makes a gradient wrong may make the loss wrong in a way of its own.
            told = loss_told(
                known(answers), known(seen), lambda questions: known(self._fresh.ask_all(questions)),
                explained_only=told_of is not None,
            )  # fmt: skip
        return told or ""

    def told(self, case: Case, seen: Sequence[Answered]) -> str:
        """Return what is wrong with the gradients, that of the case included; empty where nothing is that was seen.

        Parameters
        ----------
        case, seen
            The case that broke a property, and what that property asked.
        """
        self._told_of = None
        if self.kept:
            return f"{self.kept}."
        if not self.is_known or (seen and not any(answered.is_wrong for answered in seen)):
            return ""
        of_case = self.asked_again([case])
        own = [answered for answered in _once([*of_case, *seen]) if answered.is_wrong]
        if not own and not self.is_wrong:
            return ""
        with np.errstate(all="ignore"):
            self._told_of = finding = self._finding_for(own)
            if finding is not None:
                return finding[0].told([*finding[1], *_not_in(own, finding[1])], own)
            return self._not_explained(own)

    def told_beyond(self, reported: Gradients) -> str:
        """Return what is wrong with plain steps besides the gradient that is reported; empty where that is not known.

        Parameters
        ----------
        reported
            The reported gradients, which are wrong.
        """
        known = reported._of_series[0] if reported.is_wrong and reported._of_series is not None else None
        if known is None or known.left is not None or self.kept or not self.is_known:
            return ""
        with np.errstate(all="ignore"):
            inquiry = self._inquiry()
            finding = inquiry.finding_beyond(known)
            return "" if finding is None else finding.told_beyond(known, inquiry.answers)

    def _finding_for(self, own: Sequence[Answered]) -> tuple[Finding, list[Answered]] | None:
        """Return what explains what a property has seen, with the answers that it is known by."""
        moderate = [answered for answered in own if _is_moderate(answered)]
        if self.is_wrong and self._of_series is not None and all(map(self._of_series[0].explains, own)):
            return self._of_series
        for found in self._findings:
            if own and all(map(found[0].explains, own)):
                return found
        if not moderate or self._inquiries == _MOST_INQUIRIES:
            return None
        self._inquiries += 1
        around = [other for answered in moderate[:2] for other in self._again.ask_all(varied(answered.question))]
        inquiry = Inquiry(self.designer, self._fresh, [*self.answers, *around])
        known = self._of_series[0] if self.is_wrong and self._of_series is not None else None
        finding = inquiry.finding(moderate, known)
        if finding is None or not all(map(finding.explains, own)):
            return None
        self._findings.append((finding, inquiry.answers))
        return self._findings[-1]

    @cached_property
    def _of_series(self) -> tuple[Finding, list[Answered]] | None:
        inquiry = self._inquiry()
        finding = inquiry.finding()
        return None if finding is None else (finding, inquiry.answers)

    def _inquiry(self) -> Inquiry:
        """Return an inquiry about the series."""
        # They are asked before the search, which may take all the time that there is.
        held = self._fresh.ask_all(self.designer.mixed(number) for number in range(_HELD))
        return Inquiry(self.designer, self._fresh, list(self.answers), held)

    def _not_explained(self, own: Sequence[Answered]) -> str:
        if own and self.is_wrong and self._of_series is not None:
            elsewhere = self._of_series[0].told(self._of_series[1], ())
            return f"the gradient of the smallest case is wrong and not explained: {_NO_MODEL}. Elsewhere, {elsewhere}"
        answers = [*self.answers, *_not_in(own, self.answers)]
        told = precision_told([answered for answered in answers if answered.is_wrong])
        end = f": {told}." if told else f". This is not explained: {_NO_MODEL}."
        return f"{facts_told(answers)}{end}"

    def _question(self, case: Case) -> Question:
        """Return the question for the gradient of a case."""
        designer = self.designer
        return Question(case.network, case.parameters, case.batch, designer.rate, designer.can.relu_derivative_at_zero)


_NO_MODEL: Final = "no known fault model reproduces it"


def _has_samples(case: Case) -> bool:
    return len(case.batch) > 0


def _not_in(own: Sequence[Answered], answers: Sequence[Answered]) -> list[Answered]:
    return [answered for answered in own if answered not in answers]


def _once(answers: Sequence[Answered]) -> list[Answered]:
    """Return the answers, one to each question."""
    found: dict[bytes, Answered] = {}
    for answered in answers:
        arrays = _arrays(answered)
        found.setdefault(repr(answered.question.network).encode() + b"".join(a.tobytes() for a in arrays), answered)
    return list(found.values())


def _is_moderate(answered: Answered) -> bool:
    """Tell whether a question has no numbers that make fault models about them overflow."""
    return all(np.abs(array).max(initial=0.0) < _LARGEST for array in _arrays(answered))


def _arrays(answered: Answered) -> list[Array]:
    question = answered.question
    return [question.parameters.vector, question.batch.x, question.batch.y]
