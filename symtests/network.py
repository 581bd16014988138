"""The network that is trained, as plain data.

Conventions that every part of the project shares
-------------------------------------------------
A network with layer sizes ``n_0, n_1, ..., n_L`` computes, from ``a_0 = x``,

    z_l = a_{l-1} W_l + b_l        (pre-activation; W_l has shape (n_{l-1}, n_l): fan-in by fan-out)
    a_l = sigma_l(z_l)             (hidden layers l < L)

The output layer is linear, ``z = z_L``; what the loss does with z is the loss's own affair:

    mse                     L = sum_i s_i sum_k (z_ik - y_ik)^2            / (S m)
    logistic_mse            L = sum_i s_i sum_k (logistic(z_ik) - y_ik)^2  / (S m)
    bce                     L = sum_i s_i sum_k (softplus(z_ik) - y_ik z_ik) / (S m)
    softmax_cross_entropy   L = sum_i s_i sum_k y_ik (logsumexp(z_i) - z_ik) / S

with m outputs, sample weights s_i (1 unless given) and S = sum_i s_i, which is the batch size N
where no weights are given.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from symtests.model.activations import ACTIVATIONS, LEAKY_SLOPE
from symtests.model.groups import Group, Part, Positions
from symtests.model.losses import LOSSES
from symtests.model.optimizers import OPTIMIZERS
from symtests.validation import InvalidValue, integer_at_least, one_of, true_or_false

__all__ = [
    "ACTIVATIONS",
    "DTYPES",
    "LEAKY_SLOPE",
    "LOSSES",
    "OPTIMIZERS",
    "Network",
]

DTYPES: Final = ("float32", "float64")


@dataclass(frozen=True, init=False)
class Network:
    """Layer sizes, hidden activations, loss, and whether the layers have biases.

    Parameters
    ----------
    sizes
        ``(inputs, hidden..., outputs)``: at least two whole numbers of at least 1.
    activations
        One name of `ACTIVATIONS` for each hidden layer; a single name stands for all of them.
    loss
        One name of `LOSSES`.
    bias
        Whether every layer adds a bias.

    Raises
    ------
    InvalidValue
        Where an argument is none of these.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    bias: bool

    # Written out, not generated: more kinds of arguments are accepted than are kept.
    def __init__(
        self, sizes: Iterable[int], activations: Iterable[str] = (), loss: str = "mse", bias: bool = True
    ) -> None:
        checked_sizes = _checked_sizes(sizes)
        object.__setattr__(self, "sizes", checked_sizes)
        object.__setattr__(self, "activations", _checked_activations(activations, checked_sizes))
        object.__setattr__(self, "loss", one_of("loss", loss, LOSSES))
        object.__setattr__(self, "bias", true_or_false("bias", bias))

    @property
    def layer_count(self) -> int:
        """Number of weight matrices, L."""
        return len(self.sizes) - 1

    @property
    def hidden_sizes(self) -> tuple[int, ...]:
        """Number of units of each hidden layer."""
        return self.sizes[1:-1]

    @property
    def parameter_count(self) -> int:
        """Length n of the parameter vector."""
        return self._starts[-1]

    def weight_slice(self, layer: int) -> slice:
        """Where W of this layer (0 is the first) lies in the parameter vector, row by row."""
        start = self._starts[self._checked_layer(layer)]
        return slice(start, start + self.sizes[layer] * self.sizes[layer + 1])

    def bias_slice(self, layer: int) -> slice:
        """Where b of this layer lies in the parameter vector: behind W; empty without biases."""
        stop = self._starts[self._checked_layer(layer) + 1]
        return slice(stop - self.sizes[layer + 1] * self.bias, stop)

    @cached_property
    def tensors(self) -> dict[str, Positions]:
        """Where ``W1``, ``b1``, ``W2``, ... lie in the parameter vector, in their own shapes: W[fan_in, fan_out]."""
        every, found = np.arange(self.parameter_count), {}
        for layer in range(self.layer_count):
            found[f"W{layer + 1}"] = every[self.weight_slice(layer)].reshape(self.sizes[layer : layer + 2])
            if self.bias:
                found[f"b{layer + 1}"] = every[self.bias_slice(layer)]
        return found

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The hidden units of each hidden layer: columns of W, b, and rows of the weights of the layer above."""
        return tuple(_units(layer, size, self.bias) for layer, size in enumerate(self.hidden_sizes, 1))

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """How many parameters lie before each layer; before the end, too."""
        counts = ((m + self.bias) * k for m, k in zip(self.sizes[:-1], self.sizes[1:], strict=True))
        return tuple(itertools.accumulate(counts, initial=0))

    def _checked_layer(self, layer: int) -> int:
        if 0 <= layer < self.layer_count:
            return layer
        raise InvalidValue(f"layer={layer}: must lie in 0..{self.layer_count - 1} for a network of sizes {self.sizes}")

    def to_json(self) -> dict[str, Any]:
        """Return the network as plain JSON data."""
        return {"sizes": list(self.sizes), "activations": list(self.activations), "loss": self.loss, "bias": self.bias}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Network:
        """Rebuild a network from `to_json`."""
        return cls(tuple(data["sizes"]), tuple(data["activations"]), data["loss"], data["bias"])


def _units(layer: int, size: int, bias: bool) -> Group:
    """Return the units of a hidden layer (1 is the first)."""
    units = np.arange(size)[:, np.newaxis]
    incoming = (Part((f"W{layer}",), 1, units), *([Part((f"b{layer}",), 0, units)] if bias else []))
    outgoing = Part((f"W{layer + 1}",), 0, units, outgoing=True)
    return Group(f"layer {layer}", "hidden units", size, (*incoming, outgoing))


def _checked_sizes(sizes: Iterable[int]) -> tuple[int, ...]:
    if not isinstance(sizes, Iterable):
        raise InvalidValue(f"sizes={sizes!r}: must name the inputs and the outputs at least, as in (2, 3, 1)")
    checked = tuple(integer_at_least("sizes", n, 1) for n in sizes)
    if len(checked) < 2:
        raise InvalidValue(f"sizes={checked}: must name the inputs and the outputs at least, as in (2, 3, 1)")
    return checked


def _checked_activations(activations: Iterable[str], sizes: tuple[int, ...]) -> tuple[str, ...]:
    hidden = len(sizes) - 2
    if isinstance(activations, str):
        return (one_of("activations", activations, ACTIVATIONS),) * hidden
    names = tuple(activations) if isinstance(activations, Iterable) else (activations,)
    for name in names:
        one_of("activations", name, ACTIVATIONS)
    if len(names) != hidden:
        raise InvalidValue(
            f"activations={names}: must be {hidden} names, one for each hidden layer of a network of sizes {sizes}"
        )
    return names
