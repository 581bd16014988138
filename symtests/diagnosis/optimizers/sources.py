"""Where the gradients come from with which trainings are judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from symtests.diagnosis.faults.later import right_gradient
from symtests.diagnosis.optimizers.rule import GradientAt
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Source", "by_plain_steps", "reported", "right"]

Source = Callable[[Question, float], GradientAt]
"""The gradients with which trainings are judged that begin at a question and have a learning rate."""

_STEP_RATE: Final = 0.125
"""Learning rate of the plain steps from which gradients are recovered where a training has none."""


def right(question: Question, rate: float) -> GradientAt:
    """Return the right gradients, whatever the learning rate."""
    return _remembered(lambda theta: right_gradient(question, theta))


def reported(implementation: Checked) -> Source:
    """Return the gradients that an implementation reports: one that uses them is judged by its optimizer alone."""

    def of(question: Question, rate: float) -> GradientAt:
        def at(theta: Array) -> Array:
            where = Parameters(question.network, theta.astype(implementation.dtype))
            gradient = implementation.loss_and_gradient(question.network, where, question.batch).gradient
            return gradient.vector.astype(np.float64)

        return _remembered(at)

    return of


def by_plain_steps(implementation: Checked) -> Source:
    """Return the gradients that plain steps of an implementation follow, at the learning rate of a training."""

    def of(question: Question, rate: float) -> GradientAt:
        def at(theta: Array) -> Array:
            where = Parameters(question.network, theta.astype(implementation.dtype))
            step = Training("sgd", rate or _STEP_RATE, 1)
            after = implementation.train(question.network, where, question.batch, step).vector.astype(np.float64)
            return (where.vector.astype(np.float64) - after) / step.learning_rate

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
