"""Optimizers as they are sometimes written: each rule is a thought of what an implementation does in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from symtests.diagnosis.optimizers.general_rules import general_rules
from symtests.diagnosis.optimizers.rule import GradientAt, Memory, Rule, Step, right_step, step_with
from symtests.float_json import Array
from symtests.training import Training

__all__ = ["rules_for"]


def rules_for(optimizer: str) -> Iterator[Rule]:
    """Yield the wrong rules for an optimizer, the most usual first."""
    if optimizer in ("momentum", "nesterov"):
        yield from _velocity_rules(optimizer)
    if optimizer in ("adam", "adamw"):
        yield from _adam_rules(optimizer)
    if optimizer in ("rmsprop", "adagrad"):
        yield from _root_rules(optimizer)
    yield from general_rules(optimizer)


def _velocity_rules(optimizer: str) -> Iterator[Rule]:
    def velocity(grow: Callable[[Training, Array, Array], Array]) -> Step:
        def step(training: Training, theta: Array, gradient: GradientAt, memory: Memory, _: int) -> Array:
            g = gradient(theta)
            memory["m"] = v = grow(training, memory["m"], g)
            ahead = g + training.momentum * v if training.optimizer == "nesterov" else v
            return theta - training.learning_rate * ahead

        return step

    yield (
        "that of a velocity whose gradient is multiplied by 1 - momentum (v = mu v + (1 - mu) g)",
        velocity(lambda t, v, g: t.momentum * v + (1 - t.momentum) * g),
    )
    yield "that of a momentum of the wrong sign (v = g - mu v)", velocity(lambda t, v, g: g - t.momentum * v)
    yield "that of a velocity that forgets nothing (v = v + g)", velocity(lambda t, v, g: v + g)
    yield (
        "that of a velocity multiplied by the momentum as a whole (v = mu (v + g))",
        velocity(lambda t, v, g: t.momentum * (v + g)),
    )
    if optimizer == "nesterov":
        yield (
            "that of nesterov without its look-ahead: it moves by the velocity, as momentum does",
            step_with(optimizer="momentum"),
        )

        def classic(training: Training, theta: Array, gradient: GradientAt, memory: Memory, _: int) -> Array:
            ahead = theta - training.learning_rate * training.momentum * memory["m"]
            memory["m"] = v = training.momentum * memory["m"] + gradient(ahead)
            return theta - training.learning_rate * v

        def late(training: Training, theta: Array, gradient: GradientAt, memory: Memory, _: int) -> Array:
            g, old = gradient(theta), memory["m"]
            memory["m"] = v = training.momentum * old + g
            return theta - training.learning_rate * ((1 + training.momentum) * v - training.momentum * old)

        yield "that of Nesterov's own form, whose gradient is taken ahead of the parameters it returns", classic
        yield "that of v plus its own growth ((1 + mu) v' - mu v)", late


def _adam_rules(optimizer: str) -> Iterator[Rule]:
    def adam(quotient: Callable[[Training, Array, Array, int], Array]) -> Step:
        def step(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
            g, b1, b2 = gradient(theta), training.mean_decay, training.square_decay
            memory["m"], memory["s"] = b1 * memory["m"] + (1 - b1) * g, b2 * memory["s"] + (1 - b2) * g * g
            kept = 1 - training.learning_rate * training.weight_decay
            return kept * theta - training.learning_rate * quotient(training, memory["m"], memory["s"], number)

        return step

    def corrected(m_too: bool, s_too: bool, later: int = 0) -> Step:
        def quotient(t: Training, m: Array, s: Array, step: int) -> Array:
            mean = m / (1 - t.mean_decay ** (step + later)) if m_too else m
            square = s / (1 - t.square_decay ** (step + later)) if s_too else s
            return mean / (np.sqrt(square) + t.epsilon)

        return adam(quotient)

    yield f"that of {optimizer} without bias correction", corrected(False, False)
    yield f"that of {optimizer} whose mean square lacks the bias correction", corrected(True, False)
    yield f"that of {optimizer} whose mean lacks the bias correction", corrected(False, True)
    yield (
        f"that of {optimizer} whose steps are counted from 2: its bias correction is that of the next step",
        corrected(True, True, 1),
    )
    yield (
        f"that of {optimizer} with epsilon inside the root",
        adam(lambda t, m, s, k: m / (1 - t.mean_decay**k) / np.sqrt(s / (1 - t.square_decay**k) + t.epsilon)),
    )
    yield (
        f"that of {optimizer} with the square of epsilon inside the root",
        adam(lambda t, m, s, k: m / (1 - t.mean_decay**k) / np.sqrt(s / (1 - t.square_decay**k) + t.epsilon**2)),
    )
    yield (
        f"that of {optimizer} with epsilon added before the bias correction of the root",
        adam(lambda t, m, s, k: np.sqrt(1 - t.square_decay**k) * m / (1 - t.mean_decay**k) / (np.sqrt(s) + t.epsilon)),
    )
    yield (
        f"that of {optimizer} without the root",
        adam(lambda t, m, s, k: m / (1 - t.mean_decay**k) / (s / (1 - t.square_decay**k) + t.epsilon)),
    )
    yield (
        "that of sgd with a mean gradient: it is not divided by the root of the mean square",
        adam(lambda t, m, s, k: m / (1 - t.mean_decay**k)),
    )
    yield from _adam_memory_rules(optimizer)
    if optimizer == "adamw":
        yield from _decay_rules()


def _adam_memory_rules(optimizer: str) -> Iterator[Rule]:
    def quotient(t: Training, m: Array, s: Array, k: int) -> Array:
        return m / (1 - t.mean_decay**k) / (np.sqrt(s / (1 - t.square_decay**k)) + t.epsilon)

    def swapped(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        other = replace(training, mean_decay=training.square_decay, square_decay=training.mean_decay)
        return right_step(other, theta, gradient, memory, number)

    def largest(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        g, b1, b2 = gradient(theta), training.mean_decay, training.square_decay
        memory["m"], memory["s"] = b1 * memory["m"] + (1 - b1) * g, b2 * memory["s"] + (1 - b2) * g * g
        memory["best"] = np.maximum(memory["best"], memory["s"])
        kept = 1 - training.learning_rate * training.weight_decay
        return kept * theta - training.learning_rate * quotient(training, memory["m"], memory["best"], number)

    def of_mean(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        g, b1, b2 = gradient(theta), training.mean_decay, training.square_decay
        memory["m"] = b1 * memory["m"] + (1 - b1) * g
        memory["s"] = b2 * memory["s"] + (1 - b2) * memory["m"] ** 2
        kept = 1 - training.learning_rate * training.weight_decay
        return kept * theta - training.learning_rate * quotient(training, memory["m"], memory["s"], number)

    yield f"that of {optimizer} with mean_decay and square_decay interchanged", swapped
    yield f"that of {optimizer} with the largest mean square so far (AMSGrad)", largest
    yield f"that of {optimizer} whose mean square is that of the mean, not of the gradient", of_mean


def _decay_rules() -> Iterator[Rule]:
    def without(training: Training) -> Training:
        return replace(training, weight_decay=0.0)

    def penalty(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        return right_step(
            without(training), theta, lambda at: gradient(at) + training.weight_decay * at, memory, number
        )

    def unscaled(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        moved = right_step(without(training), theta, gradient, memory, number)
        return moved - training.weight_decay * theta

    def after(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        moved = right_step(without(training), theta, gradient, memory, number)
        return (1 - training.learning_rate * training.weight_decay) * moved

    def before(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        kept = (1 - training.learning_rate * training.weight_decay) * theta
        return right_step(without(training), kept, gradient, memory, number)

    yield "that of adam with weight_decay theta added to the gradient: the decay is not decoupled", penalty
    yield "that of adamw whose weight decay is not multiplied by the learning rate", unscaled
    yield "that of adamw whose weight decay shrinks the parameters after the step", after
    yield "that of adamw whose gradient is taken at parameters that the weight decay has shrunk already", before


def _root_rules(optimizer: str) -> Iterator[Rule]:
    def rooted(
        grow: Callable[[Training, Array, Array], Array] | None = None,
        quotient: Callable[[Training, Array, Array], Array] | None = None,
        start: float = 0.0,
    ) -> Step:
        def step(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
            g, b2 = gradient(theta), training.square_decay
            old = memory["s"] + (start if number == 1 else 0.0)
            if grow is not None:
                s = grow(training, old, g)
            else:
                s = b2 * old + (1 - b2) * g * g if training.optimizer == "rmsprop" else old + g * g
            memory["s"] = s
            divided = g / (np.sqrt(s) + training.epsilon) if quotient is None else quotient(training, g, s)
            return theta - training.learning_rate * divided

        return step

    def centred(training: Training, theta: Array, gradient: GradientAt, memory: Memory, _: int) -> Array:
        g, b2 = gradient(theta), training.square_decay
        memory["m"] = b2 * memory["m"] + (1 - b2) * g
        memory["s"] = b2 * memory["s"] + (1 - b2) * g * g
        return theta - training.learning_rate * g / (np.sqrt(memory["s"] - memory["m"] ** 2) + training.epsilon)

    def corrected(training: Training, theta: Array, gradient: GradientAt, memory: Memory, number: int) -> Array:
        return right_step(replace(training, optimizer="adam", mean_decay=0.0), theta, gradient, memory, number)

    yield (
        f"that of {optimizer} with epsilon inside the root",
        rooted(quotient=lambda t, g, s: g / np.sqrt(s + t.epsilon)),
    )
    yield (
        f"that of {optimizer} with the square of epsilon inside the root",
        rooted(quotient=lambda t, g, s: g / np.sqrt(s + t.epsilon**2)),
    )
    for epsilon in (1e-7, 1e-8, 1e-10):
        yield (
            f"that of {optimizer} with an epsilon of {epsilon:g} inside the root, whatever is asked for",
            rooted(quotient=lambda t, g, s, epsilon=epsilon: g / np.sqrt(s + epsilon)),  # type: ignore[misc]
        )
    yield f"that of {optimizer} without the root", rooted(quotient=lambda t, g, s: g / (s + t.epsilon))
    for start in (0.1, 1.0):
        yield f"that of {optimizer} whose sum of squares begins at {start:g} in place of 0", rooted(start=start)
    if optimizer == "rmsprop":
        yield "that of rmsprop with the mean of the gradient taken off its mean square (centred)", centred
        yield "that of rmsprop with a bias correction, as in adam", corrected
        yield (
            "that of rmsprop whose squares add up without decay",
            rooted(grow=lambda t, s, g: s + (1 - t.square_decay) * g * g),
        )
        yield (
            "that of rmsprop whose new square is not multiplied by 1 - square_decay",
            rooted(grow=lambda t, s, g: t.square_decay * s + g * g),
        )
    else:
        for kept in (0.9, 0.99, 0.999):
            yield (
                f"that of adagrad whose sum of squares decays by {kept:g} in each step",
                rooted(
                    grow=lambda t, s, g, kept=kept: kept * s + g * g  # type: ignore[misc]
                ),
            )
