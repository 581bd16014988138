"""One weight whose gradient is the same in every step: what each step moves it by can be written down."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.optimizers.matching import rule_of
from symtests.diagnosis.optimizers.rule import GradientAt, followed
from symtests.diagnosis.optimizers.step_fault import StepFault
from symtests.diagnosis.questions.question import Question
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

RATE = 0.25
_NETWORK = Network((1, 1), bias=False)
_QUESTION = Question(
    _NETWORK, Parameters(_NETWORK, np.array([1.0])), Batch(np.ones((2, 1)), np.zeros((2, 1))), None, 0.0
)


def _one_after_the_other(gradients: Iterator[float]) -> GradientAt:
    return lambda theta: np.array([next(gradients)])


def moves(
    fault: StepFault, optimizer: str, gradients: tuple[float, ...] = (1.0, 1.0, 1.0), **settings: float
) -> list[float]:
    """Return how far each step moves the weight, divided by the negative learning rate.

    The gradients are given, step after step; mu, both decays and epsilon are 1/2 unless given.
    """
    asked = {"momentum": 0.5, "mean_decay": 0.5, "square_decay": 0.5, "epsilon": 0.5, **settings}
    ends = [1.0]
    for steps in range(1, len(gradients) + 1):
        left = itertools.chain(gradients, itertools.repeat(gradients[-1]))
        training = replace(Training(optimizer, RATE, steps), **asked)  # type: ignore[arg-type]
        ends.append(followed(rule_of([fault]), _QUESTION, training, _one_after_the_other(left))[0])
    return [(before - after) / RATE for before, after in itertools.pairwise(ends)]
