"""What all libraries have in common that compute with JAX: compiled passes, the layout of parameters, float64.

JAX compiles a function for each shape of its arguments, in some tenths of a second, and then answers in microseconds: a
pass is compiled for a network, the number of samples and the dtype, and an optimizer's step for the number of
parameters alone, which are one vector to it: its arithmetic is the same for each. A training is a loop in Python, as in
the manuals of these libraries. Without `jax.jit`, each single operation would be compiled for each shape.

JAX rounds float64 to float32 without a word unless ``jax_enable_x64`` is set: here it is, for each call alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["CompiledByJax", "Leaves", "Library", "Settings", "float64_allowed", "to_parameters"]

Leaves = list[dict[str, Any]]
"""For each layer its ``kernel``, of shape (fan-in, fan-out), and its ``bias`` if there is one."""
Settings = dict[str, Any]
"""The numbers of a `Training`: plain floats, which take the dtype of the arrays that they meet."""
_Constants = tuple[tuple[str, float], ...]
_NO_SETTINGS = ("optimizer", "steps")


@dataclass(frozen=True, eq=False)
class Library:
    """What a library computes with JAX's arrays.

    Parameters
    ----------
    forward
        Returns z_1 .. z_L and a_0 .. a_{L-1} for a network, its leaves, the inputs, and what is added to each z.
    loss
        Returns the mean loss for its name, the outputs, the targets and the weights of the samples or None.
    fresh_state
        Returns the optimizer's state before the first step, for its name, its settings and the vector of parameters.
    step
        Returns state and parameters after a step, for the name, the settings, the number of steps before, the gradient,
        the state and the parameters.
    constants
        Names of the settings that it has to know when a step is compiled.
    """

    forward: Callable[[Network, Leaves, Any, Sequence[Any]], tuple[list[Any], list[Any]]]
    loss: Callable[[str, Any, Any, Any], Any]
    fresh_state: Callable[[str, Settings, Any], Any]
    step: Callable[[str, Settings, Any, Any, Any, Any], tuple[Any, Any]]
    constants: tuple[str, ...] = ()


class CompiledByJax:
    """The answers of a library that computes with JAX; who extends it names the library."""

    library: Library

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        with float64_allowed():
            return np.asarray(_outputs(self.library, network, _leaves(parameters), x))

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the library's loss and its gradient by `jax.value_and_grad`."""
        with float64_allowed():
            loss, gradient = _loss_and_gradient(self.library, network, _leaves(parameters), *_arrays(batch))
            return float(loss), to_parameters(network, gradient)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return the stages of one pass; an error signal is the gradient by a zero that is added to z."""
        with float64_allowed():
            zeros = [np.zeros((len(batch), size), parameters.dtype) for size in network.sizes[1:]]
            found = _stages(self.library, network, zeros, _leaves(parameters), *_arrays(batch))
            return Stages(*(tuple(map(np.asarray, arrays)) for arrays in found))

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps of the library's optimizer of that name."""
        numbers = {name: float(value) for name, value in training.to_json().items() if name not in _NO_SETTINGS}
        constants = tuple((name, numbers.pop(name)) for name in self.library.constants)
        optimizer, theta = training.optimizer, parameters.copy()
        with float64_allowed():
            arrays, leaves = _arrays(batch), _leaves(theta)  # the leaves are parts of the vector
            state = _fresh_state(self.library, optimizer, constants, numbers, theta.vector)
            for step in range(training.steps):
                gradient = to_parameters(network, _loss_and_gradient(self.library, network, leaves, *arrays)[1]).vector
                state, after = _step(self.library, optimizer, constants, numbers, step, gradient, state, theta.vector)
                theta.vector[...] = after
            return theta


def float64_allowed() -> Any:
    """Return a context in which JAX computes in the dtype of its arguments, whatever the user has set."""
    return jax.enable_x64(True)


def to_parameters(network: Network, leaves: Leaves) -> Parameters:
    """Return the parameters that arrays of JAX hold."""
    weights = [np.asarray(layer["kernel"]) for layer in leaves]
    biases = [np.asarray(layer["bias"]) for layer in leaves] if network.bias else []
    return Parameters.from_layers(network, weights, biases, weights[0].dtype)


def _leaves(parameters: Parameters) -> Leaves:
    if not parameters.network.bias:
        return [{"kernel": weight} for weight in parameters.weights]
    return [{"kernel": w, "bias": b} for w, b in zip(parameters.weights, parameters.biases, strict=True)]


def _arrays(batch: Batch) -> tuple[Array, Array, Array | None]:
    return batch.x, batch.y, batch.sample_weights


@partial(jax.jit, static_argnums=(0, 1))
def _outputs(library: Library, network: Network, leaves: Leaves, x: Any) -> Any:
    return library.forward(network, leaves, x, [0.0] * len(leaves))[0][-1]


@partial(jax.jit, static_argnums=(0, 1))
def _loss_and_gradient(library: Library, network: Network, leaves: Leaves, x: Any, y: Any, weights: Any) -> Any:
    def loss(at: Leaves) -> Any:
        return library.loss(network.loss, library.forward(network, at, x, [0.0] * len(at))[0][-1], y, weights)

    return jax.value_and_grad(loss)(leaves)


@partial(jax.jit, static_argnums=(0, 1))
def _stages(library: Library, network: Network, zeros: list[Any], leaves: Leaves, x: Any, y: Any, weights: Any) -> Any:
    def loss(added: list[Any]) -> Any:
        kinds = library.forward(network, leaves, x, added)
        return library.loss(network.loss, kinds[0][-1], y, weights), kinds

    error_signals, kinds = jax.grad(loss, has_aux=True)(zeros)
    return (*kinds, error_signals)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _fresh_state(library: Library, optimizer: str, constants: _Constants, numbers: Settings, theta: Any) -> Any:
    return library.fresh_state(optimizer, {**numbers, **dict(constants)}, theta)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _step(
    library: Library,
    optimizer: str,
    constants: _Constants,
    numbers: Settings,
    step: Any,
    gradient: Any,
    state: Any,
    theta: Any,
) -> Any:
    return library.step(optimizer, {**numbers, **dict(constants)}, step, gradient, state, theta)
