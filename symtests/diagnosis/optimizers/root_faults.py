"""Faults of rmsprop and adagrad: of the squares, and of the root that they divide by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from symtests.diagnosis.optimizers.rule import At, Rule
from symtests.diagnosis.optimizers.step_fault import StepFault, fault
from symtests.float_json import Array

__all__ = ["root_faults"]


def root_faults(optimizer: str) -> Iterator[StepFault]:
    """Yield the faults that rmsprop or adagrad may have, the most usual first."""
    step = f"the step is that of {optimizer}"
    yield from _epsilons(step)
    yield fault(f"{step} without the root", quotient=lambda r: lambda at, m, s: m / (s + at.training.epsilon))
    for start in (0.1, 1.0):
        yield fault(f"{step} whose sum of squares begins at {start:g} in place of 0", begun=_beginning(start))
    if optimizer == "rmsprop":
        yield from _means(step)
    else:
        for kept in (0.9, 0.99, 0.999):
            yield fault(
                f"{step} whose sum of squares decays by {kept:g} in each step",
                square=lambda r, kept=kept: lambda at, old, g, m: r.square(at, kept * old, g, m),  # type: ignore[misc]
            )
    yield from _shared(step)


def _beginning(start: float) -> Callable[[Rule], Callable[[At], None]]:
    def begun(rule: Rule) -> Callable[[At], None]:
        def of(at: At) -> None:
            rule.begun(at)
            if at.number == 1:
                at.memory["s"] = at.memory["s"] + start

        return of

    return begun


def _epsilons(step: str) -> Iterator[StepFault]:
    yield fault(
        f"{step} with epsilon inside the root",
        quotient=lambda r: lambda at, m, s: m / np.sqrt(s + at.training.epsilon),
    )
    yield fault(
        f"{step} with the square of epsilon inside the root",
        quotient=lambda r: lambda at, m, s: m / np.sqrt(s + at.training.epsilon**2),
    )
    yield fault(
        f"{step} with epsilon as a floor: it divides by the larger of the root and epsilon",
        quotient=lambda r: lambda at, m, s: m / np.maximum(np.sqrt(s), at.training.epsilon),
    )
    for epsilon in (1e-7, 1e-8, 1e-10):
        yield fault(
            f"{step} with an epsilon of {epsilon:g} inside the root, whatever is asked for",
            quotient=lambda r, epsilon=epsilon: lambda at, m, s: m / np.sqrt(s + epsilon),  # type: ignore[misc]
        )


def _means(step: str) -> Iterator[StepFault]:
    def centred(rule: Rule) -> Rule:
        def square(at: At, old: Array, g: Array, m: Array) -> Array:
            b2 = at.training.square_decay
            at.memory["m"] = b2 * at.memory["m"] + (1 - b2) * g
            return rule.square(at, old, g, m)

        return replace(rule, square=square, quotient=lambda at, m, s: rule.quotient(at, m, s - at.memory["m"] ** 2))

    def decay(at: At) -> float:
        return at.training.square_decay

    yield StepFault(f"{step} with the mean of the gradient taken off its mean square (centred)", centred)
    yield fault(
        f"{step} with a bias correction, as in adam",
        quotient=lambda r: lambda at, m, s: r.quotient(at, m, s / (1 - decay(at) ** at.number)),
    )
    yield fault(
        f"{step} whose squares add up without decay",
        square=lambda r: lambda at, old, g, m: old + (1 - decay(at)) * g * g,
    )
    yield fault(
        f"{step} whose new square is not multiplied by 1 - square_decay",
        square=lambda r: lambda at, old, g, m: decay(at) * old + g * g,
    )
    yield fault(
        f"{step} with its decays exchanged: square_decay multiplies the new square, and 1 - square_decay the old ones",
        square=lambda r: lambda at, old, g, m: (1 - decay(at)) * old + decay(at) * g * g,
    )


def _shared(step: str) -> Iterator[StepFault]:
    def chained(rule: Rule) -> Rule:
        def square(at: At, old: Array, g: Array, m: Array) -> Array:
            found, places = np.empty_like(old), at.layout.tensors
            before = old[places[-1]]
            for where in places:
                size = where.stop - where.start
                begun = before if len(before) == size else np.resize(before, size)
                parts = replace(at, memory={name: values[where] for name, values in at.memory.items()})
                found[where] = before = rule.square(parts, begun, g[where], m[where])
            return found

        return replace(rule, square=square)

    def pooled(at: At, g: Array) -> Array:
        squares: Array = np.full_like(g, np.sqrt((g * g).sum()))
        return squares

    def pooled_by_tensor(at: At, g: Array) -> Array:
        squares = np.empty_like(g)
        for where in at.layout.tensors:
            squares[where] = np.sqrt((g[where] ** 2).sum())
        return squares

    yield StepFault(
        f"{step} whose accumulators of tensors are mixed up: each tensor is divided by the root of what the tensors "
        "before it have added as well",
        chained,
    )
    yield fault(
        f"{step} with one accumulator for all parameters, of the squared length of the gradient",
        square=lambda r: lambda at, old, g, m: r.square(at, old, pooled(at, g), m),
    )
    yield fault(
        f"{step} with one accumulator for each tensor, of the squared length of its gradient",
        square=lambda r: lambda at, old, g, m: r.square(at, old, pooled_by_tensor(at, g), m),
    )
