"""scikit-learn's MLPClassifier clips probabilities: a loss of 100 is reported as 36, while the gradient stays right."""

import sys

import numpy as np
from sklearn.neural_network import MLPClassifier


def loss_at(output):
    """Return what a binary classifier with this linear output reports for a sample of class 1."""
    net = MLPClassifier(hidden_layer_sizes=1, activation="identity", solver="sgd", alpha=0, momentum=0)
    net.partial_fit([[0.0]], [1], classes=[0, 1])
    net.coefs_[:] = [np.zeros((1, 1)), np.zeros((1, 1))]
    net.intercepts_[:] = [np.zeros(1), np.array([output])]
    net.partial_fit([[0.0]], [1])
    return net.loss_


for output in (-30.0, -100.0):
    print(f"loss_ where the output is {output:.0f}: {loss_at(output):.4f}; right: {np.logaddexp(0, -output):.4f}")
sys.exit(int(abs(loss_at(-100.0) - 100) > 1e-6))
