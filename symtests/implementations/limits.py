"""What lies outside of the capabilities that an implementation names."""

from __future__ import annotations

from typing import Any

import numpy as np

from symtests.batch import Batch
from symtests.implementations.base import Capabilities
from symtests.network import Network
from symtests.training import Training

__all__ = ["outside"]

_ADAPTIVE = ("adam", "adamw", "rmsprop", "adagrad")


def outside(
    can: Capabilities, network: Network, batch: Batch | None = None, training: Training | None = None
) -> tuple[str, ...]:
    """Return what a question asks for that the capabilities do not name, in words; nothing where all is named.

    Parameters
    ----------
    can
        What the implementation says of itself.
    network
        The network of the question.
    batch
        Its batch, or None where only inputs are handed over or none at all.
    training
        Its training, or None where none is asked for.
    """
    hidden = network.hidden_sizes
    lacks = {
        "the activations": set(network.activations) <= set(can.activations),
        "several activations": not can.one_activation or len(set(network.activations)) <= 1,
        "the loss": network.loss in can.losses,
        "this choice of biases": network.bias in can.bias,
        "the depth": can.min_hidden_layers <= len(hidden) <= _most(can.max_hidden_layers),
        "the width": can.min_width <= min(hidden, default=can.min_width)
        and max(hidden, default=0) <= _most(can.max_width),
        "the number of inputs": network.sizes[0] <= _most(can.max_inputs),
        "the number of outputs": network.sizes[-1] <= _most(can.max_outputs),
    }
    if batch is not None:
        lacks["the batch"] = len(batch) <= _most(can.max_samples)
        lacks["sample weights"] = batch.sample_weights is None or can.sample_weights
        lacks["targets that are no classes"] = network.loss not in can.class_targets or _are_classes(network, batch.y)
    if training is not None:
        lacks["the optimizer"] = training.optimizer in can.optimizers
        lacks["an epsilon of 0"] = (
            not can.positive_epsilon or training.optimizer not in _ADAPTIVE or training.epsilon > 0
        )
    return tuple(what for what, there in lacks.items() if not there)


def _most(limit: int | None) -> float:
    return np.inf if limit is None else limit


def _are_classes(network: Network, y: np.ndarray[Any, Any]) -> bool:
    labels = bool(((y == 0) | (y == 1)).all())
    return labels and (network.loss != "softmax_cross_entropy" or bool((y.sum(axis=1) == 1).all()))
