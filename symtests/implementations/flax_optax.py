"""Flax with Optax: the linear layers of `flax.nnx`, and Optax's losses and optimizers, differentiated by JAX.

Where they differ from the conventions of `symtests.network`, and what is done about it:

- the numbers of a layer are float32 unless ``param_dtype`` says otherwise: it gets the dtype of the parameters;
- ``nnx.gelu`` is the tanh approximation by default: the exact form is asked for;
- the derivative of ``nnx.relu`` at 0 is 0, that of ``nnx.leaky_relu`` is 1, not the slope;
- ``optax.l2_loss`` is half of the square: ``optax.squared_error`` is asked for. Optax's losses are one for each sample
  (and output); the mean is the user's;
- ``optax.rmsprop`` adds epsilon inside of the root unless ``eps_in_sqrt=False``: so it is asked;
- ``optax.adagrad`` starts from squares of 0.1, which an option can set to 0, and adds epsilon inside of the root, which
  none can change: it moves otherwise than `symtests.training.Training` says, and is not offered;
- ``optax.adamw`` decays by 0.0001 unless told: it is told;
- initializers are JAX's: `symtests.implementations.jax_gradients` says how they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import flax
import jax
import optax
from flax import nnx
from jax import numpy as jnp

from symtests.implementations.base import DEFAULT_START, Capabilities
from symtests.implementations.compiled_by_jax import TRUNCATED_STARTS, CompiledByJax, random_key
from symtests.implementations.jax_leaves import Leaves
from symtests.implementations.jax_library import Library, Settings
from symtests.initialization import STARTS_OF_BIASES
from symtests.network import LEAKY_SLOPE, Network

__all__ = ["FlaxOptax"]

_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": nnx.identity,
    "logistic": nnx.sigmoid,
    "tanh": nnx.tanh,
    "relu": nnx.relu,
    "leaky_relu": partial(nnx.leaky_relu, negative_slope=LEAKY_SLOPE),
    "softplus": nnx.softplus,
    "gelu": partial(nnx.gelu, approximate=False),
    "silu": nnx.silu,
    "mish": jax.nn.mish,
    "elu": nnx.elu,
    "selu": nnx.selu,
    "softsign": nnx.soft_sign,
    "hard_tanh": nnx.hard_tanh,
    "hard_sigmoid": nnx.hard_sigmoid,
}

_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda z, y: optax.squared_error(z, y).mean(axis=-1),
    "bce": lambda z, y: optax.sigmoid_binary_cross_entropy(z, y).mean(axis=-1),
    "softmax_cross_entropy": optax.softmax_cross_entropy,
    "huber": lambda z, y: optax.huber_loss(z, y, delta=1.0).mean(axis=-1),
    "logistic_mse": lambda z, y: optax.squared_error(nnx.sigmoid(z), y).mean(axis=-1),
}

_OPTIMIZERS: dict[str, Callable[[Settings], Any]] = {
    "sgd": lambda t: optax.sgd(t["learning_rate"]),
    "momentum": lambda t: optax.sgd(t["learning_rate"], t["momentum"]),
    "nesterov": lambda t: optax.sgd(t["learning_rate"], t["momentum"], nesterov=True),
    "adam": lambda t: optax.adam(t["learning_rate"], t["mean_decay"], t["square_decay"], t["epsilon"]),
    "adamw": lambda t: optax.adamw(
        t["learning_rate"], t["mean_decay"], t["square_decay"], t["epsilon"], weight_decay=t["weight_decay"]
    ),
    "rmsprop": lambda t: optax.rmsprop(t["learning_rate"], t["square_decay"], t["epsilon"], eps_in_sqrt=False),
}

_START = nnx.initializers
_STARTS: dict[str, Callable[..., Any]] = {
    "zeros": _START.zeros_init(),
    "constant": _START.constant(0.5),
    "uniform": partial(jax.random.uniform, minval=-0.5, maxval=0.5),
    "normal": _START.normal(1.0),
    "glorot_uniform": _START.glorot_uniform(),
    "glorot_normal": _START.glorot_normal(),
    "he_uniform": _START.he_uniform(),
    "he_normal": _START.he_normal(),
    "lecun_uniform": _START.lecun_uniform(),
    "lecun_normal": _START.lecun_normal(),
    "orthogonal": _START.orthogonal(),
}


def _layers(sizes: tuple[int, ...], bias: bool, dtype: Any, scheme: str, rngs: nnx.Rngs) -> list[nnx.Linear]:
    layer = partial(nnx.Linear, use_bias=bias, param_dtype=dtype)
    if scheme != DEFAULT_START:
        fill_bias = _STARTS[scheme if scheme in STARTS_OF_BIASES else "zeros"]
        layer = partial(layer, kernel_init=_STARTS[scheme], bias_init=fill_bias)
    return [layer(*shape, rngs=rngs) for shape in pairwise(sizes)]


def _forward(network: Network, leaves: Leaves, x: Any, added: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return z_1 .. z_L, to each of which something is added, and a_0 .. a_{L-1}; the output layer is linear."""
    layers = nnx.eval_shape(lambda: _layers(network.sizes, network.bias, x.dtype, "zeros", nnx.Rngs(0)))
    pre_activations: list[Any] = []
    activations = [x]
    for number, (layer, leaf) in enumerate(zip(layers, leaves, strict=True)):
        nnx.update(layer, leaf)
        if number > 0:
            activations.append(_ACTIVATIONS[network.activations[number - 1]](pre_activations[-1]))
        pre_activations.append(layer(activations[-1]) + added[number])
    return pre_activations, activations


def _loss(name: str, z: Any, y: Any, weights: Any) -> Any:
    return jnp.average(_LOSSES[name](z, y), weights=weights)


def _fresh_state(name: str, settings: Settings, theta: Any) -> Any:
    return _OPTIMIZERS[name](settings).init(theta)


def _step(name: str, settings: Settings, _: Any, gradient: Any, state: Any, theta: Any) -> tuple[Any, Any]:
    """Take a step; the state counts the steps itself."""
    updates, state = _OPTIMIZERS[name](settings).update(gradient, state, theta)
    return state, optax.apply_updates(theta, updates)


def _start(network: Network, scheme: str, seed: int) -> Leaves:
    layers = _layers(network.sizes, network.bias, jnp.float64, scheme, nnx.Rngs(random_key(seed)))
    return [nnx.to_pure_dict(nnx.state(layer, nnx.Param)) for layer in layers]


_START_DISTRIBUTIONS = {DEFAULT_START: TRUNCATED_STARTS["lecun_normal"], **TRUNCATED_STARTS}
"""As its manual says of Linear, its own start is lecun_normal, with biases at zero."""


class FlaxOptax(CompiledByJax):
    """Flax's layers with Optax's losses and optimizers, on the CPU, in float32 or float64, compiled by `jax.jit`."""

    name = "flax"
    version = f"{flax.__version__} with optax {optax.__version__}"
    capabilities = Capabilities(
        dtypes=("float32", "float64"),
        activations=tuple(_ACTIVATIONS),
        losses=tuple(_LOSSES),
        optimizers=tuple(_OPTIMIZERS),
        few_shapes=True,
        start_distributions=_START_DISTRIBUTIONS,
    )
    library = Library(_forward, _loss, _fresh_state, _step, _start, (*_STARTS, DEFAULT_START))
