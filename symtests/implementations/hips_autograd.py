"""Autograd (HIPS): its gradient of NumPy and SciPy code, and the optimizers of `autograd.misc`.

Where it differs from the conventions of `symtests.network`, and what is done about it:

- ``numpy.maximum`` shares a tie among its arguments: the derivative of max(z, 0) at 0 is 1/2, as is declared;
- ``sgd`` scales the gradient by 1 - mass and starts with mass 0.9: with the rate eta / (1 - mu) its velocity is ours;
- ``rmsprop`` starts from squares of 1 instead of 0, which no option can change: it moves otherwise than
  `symtests.training.Training` says, and is not offered. There is no nesterov, adamw or adagrad;
- the state of its optimizers is float64, whatever the dtype of the parameters, so that the second step of a training
  in float32 is taken in float64: only float64 is offered;
- it has no losses and no initializers: losses are written with its `logsumexp`, `logaddexp` and `expit`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import autograd
import numpy as np
from autograd import numpy as anp
from autograd.misc import optimizers
from autograd.scipy.special import expit, logsumexp
from autograd.scipy.stats import norm

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.stages import Stages
from symtests.model.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Autograd"]


def _below_zero(z: Any) -> Any:
    """Return exp(z) - 1, and 0 where z is above 0 and nothing may overflow."""
    return anp.expm1(anp.where(z > 0, 0.0, z))


_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "logistic": expit,
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, LEAKY_SLOPE * z),
    "softplus": lambda z: anp.logaddexp(z, 0.0),
    "gelu": lambda z: z * norm.cdf(z),
    "silu": lambda z: z * expit(z),
    "mish": lambda z: z * anp.tanh(anp.logaddexp(z, 0.0)),
    "elu": lambda z: anp.where(z > 0, z, _below_zero(z)),
    "selu": lambda z: SELU_SCALE * anp.where(z > 0, z, SELU_ALPHA * _below_zero(z)),
    "softsign": lambda z: z / (1 + anp.abs(z)),
    "hard_tanh": lambda z: anp.clip(z, -1.0, 1.0),
    "hard_sigmoid": lambda z: anp.clip(z + 3, 0.0, 6.0) / 6,
}


def _huber(residual: Any) -> Any:
    near = anp.clip(residual, -1.0, 1.0)
    return near * (residual - near / 2)


_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda z, y: anp.mean((z - y) ** 2, axis=1),
    "bce": lambda z, y: anp.mean(anp.logaddexp(z, 0.0) - y * z, axis=1),
    "softmax_cross_entropy": lambda z, y: anp.sum(y * (logsumexp(z, axis=1, keepdims=True) - z), axis=1),
    "huber": lambda z, y: anp.mean(_huber(z - y), axis=1),
    "logistic_mse": lambda z, y: anp.mean((expit(z) - y) ** 2, axis=1),
}

_OPTIMIZERS: dict[str, Callable[[Callable[[Any, int], Any], Array, Training], Any]] = {
    "sgd": lambda gradient, theta, t: optimizers.sgd(gradient, theta, None, t.steps, t.learning_rate, 0.0),
    "momentum": lambda gradient, theta, t: optimizers.sgd(
        gradient, theta, None, t.steps, t.learning_rate / (1 - t.momentum), t.momentum
    ),
    "adam": lambda gradient, theta, t: optimizers.adam(
        gradient, theta, None, t.steps, t.learning_rate, t.mean_decay, t.square_decay, t.epsilon
    ),
}


class Autograd:
    """Autograd in float64, as its users write it: plain NumPy code, and the gradient of it."""

    name = "autograd"
    version = version("autograd")
    capabilities = Capabilities(
        activations=tuple(_ACTIVATIONS),
        losses=tuple(_LOSSES),
        optimizers=tuple(_OPTIMIZERS),
        relu_derivative_at_zero=0.5,
    )

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        outputs: Array = _forward(network, parameters.vector, x)[0][-1]
        return outputs

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient by `autograd.value_and_grad`."""
        loss, gradient = autograd.value_and_grad(_loss_at(network, batch))(parameters.vector)
        return float(loss), Parameters(network, gradient)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return the stages of one pass; an error signal is the gradient by a zero that is added to z."""

        def loss(added: Sequence[Any]) -> Any:
            return _loss(network, _forward(network, parameters.vector, batch.x, added)[0][-1], batch)

        error_signals = autograd.grad(loss)([np.zeros((len(batch), size)) for size in network.sizes[1:]])
        kinds = _forward(network, parameters.vector, batch.x)
        return Stages(*map(tuple, (*kinds, error_signals)))

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps of the optimizer of that name in `autograd.misc.optimizers`."""
        gradient = autograd.grad(_loss_at(network, batch))
        after = _OPTIMIZERS[training.optimizer](lambda theta, _: gradient(theta), parameters.vector, training)
        return Parameters(network, after)


def _loss_at(network: Network, batch: Batch) -> Callable[[Any], Any]:
    return lambda theta: _loss(network, _forward(network, theta, batch.x)[0][-1], batch)


def _forward(network: Network, theta: Any, x: Any, added: Sequence[Any] = ()) -> tuple[list[Any], list[Any]]:
    """Return z_1 .. z_L, to each of which something may be added, and a_0 .. a_{L-1}; the output layer is linear."""
    pre_activations: list[Any] = []
    activations = [x]
    for layer, shape in enumerate(zip(network.sizes[:-1], network.sizes[1:], strict=True)):
        if layer > 0:
            activations.append(_ACTIVATIONS[network.activations[layer - 1]](pre_activations[-1]))
        z = anp.dot(activations[-1], anp.reshape(theta[network.weight_slice(layer)], shape))
        z = z + theta[network.bias_slice(layer)] if network.bias else z
        pre_activations.append(z + added[layer] if added else z)
    return pre_activations, activations


def _loss(network: Network, z: Any, batch: Batch) -> Any:
    each = _LOSSES[network.loss](z, batch.y)
    if batch.sample_weights is None:
        return anp.mean(each)
    return anp.sum(batch.sample_weights * each) / np.sum(batch.sample_weights)
