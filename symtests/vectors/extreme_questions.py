"""The questions at the ends: tiny signals and rates, large sums, many layers, zeros, settings that are off."""

from __future__ import annotations

from collections.abc import Iterator

from symtests.model.activations import ACTIVATIONS_OF_0_1
from symtests.network import Network
from symtests.training import Training
from symtests.vectors.asking import TWO, question
from symtests.vectors.vector import Question

__all__ = ["extremes"]


def extremes() -> Iterator[Question]:
    """Yield the questions, those that can be followed by hand first."""
    small, large = 2.0**-10, 1000.0
    one = Network((1, 1), bias=False)
    yield question(
        "small-signal", "an error of 2^-10 is no error of 0", "vanishing", one, [0.0], ([[small]], [[small]])
    )
    yield question(
        "small-rate",
        "a learning rate of 2^-20",
        "vanishing",
        one,
        [0.0],
        ([[1.0]], [[1.0]]),
        training=Training("sgd", 2.0**-20, 1),
    )
    yield question(
        "small-gradient",
        "a gradient of -2^-9 is no minimum",
        "vanishing",
        one,
        [0.0],
        ([[2.0**-5]], [[2.0**-5]]),
        training=Training("sgd", 1.0, 1),
    )
    yield question(
        "small-error-signal",
        "the hidden unit's error signal is 2^-30",
        "vanishing",
        Network((1, 1, 1), "tanh"),
        [0.0, 0.0, 2.0**-30, 0.0],
        ([[1.0]], [[-0.5]]),
    )
    yield question(
        "relu-at-16",
        "relu does not stop at 6",
        "capped",
        Network((1, 1, 1), "relu"),
        [2.0, 0.0, 0.5, 0.0],
        ([[8.0]], [[1.0]]),
    )
    for name in ACTIVATIONS_OF_0_1:
        yield question(
            f"far-out-{name.replace('_', '-')}",
            f"hidden units with {name} at pre-activations of 1024 and -1024, whose powers overflow",
            "overflow capped",
            Network((1, 2, 1), name),
            [1.0, -1.0, 0.0, 0.0, 2.0**-9, 2.0**-10, 0.125],
            ([[1024.0]], [[1.0]]),
        )
    yield question(
        "softmax-far-apart",
        "outputs of 1000 and -1000, whose powers overflow",
        "overflow",
        Network((1, 2), loss="softmax_cross_entropy"),
        [large, -large, 0.0, 0.0],
        ([[1.0]], [[0.0, 1.0]]),
    )
    yield question(
        "bce-far-out",
        "outputs of 1000 and -1000 with the wrong targets",
        "overflow",
        Network((1, 2), loss="bce"),
        [large, -large, 0.0, 0.0],
        ([[1.0]], [[0.0, 1.0]]),
    )
    yield question(
        "logistic-mse-far-out",
        "outputs of 1000 and -1000, of which the logistic is 1 and 0, and of 0.5",
        "overflow",
        Network((1, 3), loss="logistic_mse"),
        [large, -large, 0.5, 0.0, 0.0, 0.0],
        ([[1.0]], [[0.0, 1.0, 0.25]]),
    )
    yield question(
        "zeros-among-inputs",
        "a sample of zeros, and one that is zero but for one input",
        "missing_bias",
        Network((3, 2, 1), "tanh"),
        None,
        ([[0.0, 0.0, 0.0], [0.0, 0.5, 0.0]], [[1.0], [-0.5]]),
    )
    yield question(
        "sample-weights-below-one",
        "weights 0.125 and 0.25, whose sum is below 1",
        "sample_weights",
        Network((2, 2, 1), "tanh"),
        None,
        TWO,
        [0.125, 0.25],
    )
    yield question(
        "six-layers",
        "five hidden layers of equal width",
        "wrong_layer transposed",
        Network((2, 2, 2, 2, 2, 2, 1), "tanh"),
        None,
        TWO,
    )
    off = {
        "momentum": Training("momentum", 0.5, 2, momentum=0.0),
        "weight-decay": Training("adamw", 0.25, 2, epsilon=0.125, mean_decay=0.5, square_decay=0.75),
    }
    for name, training in off.items():
        yield question(
            f"{name}-off",
            f"no {name.replace('-', ' ')}",
            name.replace("-", "_"),
            Network((2, 2, 1), "tanh"),
            None,
            TWO,
            training=training,
        )
