"""The samples that one training step uses together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array, numbers_from_json, numbers_to_json
from symtests.validation import InvalidValue

__all__ = ["Batch"]


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples that are used together in one training step; all arrays have one dtype.

    Parameters
    ----------
    x
        Inputs, shape (N, n_0). N may be 0: an implementation is asked to refuse that.
    y
        Targets, shape (N, m). Rows sum to 1 for softmax_cross_entropy; in [0, 1] for bce.
    sample_weights
        Shape (N,), at least 0, or None for equal weights.

    Raises
    ------
    InvalidValue
        Where an array is none of these.
    """

    x: Array
    y: Array
    sample_weights: Array | None = None

    def __post_init__(self) -> None:
        x, y = np.asarray(self.x), np.asarray(self.y)
        for name, array in (("x", x), ("y", y)):
            if array.ndim != 2 or array.dtype.kind != "f":
                raise InvalidValue(
                    f"{name}=<{array.dtype} array of shape {array.shape}>: must be a float array of shape (samples, n)"
                )
        if len(x) != len(y):
            raise InvalidValue(f"y=<{len(y)} rows>: must have as many rows as x, which has {len(x)}")
        weights = self.sample_weights
        if weights is not None:
            weights = np.asarray(weights)
            if weights.shape != (len(x),) or weights.dtype.kind != "f":
                raise InvalidValue(
                    f"sample_weights=<{weights.dtype} array of shape {weights.shape}>: "
                    f"must be floats of shape ({len(x)},)"
                )
            if not (weights >= 0).all():
                raise InvalidValue(f"sample_weights={weights.min()}: must all be at least 0")
        for name, dtype in (("y", y.dtype), ("sample_weights", x.dtype if weights is None else weights.dtype)):
            if dtype != x.dtype:
                raise InvalidValue(f"{name}=<{dtype} array>: must have the dtype of x, which is {x.dtype}")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "sample_weights", weights)

    def __len__(self) -> int:
        return len(self.x)

    def astype(self, dtype: npt.DTypeLike) -> Batch:
        """Return a rounded or widened copy."""
        weights = None if self.sample_weights is None else self.sample_weights.astype(dtype)
        return Batch(self.x.astype(dtype), self.y.astype(dtype), weights)

    def to_json(self) -> dict[str, Any]:
        """Return the batch as plain JSON data; floats survive exactly."""
        weights = None if self.sample_weights is None else numbers_to_json(self.sample_weights)
        return {
            "dtype": str(self.x.dtype),
            "shape": [len(self.x), self.x.shape[1], self.y.shape[1]],
            "x": numbers_to_json(self.x),
            "y": numbers_to_json(self.y),
            "sample_weights": weights,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Batch:
        """Rebuild a batch from `to_json`."""
        samples, inputs, outputs = data["shape"]
        x = _table("x", numbers_from_json(data["x"], data["dtype"]), samples, inputs)
        y = _table("y", numbers_from_json(data["y"], data["dtype"]), samples, outputs)
        weights = data["sample_weights"]
        return cls(x, y, None if weights is None else numbers_from_json(weights, data["dtype"]))


def _table(name: str, numbers: Array, rows: int, columns: int) -> Array:
    if numbers.size != rows * columns:
        raise InvalidValue(f"{name}=<{numbers.size} numbers>: must be {rows} rows of {columns}, as shape says")
    return numbers.reshape(rows, columns)
