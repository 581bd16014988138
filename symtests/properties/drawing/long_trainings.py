"""Trainings that are longer than those that are drawn, or go where these do not; cheap, for they have few parameters.

A counter of steps may overflow, a state may be reset now and then, moments may rest where a gradient is 0, a step may
be left out where the loss is not finite although its gradient is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.network import OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain
from symtests.training import Training

__all__ = ["long_trainings", "long_ways"]

_COUNTS: Final = {1: 260, 4: 1030, 10: 5000}
"""Steps of a training of which the end is judged, by `Domain.reach`: beyond 255, and beyond 500 and 1000."""
_WITH_STATE: Final = ("momentum", "adam")
"""One optimizer with a velocity and one that counts its steps, where there is no time for all."""
_FOLLOWED: Final = {1: 12, 4: 64, 10: 300}
"""Steps of a training that is followed step by step: beyond ten, at least."""
_SETTINGS: Final = Training("sgd", 0.25, 1, momentum=0.5, square_decay=0.75, epsilon=2.0**-10)
"""As far as powers of two go: what is asked is whether all steps are alike."""
_WEIGHT_DECAY: Final = 2.0**-12
_IEEE: Final = {"float32": 2.0**-24, "float64": 2.0**-53}


def _with(name: str, steps: int, **settings: float) -> Training:
    decay = _WEIGHT_DECAY if name == "adamw" else 0.0
    return replace(_SETTINGS, optimizer=name, steps=steps, weight_decay=decay, **settings)


def _optimizers(domain: Domain) -> list[str]:
    return [name for name in OPTIMIZERS if name in domain.capabilities.optimizers]


def long_trainings(domain: Domain) -> list[Training]:
    """Return a long training with each optimizer, of which a parameter may be moved by two thousand."""
    if domain.capabilities.roundoff(domain.dtype) != _IEEE[domain.dtype]:
        return []
    names = _optimizers(domain)
    if domain.reach == 1:
        names = [name for name in names if name in _WITH_STATE] or names[:1]
    return [_with(name, _COUNTS[domain.reach]) for name in names]


def long_ways(domain: Domain) -> list[Case]:
    """Return cases whose trainings are followed step by step."""
    if domain.capabilities.roundoff(domain.dtype) != _IEEE[domain.dtype]:
        return []
    return [*_slow(domain), *_dying(domain), *_with_infinite_loss(domain)]


def _case(domain: Domain, network: Network, weights: Sequence[float], x: float, y: float, training: Training) -> Case:
    """Return a case of one unit a layer and one sample, with biases of 0."""
    parameters = Parameters.zeros(network)
    for layer, weight in enumerate(weights):
        parameters.weight(layer)[...] = weight
    batch = Batch(np.array([[x]]), np.array([[y]]))
    return Case(network, parameters.astype(domain.dtype), batch.astype(domain.dtype), training)


def _slow(domain: Domain) -> list[Case]:
    """Return trainings that are under way for many steps, each with a gradient of its own."""
    loss = next((name for name in ("mse", "bce") if name in domain.capabilities.losses), None)
    if loss is None:
        return []
    network, steps = Network((1, 1), (), loss, domain.capabilities.bias[0]), _FOLLOWED[domain.reach]
    rates = {name: 2.0**-9 if name in ("sgd", "momentum", "nesterov") else 2.0**-6 for name in OPTIMIZERS}
    x, y = (1.0, 8.0) if loss == "mse" else (1.0, 1.0)
    return [
        _case(domain, network, [0.5], x, y, _with(name, steps, learning_rate=rates[name], mean_decay=0.75))
        for name in _optimizers(domain)
    ]


def _dying(domain: Domain) -> list[Case]:
    """Return trainings whose first step leads a relu to where it is off: all gradients of its weights are 0 from then.

    Velocities and moments go on: they fade, and the parameters move on with them.
    """
    can = domain.capabilities
    if "relu" not in domain.every_activation or "mse" not in can.losses or can.max_hidden_layers == 0:
        return []
    network = Network((1, 1, 1), "relu", "mse", can.bias[0])
    return [_case(domain, network, [0.0625, 1.0], 1.0, -1.0, _with(name, 4)) for name in _optimizers(domain)]


def _with_infinite_loss(domain: Domain) -> list[Case]:
    """Return plain steps from where the loss is too large for the dtype, and its gradient is not."""
    can = domain.capabilities
    if "mse" not in can.losses or "sgd" not in can.optimizers:
        return []
    huge = 2.0**70 if domain.dtype == "float32" else 2.0**520
    network = Network((1, 1), (), "mse", can.bias[0])
    # with a bias, its step is huge as well, and finite
    return [_case(domain, network, [0.5], 1 / huge, huge, _with("sgd", 1))]
