"""scikit-learn: MLPRegressor (squared error) and MLPClassifier (log-loss), their solvers and their own start.

What differs from the conventions of `symtests.network`, and what is done about it:

- a step is one ``partial_fit`` on the whole batch, with ``shuffle=False``; the parameters are set beforehand, as its
  users do for transfer learning: ``coefs_`` and ``intercepts_`` of a network that has been fitted once at a learning
  rate that moves nothing. The layout, (fan-in, fan-out), is ours; every layer has biases;
- ``alpha=1e-4`` is L2 regularization, on unless told: here 0;
- the gradient of ``squared_error`` is that of half the *sum* over the m outputs, averaged over the samples: 2/m times
  it is that of our mse, so that learning rates of plain descent are multiplied by m/2, and what it reports by 2/m. Its
  loss is half the *mean* over the outputs: with one output the two belong together, with more they do not;
- the log-loss is summed over the outputs of a multi-label target, ours is their mean: the factor is m. Targets are
  classes: a batch with other numbers than 0 and 1 is refused, and so is a softmax over fewer than three classes, which
  it replaces by one logistic output. Loss and gradient belong together, but the loss is clipped (36 in float64);
- ``momentum=0.9`` and ``nesterovs_momentum=True`` unless told; the learning rate stands inside the velocity, which is
  the same while it is constant. Adam puts epsilon inside the bias correction: epsilon / sqrt(1 - b2^t) is ours;
- sample weights, where given, divide by their sum, as here. NaN in the input is refused;
- ``lbfgs`` moves by a line search, for which no rate can be given: out of scope, and so is the poisson loss.
"""

from __future__ import annotations

import numpy as np
import sklearn
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import DEFAULT_START, Capabilities, Unsupported
from symtests.implementations.scikit_learn_networks import STILL, fit, fitted, times_ours, unfitted
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.start_distributions import Drawn, StartDistribution
from symtests.training import Training

__all__ = ["ScikitLearn"]


_GLOROT = Drawn("uniform", 1.0, "fan_avg")
_OWN_START = StartDistribution(_GLOROT, _GLOROT, activation_factors={"logistic": 1 / 3})
"""Weights and biases within sqrt(f / (fan-in + fan-out)) with f = 6, or 2 for logistic units, as Glorot and Bengio say
according to its source; its manual does not name the start."""


class ScikitLearn:
    """scikit-learn's multi-layer perceptron in float32 or float64."""

    name = "sklearn"
    version = str(sklearn.__version__)
    capabilities = Capabilities(
        dtypes=("float32", "float64"),
        activations=("identity", "logistic", "tanh", "relu"),
        losses=("mse", "bce", "softmax_cross_entropy"),
        optimizers=("sgd", "momentum", "nesterov", "adam"),
        bias=(True,),
        starts=(),
        start_distributions={DEFAULT_START: _OWN_START},
    )

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after so many calls of partial_fit."""
        net = fitted(network, parameters, batch, training)
        try:
            for _ in range(training.steps):
                fit(net, network, batch)
        except ValueError as error:
            if "non-finite" not in str(error):  # that it has diverged, which the weights tell too
                raise
        return Parameters.from_layers(network, net.coefs_, net.intercepts_, parameters.dtype)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return ``loss_`` and the gradients that its solver is handed, both divided by the same number."""
        net = fitted(network, parameters, batch, Training())
        handed: list[Array] = []
        net._optimizer = SGDOptimizer([])
        net._optimizer.update_params = lambda _, gradients: handed.extend(gradients)
        fit(net, network, batch)
        layers, scale = network.layer_count, times_ours(network)
        gradient = Parameters.from_layers(network, handed[:layers], handed[layers:], parameters.dtype)
        return net.loss_ / scale, Parameters(network, gradient.vector / parameters.dtype.type(scale))

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return its own start, which is its only one."""
        if scheme != DEFAULT_START:
            raise Unsupported(f"it starts in its own way only, not by {scheme}")
        y = np.zeros((1, network.sizes[-1]))
        y[:, 0] = network.loss == "softmax_cross_entropy"
        net = unfitted(network, Training(learning_rate=STILL), 1, seed)
        fit(net, network, Batch(np.zeros((1, network.sizes[0])), y))
        return Parameters.from_layers(network, net.coefs_, net.intercepts_)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the outputs of a squared error, which are linear; those of a classifier are probabilities."""
        if network.loss != "mse":
            raise Unsupported("a classifier does not show the linear outputs")
        batch = Batch(x, np.zeros((len(x), network.sizes[-1]), x.dtype))
        found: Array = fitted(network, parameters, batch, Training()).predict(x)
        return found.reshape(len(x), network.sizes[-1])
