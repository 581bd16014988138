"""What explains wrong gradients, once it has foretold the answers to fresh questions; or that nothing does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from symtests.diagnosis.clock import Clock
from symtests.diagnosis.combination import Cause, Combination, FaultModel
from symtests.diagnosis.condition import Condition
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.search import chains, combinations, partial_combinations, promising, with_another
from symtests.diagnosis.trial import tried

__all__ = ["Finding", "Inquiry"]

_Ways = Iterator[tuple[Combination, Condition | None]]
"""What may be wrong, with where it does not explain wrong answers."""

_ROUNDS: Final = 4
"""Rounds of search: each adds the fresh answers that refuted the cause before."""
_UNDECIDED: Final = 3
"""How many combinations are tried in a round for which there were too few fresh questions."""
_THINKING: Final = 2.5
"""Seconds of computing for an inquiry about all answers."""
_THINKING_OF_SEVERAL: Final = 1.5
"""Seconds of computing in search of three causes or four."""
_THINKING_OF_ONE: Final = 1.0
"""Seconds of computing for an inquiry about what one property has seen."""
_FEWEST_TO_TELL_WHERE: Final = 3
"""Unexplained answers with fewer of which it is not said where they are: it may be chance."""
_FEWEST_WITHOUT_TRIAL: Final = 6
"""Wrong answers that a cause without a constant must give where there is no time for fresh questions."""


@dataclass(frozen=True, eq=False)
class Finding:
    """Causes that have foretold fresh answers, and what they leave open.

    Parameters
    ----------
    combination
        The causes.
    left
        Where they do not explain wrong answers; None if they explain all.
    fresh
        How many answers were foretold.
    """

    combination: Combination
    left: Condition | None
    fresh: int

    def explains(self, answered: Answered) -> bool:
        """Tell whether an answer is what the causes foretell."""
        return (self.left is None or not self.left.holds(answered)) and self.combination.explains(answered)

    def told(self, answers: Sequence[Answered], own: Sequence[Answered]) -> str:
        """Return in words what is wrong with these answers; first the causes that show in a property's own calls."""
        causes = sorted(self.combination.causes, key=lambda cause: not self._shows(cause, own))
        parts = [f"{'Besides, ' if number else ''}{cause.told(answers)}." for number, cause in enumerate(causes)]
        parts.append(self._evidence(answers))
        return " ".join(parts)

    def told_beyond(self, known: Finding, answers: Sequence[Answered]) -> str:
        """Return in words what is wrong besides what is known, and what both explain."""
        before = [cause.fault_model.words for cause in known.combination.causes]
        causes = [cause for cause in self.combination.causes if cause.fault_model.words not in before]
        told = ". Besides, ".join(cause.told(answers) for cause in causes)
        return f"{told}. {self._evidence(answers).replace('This explains', 'Together they explain', 1)}"

    def _evidence(self, answers: Sequence[Answered]) -> str:
        wrong = [answered for answered in answers if answered.is_wrong]
        if self.left is None:
            right = len(answers) - len(wrong)
            beside = f", and the right one{_s(right)} to {right}" if right else ""
            told = f"This explains the wrong answer{_s(len(wrong))} to {len(wrong)} of {len(answers)}"
            return f"{told} questions{beside}."
        explained = sum(map(self.explains, wrong))
        count = len(wrong) - explained
        where = f", {self.left.words}," if count >= _FEWEST_TO_TELL_WHERE else ""
        are, them = ("are", "them") if count > 1 else ("is", "it")
        return (
            f"This explains {explained} of {len(wrong)} wrong answers. {count} wrong answer{_s(count)}{where} {are} "
            f"not explained: no known fault model reproduces {them}."
        )

    def _shows(self, cause: Cause, own: Sequence[Answered]) -> bool:
        return any(self.combination.needs(cause, answered) for answered in own)


