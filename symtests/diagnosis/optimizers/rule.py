"""One training by the rule of an optimizer, part by part; a fault replaces parts, each over the way it was before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from symtests.diagnosis.questions.question import Question, tensors
from symtests.float_json import Array
from symtests.training import Training

__all__ = ["At", "GradientAt", "Layout", "Rule", "followed", "with_settings"]

GradientAt = Callable[[Array], Array]
"""The gradient at parameters, both of shape (n,)."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the tensors lie, and what else of a question a rule may depend on.

    Parameters
    ----------
    tensors
        The components of W1, b1, W2, ...
    is_bias
        Which components are biases, shape (n,).
    samples
        Batch size N.
    """

    tensors: tuple[slice, ...]
    is_bias: Array
    samples: int

    @classmethod
    def of(cls, question: Question) -> Layout:
        """Return the layout of a question."""
        places = list(tensors(question.network))
        is_bias = np.zeros(question.network.parameter_count, dtype=bool)
        for tensor in places:
            is_bias[tensor.where] = tensor.is_bias
        return cls(tuple(tensor.where for tensor in places), is_bias, question.samples)


@dataclass(frozen=True, eq=False)
class At:
    """A step: its settings, its number (the first is 1), and what is kept from step to step, which it changes.

    `memory` has the running mean or velocity ``m`` and the mean or sum of squares ``s``, both 0 at first.
    """

    training: Training
    number: int
    layout: Layout
    memory: dict[str, Array]


def _direction(at: At, v: Array, old: Array, g: Array) -> Array:
    return g + at.training.momentum * v if at.training.optimizer == "nesterov" else v


def _square(at: At, old: Array, g: Array, m: Array) -> Array:
    if at.training.optimizer == "adagrad":
        return old + g * g
    return at.training.square_decay * old + (1 - at.training.square_decay) * g * g


def _corrected(at: At, m: Array, s: Array, g: Array, k: Array | int) -> tuple[Array, Array]:
    return m / (1 - at.training.mean_decay**k), s / (1 - at.training.square_decay**k)


@dataclass(frozen=True)
class Rule:
    """The parts of a training; one that is not given is right.

    Parameters
    ----------
    count
        How many steps are taken, of the number asked for.
    settings
        The settings of a step, of those asked for and its number.
    begun
        What is done before a step.
    place
        Where the gradient is taken, of the parameters.
    used
        What is made of the gradient before the rule has it, of the parameters and the gradient.
    decayed
        The parameters after weight decay.
    numbers
        The number of the step in bias corrections, for all components or for each.
    velocity
        v, of the old one and g.
    ahead
        What momentum and nesterov move by, of v, the old v, and g.
    mean
        m, of the old one and g.
    square
        s, of the old one, g and m.
    corrected
        m and s without their bias, of both, g, and the numbers.
    quotient
        What adaptive optimizers move by, of m and s without bias.
    direction
        What is made of what an optimizer moves by.
    moved
        The parameters after the step, of those before it and the direction.
    end
        What a training returns, of the parameters after 0, 1, ... steps, and the question.
    """

    count: Callable[[int], int] = lambda steps: steps
    settings: Callable[[Training, int], Training] = lambda training, number: training
    begun: Callable[[At], None] = lambda at: None
    place: Callable[[At, Array], Array] = lambda at, theta: theta
    used: Callable[[At, Array, Array], Array] = lambda at, theta, g: g
    decayed: Callable[[At, Array], Array] = lambda at, theta: (
        (1 - at.training.learning_rate * at.training.weight_decay) * theta
    )
    numbers: Callable[[At], Array | int] = lambda at: at.number
    velocity: Callable[[At, Array, Array], Array] = lambda at, old, g: at.training.momentum * old + g
    ahead: Callable[[At, Array, Array, Array], Array] = _direction
    mean: Callable[[At, Array, Array], Array] = lambda at, old, g: (
        at.training.mean_decay * old + (1 - at.training.mean_decay) * g
    )
    square: Callable[[At, Array, Array, Array], Array] = _square
    corrected: Callable[[At, Array, Array, Array, Array | int], tuple[Array, Array]] = _corrected
    quotient: Callable[[At, Array, Array], Array] = lambda at, m, s: m / (np.sqrt(s) + at.training.epsilon)
    direction: Callable[[At, Array], Array] = lambda at, direction: direction
    moved: Callable[[At, Array, Array], Array] = lambda at, theta, d: theta - at.training.learning_rate * d
    end: Callable[[list[Array], Question], Array] = lambda path, question: path[-1]


def followed(rule: Rule, question: Question, training: Training, gradient_at: GradientAt) -> Array:
    """Return the parameters after a training by a rule, shape (n,).

    Parameters
    ----------
    rule
        The rule.
    question, training
        Network, first parameters and batch; the training that is asked for.
    gradient_at
        The gradient at parameters.
    """
    theta, layout = question.theta, Layout.of(question)
    memory = {"m": np.zeros_like(theta), "s": np.zeros_like(theta)}
    path = [theta]
    with np.errstate(all="ignore"):
        for number in range(1, rule.count(training.steps) + 1):
            at = At(rule.settings(training, number), number, layout, memory)
            rule.begun(at)
            g = rule.used(at, theta, gradient_at(rule.place(at, theta)))
            direction = rule.direction(at, _by_optimizer(rule, at, g))
            theta = rule.moved(at, rule.decayed(at, theta), direction)
            path.append(theta)
        return rule.end(path, question)


def _by_optimizer(rule: Rule, at: At, g: Array) -> Array:
    """Return what the optimizer moves by; keep its new state."""
    optimizer, memory = at.training.optimizer, at.memory
    if optimizer == "sgd":
        return g
    if optimizer in ("momentum", "nesterov"):
        old = memory["m"]
        memory["m"] = v = rule.velocity(at, old, g)
        return rule.ahead(at, v, old, g)
    is_adam, m = optimizer in ("adam", "adamw"), g
    if is_adam:
        memory["m"] = m = rule.mean(at, memory["m"], g)
    memory["s"] = s = rule.square(at, memory["s"], g, m)
    if is_adam:
        m, s = rule.corrected(at, m, s, g, rule.numbers(at))
    return rule.quotient(at, m, s)


def with_settings(training: Training, **settings: object) -> Training:
    """Return a training with other settings; an optimizer without weight decay has none."""
    if settings.get("optimizer", training.optimizer) != "adamw":
        settings = {**settings, "weight_decay": 0.0}
    return replace(training, **settings)  # type: ignore[arg-type]
