"""Norms, differences and equality of large tensors, a chunk at a time: no copy as large as the tensor is made."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from symtests.model.groups import Values

__all__ = ["difference_norm", "digest", "largest", "norm"]

_CHUNK: Final = 1 << 18
"""Numbers at a time: what fits into a core's cache."""
_LEAST: Final = 1e-30
_MOST: Final = 1e30
"""Sums of squares in float32 between these have neither overflowed nor lost what is small."""


def _chunks(values: Values) -> Iterator[Values]:
    flat = values.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        yield flat[start : start + _CHUNK]


def norm(values: Values) -> float:
    """Return the Euclidean norm; it is 0 only where all values are 0, and not finite where one of them is not.

    Parameters
    ----------
    values
        Of any shape.
    """
    return math.sqrt(math.fsum(_squares(chunk) for chunk in _chunks(values)))


def difference_norm(after: Values, before: Values) -> float:
    """Return the Euclidean norm of a difference; it is 0 only where all values are equal.

    Parameters
    ----------
    after, before
        Of one shape and dtype.
    """
    pairs = zip(_chunks(after), _chunks(before), strict=True)
    return math.sqrt(math.fsum(_squares(one - other) for one, other in pairs))


def _squares(chunk: Values) -> float:
    """Return the sum of squares, in the dtype of the chunk where that is safe, else in float64."""
    if not chunk.any():
        return 0.0
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        fast = float(np.vdot(chunk, chunk).real)
    if _LEAST < fast < _MOST:
        return fast
    exact = np.abs(chunk).astype(np.float64)
    most = float(exact.max())
    if not math.isfinite(most):
        return math.inf
    return max(float(np.square(exact).sum()), math.ulp(0.0))


def largest(values: Values) -> float:
    """Return the largest absolute value; 0 for none.

    Parameters
    ----------
    values
        Of any shape.
    """
    return max((float(np.abs(chunk).max()) for chunk in _chunks(values)), default=0.0)


def digest(values: Values) -> bytes:
    """Return a digest of the shape and the bits: equal for equal tensors, and for no others that anyone has met.

    Parameters
    ----------
    values
        Of any shape.
    """
    found = hashlib.blake2b(repr((values.shape, values.dtype.str)).encode(), digest_size=32)
    for chunk in _chunks(values):
        found.update(np.ascontiguousarray(chunk).tobytes())
    return found.digest()
