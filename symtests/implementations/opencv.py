"""OpenCV: ml.ANN_MLP with its BACKPROP training, and its own start.

What differs from the conventions of `symtests.network`, and what is done about it:

- data are float32, arithmetic is float64. Weights, with the biases as their last row, go in as a file in memory;
- ``train`` scales inputs and outputs and starts anew unless its flags say otherwise: UPDATE_WEIGHTS, NO_INPUT_SCALE,
  NO_OUTPUT_SCALE. Scales in the file are used as they stand;
- BACKPROP takes the samples one after another, in random order, and moves the weights after each: a batch is one
  sample. It stops early where the error of two epochs is equal; plain descent is asked for one epoch at a time,
  momentum for all (each call of train starts with a velocity of 0);
- the error is 1/2 sum (y - f(z))^2, and the *output layer has the activation of the hidden layers*:

      IDENTITY            mse, rate 2/m of ours
      RELU, LEAKYRELU     mse: the output bias and, through the output scale, the target are raised by `LIFT`, where
                          both functions are the identity; in float64 this costs less than float32 rounds
      SIGMOID_SYM         f(z) = beta tanh(alpha z / 2); with alpha = 2 and beta = 1 it is tanh. With half the output
                          weights and the targets 2 y - 1 this is logistic_mse: 1/2 (tanh(z/2) - (2y - 1))^2 is
                          2 (logistic(z) - y)^2. As half a weight needs a rate that is 4 times smaller, a step is
                          asked twice, for the output layer and for the others

  tanh with a linear output is out of reach, as is the default, beta = 1.7159; GAUSSIAN is none of our activations;
- relu'(0) is 1, and so is leaky_relu'(0);
- a hidden layer has two units at least: where one is asked for, a second one with zero weights, which stays at zero,
  stands beside it;
- its start (Nguyen and Widrow) is drawn from a generator that starts anew with each network; `setRNGSeed`, the only
  seed that there is, does not reach it;
- RPROP, the default, moves by the sign of the gradient and ANNEAL by chance: neither is one of our optimizers.
"""

from __future__ import annotations

import itertools
from typing import Final

import cv2
import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import DEFAULT_START, Capabilities, Unsupported
from symtests.implementations.opencv_networks import NAMES, activation_of, moved, read_network
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.start_distributions import Drawn, StartDistribution
from symtests.training import Training

__all__ = ["OpenCV"]

_FLAGS: Final = cv2.ml.ANN_MLP_UPDATE_WEIGHTS | cv2.ml.ANN_MLP_NO_INPUT_SCALE | cv2.ml.ANN_MLP_NO_OUTPUT_SCALE

_AROUND_ZERO: Final = Drawn("uniform", 1 / 3)
_OWN_START: Final = StartDistribution(None, None, _AROUND_ZERO, _AROUND_ZERO)
"""That of Nguyen and Widrow divides the weights of each hidden unit by their sum, so that no number has its own
distribution; those of the output layer are left as they are drawn, between -1 and 1."""


class OpenCV:
    """OpenCV's multi-layer perceptron on single samples: with a squared error unless `sigmoid` is asked for."""

    version = str(cv2.__version__)

    def __init__(self, *, sigmoid: bool = False) -> None:
        self.name = "opencv-sigmoid" if sigmoid else "opencv"
        self.capabilities = Capabilities(
            dtypes=("float32",),
            activations=tuple(name for name in NAMES if sigmoid == (name == "tanh")),
            losses=("logistic_mse" if sigmoid else "mse",),
            optimizers=("sgd",) if sigmoid else ("sgd", "momentum"),
            bias=(True,),
            sample_weights=False,
            max_samples=1,
            relu_derivative_at_zero=1.0,
            starts=(),
            start_distributions={DEFAULT_START: _OWN_START},
        )

    @classmethod
    def with_sigmoid(cls) -> OpenCV:
        """Return the one whose units, outputs included, are SIGMOID_SYM, the default."""
        return cls(sigmoid=True)

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after so many epochs of BACKPROP."""
        name = activation_of(network)
        if len(batch) != 1:
            raise Unsupported("it moves the weights after each sample")
        trained = parameters.astype(np.float64)
        if training.optimizer == "momentum":
            if name == "SIGMOID_SYM":
                raise Unsupported("halved output weights would need a rate of their own within one training")
            after = _trained(network, trained, batch, training, training.steps, 2 / network.sizes[-1])
            return after.astype(parameters.dtype)
        for _ in range(training.steps):
            if name == "SIGMOID_SYM":
                hidden = _trained(network, trained, batch, training, 1, 0.5 / network.sizes[-1])
                trained = _trained(network, trained, batch, training, 1, 0.125 / network.sizes[-1])
                start = network.weight_slice(network.layer_count - 1).start
                trained.vector[:start] = hidden.vector[:start]
            else:
                trained = _trained(network, trained, batch, training, 1, 2 / network.sizes[-1])
        return trained.astype(parameters.dtype)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the outputs where they are linear."""
        if activation_of(network) == "SIGMOID_SYM":
            raise Unsupported("it shows the outputs behind the activation")
        if not len(x):
            return np.zeros((0, network.sizes[-1]), x.dtype)
        found: Array = read_network(network, parameters).predict(x)[1]
        return found

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return its own start, that of Nguyen and Widrow, which is its only one."""
        if scheme != DEFAULT_START:
            raise Unsupported(f"it starts in its own way only, not by {scheme}")
        if min(network.hidden_sizes, default=2) < 2:
            raise Unsupported("a hidden layer has two units at least")
        cv2.setRNGSeed(seed % 2**31)
        net = cv2.ml.ANN_MLP.create()
        net.setLayerSizes(np.array(network.sizes))
        net.setActivationFunction(cv2.ml.ANN_MLP_SIGMOID_SYM)
        net.setTrainMethod(cv2.ml.ANN_MLP_BACKPROP)
        net.setBackpropWeightScale(0.0)
        net.setBackpropMomentumScale(0.0)
        x, y = (np.zeros((1, n), np.float32) for n in (network.sizes[0], network.sizes[-1]))
        net.train(x, cv2.ml.ROW_SAMPLE, y)
        layers = [net.getWeights(layer + 1) for layer in range(network.layer_count)]
        return Parameters.from_layers(network, [layer[:-1] for layer in layers], [layer[-1] for layer in layers])


def _trained(
    network: Network, parameters: Parameters, batch: Batch, training: Training, epochs: int, factor: float
) -> Parameters:
    """Return the parameters after one call of train, at `factor` times the learning rate."""
    if epochs == 0:
        return parameters
    net = read_network(network, parameters)
    net.setTrainMethod(cv2.ml.ANN_MLP_BACKPROP)
    net.setBackpropWeightScale(training.learning_rate * factor)
    net.setBackpropMomentumScale(training.momentum if training.optimizer == "momentum" else 0.0)
    net.setTermCriteria((cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, epochs, np.finfo(float).eps))
    net.train(cv2.ml.TrainData.create(batch.x, cv2.ml.ROW_SAMPLE, batch.y), _FLAGS)
    result = Parameters.zeros(network)
    for layer, (below, units) in enumerate(itertools.pairwise(network.sizes)):
        found = net.getWeights(layer + 1)
        result.weight(layer)[...], result.bias(layer)[...] = found[:below, :units], found[-1, :units]
    return moved(network, result, out=True)
