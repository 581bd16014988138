"""Backpropagation written plainly with the matrix products of NumPy."""

from __future__ import annotations

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_functions import ACTIVATION_PAIRS, LOSS_PAIRS
from symtests.implementations.stages import Stages
from symtests.initialization import initialize
from symtests.network import OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["NumpyPlain"]


class NumpyPlain:
    """Full-batch training with NumPy's matrix products, in the dtype of the parameters.

    The products come from the BLAS library behind NumPy, whose sums depend on the position of a unit: two units with
    equal weights may differ in the last bits.
    """

    name = "numpy"
    version = np.__version__
    capabilities = Capabilities(
        dtypes=("float32", "float64"),
        activations=tuple(ACTIVATION_PAIRS),
        losses=tuple(LOSS_PAIRS),
        optimizers=OPTIMIZERS,
    )

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        return _forward(network, parameters, x)[0][-1]

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient."""
        loss, stages = _pass(network, parameters, batch)
        gradient = Parameters.zeros(network, parameters.dtype)
        for layer, (inputs, delta) in enumerate(zip(stages.activations, stages.error_signals, strict=True)):
            gradient.weight(layer)[...] = inputs.T @ delta
            if network.bias:
                gradient.bias(layer)[...] = delta.sum(axis=0)
        return loss, gradient

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return the pre-activations, activations and error signals of one pass."""
        return _pass(network, parameters, batch)[1]

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps, from a fresh optimizer state."""
        theta = parameters.copy()
        mean, square = np.zeros_like(theta.vector), np.zeros_like(theta.vector)
        for step in range(1, training.steps + 1):
            gradient = self.loss_and_gradient(network, theta, batch)[1].vector
            _step(theta.vector, gradient, mean, square, step, training)
        return theta

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return the named start of `symtests.initialization`, in float64."""
        return initialize(network, scheme, seed)


def _forward(network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
    """Return z_1 .. z_L and a_0 .. a_{L-1}; the output layer is linear."""
    pre_activations: list[Array] = []
    activations = [x]
    for layer, weight in enumerate(parameters.weights):
        if layer > 0:
            activations.append(ACTIVATION_PAIRS[network.activations[layer - 1]][0](pre_activations[-1]))
        z = activations[-1] @ weight
        pre_activations.append(z + parameters.bias(layer) if network.bias else z)
    return pre_activations, activations


def _pass(network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Stages]:
    """Return the loss and all stages of one forward and one backward pass."""
    if len(batch) == 0:
        raise ValueError("batch=<0 samples>: the mean over an empty batch is not defined; give at least one sample")
    pre_activations, activations = _forward(network, parameters, batch.x)
    losses, slopes = LOSS_PAIRS[network.loss](pre_activations[-1], batch.y)
    weights = np.ones_like(losses) if batch.sample_weights is None else batch.sample_weights
    shares = weights / weights.sum()
    delta = slopes * shares[:, np.newaxis]
    error_signals = [delta]
    for layer in range(network.layer_count - 1, 0, -1):
        slope = ACTIVATION_PAIRS[network.activations[layer - 1]][1](pre_activations[layer - 1])
        delta = (delta @ parameters.weight(layer).T) * slope
        error_signals.insert(0, delta)
    stages = Stages(tuple(pre_activations), tuple(activations), tuple(error_signals))
    return float((shares * losses).sum()), stages


def _step(theta: Array, gradient: Array, mean: Array, square: Array, step: int, training: Training) -> None:
    """Change theta and the running means of the gradient and of its square in place, as step 1, 2, ... asks."""
    rate, optimizer = training.learning_rate, training.optimizer
    if optimizer == "sgd":
        theta -= rate * gradient
    elif optimizer in ("momentum", "nesterov"):
        mean[...] = training.momentum * mean + gradient
        theta -= rate * (gradient + training.momentum * mean if optimizer == "nesterov" else mean)
    elif optimizer in ("rmsprop", "adagrad"):
        kept, added = (training.square_decay, 1 - training.square_decay) if optimizer == "rmsprop" else (1, 1)
        square[...] = kept * square + added * gradient**2
        theta -= rate * gradient / (np.sqrt(square) + training.epsilon)
    else:  # adam, and adamw, which is adam where there is no weight decay
        theta *= 1 - rate * training.weight_decay
        mean[...] = training.mean_decay * mean + (1 - training.mean_decay) * gradient
        square[...] = training.square_decay * square + (1 - training.square_decay) * gradient**2
        unbiased_mean = mean / (1 - training.mean_decay**step)
        unbiased_square = square / (1 - training.square_decay**step)
        theta -= rate * unbiased_mean / (np.sqrt(unbiased_square) + training.epsilon)
