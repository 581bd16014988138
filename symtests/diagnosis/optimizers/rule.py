"""One step of an optimizer as it is thought to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symtests.float_json import Array
from symtests.oracle.optimizers import apply
from symtests.training import Training

__all__ = ["GradientAt", "Memory", "Rule", "Step", "right_step", "step_with"]

Memory = dict[str, Array]
"""What an optimizer keeps from step to step, all 0 at first: ``m``, ``s`` and ``best``; ``is_bias`` is 1 at biases."""
GradientAt = Callable[[Array], Array]
"""The gradient at parameters, both of shape (n,)."""
Step = Callable[[Training, Array, GradientAt, Memory, int], Array]
"""The parameters after step number 1, 2, ..., of the parameters before it; changes the memory."""
Rule = tuple[str, Step]
"""What is wrong with it, in words that follow "the step is", and the step."""


def right_step(training: Training, theta: Array, gradient: GradientAt, memory: Memory, step: int) -> Array:
    """Return the parameters after the right step."""
    after, (memory["m"], memory["s"]) = apply(training, theta, gradient(theta), (memory["m"], memory["s"]), step)
    return after


def step_with(**settings: object) -> Step:
    """Return the right step with other settings."""

    def step(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        if settings.get("optimizer", training.optimizer) != "adamw":
            training = replace(training, optimizer="sgd", weight_decay=0.0) if training.weight_decay else training
        return right_step(replace(training, **settings), theta, gradient, memory, number)  # type: ignore[arg-type]

    return step
