"""Keras 3 on its JAX backend: its dense layers, activations, losses, optimizers and initializers.

A training is the loop that its manual shows for JAX: the loss of ``stateless_call`` is differentiated by JAX, and
``stateless_apply`` takes the step; ``train_on_batch`` does the same, but is compiled anew for each model.

Where it differs from the conventions of `symtests.network`, and what is done about it:

- float64 is not offered: on this backend ``keras.ops.mean`` and ``tanh`` compute in float32 whatever they are told,
  even with ``floatx`` set to float64, and so does every loss that takes a mean;
- layers and losses compute in ``floatx``, whatever the dtype of the data; an optimizer keeps its learning rate so, too.
  Each is told the dtype of the parameters, and the rate is handed over in it;
- ``sum_over_batch_size``, its usual mean, divides by the number of samples even if these have weights:
  ``mean_with_sample_weight`` is asked for, which divides by the sum of the weights;
- ``leaky_relu`` has the slope 0.2 unless told, and the derivative 1 at 0; ``gelu`` is the exact form;
- the velocity of ``SGD`` holds the learning rate, which is the same as long as the rate does not change;
- ``Adam`` and ``AdamW`` add epsilon to the root before its bias is corrected, ``RMSprop`` and ``Adagrad`` add it inside
  of the root: whatever their options, they move otherwise than `symtests.training.Training` says, and are not offered;
- ``GlorotNormal``, ``HeNormal`` and ``LecunNormal`` are cut off at two standard deviations of a normal distribution
  which is wider by so much that the variance is that of the name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import jax
import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")  # read once, when Keras is imported
import keras

from symtests.implementations.base import Capabilities
from symtests.implementations.compiled_by_jax import (
    CompiledByJax,
    Leaves,
    Library,
    Settings,
    float64_allowed,
    to_parameters,
)
from symtests.network import LEAKY_SLOPE, Network
from symtests.parameters import Parameters
from symtests.validation import InvalidValue, one_of

__all__ = ["Keras"]

if keras.config.backend() != "jax":
    raise InvalidValue(
        f"KERAS_BACKEND={keras.config.backend()!r}: must be 'jax' for this adapter; unset it, or set it to 'jax'"
    )

_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": keras.activations.linear,
    "logistic": keras.activations.sigmoid,
    "tanh": keras.activations.tanh,
    "relu": keras.activations.relu,
    "leaky_relu": lambda z: keras.activations.leaky_relu(z, negative_slope=LEAKY_SLOPE),
    "softplus": keras.activations.softplus,
    "gelu": keras.activations.gelu,
    "silu": keras.activations.silu,
}

_MEAN = "mean_with_sample_weight"
_LOSSES: dict[str, Callable[[str], Any]] = {
    "mse": lambda dtype: keras.losses.MeanSquaredError(_MEAN, dtype=dtype),
    "bce": lambda dtype: keras.losses.BinaryCrossentropy(from_logits=True, reduction=_MEAN, dtype=dtype),
    "softmax_cross_entropy": lambda dtype: keras.losses.CategoricalCrossentropy(
        from_logits=True, reduction=_MEAN, dtype=dtype
    ),
    "logistic_mse": lambda dtype: keras.losses.MeanSquaredError(_MEAN, dtype=dtype),
}

_OPTIMIZERS: dict[str, Callable[[Settings], Any]] = {
    "sgd": lambda _: keras.optimizers.SGD(0.0),
    "momentum": lambda t: keras.optimizers.SGD(0.0, t["momentum"]),
    "nesterov": lambda t: keras.optimizers.SGD(0.0, t["momentum"], nesterov=True),
}

_STARTS: dict[str, Callable[[Any], Any]] = {
    "zeros": lambda _: keras.initializers.Zeros(),
    "constant": lambda _: keras.initializers.Constant(0.5),
    "uniform": lambda seed: keras.initializers.RandomUniform(-0.5, 0.5, seed=seed),
    "normal": lambda seed: keras.initializers.RandomNormal(0.0, 1.0, seed=seed),
    "glorot_uniform": lambda seed: keras.initializers.GlorotUniform(seed=seed),
    "glorot_normal": lambda seed: keras.initializers.GlorotNormal(seed=seed),
    "he_uniform": lambda seed: keras.initializers.HeUniform(seed=seed),
    "he_normal": lambda seed: keras.initializers.HeNormal(seed=seed),
    "lecun_uniform": lambda seed: keras.initializers.LecunUniform(seed=seed),
    "lecun_normal": lambda seed: keras.initializers.LecunNormal(seed=seed),
    "orthogonal": lambda seed: keras.initializers.Orthogonal(seed=seed),
}


def _forward(network: Network, leaves: Leaves, x: Any, added: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return z_1 .. z_L, to each of which something is added, and a_0 .. a_{L-1}; the output layer is linear."""
    pre_activations: list[Any] = []
    activations = [x]
    for number, leaf in enumerate(leaves):
        if number > 0:
            activations.append(_ACTIVATIONS[network.activations[number - 1]](pre_activations[-1]))
        fan_in, fan_out = network.sizes[number : number + 2]
        with jax.ensure_compile_time_eval():  # its variables are not part of what is compiled
            layer = keras.layers.Dense(fan_out, use_bias=network.bias, kernel_initializer="zeros", dtype=str(x.dtype))
            layer.build((None, fan_in))
        z, _ = layer.stateless_call([leaf[name] for name in ("kernel", "bias") if name in leaf], [], activations[-1])
        pre_activations.append(z + added[number])
    return pre_activations, activations


def _loss(name: str, z: Any, y: Any, weights: Any) -> Any:
    outputs = keras.activations.sigmoid(z) if name == "logistic_mse" else z
    return _LOSSES[name](str(z.dtype))(y, outputs, sample_weight=weights)


def _optimizer(name: str, settings: Settings, theta: Any) -> Any:
    """Return an optimizer that is ready for a variable like theta."""
    with jax.ensure_compile_time_eval():
        optimizer = _OPTIMIZERS[name](settings)
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


class Keras(CompiledByJax):
    """Keras on the JAX backend, on the CPU, in float32."""

    name = "keras"
    version = f"{keras.__version__} with jax {jax.__version__}"
    capabilities = Capabilities(dtypes=("float32",), optimizers=tuple(_OPTIMIZERS), few_shapes=True)
    library = Library(_forward, _loss, _fresh_state, _step, constants=("momentum",))

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return a start by `keras.initializers`, in float64."""
        one_of("scheme", scheme, _STARTS)
        with float64_allowed():
            random = keras.random.SeedGenerator(seed)
            fill = _STARTS[scheme](random)
            fill_bias = fill if scheme in ("constant", "uniform", "normal") else _STARTS["zeros"](random)
            leaves: Leaves = []
            for shape in pairwise(network.sizes):
                leaves.append({"kernel": fill(shape, "float64")})
                if network.bias:
                    leaves[-1]["bias"] = fill_bias(shape[1:], "float64")
            return to_parameters(network, leaves)
