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

from typing import Any

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["ScikitLearn"]

_STILL = 1e-300
"""A learning rate, as none may be 0, for a fit that is there only to make the network."""


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
    )

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after so many calls of partial_fit."""
        net = _net(network, parameters, batch, training)
        try:
            for _ in range(training.steps):
                _fit(net, network, batch)
        except ValueError as error:
            if "non-finite" not in str(error):  # that it has diverged, which the weights tell too
                raise
        return Parameters.from_layers(network, net.coefs_, net.intercepts_, parameters.dtype)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return ``loss_`` and the gradients that its solver is handed, both divided by the same number."""
        net = _net(network, parameters, batch, Training())
        handed: list[Array] = []
        net._optimizer = SGDOptimizer([])
        net._optimizer.update_params = lambda _, gradients: handed.extend(gradients)
        _fit(net, network, batch)
        layers, scale = network.layer_count, _times_ours(network)
        gradient = Parameters.from_layers(network, handed[:layers], handed[layers:], parameters.dtype)
        return net.loss_ / scale, Parameters(network, gradient.vector / parameters.dtype.type(scale))

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return its own start, Glorot's uniform one but for the biases, which it draws too."""
        if scheme != "glorot_uniform":
            raise Unsupported(f"it starts in its own way only, not by {scheme}")
        y = np.zeros((1, network.sizes[-1]))
        y[:, 0] = network.loss == "softmax_cross_entropy"
        net = _unfitted(network, Training(learning_rate=_STILL), 1, seed)
        _fit(net, network, Batch(np.zeros((1, network.sizes[0])), y))
        return Parameters.from_layers(network, net.coefs_, net.intercepts_)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the outputs of a squared error, which are linear; those of a classifier are probabilities."""
        if network.loss != "mse":
            raise Unsupported("a classifier does not show the linear outputs")
        batch = Batch(x, np.zeros((len(x), network.sizes[-1]), x.dtype))
        found: Array = _net(network, parameters, batch, Training()).predict(x)
        return found.reshape(len(x), network.sizes[-1])


def _times_ours(network: Network) -> float:
    """Return how many times our loss the one is whose gradient it follows."""
    outputs = network.sizes[-1]
    return {"mse": outputs / 2, "bce": float(outputs), "softmax_cross_entropy": 1.0}[network.loss]


def _unfitted(network: Network, training: Training, samples: int, seed: int = 0) -> Any:
    """Return a network that has seen no data, with the settings of a training."""
    if len(set(network.activations)) > 1:
        raise Unsupported("all hidden layers have one activation")
    if training.learning_rate == 0 or (training.optimizer == "adam" and training.epsilon == 0):
        raise Unsupported("learning rate and epsilon must be above 0")
    adam, scale = training.optimizer == "adam", _times_ours(network)
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
        epsilon=max(training.epsilon * scale, _STILL),
    )


def _net(network: Network, parameters: Parameters, batch: Batch, training: Training) -> Any:
    """Return a network with these parameters and a fresh solver."""
    net = _unfitted(network, training, len(batch))
    rate = net.learning_rate_init
    _fit(net.set_params(learning_rate_init=_STILL), network, batch)
    net.set_params(learning_rate_init=rate)
    del net._optimizer  # made anew by the next fit
    net.coefs_ = [weight.copy() for weight in parameters.weights]
    net.intercepts_ = [bias.copy() for bias in parameters.biases]
    return net


def _fit(net: Any, network: Network, batch: Batch) -> None:
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
