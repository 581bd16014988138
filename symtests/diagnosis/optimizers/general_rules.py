"""Rules that any optimizer may be mistaken for: another one, other settings, another learning rate or memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np

from symtests.diagnosis.optimizers.rule import GradientAt, Memory, Rule, Step, right_step, step_with
from symtests.float_json import Array
from symtests.network import OPTIMIZERS
from symtests.training import Training

__all__ = ["general_rules"]

_DEFAULTS: Final = Training()
_SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "sgd": (),
    "momentum": ("momentum",),
    "nesterov": ("momentum",),
    "adam": ("mean_decay", "square_decay", "epsilon"),
    "adamw": ("mean_decay", "square_decay", "epsilon", "weight_decay"),
    "rmsprop": ("square_decay", "epsilon"),
    "adagrad": ("epsilon",),
}
"""What each optimizer uses besides the learning rate."""


def general_rules(optimizer: str) -> Iterator[Rule]:
    """Yield the rules that do not depend on how an optimizer works."""
    for other in OPTIMIZERS:
        if other != optimizer:
            yield f"that of {other}", step_with(optimizer=other)
            defaults = {name: getattr(_DEFAULTS, name) for name in _SETTINGS[other]}
            if defaults:
                yield f"that of {other} with the default settings", step_with(optimizer=other, **defaults)
    yield from _setting_rules(optimizer)
    yield from _any_rules(optimizer)


def _setting_rules(optimizer: str) -> Iterator[Rule]:
    """Yield the rules that do not use a setting, but its default."""
    used = _SETTINGS[optimizer]
    for number in range(len(used), 1, -1):
        for names in combinations(used, number):
            defaults = {name: getattr(_DEFAULTS, name) for name in names}
            which = " and ".join(names)
            yield f"that of {optimizer} with the defaults of {which}, whatever is asked for", step_with(**defaults)
    for name in used:
        values = [getattr(_DEFAULTS, name), 0.0]
        values += {"square_decay": [0.9, 0.99], "epsilon": [1e-7, 1e-10], "weight_decay": [0.01]}.get(name, [])
        for value in dict.fromkeys(values):
            yield f"that of {optimizer} with {name} {value:g}, whatever is asked for", step_with(**{name: value})


def _any_rules(optimizer: str) -> Iterator[Rule]:
    def memoryless(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        return right_step(training, theta, gradient, {name: np.zeros_like(theta) for name in memory}, 1)

    def first_gradient(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        if number == 1:
            memory["best"] = gradient(theta)
        return right_step(training, theta, lambda _: memory["best"], memory, number)

    def slower(factor: Callable[[int], float]) -> Step:
        """Return the step whose learning rate is multiplied by a factor of its number."""

        def step(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
            with_factor = replace(training, learning_rate=training.learning_rate * factor(number))
            return right_step(with_factor, theta, gradient, memory, number)

        return step

    def neighbour(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        memory["m"] = np.roll(memory["m"], 1)
        return right_step(training, theta, gradient, memory, number)

    def plain_for(biases: bool) -> Step:
        """Return the step that is one of sgd for the biases, or for the weights."""

        def step(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
            moved = right_step(training, theta, gradient, memory, number)
            plain = theta - training.learning_rate * gradient(theta)
            return np.where(memory["is_bias"] == biases, plain, moved)

        return step

    if optimizer != "sgd":
        yield f"that of {optimizer} for the weights, and that of sgd for the biases", plain_for(True)
        yield f"that of {optimizer} for the biases, and that of sgd for the weights", plain_for(False)
        yield f"that of {optimizer} which begins anew in each step: it keeps nothing from step to step", memoryless
        yield f"that of {optimizer} which takes the mean or the velocity of the component before", neighbour
    yield f"that of {optimizer} which uses the gradient of the first step in every step", first_gradient
    for words, factor in _factors():
        yield f"that of {optimizer} whose learning rate is {words}", slower(factor)


def _factors() -> Iterator[tuple[str, Callable[[int], float]]]:
    """Yield what schedules multiply the learning rate by in the step of a number, counted from 1."""

    def power(kept: float) -> Callable[[int], float]:
        return lambda number: kept ** (number - 1)

    def inverse(share: float) -> Callable[[int], float]:
        return lambda number: 1 / (1 + share * (number - 1))

    for kept in (0.5, 0.9, 0.95, 0.96, 0.99, 0.999):
        yield f"multiplied by {kept:g} after each step", power(kept)
    for share in (1.0, 0.5, 0.1, 0.01, 0.001):
        yield f"divided by 1 + {share:g} k after k steps", inverse(share)
    yield "divided by the number of the step", lambda number: 1 / number
    yield "divided by the root of the number of the step", lambda number: 1 / math.sqrt(number)
