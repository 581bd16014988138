"""What Keras calls the activations, losses, optimizers and initializations of `symtests.network`.

Where it differs, and what is done about it:

- losses compute in ``floatx``, whatever the dtype of the data: each is told the dtype of the parameters;
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
from collections.abc import Callable
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")  # read once, when Keras is imported
import keras

from symtests.implementations.jax_library import Settings
from symtests.network import LEAKY_SLOPE
from symtests.validation import InvalidValue

__all__ = ["ACTIVATIONS", "LOSSES", "OPTIMIZERS", "STARTS", "keras"]

if keras.config.backend() != "jax":
    raise InvalidValue(
        f"KERAS_BACKEND={keras.config.backend()!r}: must be 'jax' for this adapter; unset it, or set it to 'jax'"
    )

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": keras.activations.linear,
    "logistic": keras.activations.sigmoid,
    "tanh": keras.activations.tanh,
    "relu": keras.activations.relu,
    "leaky_relu": lambda z: keras.activations.leaky_relu(z, negative_slope=LEAKY_SLOPE),
    "softplus": keras.activations.softplus,
    "gelu": keras.activations.gelu,
    "silu": keras.activations.silu,
    "mish": keras.activations.mish,
    "elu": keras.activations.elu,
    "selu": keras.activations.selu,
    "softsign": keras.activations.softsign,
    "hard_tanh": keras.activations.hard_tanh,
    "hard_sigmoid": keras.activations.hard_sigmoid,
}

_MEAN = "mean_with_sample_weight"
LOSSES: dict[str, Callable[[str], Any]] = {
    "mse": lambda dtype: keras.losses.MeanSquaredError(_MEAN, dtype=dtype),
    "bce": lambda dtype: keras.losses.BinaryCrossentropy(from_logits=True, reduction=_MEAN, dtype=dtype),
    "softmax_cross_entropy": lambda dtype: keras.losses.CategoricalCrossentropy(
        from_logits=True, reduction=_MEAN, dtype=dtype
    ),
    "huber": lambda dtype: keras.losses.Huber(1.0, _MEAN, dtype=dtype),
    "logistic_mse": lambda dtype: keras.losses.MeanSquaredError(_MEAN, dtype=dtype),
}

OPTIMIZERS: dict[str, Callable[[Settings], Any]] = {
    "sgd": lambda _: keras.optimizers.SGD(0.0),
    "momentum": lambda t: keras.optimizers.SGD(0.0, t["momentum"]),
    "nesterov": lambda t: keras.optimizers.SGD(0.0, t["momentum"], nesterov=True),
}

STARTS: dict[str, Callable[[Any], Any]] = {
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
