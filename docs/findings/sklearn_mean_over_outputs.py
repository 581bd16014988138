"""scikit-learn's MLPRegressor with two outputs: `loss_` falls half as fast as the gradient says that it follows."""

import sys

import numpy as np
from sklearn.neural_network import MLPRegressor

X, Y = np.array([[1.0]]), np.array([[1.0, 2.0]])


def loss_and_step(bias):
    """Return the loss where the first output has this bias and all else is 0, and how far plain descent moves it."""
    net = MLPRegressor(hidden_layer_sizes=1, activation="identity", solver="sgd", alpha=0, momentum=0, batch_size=1)
    net.partial_fit(X, Y)
    net.coefs_[:] = [np.zeros((1, 1)), np.zeros((1, 2))]
    net.intercepts_[:] = [np.zeros(1), np.array([bias, 0.0])]
    net._optimizer.learning_rate = 1.0
    net.partial_fit(X, Y)
    return net.loss_, net.intercepts_[1][0] - bias


h = 2.0**-10
slope = (loss_and_step(h)[0] - loss_and_step(-h)[0]) / (2 * h)
gradient = -loss_and_step(0.0)[1]
print(f"derivative of loss_ by the bias of the first output: {slope:.6f}")
print(f"gradient that a step at learning rate 1 follows:     {gradient:.6f}")
print("right: the two are equal")
sys.exit(int(abs(slope - gradient) > 1e-6))
