"""What all libraries have in common that compute with JAX: passes and steps that are compiled for each shape.

JAX compiles a function for each shape of its arguments, in some tenths of a second, and then answers in microseconds: a
pass is compiled for a network, the number of samples and the dtype, and an optimizer's step for the number of
parameters alone, which are one vector to it: its arithmetic is the same for each. A training is a loop in Python, as in
the manuals of these libraries. Without `jax.jit`, each single operation would be compiled for each shape.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.jax_leaves import Leaves, float64_allowed, to_leaves, to_parameters
from symtests.implementations.jax_library import Library, Settings
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.start_distributions import Drawn, StartDistribution
from symtests.training import Training
from symtests.validation import one_of

__all__ = ["TRUNCATED_STARTS", "CompiledByJax", "random_key"]

TRUNCATED_STARTS = {
    f"{author}_normal": StartDistribution(Drawn("truncated_normal", scale, fan), Drawn("constant", 0.0))
    for author, scale, fan in (("glorot", 1.0, "fan_avg"), ("he", 2.0, "fan_in"), ("lecun", 1.0, "fan_in"))
}
"""Starts that JAX and Keras cut off at two standard deviations, scaled so that the variance is right."""

_Constants = tuple[tuple[str, float], ...]
_NO_SETTINGS = ("optimizer", "steps")


class CompiledByJax:
    """The answers of a library that computes with JAX; who extends it names the library."""

    library: Library

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return a start by the library's own initializers, in float64."""
        one_of("scheme", scheme, self.library.starts)
        with float64_allowed():
            return to_parameters(network, self.library.start(network, scheme, seed))

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        with float64_allowed():
            return np.asarray(_outputs(self.library, network, to_leaves(parameters), x))

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the library's loss and its gradient by `jax.value_and_grad`."""
        with float64_allowed():
            loss, gradient = _loss_and_gradient(self.library, network, to_leaves(parameters), *_arrays(batch))
            return float(loss), to_parameters(network, gradient)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return the stages of one pass; an error signal is the gradient by a zero that is added to z."""
        with float64_allowed():
            zeros = [np.zeros((len(batch), size), parameters.dtype) for size in network.sizes[1:]]
            found = _stages(self.library, network, zeros, to_leaves(parameters), *_arrays(batch))
            return Stages(*(tuple(map(np.asarray, arrays)) for arrays in found))

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps of the library's optimizer of that name."""
        numbers = {name: float(value) for name, value in training.to_json().items() if name not in _NO_SETTINGS}
        constants = tuple((name, numbers.pop(name)) for name in self.library.constants)
        optimizer, theta = training.optimizer, parameters.copy()
        with float64_allowed():
            arrays, leaves = _arrays(batch), to_leaves(theta)  # the leaves are parts of the vector
            state = _fresh_state(self.library, optimizer, constants, numbers, theta.vector)
            for step in range(training.steps):
                gradient = to_parameters(network, _loss_and_gradient(self.library, network, leaves, *arrays)[1]).vector
                state, after = _step(self.library, optimizer, constants, numbers, step, gradient, state, theta.vector)
                theta.vector[...] = after
            return theta


def random_key(seed: int) -> Any:
    """Return a key of the generator that JAX compiles in half the time that its usual one takes."""
    return jax.random.key(seed, impl="rbg")


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
