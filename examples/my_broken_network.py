"""The network of my_network.py with a classic fault: it updates the output weights too early.

Try ``symtests check examples/my_broken_network.py:MyBrokenNetwork``.
The error signals of the hidden units are computed from output weights that the same step has
already changed. The network still learns, and a gradient check with a small learning rate passes.
"""

import numpy as np


class MyBrokenNetwork:
    """Tanh hidden layers, squared error, plain gradient descent, and a fault."""

    capabilities = {"activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"], "sample_weights": False}

    def train(self, network, parameters, batch, training):
        """Return the parameters after `training.steps` full-batch steps."""
        trained = parameters.copy()
        for _ in range(training.steps):
            activations = [batch.x]
            for weight, bias in zip(trained.weights, trained.biases):
                z = activations[-1] @ weight + (bias if network.bias else 0)
                activations.append(np.tanh(z))
            error_signal = 2 * (z - batch.y) / z.size
            for layer in reversed(range(network.layer_count)):
                trained.weight(layer)[...] -= training.learning_rate * activations[layer].T @ error_signal
                if network.bias:
                    trained.bias(layer)[...] -= training.learning_rate * error_signal.sum(axis=0)
                error_signal = error_signal @ trained.weight(layer).T * (1 - activations[layer] ** 2)
        return trained
