"""Trainings that are all right and differ by rounding alone: how far they part is what a comparison must allow."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.own_check.setting import Setting
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["RIGHT_TRAININGS", "right_trainings", "trained"]

_ORDERS: Final = 5
_ROUNDINGS: Final = 2


def trained(setting: Setting, training: Training, implementation: NumpyPlain | None = None) -> Array:
    """Return the parameters after a training by the plain NumPy implementation, shape (n,), in the setting's dtype."""
    with np.errstate(all="ignore"):
        found = (implementation or NumpyPlain()).train(setting.network, setting.parameters, setting.batch, training)
    return found.vector


def _other_order(seed: int) -> Callable[[Setting, Training], Array]:
    """Train with samples, inputs, hidden units and outputs in another order, and put the parameters back."""

    def train(setting: Setting, training: Training) -> Array:
        random = np.random.default_rng(seed)
        network, batch = setting.network, setting.batch
        orders = [random.permutation(size) for size in network.sizes]
        samples = random.permutation(len(batch))
        weights = None if batch.sample_weights is None else batch.sample_weights[samples]
        moved = Batch(batch.x[np.ix_(samples, orders[0])], batch.y[np.ix_(samples, orders[-1])], weights)
        place = _places(network, orders)
        there = Setting(network, Parameters(network, setting.parameters.vector[place]), moved)
        back = np.empty_like(setting.parameters.vector)
        back[place] = trained(there, training)
        return back

    return train


def _places(network: Network, orders: list[Any]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return where each parameter of the network in another order lies in the vector of the network."""
    own = np.arange(network.parameter_count)
    places = np.empty_like(own)
    for layer, (below, above) in enumerate(itertools.pairwise(orders)):
        weight, bias = network.weight_slice(layer), network.bias_slice(layer)
        places[weight] = own[weight].reshape(len(below), len(above))[np.ix_(below, above)].ravel()
        if network.bias:
            places[bias] = own[bias][above]
    return places


class _OneMoreRounding(NumpyPlain):
    """Gradients of which each component is off by one unit roundoff more, up or down."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient."""
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        # 2u above 1 and u below it: the neighbours of 1
        one = np.nextafter(np.ones(1, gradient.dtype), np.array([2, 0], gradient.dtype))
        gradient.vector[...] *= one[self._random.integers(2, size=gradient.vector.size)]
        return loss, gradient


def _one_more_rounding(seed: int) -> Callable[[Setting, Training], Array]:
    return lambda setting, training: trained(setting, training, _OneMoreRounding(seed))


def _in_float64(setting: Setting, training: Training) -> Array:
    """Train in float64 and round the end."""
    return trained(setting.astype("float64"), training).astype(setting.parameters.dtype)


RIGHT_TRAININGS: Final[Mapping[str, Callable[[Setting, Training], Array]]] = {
    "the plain NumPy implementation": trained,
    **{f"units and samples in order {seed}": _other_order(seed) for seed in range(1, _ORDERS + 1)},
    **{f"one more rounding, {seed}": _one_more_rounding(seed) for seed in range(1, _ROUNDINGS + 1)},
    "computed in float64": _in_float64,
}
"""Ways of training that are all right, by name; the last one is the same as the first where the dtype is float64."""


def right_trainings(setting: Setting, training: Training) -> dict[str, Array]:
    """Return the parameters after the same training in each right way, by its name, shape (n,) each."""
    ways = dict(RIGHT_TRAININGS)
    if setting.parameters.dtype == np.float64:
        del ways["computed in float64"]
    return {name: way(setting, training) for name, way in ways.items()}
