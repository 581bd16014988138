"""Numbers that an arithmetic coarser than its storage knows exactly, as one that works in half precision."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.oracle import Expectation
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain

__all__ = ["HALF", "exactly_known", "leaves_half"]

HALF: Final = 2.0**-11
"""The unit roundoff of float16; an arithmetic that declares it may end where float16 ends, at 65504."""
_ROOM: Final = 2.0**13
"""Numbers up to this size leave a sum that cancels some room below the largest float16."""


def exactly_known(case: Case, domain: Domain) -> Case:
    """Return the case with each number rounded to the digits of the arithmetic, if it has fewer than the dtype.

    What is true of exact numbers, as 0 + b = b, is not true of others: a sum may be rounded to those digits.
    """
    u, own = domain.capabilities.roundoff(domain.dtype), float(np.finfo(domain.dtype).eps) / 2
    if u <= own:
        return case
    digits = math.floor(-math.log2(u))

    def rounded(array: Array) -> Array:
        mantissa, exponent = np.frexp(array)
        result: Array = np.ldexp(np.rint(mantissa * 2.0**digits) / 2.0**digits, exponent).astype(array.dtype)
        return result

    x, y, weights = case.batch.x, case.batch.y, case.batch.sample_weights
    batch = Batch(rounded(x), rounded(y), None if weights is None else rounded(weights))
    return replace(case, parameters=Parameters(case.network, rounded(case.parameters.vector)), batch=batch)


def leaves_half(expected: Expectation, unit_roundoff: float, factor: float = 1.0) -> bool:
    """Tell whether an arithmetic may be that of float16 and the right answer, times a factor, too large for it."""
    if unit_roundoff != HALF:
        return False
    stages = expected.stages
    arrays = (*stages.pre_activations, *stages.activations, *stages.error_signals, expected.gradient.vector)
    return factor * max(float(np.abs(array).max(initial=0.0)) for array in arrays) > _ROOM
