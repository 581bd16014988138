"""The questions of the vectors: small ones to follow by hand, and wide ones for blocks and their remainders."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symtests.model.activations import ACTIVATIONS_OF_0_1
from symtests.network import Network
from symtests.training import Training
from symtests.vectors.asking import TWO, pattern, question, table
from symtests.vectors.extreme_questions import extremes
from symtests.vectors.training_questions import trainings
from symtests.vectors.vector import Question

__all__ = ["questions"]


def questions() -> tuple[Question, ...]:
    """Return all questions, in the order of the file."""
    return (*_linear(), *_hidden(), *_losses(), *_special(), *extremes(), *_wide(), *trainings())


def _linear() -> Iterator[Question]:
    yield question(
        "one-weight",
        "z = 0.5 * 2 = 1, the target is 3: the loss is 4 and dL/dw = 2 (1 - 3) 2 = -8",
        "sign missing_factor",
        Network((1, 1), bias=False),
        [0.5],
        ([[2.0]], [[3.0]]),
    )
    yield question(
        "two-samples",
        "the mean over two samples",
        "missing_mean missing_bias",
        Network((1, 1)),
        [0.5, 0.25],
        ([[1.0], [2.0]], [[0.0], [1.0]]),
    )
    yield question(
        "two-outputs",
        "the mean over two outputs of four samples",
        "missing_mean",
        Network((1, 2)),
        [0.5, -1.0, 0.25, 0.5],
        (table(4, 1, 5, 4), table(4, 2, 7, 4)),
    )
    yield question(
        "square-matrix",
        "a square weight matrix that is not symmetric",
        "transposed",
        Network((2, 2)),
        [1.0, 2.0, -0.5, 0.25, 0.5, -1.0],
        ([[1.0, 0.5]], [[0.0, 1.0]]),
    )


def _hidden() -> Iterator[Question]:
    for name in ACTIVATIONS_OF_0_1:
        extra = " approximate_gelu" if name == "gelu" else ""
        yield question(
            f"slope-of-{name.replace('_', '-')}",
            f"three hidden units with {name}",
            "missing_slope slope_of_activation sign missing_mean missing_bias" + extra,
            Network((2, 3, 1), name),
            None,
            TWO,
        )
    yield question(
        "square-layers",
        "square matrices, none symmetric, in two hidden layers",
        "transposed wrong_layer",
        Network((2, 2, 2, 2), "tanh"),
        None,
        ([[1.0, 0.5], [-0.25, 1.5]], [[0.0, 1.0], [1.0, -0.5]]),
    )
    yield question(
        "deep",
        "four layers with different activations",
        "wrong_layer missing_slope",
        Network((2, 3, 2, 4, 1), ("tanh", "softplus", "logistic")),
        None,
        TWO,
    )
    yield question(
        "deep-relu",
        "relu and leaky_relu below each other",
        "wrong_layer kink",
        Network((2, 4, 3, 1), ("relu", "leaky_relu")),
        None,
        TWO,
    )
    yield question("no-bias", "no layer has a bias", "absent_bias", Network((2, 3, 1), "tanh", bias=False), None, TWO)
    yield question(
        "relu-at-zero",
        "the pre-activation is exactly 0, where relu' is 0 unless it is said to be another",
        "kink",
        Network((1, 1, 1), "relu"),
        [1.0, -1.0, 0.5, 0.25],
        ([[1.0]], [[1.0]]),
    )
    yield question(
        "leaky-below-zero",
        "the pre-activation is -1, where leaky_relu' is 0.01",
        "kink missing_slope",
        Network((1, 1, 1), "leaky_relu"),
        [1.0, -2.0, 0.5, 0.25],
        ([[1.0]], [[1.0]]),
    )


def _losses() -> Iterator[Question]:
    soft = ([[1.0, -0.5], [0.25, 2.0]], [[0.25, 1.0], [0.0, 0.75]])
    yield question(
        "bce",
        "binary cross-entropy with soft targets",
        "activated_output missing_mean sign",
        Network((2, 2, 2), "tanh", "bce"),
        None,
        soft,
    )
    yield question(
        "logistic-mse",
        "squared error of a logistic output",
        "activated_output missing_slope",
        Network((2, 2, 2), "tanh", "logistic_mse"),
        None,
        soft,
    )
    classes = ([[1.0, -0.5], [0.25, 2.0]], [[0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])
    yield question(
        "softmax",
        "softmax with one hard and one soft target",
        "activated_output missing_mean sign",
        Network((2, 2, 3), "tanh", "softmax_cross_entropy"),
        None,
        classes,
    )
    weighted = ([[1.0, -0.5], [0.25, 2.0], [-1.0, 0.5]], [[1.0], [-0.5], [0.25]])
    for loss in ("mse", "bce"):
        targets = [[abs(value[0])] for value in weighted[1]]
        yield question(
            f"sample-weights-{loss.replace('_', '-')}",
            "weights 1, 3 and 0: the third sample has no say",
            "sample_weights",
            Network((2, 2, 1), "tanh", loss),
            None,
            (weighted[0], targets),
            [1.0, 3.0, 0.0],
        )


def _special() -> Iterator[Question]:
    yield question(
        "tie",
        "hidden units 0 and 1 have equal weights, so equal gradients",
        "tie",
        Network((2, 3, 1), "tanh"),
        [0.5, 0.5, -1.0, 0.25, 0.25, 0.5, 0.125, 0.125, 0.0, 1.0, 1.0, -0.5, 0.25],
        TWO,
    )
    zeros = [0.0] * Network((2, 3, 1), "tanh").parameter_count
    yield question(
        "zero-start",
        "all parameters are 0: with tanh, only the output bias has a gradient",
        "zero_start tie",
        Network((2, 3, 1), "tanh"),
        zeros,
        TWO,
    )
    yield question(
        "zero-start-trained",
        "three steps from 0: only the output bias moves",
        "zero_start tie",
        Network((2, 3, 1), "tanh"),
        zeros,
        TWO,
        training=Training("sgd", 0.5, 3),
    )


def _wide() -> Iterator[Question]:
    for width in (7, 17, 130):
        network = Network((2, width, 1), "tanh")
        yield question(
            f"hidden-{width}",
            f"{width} hidden units",
            "remainder",
            network,
            pattern(network.parameter_count, 13, 64.0).tolist(),
            (table(3, 2, 5, 4), table(3, 1, 7, 4)),
        )
    for inputs in (17, 130):
        network = Network((inputs, 2, 1), "tanh")
        yield question(
            f"inputs-{inputs}",
            f"{inputs} inputs",
            "remainder",
            network,
            pattern(network.parameter_count, 13, 64.0).tolist(),
            (table(2, inputs, 5, 4), table(2, 1, 7, 4)),
        )
    for outputs in (17, 33):
        network = Network((2, 3, outputs), "tanh", "softmax_cross_entropy")
        targets = np.eye(outputs)[[outputs - 1, 0]]
        yield question(
            f"classes-{outputs}",
            f"softmax of {outputs} outputs, the first and the last of them wanted",
            "remainder",
            network,
            pattern(network.parameter_count, 13, 16.0).tolist(),
            (table(2, 2, 5, 4), targets),
        )
    yield question(
        "samples-17",
        "a batch of 17 samples",
        "remainder missing_mean",
        Network((2, 3, 1), "tanh"),
        None,
        (table(17, 2, 9, 8), table(17, 1, 7, 4)),
    )
    yield question(
        "samples-130",
        "a batch of 130 samples",
        "remainder missing_mean",
        Network((2, 3, 1), "tanh"),
        None,
        (table(130, 2, 9, 8), table(130, 1, 7, 4)),
    )
    network = Network((3, 17, 9, 2), ("tanh", "logistic"))
    yield question(
        "two-wide-layers",
        "17 and 9 hidden units",
        "remainder transposed wrong_layer",
        network,
        pattern(network.parameter_count, 13, 32.0).tolist(),
        (table(5, 3, 5, 4), table(5, 2, 7, 4)),
    )
