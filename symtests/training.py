"""A training: an optimizer, its settings and a number of steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from symtests.network import OPTIMIZERS
from symtests.validation import InvalidValue, integer_at_least, known_settings, one_of, real_in

__all__ = ["Training"]


@dataclass(frozen=True)
class Training:
    """An optimizer, its settings and the number of full-batch steps, from a fresh optimizer state.

    With the gradient g, learning rate eta and the settings below, one step is

        sgd        theta -= eta g
        momentum   v = mu v + g;                       theta -= eta v
        nesterov   v = mu v + g;                       theta -= eta (g + mu v)
        adam       m = b1 m + (1-b1) g;  s = b2 s + (1-b2) g^2;
                   theta -= eta (m / (1-b1^t)) / (sqrt(s / (1-b2^t)) + epsilon)
        adamw      theta *= 1 - eta weight_decay, then as adam
        rmsprop    s = b2 s + (1-b2) g^2;              theta -= eta g / (sqrt(s) + epsilon)
        adagrad    s += g^2;                           theta -= eta g / (sqrt(s) + epsilon)

    Parameters
    ----------
    optimizer
        One name of `OPTIMIZERS`.
    learning_rate
        eta, at least 0.
    steps
        Number of steps, at least 0.
    momentum
        mu in [0, 1): momentum and nesterov.
    mean_decay, square_decay
        b1 and b2 in [0, 1): decay of the running mean of g (adam, adamw) and of g^2 (also rmsprop).
    epsilon
        At least 0: added to the root in adam, adamw, rmsprop and adagrad.
    weight_decay
        At least 0: adamw only.
    """

    optimizer: str = "sgd"
    learning_rate: float = 0.1
    steps: int = 1
    momentum: float = 0.9
    mean_decay: float = 0.9
    square_decay: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        one_of("optimizer", self.optimizer, OPTIMIZERS)
        object.__setattr__(self, "steps", integer_at_least("steps", self.steps, 0))
        for name in ("momentum", "mean_decay", "square_decay"):
            object.__setattr__(self, name, real_in(name, getattr(self, name), 0.0, 1.0, open_end=True))
        for name in ("learning_rate", "epsilon", "weight_decay"):
            object.__setattr__(self, name, real_in(name, getattr(self, name), 0.0, math.inf, open_end=True))
        if self.weight_decay and self.optimizer != "adamw":
            raise InvalidValue(f"weight_decay={self.weight_decay}: only adamw has it; use optimizer='adamw' or 0")

    def with_steps(self, steps: int) -> Training:
        """Return the same training with another number of steps."""
        return replace(self, steps=steps)

    def to_json(self) -> dict[str, Any]:
        """Return the training as plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Training:
        """Rebuild a training from `to_json`."""
        known_settings("a training", data, (field.name for field in fields(cls)))
        return cls(**data)
