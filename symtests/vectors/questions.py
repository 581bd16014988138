"""The questions of the vectors: small ones to follow by hand, and wide ones for blocks and their remainders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.network import ACTIVATIONS, Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training
from symtests.vectors.vector import Question

__all__ = ["questions"]

_TWO: Final = ([[1.0, -0.5], [0.25, 2.0]], [[1.0], [-0.5]])
"""Inputs and targets of two samples."""


def questions() -> tuple[Question, ...]:
    """Return all questions, in the order of the file."""
    return (*_linear(), *_hidden(), *_losses(), *_special(), *_extremes(), *_wide(), *_steps(), *_optimizers())


def _question(
    name: str,
    comment: str,
    flags: str,
    network: Network,
    theta: Sequence[float] | None,
    samples: tuple[Any, Any],
    weights: Sequence[float] | None = None,
    training: Training | None = None,
) -> Question:
    """Return a question; without parameters, it takes such as no two units share."""
    values = _pattern(network.parameter_count, 11, 8.0) if theta is None else np.array(theta, float)
    x, y = (np.array(each, float) for each in samples)
    batch = Batch(x, y, None if weights is None else np.array(weights, float))
    case = Case(network, Parameters(network, values), batch, training or Training())
    return Question(name, comment, tuple(flags.split()), "train" if training else "loss_and_gradient", case)


def _pattern(count: int, period: int, scale: float) -> np.ndarray[Any, Any]:
    """Return numbers on a binary grid without two equal neighbours: (7 k + 3) mod period, around 0."""
    return ((7.0 * np.arange(count) + 3) % period - period // 2) / scale


def _table(rows: int, columns: int, period: int, scale: float) -> np.ndarray[Any, Any]:
    return _pattern(rows * columns, period, scale).reshape(rows, columns)


def _linear() -> Iterator[Question]:
    yield _question(
        "one-weight",
        "z = 0.5 * 2 = 1, the target is 3: the loss is 4 and dL/dw = 2 (1 - 3) 2 = -8",
        "sign missing_factor",
        Network((1, 1), bias=False),
        [0.5],
        ([[2.0]], [[3.0]]),
    )
    yield _question(
        "two-samples",
        "the mean over two samples",
        "missing_mean missing_bias",
        Network((1, 1)),
        [0.5, 0.25],
        ([[1.0], [2.0]], [[0.0], [1.0]]),
    )
    yield _question(
        "two-outputs",
        "the mean over two outputs of four samples",
        "missing_mean",
        Network((1, 2)),
        [0.5, -1.0, 0.25, 0.5],
        (_table(4, 1, 5, 4), _table(4, 2, 7, 4)),
    )
    yield _question(
        "square-matrix",
        "a square weight matrix that is not symmetric",
        "transposed",
        Network((2, 2)),
        [1.0, 2.0, -0.5, 0.25, 0.5, -1.0],
        ([[1.0, 0.5]], [[0.0, 1.0]]),
    )


def _hidden() -> Iterator[Question]:
    for name in ACTIVATIONS:
        extra = " approximate_gelu" if name == "gelu" else ""
        yield _question(
            f"slope-of-{name.replace('_', '-')}",
            f"three hidden units with {name}",
            "missing_slope slope_of_activation sign missing_mean missing_bias" + extra,
            Network((2, 3, 1), name),
            None,
            _TWO,
        )
    yield _question(
        "square-layers",
        "square matrices, none symmetric, in two hidden layers",
        "transposed wrong_layer",
        Network((2, 2, 2, 2), "tanh"),
        None,
        ([[1.0, 0.5], [-0.25, 1.5]], [[0.0, 1.0], [1.0, -0.5]]),
    )
    yield _question(
        "deep",
        "four layers with different activations",
        "wrong_layer missing_slope",
        Network((2, 3, 2, 4, 1), ("tanh", "softplus", "logistic")),
        None,
        _TWO,
    )
    yield _question(
        "deep-relu",
        "relu and leaky_relu below each other",
        "wrong_layer kink",
        Network((2, 4, 3, 1), ("relu", "leaky_relu")),
        None,
        _TWO,
    )
    yield _question("no-bias", "no layer has a bias", "absent_bias", Network((2, 3, 1), "tanh", bias=False), None, _TWO)
    yield _question(
        "relu-at-zero",
        "the pre-activation is exactly 0, where relu' is 0 unless it is said to be another",
        "kink",
        Network((1, 1, 1), "relu"),
        [1.0, -1.0, 0.5, 0.25],
        ([[1.0]], [[1.0]]),
    )
    yield _question(
        "leaky-below-zero",
        "the pre-activation is -1, where leaky_relu' is 0.01",
        "kink missing_slope",
        Network((1, 1, 1), "leaky_relu"),
        [1.0, -2.0, 0.5, 0.25],
        ([[1.0]], [[1.0]]),
    )


def _losses() -> Iterator[Question]:
    soft = ([[1.0, -0.5], [0.25, 2.0]], [[0.25, 1.0], [0.0, 0.75]])
    yield _question(
        "bce",
        "binary cross-entropy with soft targets",
        "activated_output missing_mean sign",
        Network((2, 2, 2), "tanh", "bce"),
        None,
        soft,
    )
    yield _question(
        "logistic-mse",
        "squared error of a logistic output",
        "activated_output missing_slope",
        Network((2, 2, 2), "tanh", "logistic_mse"),
        None,
        soft,
    )
    classes = ([[1.0, -0.5], [0.25, 2.0]], [[0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])
    yield _question(
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
        yield _question(
            f"sample-weights-{loss.replace('_', '-')}",
            "weights 1, 3 and 0: the third sample has no say",
            "sample_weights",
            Network((2, 2, 1), "tanh", loss),
            None,
            (weighted[0], targets),
            [1.0, 3.0, 0.0],
        )


def _special() -> Iterator[Question]:
    yield _question(
        "tie",
        "hidden units 0 and 1 have equal weights, so equal gradients",
        "tie",
        Network((2, 3, 1), "tanh"),
        [0.5, 0.5, -1.0, 0.25, 0.25, 0.5, 0.125, 0.125, 0.0, 1.0, 1.0, -0.5, 0.25],
        _TWO,
    )
    zeros = [0.0] * Network((2, 3, 1), "tanh").parameter_count
    yield _question(
        "zero-start",
        "all parameters are 0: with tanh, only the output bias has a gradient",
        "zero_start tie",
        Network((2, 3, 1), "tanh"),
        zeros,
        _TWO,
    )
    yield _question(
        "zero-start-trained",
        "three steps from 0: only the output bias moves",
        "zero_start tie",
        Network((2, 3, 1), "tanh"),
        zeros,
        _TWO,
        training=Training("sgd", 0.5, 3),
    )


def _extremes() -> Iterator[Question]:
    small, large = 2.0**-10, 200.0
    one = Network((1, 1), bias=False)
    yield _question(
        "small-signal", "an error of 2^-10 is no error of 0", "vanishing", one, [0.0], ([[small]], [[small]])
    )
    yield _question(
        "small-rate",
        "a learning rate of 2^-20",
        "vanishing",
        one,
        [0.0],
        ([[1.0]], [[1.0]]),
        training=Training("sgd", 2.0**-20, 1),
    )
    yield _question(
        "relu-at-16",
        "relu does not stop at 6",
        "capped",
        Network((1, 1, 1), "relu"),
        [2.0, 0.0, 0.5, 0.0],
        ([[8.0]], [[1.0]]),
    )
    yield _question(
        "softmax-far-apart",
        "outputs of 200 and -200, whose powers overflow",
        "overflow",
        Network((1, 2), loss="softmax_cross_entropy"),
        [large, -large, 0.0, 0.0],
        ([[1.0]], [[0.0, 1.0]]),
    )
    yield _question(
        "bce-far-out",
        "outputs of 200 and -200 with the wrong targets",
        "overflow",
        Network((1, 2), loss="bce"),
        [large, -large, 0.0, 0.0],
        ([[1.0]], [[0.0, 1.0]]),
    )
    yield _question(
        "zeros-among-inputs",
        "a sample of zeros, and one that is zero but for one input",
        "missing_bias",
        Network((3, 2, 1), "tanh"),
        None,
        ([[0.0, 0.0, 0.0], [0.0, 0.5, 0.0]], [[1.0], [-0.5]]),
    )
    yield _question(
        "sample-weights-below-one",
        "weights 0.125 and 0.25, whose sum is below 1",
        "sample_weights",
        Network((2, 2, 1), "tanh"),
        None,
        _TWO,
        [0.125, 0.25],
    )
    yield _question(
        "six-layers",
        "five hidden layers of equal width",
        "wrong_layer transposed",
        Network((2, 2, 2, 2, 2, 2, 1), "tanh"),
        None,
        _TWO,
    )
    off = {
        "momentum": Training("momentum", 0.5, 2, momentum=0.0),
        "weight-decay": Training("adamw", 0.25, 2, epsilon=0.125, mean_decay=0.5, square_decay=0.75),
    }
    for name, training in off.items():
        yield _question(
            f"{name}-off",
            f"no {name.replace('-', ' ')}",
            name.replace("-", "_"),
            Network((2, 2, 1), "tanh"),
            None,
            _TWO,
            training=training,
        )


def _wide() -> Iterator[Question]:
    for width in (7, 17, 130):
        network = Network((2, width, 1), "tanh")
        yield _question(
            f"hidden-{width}",
            f"{width} hidden units",
            "remainder",
            network,
            _pattern(network.parameter_count, 13, 64.0).tolist(),
            (_table(3, 2, 5, 4), _table(3, 1, 7, 4)),
        )
    for inputs in (17, 130):
        network = Network((inputs, 2, 1), "tanh")
        yield _question(
            f"inputs-{inputs}",
            f"{inputs} inputs",
            "remainder",
            network,
            _pattern(network.parameter_count, 13, 64.0).tolist(),
            (_table(2, inputs, 5, 4), _table(2, 1, 7, 4)),
        )
    for outputs in (17, 33):
        network = Network((2, 3, outputs), "tanh", "softmax_cross_entropy")
        targets = np.eye(outputs)[[outputs - 1, 0]]
        yield _question(
            f"classes-{outputs}",
            f"softmax of {outputs} outputs, the first and the last of them wanted",
            "remainder",
            network,
            _pattern(network.parameter_count, 13, 16.0).tolist(),
            (_table(2, 2, 5, 4), targets),
        )
    yield _question(
        "samples-17",
        "a batch of 17 samples",
        "remainder missing_mean",
        Network((2, 3, 1), "tanh"),
        None,
        (_table(17, 2, 9, 8), _table(17, 1, 7, 4)),
    )
    yield _question(
        "samples-130",
        "a batch of 130 samples",
        "remainder missing_mean",
        Network((2, 3, 1), "tanh"),
        None,
        (_table(130, 2, 9, 8), _table(130, 1, 7, 4)),
    )
    network = Network((3, 17, 9, 2), ("tanh", "logistic"))
    yield _question(
        "two-wide-layers",
        "17 and 9 hidden units",
        "remainder transposed wrong_layer",
        network,
        _pattern(network.parameter_count, 13, 32.0).tolist(),
        (_table(5, 3, 5, 4), _table(5, 2, 7, 4)),
    )


def _steps() -> Iterator[Question]:
    def of(name: str, comment: str, flags: str, training: Training, network: Network | None = None) -> Question:
        return _question(name, comment, flags, network or Network((2, 2, 1), "tanh"), None, _TWO, training=training)

    yield of("no-step", "no step: nothing moves", "too_many_steps", Training("sgd", 1.0, 0))
    yield of("one-step", "one step with learning rate 1", "updated_weights learning_rate sign", Training("sgd", 1.0, 1))
    yield of("half-step", "one step with learning rate 0.5", "updated_weights learning_rate", Training("sgd", 0.5, 1))
    yield of("three-steps", "three steps", "too_many_steps updated_weights", Training("sgd", 0.5, 3))
    yield of(
        "deep-step",
        "one step of a deep network",
        "updated_weights wrong_layer",
        Training("sgd", 1.0, 1),
        Network((2, 3, 2, 1), "tanh"),
    )
    yield of(
        "step-without-bias",
        "two steps of a network without biases",
        "absent_bias too_many_steps",
        Training("sgd", 0.5, 2),
        Network((2, 3, 1), "tanh", bias=False),
    )


def _optimizers() -> Iterator[Question]:
    settings: dict[str, Any] = {"momentum": 0.5, "mean_decay": 0.5, "square_decay": 0.75, "epsilon": 0.125}
    flags = {
        "momentum": "momentum", "nesterov": "nesterov momentum", "adam": "bias_correction epsilon running_square",
        "adamw": "weight_decay bias_correction", "rmsprop": "running_square epsilon",
        "adagrad": "running_square epsilon",
    }  # fmt: skip
    for optimizer, meant in flags.items():
        decay = {"weight_decay": 0.25} if optimizer == "adamw" else {}
        for steps in (1, 2, 3):
            training = Training(optimizer, 0.25, steps, **settings, **decay)
            yield _question(
                f"{optimizer}-{steps}",
                f"step {steps} of {optimizer} from a fresh state",
                meant,
                Network((2, 2, 1), "tanh"),
                None,
                _TWO,
                training=training,
            )
