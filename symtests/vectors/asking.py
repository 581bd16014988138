"""How a question is put together: numbers on a binary grid, and two samples that many questions share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training
from symtests.vectors.vector import Question

__all__ = ["TWO", "pattern", "question", "table"]

TWO: Final = ([[1.0, -0.5], [0.25, 2.0]], [[1.0], [-0.5]])
"""Inputs and targets of two samples."""


def question(
    name: str,
    comment: str,
    flags: str,
    network: Network,
    theta: Sequence[float] | None,
    samples: tuple[Any, Any],
    weights: Sequence[float] | None = None,
    training: Training | None = None,
) -> Question:
    """Return a question; without parameters, it takes such as no two units share."""
    values = pattern(network.parameter_count, 11, 8.0) if theta is None else np.array(theta, float)
    x, y = (np.array(each, float) for each in samples)
    batch = Batch(x, y, None if weights is None else np.array(weights, float))
    case = Case(network, Parameters(network, values), batch, training or Training())
    return Question(name, comment, tuple(flags.split()), "train" if training else "loss_and_gradient", case)


def pattern(count: int, period: int, scale: float) -> np.ndarray[Any, Any]:
    """Return numbers on a binary grid without two equal neighbours: (7 k + 3) mod period, around 0."""
    return ((7.0 * np.arange(count) + 3) % period - period // 2) / scale


def table(rows: int, columns: int, period: int, scale: float) -> np.ndarray[Any, Any]:
    """Return such numbers as a table."""
    return pattern(rows * columns, period, scale).reshape(rows, columns)
