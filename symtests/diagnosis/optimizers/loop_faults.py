"""Faults of the loop over steps: how many are taken, and which parameters are returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from symtests.diagnosis.optimizers.step_fault import StepFault, fault
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.oracle import loss
from symtests.parameters import Parameters

__all__ = ["loop_faults"]


def _mean(path: list[Array]) -> Array:
    mean: Array = np.mean(path, axis=0)
    return mean


def _least_loss(path: list[Array], question: Question) -> Array:
    return min(path, key=lambda theta: loss(question.network, Parameters(question.network, theta), question.batch))


def loop_faults(optimizer: str) -> Iterator[StepFault]:
    """Yield the faults of trainings by an optimizer whose steps are right, the most usual first."""
    for words, count in _counts():
        # With other numbers of steps, almost anything can be explained.
        yield fault(words, count=lambda r, count=count: lambda steps: count(r.count(steps)))  # type: ignore[misc]
    yield fault(
        "a training returns the mean of the parameters after each of its steps",
        end=lambda r: lambda path, question: _mean(path[1:] or path),
    )
    yield fault(
        "a training returns the mean of the parameters before and after each of its steps",
        end=lambda r: lambda path, question: _mean(path),
    )
    yield fault(
        "a training returns those of the parameters on its way whose loss is least",
        end=lambda r: _least_loss,
        alone=True,
    )
    # Not more than is seen: steps of size 0 do the same.
    yield fault(
        f"trainings by {optimizer} return the parameters that they are given",
        end=lambda r: lambda path, question: path[0],
        alone=True,
    )


def _counts() -> Iterator[tuple[str, Callable[[int], int]]]:
    yield "a training takes one step, whatever number is asked for", lambda steps: min(steps, 1)
    yield "a training takes one step more than it is asked for", lambda steps: steps + 1 if steps else 0
    yield "a training of several steps takes one more than it is asked for", lambda steps: steps + (steps > 1)
    yield "a training takes one step less than it is asked for", lambda steps: max(steps - 1, 0)
    yield "a training of several steps takes one less than it is asked for", lambda steps: steps - (steps > 1)
    yield "a training takes twice the steps that it is asked for", lambda steps: 2 * steps
