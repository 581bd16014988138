"""Where the gradients come from with which trainings are judged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symtests.diagnosis.faults.later import right_gradient
from symtests.diagnosis.optimizers.rule import GradientAt
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.subject import Subject
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["by_plain_steps", "reported", "right"]

_STEP_RATE = 0.125
"""Learning rate of the plain steps from which gradients are recovered: a power of two, which rounds nothing."""


def right(question: Question) -> GradientAt:
    """Return the right gradients."""
    return _remembered(lambda theta: right_gradient(question, theta))


def reported(subject: Subject) -> Callable[[Question], GradientAt]:
    """Return the gradients that an implementation reports: one that uses them is judged by its optimizer alone."""

    def of(question: Question) -> GradientAt:
        def at(theta: Array) -> Array:
            where = Parameters(question.network, theta.astype(subject.dtype))
            gradient = subject.loss_and_gradient(question.network, where, question.batch).gradient
            return gradient.vector.astype(np.float64)

        return _remembered(at)

    return of


def by_plain_steps(subject: Subject) -> Callable[[Question], GradientAt]:
    """Return the gradients that plain steps of an implementation follow."""

    def of(question: Question) -> GradientAt:
        def at(theta: Array) -> Array:
            where = Parameters(question.network, theta.astype(subject.dtype))
            step = Training("sgd", _STEP_RATE, 1)
            after = subject.train(question.network, where, question.batch, step).vector.astype(np.float64)
            return (where.vector.astype(np.float64) - after) / _STEP_RATE

        return _remembered(at)

    return of


def _remembered(gradient_at: GradientAt) -> GradientAt:
    """Return the same gradients, each asked for once; not a number where there is none."""
    known: dict[bytes, Array] = {}

    def at(theta: Array) -> Array:
        key = theta.tobytes()
        if key not in known:
            try:
                known[key] = gradient_at(theta) if np.isfinite(theta).all() else np.full_like(theta, np.nan)
            except (Misbehaviour, Unsupported):
                known[key] = np.full_like(theta, np.nan)
        return known[key]

    return at
