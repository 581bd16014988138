"""JAX: its gradient, activations, initializers, and the optimizers of `jax.example_libraries`.

Where it differs from the conventions of `symtests.network`, and what is done about it:

- ``jax.nn.gelu`` is the tanh approximation by default: the exact form is asked for;
- the derivative of ``jax.nn.relu`` at 0 is 0, that of ``jax.nn.leaky_relu`` is 1, not the slope;
- it has no losses: they are written with its `log_softmax`, `softplus` and `sigmoid`, as its users write them;
- ``adagrad`` has no epsilon and ``rmsprop`` adds it inside of the root: whatever their options, they move otherwise
  than `symtests.training.Training` says, and there is no ``adamw``. These three are not offered;
- ``uniform`` of `jax.nn.initializers` draws from 0 upwards: `jax.random.uniform` is asked for both signs;
- ``glorot_normal``, ``he_normal`` and ``lecun_normal`` are cut off at two standard deviations of a normal distribution
  which is wider by so much that the variance is that of the name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import jax
from jax import numpy as jnp
from jax.example_libraries import optimizers
from jax.nn import initializers

from symtests.implementations.base import Capabilities
from symtests.implementations.compiled_by_jax import TRUNCATED_STARTS, CompiledByJax, random_key
from symtests.implementations.jax_leaves import Leaves
from symtests.implementations.jax_library import Library, Settings
from symtests.initialization import STARTS_OF_BIASES
from symtests.network import LEAKY_SLOPE, Network

__all__ = ["ACTIVATIONS", "Jax"]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "logistic": jax.nn.sigmoid,
    "tanh": jax.nn.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": partial(jax.nn.leaky_relu, negative_slope=LEAKY_SLOPE),
    "softplus": jax.nn.softplus,
    "gelu": partial(jax.nn.gelu, approximate=False),
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "softsign": jax.nn.soft_sign,
    "hard_tanh": jax.nn.hard_tanh,
    "hard_sigmoid": jax.nn.hard_sigmoid,
}


def _huber(residual: Any) -> Any:
    size = jnp.abs(residual)
    return jnp.where(size <= 1, residual**2 / 2, size - 0.5)


_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda z, y: jnp.mean((z - y) ** 2, axis=-1),
    "bce": lambda z, y: jnp.mean(jax.nn.softplus(z) - y * z, axis=-1),
    "huber": lambda z, y: jnp.mean(_huber(z - y), axis=-1),
    "softmax_cross_entropy": lambda z, y: -jnp.sum(y * jax.nn.log_softmax(z), axis=-1),
    "logistic_mse": lambda z, y: jnp.mean((jax.nn.sigmoid(z) - y) ** 2, axis=-1),
}

_OPTIMIZERS: dict[str, Callable[[Settings], Any]] = {
    "sgd": lambda t: optimizers.sgd(t["learning_rate"]),
    "momentum": lambda t: optimizers.momentum(t["learning_rate"], t["momentum"]),
    "nesterov": lambda t: optimizers.nesterov(t["learning_rate"], t["momentum"]),
    "adam": lambda t: optimizers.adam(t["learning_rate"], t["mean_decay"], t["square_decay"], t["epsilon"]),
}

_STARTS: dict[str, Callable[..., Any]] = {
    "zeros": initializers.zeros,
    "constant": initializers.constant(0.5),
    "uniform": partial(jax.random.uniform, minval=-0.5, maxval=0.5),
    "normal": initializers.normal(1.0),
    "glorot_uniform": initializers.glorot_uniform(),
    "glorot_normal": initializers.glorot_normal(),
    "he_uniform": initializers.he_uniform(),
    "he_normal": initializers.he_normal(),
    "lecun_uniform": initializers.lecun_uniform(),
    "lecun_normal": initializers.lecun_normal(),
    "orthogonal": initializers.orthogonal(),
}


def _forward(network: Network, leaves: Leaves, x: Any, added: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return z_1 .. z_L, to each of which something is added, and a_0 .. a_{L-1}; the output layer is linear."""
    pre_activations: list[Any] = []
    activations = [x]
    for layer, leaf in enumerate(leaves):
        if layer > 0:
            activations.append(ACTIVATIONS[network.activations[layer - 1]](pre_activations[-1]))
        z = activations[-1] @ leaf["kernel"]
        pre_activations.append((z + leaf["bias"] if network.bias else z) + added[layer])
    return pre_activations, activations


def _loss(name: str, z: Any, y: Any, weights: Any) -> Any:
    return jnp.average(_LOSSES[name](z, y), weights=weights)


def _fresh_state(name: str, settings: Settings, theta: Any) -> Any:
    return _OPTIMIZERS[name](settings).init_fn(theta)


def _step(name: str, settings: Settings, step: Any, gradient: Any, state: Any, _: Any) -> tuple[Any, Any]:
    """Take a step; the state holds the parameters, too."""
    optimizer = _OPTIMIZERS[name](settings)
    state = optimizer.update_fn(step, gradient, state)
    return state, optimizer.params_fn(state)


def _start(network: Network, scheme: str, seed: int) -> Leaves:
    fill, fill_bias = _STARTS[scheme], _STARTS[scheme if scheme in STARTS_OF_BIASES else "zeros"]
    key = random_key(seed)
    leaves: Leaves = []
    for shape in pairwise(network.sizes):
        key, for_kernel, for_bias = jax.random.split(key, 3)
        leaves.append({"kernel": fill(for_kernel, shape, jnp.float64)})
        if network.bias:
            leaves[-1]["bias"] = fill_bias(for_bias, shape[1:], jnp.float64)
    return leaves


class Jax(CompiledByJax):
    """JAX on the CPU, in float32 or float64, compiled by `jax.jit`."""

    name = "jax"
    version = str(jax.__version__)
    capabilities = Capabilities(
        dtypes=("float32", "float64"),
        activations=tuple(ACTIVATIONS),
        losses=tuple(_LOSSES),
        optimizers=tuple(_OPTIMIZERS),
        few_shapes=True,
        start_distributions=TRUNCATED_STARTS,
    )
    library = Library(_forward, _loss, _fresh_state, _step, _start, _STARTS)
