"""A test vector: a question, its exact answer, how far rounding may lead from it, and the bugs it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from symtests.float_json import Array
from symtests.properties.base import Case

__all__ = ["Numbers", "Operation", "Question", "Vector"]

Operation = Literal["loss_and_gradient", "train"]
Numbers = Mapping[str, Array]
"""``loss`` (1 number), ``outputs`` and ``gradient`` of a loss and gradient; ``parameters`` of a training. Flat."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked, and why.

    Parameters
    ----------
    id
        Stable name of a few words.
    comment
        What it is about.
    flags
        Names of `symtests.vectors.flags.FLAGS`.
    operation
        What the implementation is asked for.
    case
        The question; all numbers are exact in float32 too. The training counts for ``train`` alone.
    """

    id: str
    comment: str
    flags: tuple[str, ...]
    operation: Operation
    case: Case


@dataclass(frozen=True, eq=False)
class Vector:
    """A question with its answer, and for each dtype the largest difference that rounding explains."""

    question: Question
    expected: Numbers
    bounds: Mapping[str, Numbers]
