"""The parameters of a network: one flat vector with a view for each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array, numbers_from_json, numbers_to_json
from symtests.network import Network
from symtests.validation import InvalidValue

__all__ = ["Parameters"]


@dataclass(frozen=True, eq=False)
class Parameters:
    """Every weight and bias of a network: one flat vector, with a view for each layer.

    Parameters
    ----------
    network
        The network that the vector belongs to.
    vector
        Shape (n,), float: W_1 row by row, b_1, W_2, b_2, ... Not copied; views write through.
    """

    network: Network
    vector: Array

    def __post_init__(self) -> None:
        vector = np.asarray(self.vector)
        if vector.shape != (self.network.parameter_count,) or vector.dtype.kind != "f":
            raise InvalidValue(
                f"vector=<{vector.dtype} array of shape {vector.shape}>: must be a float array of shape "
                f"({self.network.parameter_count},) for a network of sizes {self.network.sizes}"
            )
        object.__setattr__(self, "vector", vector)

    def weight(self, layer: int) -> Array:
        """View of W of this layer (0 is the first), shape (fan_in, fan_out)."""
        shape = self.network.sizes[layer], self.network.sizes[layer + 1]
        return self.vector[self.network.weight_slice(layer)].reshape(shape)

    def bias(self, layer: int) -> Array:
        """View of b of this layer, shape (fan_out,); empty without biases."""
        return self.vector[self.network.bias_slice(layer)]

    def tensor(self, name: str) -> Array:
        """View of the tensor of this name in its own shape: ``W1``, ``b1``, ``W2``, ...; none of them is copied."""
        where = self.network.tensors[name]
        return self.vector[where.flat[0] : where.flat[-1] + 1].reshape(where.shape)

    @property
    def weights(self) -> tuple[Array, ...]:
        """Views of all weight matrices, first layer first."""
        return tuple(self.weight(layer) for layer in range(self.network.layer_count))

    @property
    def biases(self) -> tuple[Array, ...]:
        """Views of all bias vectors, first layer first."""
        return tuple(self.bias(layer) for layer in range(self.network.layer_count))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the vector."""
        return self.vector.dtype

    def copy(self) -> Parameters:
        """Return parameters with a vector of their own."""
        return Parameters(self.network, self.vector.copy())

    def astype(self, dtype: npt.DTypeLike) -> Parameters:
        """Return a rounded or widened copy."""
        return Parameters(self.network, self.vector.astype(dtype))

    @classmethod
    def zeros(cls, network: Network, dtype: npt.DTypeLike = np.float64) -> Parameters:
        """Return parameters that are all zero."""
        return cls(network, np.zeros(network.parameter_count, dtype))

    @classmethod
    def from_layers(
        cls,
        network: Network,
        weights: Sequence[npt.ArrayLike],
        biases: Sequence[npt.ArrayLike] = (),
        dtype: npt.DTypeLike = np.float64,
    ) -> Parameters:
        """Build parameters from a weight matrix (and a bias vector) for each layer.

        Raises
        ------
        InvalidValue
            Where a matrix or a vector has not the shape that `network` asks for.
        """
        result = cls.zeros(network, dtype)
        expected = network.layer_count
        if len(weights) != expected or len(biases) != expected * network.bias:
            raise InvalidValue(
                f"weights=<{len(weights)} arrays>, biases=<{len(biases)} arrays>: must be {expected} and "
                f"{expected * network.bias} for a network of sizes {network.sizes}, bias={network.bias}"
            )
        for name, views, arrays in (("weights", result.weights, weights), ("biases", result.biases, biases)):
            for layer, array in enumerate(arrays):
                if np.shape(array) != views[layer].shape:
                    raise InvalidValue(
                        f"{name}[{layer}]=<array of shape {np.shape(array)}>: must have shape {views[layer].shape}"
                    )
                views[layer][...] = array
        return result

    @classmethod
    def from_tensors(cls, network: Network, tensors: Mapping[str, Array]) -> Parameters:
        """Build parameters from all tensors of a network, by name; the numbers are copied.

        Raises
        ------
        InvalidValue
            Where a tensor has not the shape that `network` asks for.
        """
        for name, where in network.tensors.items():
            if tensors[name].shape != where.shape:
                raise InvalidValue(
                    f"tensors[{name!r}]=<array of shape {tensors[name].shape}>: must have shape {where.shape}"
                )
        return cls(network, np.concatenate([tensors[name].ravel() for name in network.tensors]))

    def name_of(self, index: int) -> str:
        """Name a component of the vector: ``W1[0,2]`` or ``b2[0]`` (layers count from 1)."""
        for layer in range(self.network.layer_count):
            weight, bias = self.network.weight_slice(layer), self.network.bias_slice(layer)
            if weight.start <= index < weight.stop:
                row, column = divmod(index - weight.start, self.network.sizes[layer + 1])
                return f"W{layer + 1}[{row},{column}]"
            if bias.start <= index < bias.stop:
                return f"b{layer + 1}[{index - bias.start}]"
        raise InvalidValue(f"index={index}: must lie in 0..{self.network.parameter_count - 1}")

    def to_json(self) -> dict[str, Any]:
        """Return dtype and vector as plain JSON data; floats survive exactly, NaN and infinities too."""
        return {"dtype": str(self.dtype), "vector": numbers_to_json(self.vector)}

    @classmethod
    def from_json(cls, network: Network, data: Mapping[str, Any]) -> Parameters:
        """Rebuild parameters from `to_json`."""
        return cls(network, numbers_from_json(data["vector"], data["dtype"]))
