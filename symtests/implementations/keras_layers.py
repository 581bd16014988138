"""Keras 3 on its JAX backend: its dense layers, activations, losses, optimizers and initializers.

A training is the loop that its manual shows for JAX: the loss of ``stateless_call`` is differentiated by JAX, and
``stateless_apply`` takes the step; ``train_on_batch`` does the same, but is compiled anew for each model.

Where it differs from the conventions of `symtests.network`, and what is done about it:

- float64 is not offered: on this backend ``keras.ops.mean`` and ``tanh`` compute in float32 whatever they are told,
  even with ``floatx`` set to float64, and so does every loss that takes a mean;
- layers compute in ``floatx``, whatever the dtype of the data; an optimizer keeps its learning rate so, too. Each is
  told the dtype of the parameters, and the rate is handed over in it.

The other differences are in `symtests.implementations.keras_functions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import jax
import numpy as np

from symtests.implementations.base import DEFAULT_START, Capabilities
from symtests.implementations.compiled_by_jax import TRUNCATED_STARTS, CompiledByJax
from symtests.implementations.jax_leaves import Leaves
from symtests.implementations.jax_library import Library, Settings
from symtests.implementations.keras_functions import ACTIVATIONS, LOSSES, OPTIMIZERS, STARTS, keras
from symtests.initialization import STARTS_OF_BIASES
from symtests.network import Network
from symtests.start_distributions import Drawn, StartDistribution

__all__ = ["Keras"]


def _forward(network: Network, leaves: Leaves, x: Any, added: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return z_1 .. z_L, to each of which something is added, and a_0 .. a_{L-1}; the output layer is linear."""
    pre_activations: list[Any] = []
    activations = [x]
    for number, leaf in enumerate(leaves):
        if number > 0:
            activations.append(ACTIVATIONS[network.activations[number - 1]](pre_activations[-1]))
        fan_in, fan_out = network.sizes[number : number + 2]
        with jax.ensure_compile_time_eval():  # its variables are not part of what is compiled
            layer = keras.layers.Dense(fan_out, use_bias=network.bias, kernel_initializer="zeros", dtype=str(x.dtype))
            layer.build((None, fan_in))
        z, _ = layer.stateless_call([leaf[name] for name in ("kernel", "bias") if name in leaf], [], activations[-1])
        pre_activations.append(z + added[number])
    return pre_activations, activations


def _loss(name: str, z: Any, y: Any, weights: Any) -> Any:
    outputs = keras.activations.sigmoid(z) if name == "logistic_mse" else z
    return LOSSES[name](str(z.dtype))(y, outputs, sample_weight=weights)


def _optimizer(name: str, settings: Settings, theta: Any) -> Any:
    """Return an optimizer that is ready for a variable like theta."""
    with jax.ensure_compile_time_eval():
        optimizer = OPTIMIZERS[name](settings)
        optimizer.build([keras.Variable(np.zeros(theta.shape, theta.dtype), dtype=str(theta.dtype))])
    return optimizer


def _fresh_state(name: str, settings: Settings, theta: Any) -> Any:
    return [variable.value for variable in _optimizer(name, settings, theta).variables]


def _step(name: str, settings: Settings, _: Any, gradient: Any, state: Any, theta: Any) -> tuple[Any, Any]:
    """Take a step; the state counts the steps itself."""
    optimizer = _optimizer(name, settings, theta)
    rate = optimizer.learning_rate
    state = [settings["learning_rate"] if v is rate else now for v, now in zip(optimizer.variables, state, strict=True)]
    after, state = optimizer.stateless_apply(state, [gradient], [theta])
    return state, after[0]


def _start(network: Network, scheme: str, seed: int) -> Leaves:
    random = keras.random.SeedGenerator(seed)
    layer = keras.layers.Dense(1)
    own = scheme == DEFAULT_START
    fill = type(layer.kernel_initializer)(seed=random) if own else STARTS[scheme](random)
    fill_bias = layer.bias_initializer if own else fill if scheme in STARTS_OF_BIASES else STARTS["zeros"](random)
    leaves: Leaves = []
    for shape in pairwise(network.sizes):
        leaves.append({"kernel": fill(shape, "float64")})
        if network.bias:
            leaves[-1]["bias"] = fill_bias(shape[1:], "float64")
    return leaves


_START_DISTRIBUTIONS = {
    # As its manual says of Dense: glorot_uniform, and zeros.
    DEFAULT_START: StartDistribution(Drawn("uniform", 1.0, "fan_avg"), Drawn("constant", 0.0)),
    **TRUNCATED_STARTS,
}


class Keras(CompiledByJax):
    """Keras on the JAX backend, on the CPU, in float32."""

    name = "keras"
    version = f"{keras.__version__} with jax {jax.__version__}"
    capabilities = Capabilities(
        dtypes=("float32",),
        activations=tuple(ACTIVATIONS),
        losses=tuple(LOSSES),
        optimizers=tuple(OPTIMIZERS),
        few_shapes=True,
        start_distributions=_START_DISTRIBUTIONS,
    )
    library = Library(_forward, _loss, _fresh_state, _step, _start, (*STARTS, DEFAULT_START), constants=("momentum",))
