"""Faults of adam and adamw: of the bias corrections, the moments, epsilon and the weight decay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from symtests.diagnosis.optimizers.rule import At, Rule
from symtests.diagnosis.optimizers.step_fault import StepFault, fault
from symtests.float_json import Array
from symtests.training import Training

__all__ = ["adam_faults"]


def adam_faults(optimizer: str) -> Iterator[StepFault]:
    """Yield the faults that adam or adamw may have, the most usual first."""
    yield from _corrections(f"the step is that of {optimizer}")
    yield from _counters(f"the step is that of {optimizer}")
    yield from _epsilons(f"the step is that of {optimizer}")
    yield from _moments(f"the step is that of {optimizer}")
    if optimizer == "adamw":
        yield from _decays()


def _corrections(step: str) -> Iterator[StepFault]:
    yield fault(f"{step} without bias correction", corrected=lambda r: lambda at, m, s, g, k: (m, s))
    yield fault(
        f"{step} whose mean square lacks the bias correction",
        corrected=lambda r: lambda at, m, s, g, k: (r.corrected(at, m, s, g, k)[0], s),
    )
    yield fault(
        f"{step} whose mean lacks the bias correction",
        corrected=lambda r: lambda at, m, s, g, k: (m, r.corrected(at, m, s, g, k)[1]),
    )

    def times(at: At, k: Array | int) -> tuple[Array | float, Array | float]:
        return 1 - at.training.mean_decay**k, 1 - at.training.square_decay**k

    wrong_way = "applied the wrong way round: times (1 - beta^t) in place of divided by it"
    yield fault(
        f"{step} whose bias correction is {wrong_way}",
        corrected=lambda r: lambda at, m, s, g, k: (m * times(at, k)[0], s * times(at, k)[1]),
    )
    yield fault(
        f"{step} whose bias correction of the mean is {wrong_way}",
        corrected=lambda r: lambda at, m, s, g, k: (m * times(at, k)[0], r.corrected(at, m, s, g, k)[1]),
    )
    yield fault(
        f"{step} whose bias correction of the mean square is {wrong_way}",
        corrected=lambda r: lambda at, m, s, g, k: (r.corrected(at, m, s, g, k)[0], s * times(at, k)[1]),
    )

    def ahead(at: At, m: Array, g: Array, k: Array | int) -> Array:
        b1 = at.training.mean_decay
        mean: Array = b1 * m / (1 - b1 ** (k + 1)) + (1 - b1) * g / (1 - b1**k)
        return mean

    def ahead_of_now(at: At, m: Array, g: Array, k: Array | int) -> Array:
        b1 = at.training.mean_decay
        mean: Array = (b1 * m + (1 - b1) * g) / (1 - b1**k)
        return mean

    yield fault(
        f"{step} with Nesterov's mean (NAdam)",
        corrected=lambda r: lambda at, m, s, g, k: (ahead(at, m, g, k), r.corrected(at, m, s, g, k)[1]),
    )
    yield fault(
        f"{step} with Nesterov's mean (NAdam), both of whose parts have the bias correction of this step",
        corrected=lambda r: lambda at, m, s, g, k: (ahead_of_now(at, m, g, k), r.corrected(at, m, s, g, k)[1]),
    )


def _counters(step: str) -> Iterator[StepFault]:
    def by_place(at: At, k: Array | int, places: list[list[slice]]) -> Array:
        numbers = np.empty(at.layout.is_bias.shape)
        for place, several in enumerate(places):
            for where in several:
                numbers[where] = ((k if np.ndim(k) == 0 else k[where]) - 1) * len(places) + place + 1  # type: ignore[index]
        return numbers

    def by_layer(at: At) -> list[list[slice]]:
        layers: list[list[slice]] = []
        for where in at.layout.tensors:
            if at.layout.is_bias[where.start] and layers:
                layers[-1].append(where)
            else:
                layers.append([where])
        return layers

    yield fault(
        f"{step} whose steps are counted from 2: its bias correction is that of the next step",
        numbers=lambda r: lambda at: r.numbers(at) + 1,
    )
    yield fault(
        f"{step} which counts a step for each tensor that it updates",
        numbers=lambda r: lambda at: by_place(at, r.numbers(at), [[where] for where in at.layout.tensors]),
    )
    yield fault(
        f"{step} which counts a step for each layer that it updates",
        numbers=lambda r: lambda at: by_place(at, r.numbers(at), by_layer(at)),
    )
    yield fault(
        f"{step} whose steps are never counted: its bias correction is that of the first step in every step",
        numbers=lambda r: lambda at: 1,
    )


def _epsilons(step: str) -> Iterator[StepFault]:
    def rooted(at: At, s: Array, k: Array | int) -> Array:
        root: Array = np.sqrt(s * (1 - at.training.square_decay**k)) + at.training.epsilon
        return root / np.sqrt(1 - at.training.square_decay**k)

    yield fault(
        f"{step} with epsilon inside the root",
        quotient=lambda r: lambda at, m, s: m / np.sqrt(s + at.training.epsilon),
    )
    yield fault(
        f"{step} with the square of epsilon inside the root",
        quotient=lambda r: lambda at, m, s: m / np.sqrt(s + at.training.epsilon**2),
    )
    yield fault(
        f"{step} with epsilon added before the bias correction of the root",
        quotient=lambda r: lambda at, m, s: m / rooted(at, s, r.numbers(at)),
    )
    yield fault(
        f"{step} with epsilon as a floor: it divides by the larger of the root and epsilon",
        quotient=lambda r: lambda at, m, s: m / np.maximum(np.sqrt(s), at.training.epsilon),
    )
    yield fault(
        f"{step} without the root",
        quotient=lambda r: lambda at, m, s: m / (s + at.training.epsilon),
    )
    yield fault(
        "the step is that of sgd with a mean gradient: it is not divided by the root of the mean square",
        quotient=lambda r: lambda at, m, s: m,
    )


def _exchanged(training: Training) -> Training:
    return replace(training, mean_decay=training.square_decay, square_decay=training.mean_decay)


def _moments(step: str) -> Iterator[StepFault]:
    def largest(at: At, s: Array) -> Array:
        at.memory["largest"] = best = np.maximum(at.memory.get("largest", s), s)
        return best

    def resting(rule: Rule) -> Rule:
        def mean(at: At, old: Array, g: Array) -> Array:
            at.memory["idle"] = idle = g == 0
            return np.where(idle, old, rule.mean(at, old, g))

        return replace(
            rule,
            mean=mean,
            square=lambda at, old, g, m: np.where(g == 0, old, rule.square(at, old, g, m)),
            direction=lambda at, d: np.where(at.memory.get("idle", False), 0, rule.direction(at, d)),
        )

    yield fault(
        f"{step} with mean_decay and square_decay interchanged",
        settings=lambda r: lambda training, number: _exchanged(r.settings(training, number)),
    )
    yield fault(
        f"{step} with the largest mean square so far (AMSGrad)",
        corrected=lambda r: lambda at, m, s, g, k: r.corrected(at, m, largest(at, s), g, k),
    )
    yield fault(
        f"{step} with the largest mean square so far (AMSGrad), taken after the bias correction",
        quotient=lambda r: lambda at, m, s: r.quotient(at, m, largest(at, s)),
    )
    yield fault(
        f"{step} whose mean square is that of the mean, not of the gradient",
        square=lambda r: lambda at, old, g, m: r.square(at, old, m, m),
    )
    yield StepFault(f"{step} whose moments, and parameters, rest where the gradient is 0", resting)
    for which, changed in (("mean_decay", "mean"), ("square_decay", "square")):
        yield fault(
            f"{step} with its decay exchanged: {which} multiplies what is new, and 1 - {which} the old {changed}",
            settings=lambda r, which=which: (
                lambda training, number: _complement(  # type: ignore[misc]
                    r.settings(training, number), which
                )
            ),
        )


def _complement(training: Training, name: str) -> Training:
    return replace(training, **{name: max(1 - getattr(training, name), 0.0)})


def _decays() -> Iterator[StepFault]:
    def kept(at: At) -> float:
        return 1 - at.training.learning_rate * at.training.weight_decay

    yield fault(
        "the step is that of adam with weight_decay theta added to the gradient: the decay is not decoupled",
        used=lambda r: lambda at, theta, g: r.used(at, theta, g) + at.training.weight_decay * theta,
        decayed=lambda r: lambda at, theta: theta,
    )
    yield fault(
        "the step is that of adamw whose weight decay is not multiplied by the learning rate",
        decayed=lambda r: lambda at, theta: (1 - at.training.weight_decay) * theta,
    )
    yield fault(
        "the step is that of adamw whose weight decay shrinks the parameters after the step",
        decayed=lambda r: lambda at, theta: theta,
        moved=lambda r: lambda at, theta, d: kept(at) * r.moved(at, theta, d),
    )
    yield fault(
        "the step is that of adamw whose gradient is taken at parameters that the weight decay has shrunk already",
        place=lambda r: lambda at, theta: kept(at) * r.place(at, theta),
    )
    yield fault(
        "the step is that of adamw whose weight decay leaves out the biases",
        decayed=lambda r: lambda at, theta: np.where(at.layout.is_bias, theta, r.decayed(at, theta)),
    )
    yield fault(
        "the step is that of adamw whose weight decay shrinks the biases alone",
        decayed=lambda r: lambda at, theta: np.where(at.layout.is_bias, r.decayed(at, theta), theta),
    )
