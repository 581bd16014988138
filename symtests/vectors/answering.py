"""Answers the questions: exact values to the last bit of float64, and bounds in which every correct answer lies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from symtests.vectors.bounded import Arithmetic, Bounded, precise
from symtests.vectors.passes import loss_and_gradient, train
from symtests.vectors.questions import questions
from symtests.vectors.vector import Question, Vector

__all__ = ["answered", "vectors"]

_ROUNDOFFS: Final = {"float32": 2.0**-24, "float64": 2.0**-53}
_OTHER_ORDERS: Final = 2
"""The same formula in another order of operations has at most so many times as many roundings."""
_BITS_OF_A_BOUND: Final = 8


def vectors() -> tuple[Vector, ...]:
    """Return all vectors of this version; they are the same on every machine."""
    return tuple(answered(question) for question in questions())


def answered(question: Question) -> Vector:
    """Return a question with its answer and bounds.

    Raises
    ------
    ValueError
        Where rounding decides on which side of a kink a pre-activation lies.
    """
    with precise():
        found = {dtype: _numbers(question, Arithmetic(u)) for dtype, u in _ROUNDOFFS.items()}
    exact = found["float64"]
    return Vector(
        question,
        {name: np.array([float(each.value) for each in numbers]) for name, numbers in exact.items()},
        {
            dtype: {name: np.array([_bound(each, _ROUNDOFFS[dtype]) for each in row]) for name, row in numbers.items()}
            for dtype, numbers in found.items()
        },
    )


def _numbers(question: Question, arithmetic: Arithmetic) -> Mapping[str, Sequence[Bounded]]:
    case = question.case
    if question.operation == "train":
        return {"parameters": train(arithmetic, case.parameters, case.batch, case.training)}
    theta = [Bounded(Decimal(value)) for value in case.parameters.vector.tolist()]
    answer = loss_and_gradient(arithmetic, case.network, theta, case.batch)
    return {"loss": [answer.loss], "outputs": answer.outputs, "gradient": answer.gradient}


def _bound(number: Bounded, u: float) -> float:
    """Return the bound as a float of 8 bits, rounded up; 0 where nothing is rounded."""
    exact = float(number.value)
    if number.error == 0 and Decimal(exact) == number.value:
        return 0.0
    bound = float(_OTHER_ORDERS * number.error) + u * abs(exact)
    fraction, exponent = math.frexp(bound)
    return math.ldexp(math.ceil(fraction * 2**_BITS_OF_A_BOUND) + 1, exponent - _BITS_OF_A_BOUND)
