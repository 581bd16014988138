"""What PyTorch calls the activations, losses, optimizers and initializations of `symtests.network`.

Where it differs, and what is done about it:

- ``softplus`` answers z itself above ``threshold=20``, where log(1 + exp(-z)) = 2e-9 still counts in float64: it is
  asked to do so above `SOFTPLUS_THRESHOLD`;
- ``gelu`` is the exact form, as long as ``approximate="tanh"`` is not asked for;
- ``leaky_relu`` rounds its slope to the dtype; its derivative at 0 is the slope, and that of relu at 0 is 0;
- ``hardsigmoid`` has the slope of hard_sigmoid, but in float64 its backward pass multiplies by a float32 1/6, which
  GRAD1 and OWN1 find: it is not offered;
- the means of ``mse_loss`` and ``binary_cross_entropy_with_logits`` run over samples and outputs, that of
  ``cross_entropy`` over samples: as ours. None of them knows weights of samples, so there the unreduced
  losses are asked for;
- momentum starts with v = g and takes the whole gradient (``dampening=0``): as ours; with ``nesterov=True`` it refuses
  mu = 0, which is plain descent;
- ``AdamW`` decays by the factor 1 - eta weight_decay, apart from the gradient: as ours, but by 0.01 unless told;
- ``kaiming_...`` has the variance gain^2 / fan-in, and the gain depends on the activation: 2 / fan-in is that of relu,
  1 / fan-in that of linear. Fans are counted in the layout (fan-out, fan-in).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional, init

from symtests.network import LEAKY_SLOPE
from symtests.training import Training

__all__ = ["ACTIVATIONS", "LOSSES", "OPTIMIZERS", "STARTS"]

SOFTPLUS_THRESHOLD = 40.0
"""exp(-40) is below 2**-53 * 40, the half unit in the last place of float64 at 40."""

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "logistic": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "leaky_relu": lambda z: functional.leaky_relu(z, LEAKY_SLOPE),
    "softplus": lambda z: functional.softplus(z, threshold=SOFTPLUS_THRESHOLD),
    "gelu": lambda z: functional.gelu(z, approximate="none"),
    "silu": functional.silu,
    "mish": functional.mish,
    "elu": functional.elu,
    "selu": functional.selu,
    "softsign": functional.softsign,
    "hard_tanh": functional.hardtanh,
}

LOSSES: dict[str, Callable[..., Any]] = {
    "mse": functional.mse_loss,
    "bce": functional.binary_cross_entropy_with_logits,
    "softmax_cross_entropy": functional.cross_entropy,
    "huber": functional.huber_loss,
    "logistic_mse": lambda z, y, reduction: functional.mse_loss(torch.sigmoid(z), y, reduction=reduction),
}

OPTIMIZERS: dict[str, Callable[[list[Any], Training], Any]] = {
    "sgd": lambda leaves, t: torch.optim.SGD(leaves, t.learning_rate),
    "momentum": lambda leaves, t: torch.optim.SGD(leaves, t.learning_rate, t.momentum),
    "nesterov": lambda leaves, t: torch.optim.SGD(leaves, t.learning_rate, t.momentum, nesterov=t.momentum > 0),
    "adam": lambda leaves, t: torch.optim.Adam(leaves, t.learning_rate, (t.mean_decay, t.square_decay), t.epsilon),
    "adamw": lambda leaves, t: torch.optim.AdamW(
        leaves, t.learning_rate, (t.mean_decay, t.square_decay), t.epsilon, t.weight_decay
    ),
    "rmsprop": lambda leaves, t: torch.optim.RMSprop(leaves, t.learning_rate, t.square_decay, t.epsilon),
    "adagrad": lambda leaves, t: torch.optim.Adagrad(leaves, t.learning_rate, eps=t.epsilon),
}

STARTS: dict[str, Callable[[Any, Any], Any]] = {
    "zeros": lambda leaf, _: init.zeros_(leaf),
    "constant": lambda leaf, _: init.constant_(leaf, 0.5),
    "uniform": lambda leaf, random: init.uniform_(leaf, -0.5, 0.5, generator=random),
    "normal": lambda leaf, random: init.normal_(leaf, generator=random),
    "glorot_uniform": lambda leaf, random: init.xavier_uniform_(leaf, generator=random),
    "glorot_normal": lambda leaf, random: init.xavier_normal_(leaf, generator=random),
    "he_uniform": lambda leaf, random: init.kaiming_uniform_(leaf, nonlinearity="relu", generator=random),
    "he_normal": lambda leaf, random: init.kaiming_normal_(leaf, nonlinearity="relu", generator=random),
    "lecun_uniform": lambda leaf, random: init.kaiming_uniform_(leaf, nonlinearity="linear", generator=random),
    "lecun_normal": lambda leaf, random: init.kaiming_normal_(leaf, nonlinearity="linear", generator=random),
    "orthogonal": lambda leaf, random: init.orthogonal_(leaf, generator=random),
}
