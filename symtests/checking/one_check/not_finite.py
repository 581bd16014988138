"""A NaN or an infinity where a finite number is due: which number, of what, and which one is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests import oracle
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Call, Checked, for_scaled_loss
from symtests.implementations.misbehaviour import Misbehaviour, NotFinite
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Violation
from symtests.training import Training

__all__ = ["violation_of_finiteness"]

_MARGIN: Final = 0.5
"""A right number above so much of the largest one of its dtype may be rounded to an infinity."""
_LARGEST_HALF: Final = 65504.0
_ROUNDOFF_OF_HALF: Final = 2.0**-11


def violation_of_finiteness(implementation: Checked, problem: Misbehaviour, call: Call | None) -> Violation | None:
    """Return the violation that a number is which is not finite; None where none is due, or the problem is another.

    None is due where the right number lies beyond the dtype, or is none itself.

    Parameters
    ----------
    implementation
        Who was asked; it is not asked again, except for a start.
    problem, call
        What it did, and the question that it was asked.
    """
    number = problem.number
    if problem.kind != "not finite" or number is None or call is None or call.operation not in _PLACES:
        return None
    place = _PLACES[call.operation](implementation, call.arguments, number)
    if place.right is None:
        return Violation(f"{place.sentence}, where any finite number is right", place.quantity, found=number.value)
    if not abs(place.right) <= _MARGIN * _largest(implementation):  # not so for NaN, too
        return None
    sentence = f"{place.sentence}, where {place.right:.9g} is right"
    return Violation(sentence, place.quantity, place.right, number.value)


@dataclass(frozen=True)
class _Place:
    """What is said of a number up to the right one, what it is, and the right one: None where any finite one is."""

    sentence: str
    quantity: str
    right: float | None


def _largest(implementation: Checked) -> float:
    """Return the largest number of the arithmetic, which may be narrower than the dtype."""
    largest = float(np.finfo(implementation.dtype).max)
    return min(largest, _LARGEST_HALF) if implementation.unit_roundoff >= _ROUNDOFF_OF_HALF else largest


def _of_training(implementation: Checked, arguments: tuple[Any, ...], number: NotFinite) -> _Place:
    network, parameters, batch, asked = arguments
    training, name = _own(implementation, network, asked), parameters.name_of(number.index)
    right = oracle.train(network, parameters, batch, training, _slope_at_zero(implementation)).vector
    sentence = f"{_steps(training)} takes {name} out of the finite numbers: it ends at {number.value:g}"
    return _Place(sentence, f"{name} after the training", float(right[number.index]))


def _of_gradient(implementation: Checked, arguments: tuple[Any, ...], number: NotFinite) -> _Place:
    network, parameters, batch = arguments
    loss, gradient = oracle.loss_and_gradient(network, parameters, batch, _slope_at_zero(implementation))
    if number.part == "loss":
        return _Place(f"loss_and_gradient returned {number.value:g} as the loss", "loss", float(loss))
    what = f"gradient of {parameters.name_of(number.index)}"
    sentence = f"loss_and_gradient returned {number.value:g} as the {what}"
    return _Place(sentence, what, float(gradient.vector[number.index]))


def _of_prediction(_: Checked, arguments: tuple[Any, ...], number: NotFinite) -> _Place:
    network, parameters, x = arguments
    sample, output = divmod(number.index, network.sizes[-1])
    right = float(oracle.predict(network, parameters, x)[sample, output])
    what = f"output {output} for sample {sample}"
    return _Place(f"predict returned {number.value:g} as {what}", what, right)


def _of_start(_: Checked, arguments: tuple[Any, ...], number: NotFinite) -> _Place:
    network, scheme, seed = arguments
    name = Parameters.zeros(network).name_of(number.index)
    sentence = f"initialize with scheme {scheme!r} and seed {seed} returned {number.value:g} as {name}"
    return _Place(sentence, f"start of {name}", 0.0 if scheme == "zeros" else None)


def _of_many(implementation: Checked, arguments: tuple[Any, ...], number: NotFinite) -> _Place:
    network, scheme, seeds, batch, asked = arguments
    seed = seeds[int(number.part.removeprefix("ends[").removesuffix("]"))]
    training, start = _own(implementation, network, asked), _start(implementation, network, scheme, seed)
    name = Parameters.zeros(network).name_of(number.index)
    sentence = (
        f"train_many takes {name} out of the finite numbers, from the start of seed {seed} in {_steps(training)}: it "
        f"ends at {number.value:g}"
    )
    right = None
    if start is not None:
        end = oracle.train(network, start, batch, training, _slope_at_zero(implementation)).vector
        right = float(end[number.index])
    return _Place(sentence, f"{name} after the training", right)


def _start(implementation: Checked, network: Network, scheme: str, seed: int) -> Parameters | None:
    """Return the implementation's own start, or None where it tells none."""
    try:
        return implementation.initialize(network, scheme, seed)
    except (Misbehaviour, Unsupported):
        return None


def _of_stages(implementation: Checked, arguments: tuple[Any, ...], number: NotFinite) -> _Place:
    network, parameters, batch = arguments
    kind, _, layer = number.part.removesuffix("]").partition("[")
    right: Array = getattr(oracle.stages(network, parameters, batch, _slope_at_zero(implementation)), kind)[int(layer)]
    sample, unit = divmod(number.index, right.shape[1])
    what = f"{number.part} of unit {unit} for sample {sample}"
    return _Place(f"stages returned {number.value:g} as {what}", what, float(right[sample, unit]))


_PLACES: Final[dict[str, Callable[[Checked, tuple[Any, ...], NotFinite], _Place]]] = {
    "train": _of_training,
    "loss_and_gradient": _of_gradient,
    "predict": _of_prediction,
    "initialize": _of_start,
    "train_many": _of_many,
    "stages": _of_stages,
}


def _own(implementation: Checked, network: Network, asked: Training) -> Training:
    """Return the training that was meant: the question was put for the implementation's own scale of the loss."""
    return for_scaled_loss(asked, 1 / implementation.capabilities.scale_in_training(network.loss))


def _slope_at_zero(implementation: Checked) -> float:
    return implementation.capabilities.relu_derivative_at_zero


def _steps(training: Training) -> str:
    steps = "one step" if training.steps == 1 else f"a training of {training.steps} steps"
    return f"{steps} of {training.optimizer} with learning rate {training.learning_rate:g}"
