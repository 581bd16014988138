"""Trainings with one fault each, which a comparison should tell from a right one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.own_check.gradient_faults import GRADIENT_FAULTS, GradientFault, right_gradient
from symtests.own_check.right_trainings import trained
from symtests.own_check.setting import Setting
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["wrong_trainings"]


def wrong_trainings(setting: Setting, training: Training) -> dict[str, Callable[[], Array]]:
    """Return by name what does the training with one fault each: of the gradient, or of a setting of the optimizer.

    Parameters
    ----------
    setting
        Network, start and batch. Faults that change nothing there are left out.
    training
        The training.
    """
    right = right_gradient(setting)
    wrong: dict[str, Callable[[], Array]] = {}
    for fault in GRADIENT_FAULTS:
        if fault.applies(setting) and (fault.gradient(setting) != right).any():
            wrong[fault.name] = _with_gradient(setting, training, fault)
    for name, other in _other_settings(setting, training).items():
        wrong[name] = _with_training(setting, other)
    return wrong


def _with_gradient(setting: Setting, training: Training, fault: GradientFault) -> Callable[[], Array]:
    return lambda: trained(setting, training, _WrongGradient(fault))


def _with_training(setting: Setting, training: Training) -> Callable[[], Array]:
    return lambda: trained(setting, training)


class _WrongGradient(NumpyPlain):
    """The plain implementation with one fault of the gradient, computed in float64 and rounded."""

    def __init__(self, fault: GradientFault) -> None:
        self._fault = fault

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return no loss and the wrong gradient."""
        wrong = self._fault.gradient(Setting(network, parameters, Batch(batch.x, batch.y, batch.sample_weights)))
        return math.nan, Parameters(network, wrong.astype(parameters.dtype))


def _other_settings(setting: Setting, training: Training) -> dict[str, Training]:
    """Return the training with one setting changed as it is often mistaken, by what is wrong."""
    rate = training.learning_rate
    found = {"the learning rate is 1 % larger": replace(training, learning_rate=1.01 * rate)}
    if setting.parameters.dtype == np.float64 and float(np.float32(rate)) != rate:
        found["the learning rate is rounded to float32"] = replace(training, learning_rate=float(np.float32(rate)))
    if training.optimizer in ("momentum", "nesterov"):
        other = {"momentum": "nesterov", "nesterov": "momentum"}[training.optimizer]
        found[f"{other} in place of {training.optimizer}"] = replace(training, optimizer=other)
    if training.optimizer in ("adam", "adamw", "rmsprop", "adagrad"):
        found["epsilon is ten times as large"] = replace(training, epsilon=10 * training.epsilon)
    if training.optimizer in ("adam", "adamw", "rmsprop"):
        found["the decay of squares is 0.99 times as large"] = replace(
            training, square_decay=0.99 * training.square_decay
        )
    return found
