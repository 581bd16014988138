"""A network with an activation that symtests does not know: snake, z + sin(z)^2, offered under the name of another.

Its steps cannot be those of tanh, so only what needs no definition is asked: ``symtests check
own_activation.py:Snake --property OWN1`` compares the gradient that it reports with the loss that it reports.
"""

import numpy as np


class Snake:
    """Squared error; whatever activation is named, hidden layers have snake."""

    capabilities = {"activations": "tanh", "losses": "mse", "optimizers": "sgd", "sample_weights": False}

    def loss_and_gradient(self, network, parameters, batch):
        """Return the loss and its gradient."""
        activations, slopes = [batch.x], []
        for weight, bias in zip(parameters.weights, parameters.biases):
            z = activations[-1] @ weight + (bias if network.bias else 0)
            activations.append(z + np.sin(z) ** 2)
            slopes.append(1 + np.sin(2 * z))
        error_signal = 2 * (z - batch.y) / z.size
        gradient = parameters.copy()
        for layer in reversed(range(network.layer_count)):
            gradient.weight(layer)[...] = activations[layer].T @ error_signal
            if network.bias:
                gradient.bias(layer)[...] = error_signal.sum(axis=0)
            if layer:
                error_signal = error_signal @ parameters.weight(layer).T * slopes[layer - 1]
        return float(np.mean((z - batch.y) ** 2)), gradient

    def train(self, network, parameters, batch, training):
        """Return the parameters after `training.steps` full-batch steps."""
        after = parameters.copy()
        for _ in range(training.steps):
            after.vector[...] -= training.learning_rate * self.loss_and_gradient(network, after, batch)[1].vector
        return after
