"""Asks an implementation questions, within a budget of time, and sets the right answers beside its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np

from symtests.diagnosis.questions.question import Answered, Question
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.oracle import expect, recovered_tolerance
from symtests.training import Training

__all__ = ["Interview"]

_T = TypeVar("_T")
_MOST_REFUSALS: Final = 3
"""After so many questions that were not answered, no further one is asked."""


@dataclass
class Interview:
    """Asks one implementation; stops when the time is up or when it has failed to answer several times.

    Parameters
    ----------
    implementation
        The implementation in one dtype.
    seconds
        How long it may be asked in all; a question that is under way is waited for.
    """

    implementation: Checked
    seconds: float
    refusals: int = 0
    spent: float = field(default=0.0)

    @property
    def is_over(self) -> bool:
        """Whether no further question may be asked."""
        return self.refusals >= _MOST_REFUSALS or self.spent >= self.seconds

    def ask_all(self, questions: Iterable[Question]) -> list[Answered]:
        """Ask one question after the other; return those that were answered."""
        found = []
        for question in questions:
            if self.is_over:  # the questions behind it need not even be made
                break
            answered = self.ask(question)
            if answered is not None:
                found.append(answered)
        return found

    def ask(self, question: Question) -> Answered | None:
        """Ask one question; return None where it is not answered, or so near a kink that rounding may decide.

        At a kink, where a pre-activation is 0, there is nothing to decide.
        """
        return self._answer(lambda: self._ask(question))

    def right(self, question: Question) -> Answered:
        """Return the right answer to a question, without asking it."""
        return self._beside(question, None, None)

    def train(self, question: Question, training: Training) -> Array | None:
        """Return the parameters after a training in float64, shape (n,); None where it is not done."""
        after = self._answer(
            lambda: self.implementation.train(question.network, question.parameters, question.batch, training)
        )
        return None if after is None else after.vector.astype(np.float64)

    def predict(self, question: Question) -> Array | None:
        """Return the linear outputs, shape (N, m), in float64; None where they are not told."""
        found = self._answer(
            lambda: self.implementation.predict(question.network, question.parameters, question.batch.x)
        )
        return None if found is None else found.astype(np.float64)

    def _answer(self, call: Callable[[], _T]) -> _T | None:
        """Return what a call returns, None where it is not answered; count its time."""
        started = time.monotonic()
        try:
            return None if self.is_over else call()
        except Unsupported:
            return None
        except Misbehaviour:
            self.refusals += 1
            return None
        finally:
            self.spent += time.monotonic() - started

    def _ask(self, question: Question) -> Answered | None:
        network, parameters, batch = question.network, question.parameters, question.batch
        if question.rate is None:
            answer = self.implementation.loss_and_gradient(network, parameters, batch)
            found, loss = answer.gradient.vector.astype(np.float64), answer.loss
        else:
            training = Training("sgd", question.rate, 1)
            after = self.implementation.train(network, parameters, batch, training).vector.astype(np.float64)
            found, loss = (question.theta - after) / question.rate, None
        answered = self._beside(question, found, loss)
        finite = np.isfinite(answered.right).all() and np.isfinite(answered.bound).all()
        return answered if finite and not answered.is_near_a_kink else None

    def _beside(self, question: Question, found: Array | None, loss: float | None) -> Answered:
        network, parameters, batch = question.network, question.parameters, question.batch
        u = self.implementation.unit_roundoff
        expected = expect(network, parameters, batch, u, question.at_zero, "certified")
        if question.rate is None:
            bound = expected.gradient_tolerance + u * (np.abs(expected.gradient.vector) + expected.gradient_tolerance)
        else:
            bound = recovered_tolerance(expected, parameters, question.rate, u)
        loss_bound = expected.loss_tolerance + u * (abs(expected.loss) + expected.loss_tolerance)
        found = expected.gradient.vector if found is None else found
        return Answered(question, found, loss, expected, bound, loss_bound, u)
