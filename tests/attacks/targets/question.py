"""The one question that every attacked check asks, the right answers to it, and an attack on the one who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.attacks.attack import Expected, Named

__all__ = [
    "ERRED",
    "NETWORK",
    "RIGHT",
    "WRONG",
    "PythonAttack",
    "Question",
    "asked_about",
    "code_of",
    "raised",
    "seeds",
    "training",
]

NETWORK: Final = Network((2, 3, 1), "tanh")
CODES: Final = 4096
"""Attacks that can be told apart: the number of an attack, divided by this, is the momentum, which sgd does not use."""

RIGHT: Final = Expected("exact")
WRONG: Final = Expected("violated")
ERRED: Final = Expected("errored", ("raised",))


@dataclass(frozen=True)
class Question:
    """What an implementation is asked, with the right answer to it."""

    network: Network
    parameters: Parameters
    batch: Batch
    training: Training

    def right(self) -> Parameters:
        """Return the parameters after the training, computed without what the asked one may have changed."""
        return NumpyPlain().train(self.network, self.parameters, self.batch, self.training)

    @property
    def vector(self) -> Any:
        """The right answer as a vector."""
        return self.right().vector


@dataclass(frozen=True)
class PythonAttack(Named):
    """An attack by an implementation in Python.

    Parameters
    ----------
    do
        What it does in the place of an answer; what it returns is the answer.
    expected
        What the check must say, when the operation is asked.
    operation
        The operation that is asked.
    """

    do: Callable[[Question], object]
    expected: Expected = ERRED
    operation: str = "train"


def raised(error: BaseException) -> Callable[[Question], object]:
    """Return an attack that raises."""

    def do(question: Question) -> object:
        raise error

    return do


def asked_about(dtype: str = "float64") -> tuple[Parameters, Batch]:
    """Return what every attack is asked about: nine weights and four biases, two samples."""
    vector = np.array([0.5, -0.25, 0.75, 0.25, 0.5, -0.5, 0.125, -0.125, 0.25, 1.0, -0.5, 0.75, 0.0], dtype)
    batch = Batch(np.array([[1.0, 0.5], [-0.5, 1.0]], dtype), np.array([[1.0], [0.0]], dtype))
    return Parameters(NETWORK, vector), batch


def training(code: int) -> Training:
    """Return the training that asks for the attack of this number."""
    return Training("sgd", 0.5, 1, momentum=code / CODES)


def code_of(asked: Training) -> int | None:
    """Return the number of the attack that a training asks for, or None."""
    code = asked.momentum * CODES
    return int(code) if code == int(code) and asked.optimizer == "sgd" else None


def seeds() -> tuple[int, ...]:
    """Return the seeds of the starts that train_many is asked for."""
    return (1, 2)
