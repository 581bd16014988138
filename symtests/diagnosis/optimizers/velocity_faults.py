"""Faults of momentum and nesterov: of the velocity, and of what is made of it."""

from __future__ import annotations

from collections.abc import Iterator

from symtests.diagnosis.optimizers.rule import At
from symtests.diagnosis.optimizers.step_fault import StepFault, fault
from symtests.float_json import Array

__all__ = ["velocity_faults"]


def velocity_faults(optimizer: str) -> Iterator[StepFault]:
    """Yield the faults that momentum or nesterov may have, the most usual first."""
    yield fault(
        "the step is that of a velocity whose gradient is multiplied by 1 - momentum (v = mu v + (1 - mu) g)",
        velocity=lambda r: lambda at, old, g: r.velocity(at, old, (1 - at.training.momentum) * g),
    )
    yield fault(
        "the step is that of a momentum of the wrong sign (v = g - mu v)",
        velocity=lambda r: lambda at, old, g: r.velocity(at, -old, g),
    )
    yield fault(
        "the step is that of a velocity that forgets nothing (v = v + g)",
        velocity=lambda r: lambda at, old, g: r.velocity(at, old, g) + (1 - at.training.momentum) * old,
    )
    yield fault(
        "the step is that of a velocity multiplied by the momentum as a whole (v = mu (v + g))",
        velocity=lambda r: lambda at, old, g: r.velocity(at, old, at.training.momentum * g),
    )
    yield fault(
        f"the step is that of {optimizer} where the step of before is multiplied by the learning rate again "
        "(v = eta mu v + g)",
        velocity=lambda r: lambda at, old, g: r.velocity(at, at.training.learning_rate * old, g),
    )
    if optimizer == "nesterov":
        yield from _look_ahead()
    else:  # nesterov with the old velocity is momentum
        yield from _late(optimizer)


def _late(optimizer: str) -> Iterator[StepFault]:
    late = f"the step is that of {optimizer} which uses the velocity before its update (one step late)"
    yield fault(late, ahead=lambda r: lambda at, v, old, g: r.ahead(at, old, old, g))
    for power, words in ((1, "1 - mu"), (2, "(1 - mu)^2")):

        def scaled(at: At, g: Array, power: int = power) -> Array:
            return (1 - at.training.momentum) ** power * g

        yield fault(
            f"{late}, scaled by {words}",
            ahead=lambda r: lambda at, v, old, g: r.ahead(at, old, old, g),
            velocity=lambda r, scaled=scaled: lambda at, old, g: r.velocity(at, old, scaled(at, g)),  # type: ignore[misc]
        )


def _look_ahead() -> Iterator[StepFault]:
    def classic(at: At, theta: Array) -> Array:
        return theta - at.training.learning_rate * at.training.momentum * at.memory["m"]

    yield fault(
        "the step is that of nesterov without its look-ahead: it moves by the velocity, as momentum does",
        ahead=lambda r: lambda at, v, old, g: v,
    )
    yield fault(
        "the step is that of nesterov whose look-ahead has the wrong sign (g - mu v)",
        ahead=lambda r: lambda at, v, old, g: r.ahead(at, -v, -old, g),
    )
    yield fault(
        "the step is that of Nesterov's own form, whose gradient is taken ahead of the parameters it returns",
        place=lambda r: lambda at, theta: classic(at, r.place(at, theta)),
        ahead=lambda r: lambda at, v, old, g: v,
    )
    yield fault(
        "the step is that of v plus its own growth ((1 + mu) v' - mu v)",
        ahead=lambda r: lambda at, v, old, g: (1 + at.training.momentum) * v - at.training.momentum * old,
    )
