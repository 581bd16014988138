"""scikit-learn's networks: made with the settings of a training, given parameters, and shown a batch.

`symtests.implementations.scikit_learn` says where they differ from the conventions of `symtests.network`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["STILL", "fit", "fitted", "times_ours", "unfitted"]

STILL = 1e-300
"""A learning rate, as none may be 0, for a fit that is there only to make the network."""


def times_ours(network: Network) -> float:
    """Return how many times our loss the one is whose gradient it follows."""
    outputs = network.sizes[-1]
    return {"mse": outputs / 2, "bce": float(outputs), "softmax_cross_entropy": 1.0}[network.loss]


def unfitted(network: Network, training: Training, samples: int, seed: int = 0) -> Any:
    """Return a network that has seen no data, with the settings of a training."""
    if len(set(network.activations)) > 1:
        raise Unsupported("all hidden layers have one activation")
    if training.learning_rate == 0 or (training.optimizer == "adam" and training.epsilon == 0):
        raise Unsupported("learning rate and epsilon must be above 0")
    adam, scale = training.optimizer == "adam", times_ours(network)
    kind = MLPRegressor if network.loss == "mse" else MLPClassifier
    return kind(
        hidden_layer_sizes=network.hidden_sizes,
        activation=network.activations[0] if network.activations else "identity",
        solver="adam" if adam else "sgd",
        alpha=0.0,
        shuffle=False,
        batch_size=max(samples, 1),
        random_state=seed,
        learning_rate_init=training.learning_rate / (1.0 if adam else scale),
        momentum=training.momentum if training.optimizer in ("momentum", "nesterov") else 0.0,
        nesterovs_momentum=training.optimizer == "nesterov",
        beta_1=training.mean_decay,
        beta_2=training.square_decay,
        epsilon=max(training.epsilon * scale, STILL),
    )


def fitted(network: Network, parameters: Parameters, batch: Batch, training: Training) -> Any:
    """Return a network with these parameters and a fresh solver."""
    net = unfitted(network, training, len(batch))
    rate = net.learning_rate_init
    fit(net.set_params(learning_rate_init=STILL), network, batch)
    net.set_params(learning_rate_init=rate)
    del net._optimizer  # made anew by the next fit
    net.coefs_ = [weight.copy() for weight in parameters.weights]
    net.intercepts_ = [bias.copy() for bias in parameters.biases]
    return net


def fit(net: Any, network: Network, batch: Batch) -> None:
    """Let it see the batch once."""
    if network.loss == "mse":
        net.partial_fit(batch.x, batch.y.squeeze(1) if batch.y.shape[1] == 1 else batch.y, batch.sample_weights)
        return
    classes = batch.y.shape[1]
    if network.loss == "softmax_cross_entropy" and classes < 3:
        raise Unsupported("it gives two classes one logistic output")
    if not np.isin(batch.y, (0, 1)).all():
        raise Unsupported("its targets are classes: 0 or 1")
    if network.loss == "softmax_cross_entropy":
        net.partial_fit(batch.x, batch.y.argmax(axis=1), batch.sample_weights, classes=np.arange(classes))
    elif classes == 1:
        net.partial_fit(batch.x, batch.y[:, 0], batch.sample_weights, classes=np.arange(2))
    else:
        net.partial_fit(batch.x, batch.y, batch.sample_weights, classes=np.arange(classes))