@dataclass
class Inquiry:
    """Thinks of causes and tries them, as far as there is time.

    Parameters
    ----------
    designer, interview
        Who makes fresh questions and asks them.
    answers
        All answers so far; fresh ones are added.
    held
        Answers that are kept for trials, until they are used.
    """

    designer: Designer
    interview: Interview
    answers: list[Answered]
    held: list[Answered] = field(default_factory=list)
    _mixed: int = field(default=0, init=False)
    _first_fault_models: list[FaultModel] | None = field(default=None, init=False)

    def finding(self, own: Sequence[Answered] = (), known: Finding | None = None) -> Finding | None:
        """Return what explains the answers, and those to what a property itself has asked; None where nothing does.

        Parameters
        ----------
        own
            What a property has asked.
        known
            What explains the answers without these.
        """
        clock = Clock(_THINKING_OF_ONE if own else _THINKING)
        return self._decided(lambda: self._ways(own, known, clock), own, clock)

    def finding_beyond(self, known: Finding) -> Finding | None:
        """Return what explains the answers by the causes that are known and one more; None where nothing does."""
        clock = Clock(_THINKING)
        return self._decided(lambda: iter([self._extended((), known, clock)]), (), clock)

    def _decided(self, ways_of: Callable[[], Iterator[_Ways]], own: Sequence[Answered], clock: Clock) -> Finding | None:
        """Return what passes its trial; what is refuted adds answers, with which the search begins again."""
        for _ in range(_ROUNDS):
            outcome: Finding | bool | None = None
            for ways in ways_of():
                outcome = self._first_decided(ways, own)
                if outcome is not None:
                    break
            if isinstance(outcome, Finding):
                return outcome
            if outcome is None or clock.is_over:  # nothing was refuted
                return None
        return None

    def _ways(self, own: Sequence[Answered], known: Finding | None, clock: Clock) -> Iterator[_Ways]:
        yield self._extended(own, known, clock)
        yield self._whole(own, clock)
        if not own:
            yield self._several()
        yield self._part(own, clock)

    def _several(self) -> _Ways:
        clock = Clock(_THINKING_OF_SEVERAL)
        for combination in chains(self.answers, self._promising((), clock), clock):
            yield combination, None

    def _extended(self, own: Sequence[Answered], known: Finding | None, clock: Clock) -> _Ways:
        if known is not None and known.left is None:
            fault_models = [cause.fault_model for cause in known.combination.causes]
            for combination in with_another(fault_models, [*self.answers, *own], clock):
                yield combination, None

    def _whole(self, own: Sequence[Answered], clock: Clock) -> _Ways:
        for combination in combinations([*self.answers, *own], clock, lambda: self._promising(own, clock)):
            yield combination, None

    def _part(self, own: Sequence[Answered], clock: Clock) -> _Ways:
        for combination, left in partial_combinations([*self.answers, *own], self._promising(own, clock)):
            if not any(left.holds(answered) for answered in own):
                yield combination, left

    def _promising(self, own: Sequence[Answered], clock: Clock) -> list[FaultModel]:
        if self._first_fault_models is None:
            self._first_fault_models = promising([*self.answers, *own], clock)
        return self._first_fault_models

    def _first_decided(self, ways: _Ways, own: Sequence[Answered]) -> Finding | bool | None:
        """Return what passes its trial; False where one is refuted, which adds answers; None where none is decided."""
        for combination, left in itertools.islice(ways, _UNDECIDED):
            outcome = self._outcome(combination, left, own)
            if outcome is not None:
                return outcome
        return None

    def _outcome(
        self, combination: Combination, left: Condition | None, own: Sequence[Answered]
    ) -> Finding | bool | None:
        """Return the finding if the trial is passed, False if it refutes the causes, None if it decides nothing."""
        known = [*self.answers, *own]
        is_left_out = (lambda answered: False) if left is None else left.holds
        self._mixed += 1
        trial = tried(combination, self.designer, self.interview, known, 100 * self._mixed, self.held, is_left_out)
        self.answers.extend(trial.answers)
        self.held = [answered for answered in self.held if answered not in trial.answers]
        if trial.is_passed:
            return Finding(combination, left, len(trial.answers))
        if trial.is_refuted:
            return False
        return Finding(combination, left, 0) if self.interview.is_over and _is_plain(combination, known) else None


def _s(count: int) -> str:
    return "s" * (count > 1)


def _is_plain(combination: Combination, known: Sequence[Answered]) -> bool:
    """Tell whether so many answers speak for the causes that no fresh one is needed: a constant always needs some."""
    wrong = [answered for answered in known if answered.is_wrong]
    return all(
        cause.fault_model.of is None
        and cause.condition is None
        and sum(combination.needs(cause, answered) for answered in wrong) >= _FEWEST_WITHOUT_TRIAL
        for cause in combination.causes
    )
