"""Faults that any optimizer may have: the rule of another one, other settings, another learning rate or gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np

from symtests.diagnosis.optimizers.rule import At, Rule, with_settings
from symtests.diagnosis.optimizers.step_fault import StepFault, fault
from symtests.float_json import Array
from symtests.network import OPTIMIZERS
from symtests.training import Training

__all__ = ["general_faults", "with_factor"]

_DEFAULTS: Final = Training()
_LONGEST: Final = 5
"""Steps of the longest training in which two faults at once are looked for."""
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


def general_faults(optimizer: str) -> Iterator[StepFault]:
    """Yield the faults that do not depend on how an optimizer works, the most usual first."""
    for other in OPTIMIZERS:
        if other != optimizer:
            yield _as(f"that of {other}", optimizer=other)
            defaults = {name: getattr(_DEFAULTS, name) for name in _SETTINGS[other]}
            if defaults:
                yield _as(f"that of {other} with the default settings", optimizer=other, **defaults)
    yield from _settings(optimizer)
    yield from _of_state(optimizer)
    yield from _of_gradients(optimizer)
    yield from _of_rates(optimizer)


def _as(words: str, *, alone: bool = False, **settings: object) -> StepFault:
    """Return the fault of a step with other settings."""
    return fault(
        f"the step is {words}",
        alone=alone,
        settings=lambda r: lambda training, number: with_settings(r.settings(training, number), **settings),
    )


def _settings(optimizer: str) -> Iterator[StepFault]:
    """Yield the faults of a setting that is not used: its default is, or it is rounded."""
    used = _SETTINGS[optimizer]
    for number in range(len(used), 1, -1):
        for names in combinations(used, number):
            defaults = {name: getattr(_DEFAULTS, name) for name in names}
            which = " and ".join(names)
            words = f"that of {optimizer} with the defaults of {which}, whatever is asked for"
            yield _as(words, alone=True, **defaults)
    for name in used:
        values = [getattr(_DEFAULTS, name), 0.0]
        values += {"square_decay": [0.9, 0.99], "epsilon": [1e-7, 1e-10], "weight_decay": [0.01]}.get(name, [])
        for value in dict.fromkeys(values):
            yield _as(f"that of {optimizer} with {name} {value:g}, whatever is asked for", **{name: value})
    for name in ("learning_rate", *used):
        yield fault(
            f"the {name.replace('_', ' ')} is rounded to float32",
            settings=lambda r, name=name: (
                lambda training, number: _rounded(  # type: ignore[misc]
                    r.settings(training, number), name
                )
            ),
        )


def _rounded(training: Training, name: str) -> Training:
    return replace(training, **{name: float(np.float32(getattr(training, name)))})  # type: ignore[arg-type]


def _of_state(optimizer: str) -> Iterator[StepFault]:
    def forgotten(rule: Rule, period: int) -> Rule:
        """Return the rule that begins with a fresh state, and counts from 1 again, after so many steps."""

        def begun(at: At) -> None:
            if (at.number - 1) % period == 0:
                for name in at.memory:
                    at.memory[name] = np.zeros_like(at.memory[name])
            rule.begun(at)

        def again(at: At) -> At:
            return replace(at, number=(at.number - 1) % period + 1)

        return replace(rule, begun=begun, numbers=lambda at: rule.numbers(again(at)))

    def neighbour(rule: Rule) -> Rule:
        def begun(at: At) -> None:
            at.memory["m"] = np.roll(at.memory["m"], 1)
            rule.begun(at)

        return replace(rule, begun=begun)

    def plain_for(rule: Rule, biases: bool) -> Rule:
        def used(at: At, theta: Array, g: Array) -> Array:
            at.memory["g"] = changed = rule.used(at, theta, g)
            return changed

        return replace(
            rule,
            used=used,
            direction=lambda at, d: np.where(at.layout.is_bias == biases, at.memory["g"], rule.direction(at, d)),
        )

    if optimizer == "sgd":
        return
    yield StepFault(
        f"the step is that of {optimizer} for the weights, and that of sgd for the biases", lambda r: plain_for(r, True)
    )
    yield StepFault(
        f"the step is that of {optimizer} for the biases, and that of sgd for the weights",
        lambda r: plain_for(r, False),
    )
    yield StepFault(
        f"the step is that of {optimizer} which begins anew in each step: it keeps nothing from step to step",
        lambda r: forgotten(r, 1),
    )
    yield StepFault(
        f"the step is that of {optimizer} which takes the mean or the velocity of the component before", neighbour
    )
    for period in (2, 3, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 200, 255, 256):
        yield StepFault(
            f"the step is that of {optimizer} which begins anew, with a fresh state, after every {period} steps",
            lambda r, period=period: forgotten(r, period),  # type: ignore[misc]
            alone=period > _LONGEST,
        )
    if optimizer in ("adam", "adamw"):
        for period in (10, 16, 100, 128, 255, 256):
            yield fault(
                f"the step is that of {optimizer} whose step counter begins anew after every {period} steps",
                alone=True,
                numbers=lambda r, period=period: (
                    lambda at: r.numbers(  # type: ignore[misc]
                        replace(at, number=(at.number - 1) % period + 1)
                    )
                ),
            )


def _of_gradients(optimizer: str) -> Iterator[StepFault]:
    def kept(rule: Rule, of: Callable[[At, Array], Array]) -> Rule:
        return replace(rule, used=lambda at, theta, g: of(at, rule.used(at, theta, g)))

    def first(at: At, g: Array) -> Array:
        return at.memory.setdefault("first", g)

    def before(at: At, g: Array) -> Array:
        old, at.memory["stale"] = at.memory.get("stale", g), g
        return old

    def before_or_none(at: At, g: Array) -> Array:
        old, at.memory["stale"] = at.memory.get("stale", np.zeros_like(g)), g
        return old

    yield StepFault(
        f"the step is that of {optimizer} which uses the gradient of the first step in every step",
        lambda r: kept(r, first),
    )
    stale = f"the step is that of {optimizer} which uses the gradient of the step before"
    yield StepFault(f"{stale}, from the second step on", lambda r: kept(r, before))
    yield StepFault(f"{stale}, and none in the first", lambda r: kept(r, before_or_none))
    for words, of in (
        ("is N times too large, N being the batch size: the mean over the batch is missing",
         lambda at, g: at.layout.samples * g),
        ("is N times too small, N being the batch size: it is divided by N once more",
         lambda at, g: g / at.layout.samples),
        ("is reversed in sign", lambda at, g: -g),
    ):  # fmt: skip
        yield StepFault(
            f"the reported gradient is right, that of a step is not: the gradient of every tensor {words}",
            lambda r, of=of: kept(r, of),  # type: ignore[misc]
        )


def _of_rates(optimizer: str) -> Iterator[StepFault]:
    yield fault(
        "the step is multiplied by the learning rate: the learning rate is used twice",
        direction=lambda r: lambda at, d: at.training.learning_rate * r.direction(at, d),
    )
    for words, factor in _factors():
        yield with_factor(f"the step is that of {optimizer} whose learning rate is {words}", factor)


def with_factor(words: str, factor: Callable[[int], float]) -> StepFault:
    """Return the fault of a learning rate that is multiplied by a factor of the number of the step."""

    def slower(training: Training, number: int) -> Training:
        return replace(training, learning_rate=training.learning_rate * factor(number))

    return fault(words, settings=lambda r: lambda training, number: slower(r.settings(training, number), number))


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
    yield "divided by the root of the number of the step", lambda number: 1 / math.sqrt(number)
