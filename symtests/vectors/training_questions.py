"""The questions that ask for a training: single steps, several, and each optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symtests.network import Network
from symtests.training import Training
from symtests.vectors.asking import TWO, question
from symtests.vectors.vector import Question

__all__ = ["trainings"]


def trainings() -> tuple[Question, ...]:
    """Return these questions, in the order of the file."""
    return (*_steps(), *_optimizers())


def _steps() -> Iterator[Question]:
    def of(name: str, comment: str, flags: str, training: Training, network: Network | None = None) -> Question:
        return question(name, comment, flags, network or Network((2, 2, 1), "tanh"), None, TWO, training=training)

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
            yield question(
                f"{optimizer}-{steps}",
                f"step {steps} of {optimizer} from a fresh state",
                meant,
                Network((2, 2, 1), "tanh"),
                None,
                TWO,
                training=training,
            )
