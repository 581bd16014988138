"""How far pre-activations lie from the places where an activation, or a loss, is not smooth."""

from __future__ import annotations

import numpy as np

from symtests.model.activations import ACTIVATION_TABLE
from symtests.model.losses import LOSS_TABLE
from symtests.oracle.activations import Numbers

__all__ = [
    "distance_to_break",
    "distance_to_break_of_loss",
    "distance_to_kink",
    "distance_to_kink_of_loss",
    "side_of_kinks",
]


def distance_to_kink(name: str, z: Numbers) -> Numbers:
    """Return |z - k| for the nearest kink k, where sigma' jumps; infinite where there is none; shape of z."""
    return _nearest(z, tuple(kink.at for kink in ACTIVATION_TABLE[name].kinks))


def distance_to_break(name: str, z: Numbers) -> Numbers:
    """Return |z - k| for the nearest place k at which sigma' or sigma'' jumps; infinite where there is none."""
    entry = ACTIVATION_TABLE[name]
    return _nearest(z, (*(kink.at for kink in entry.kinks), *entry.bends))


def side_of_kinks(name: str, z: Numbers) -> Numbers:
    """Return a number that changes where z comes to a kink, and where it passes one; shape of z."""
    sides: Numbers = sum((np.sign(z - kink.at) for kink in ACTIVATION_TABLE[name].kinks), np.zeros(z.shape))
    return sides


def distance_to_kink_of_loss(loss: str, z: Numbers, y: Numbers) -> Numbers:
    """Return how far outputs lie from where the slope of the loss jumps; infinite where it never does; shape of z."""
    return _nearest(z - y, LOSS_TABLE[loss].kinks)


def distance_to_break_of_loss(loss: str, z: Numbers, y: Numbers) -> Numbers:
    """Return how far outputs lie from where the first or second derivative of the loss jumps; shape of z."""
    return _nearest(z - y, (*LOSS_TABLE[loss].kinks, *LOSS_TABLE[loss].bends))


def _nearest(z: Numbers, places: tuple[float, ...]) -> Numbers:
    distance = np.full(z.shape, np.inf)
    for place in places:
        distance = np.minimum(distance, np.abs(z - place))
    return distance
