"""scikit-learn's Adam adds epsilon before the bias is corrected, so that it counts 1 / sqrt(1 - beta_2^t) times."""

import sys

import numpy as np
from sklearn.neural_network import MLPRegressor

RATE, EPSILON = 0.125, 0.5
net = MLPRegressor(hidden_layer_sizes=1, activation="identity", alpha=0, learning_rate_init=RATE, epsilon=EPSILON)
net.partial_fit([[1.0]], [2.0])  # makes the network; the next fit starts with a fresh solver
net.coefs_[:] = [np.zeros((1, 1)), np.zeros((1, 1))]
net.intercepts_[:] = [np.zeros(1), np.zeros(1)]
del net._optimizer
net.partial_fit([[1.0]], [2.0])

g = -2.0  # of half the squared error by the output bias; in the first step m / (1 - beta_1) = g, v / (1 - beta_2) = g^2
print(f"the output bias moves by                       {net.intercepts_[1][0]:.6f}")
print(f"epsilon after the bias correction (algorithm): {-RATE * g / (abs(g) + EPSILON):.6f}")
print(f"epsilon before it:                             {-RATE * g / (abs(g) + EPSILON / np.sqrt(1 - 0.999)):.6f}")
print("right: the second, unless the other order is meant")
sys.exit(int(abs(net.intercepts_[1][0] + RATE * g / (abs(g) + EPSILON)) > 1e-6))
