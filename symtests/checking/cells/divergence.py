"""Tells a training that leaves the finite numbers, and should not, from an answer that is no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.subject import Call, Subject, for_scaled_loss
from symtests.oracle import train
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["diverging"]

_HALVINGS: Final = 20
"""How often the learning rate is halved in search of numbers that show whether it is the training that grows."""
_FAR: Final = 1e6
"""How many times larger than it should be a number is that has been driven off."""


def diverging(subject: Subject, problem: Misbehaviour, call: Call | None) -> str | None:
    """Say in a sentence how a training diverged; None where the misbehaviour is something else.

    It did where a correct training stays among the numbers of the dtype, and this one ends at numbers that are far off
    beside those that are none, or at a smaller learning rate. What gives NaN alone, and the right numbers at a smaller
    rate, has answered nonsense in the place of an answer.

    Parameters
    ----------
    subject
        Who misbehaved; it is asked again.
    problem, call
        What it did, and the question that it was asked.
    """
    if problem.kind != "not finite" or call is None or call.operation != "train":
        return None
    network, parameters, batch, asked = call.arguments
    # The question was put for its own scale of the loss.
    training = for_scaled_loss(asked, 1 / subject.capabilities.loss_scale.get(network.loss, 1.0))
    at_zero = subject.capabilities.relu_derivative_at_zero
    expected: Array = train(network, parameters, batch, training, at_zero).vector
    if not (np.abs(expected) <= np.finfo(subject.dtype).max).all():  # not so for NaN, too
        return None
    try:
        found = first = subject.train(network, parameters, batch, training, finite=False).vector
        for halvings in range(_HALVINGS + 1):
            slower = replace(training, learning_rate=training.learning_rate / 2**halvings)
            if halvings > 0:
                found = subject.train(network, parameters, batch, slower, finite=False).vector
            finite = np.isfinite(found)
            right = train(network, parameters, batch, slower, at_zero).vector
            if np.abs(found[finite]).max(initial=0.0) >= _FAR * max(1.0, float(np.abs(right).max())):
                return _sentence(training, parameters, first, expected)
            if finite.all():
                break
    except (Misbehaviour, Unsupported):
        pass
    return None


def _sentence(training: Training, parameters: Parameters, found: Array, right: Array) -> str | None:
    bad = np.flatnonzero(~np.isfinite(found))
    if not bad.size:  # another answer than before
        return None
    place = int(bad[0])
    steps = "one step" if training.steps == 1 else f"a training of {training.steps} steps"
    return (
        f"{steps} of {training.optimizer} with learning rate {training.learning_rate:g} takes "
        f"{parameters.name_of(place)} out of the finite numbers: it ends at {found[place]:g} and should end at "
        f"{right[place]:.9g}"
    )
