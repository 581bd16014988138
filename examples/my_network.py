"""A network of thirty lines, in the form in which symtests can check it.

Try ``symtests check examples/my_network.py:MyNetwork``.
"""

import numpy as np


class MyNetwork:
    """Tanh hidden layers, squared error, plain gradient descent."""

    capabilities = {"activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"], "sample_weights": False}

    def train(self, network, parameters, batch, training):
        """Return the parameters after `training.steps` full-batch steps."""
        trained = parameters.copy()
        for _ in range(training.steps):
            activations = [batch.x]
            for weight, bias in zip(trained.weights, trained.biases):
                z = activations[-1] @ weight + (bias if network.bias else 0)
                activations.append(np.tanh(z))
            error_signal = 2 * (z - batch.y) / z.size  # the output layer is linear
            for layer in reversed(range(network.layer_count)):
                weight = trained.weight(layer).copy()
                trained.weight(layer)[...] -= training.learning_rate * activations[layer].T @ error_signal
                if network.bias:
                    trained.bias(layer)[...] -= training.learning_rate * error_signal.sum(axis=0)
                error_signal = error_signal @ weight.T * (1 - activations[layer] ** 2)
        return trained
