"""Where networks start to learn the exclusive or, all units of each hidden layer tied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.datasets import load
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.model.activations import ACTIVATION_TABLE, activations_that
from symtests.network import Network
from symtests.oracle import passes
from symtests.oracle.activations import value
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.strategies import networks, seeds, supported, wide_parameters
from symtests.training import Training

__all__ = ["MONOTONE", "learning_cases", "tied_cases", "xor_batches"]

MONOTONE: Final = activations_that(lambda entry: entry.monotone and not (entry.is_straight and entry.is_smooth))
_OTHERS: Final = activations_that(lambda entry: not entry.monotone)
_CORNERS: Final = 4
_WEIGHTS: Final = (-2.0, 2.0, -4.0, 4.0)
_STEEPER: Final = {"logistic": 2.0, "softplus": 2.0}
"""Factor by which these are steeper where their weights are larger, to bend as sharply as the others."""
_SHIFTS: Final = (0.0, 0.25, -0.25)
_MIDDLE_WEIGHTS: Final = (2.0, 4.0)
_STARTS_OF_OUTPUT: Final = 2.0**-8
_SEVERAL_STEPS: Final = (8, 16, 32, 64)


def xor_batches(domain: Domain) -> list[Batch]:
    """Return the exclusive or with bits 0 and 1 and with bits -1 and 1, and the contrary of both.

    Raises
    ------
    Unsupported
        Where the implementation cannot take so many samples.
    """
    most = domain.capabilities.max_samples
    if most is not None and most < _CORNERS:
        raise Unsupported(f"the property needs a batch of {_CORNERS} samples; it takes at most {most}")
    batches = [load("xor", domain.dtype, signed_inputs=signed) for signed in (False, True)]
    return [*batches, *(Batch(batch.x, 1 - batch.y) for batch in batches)]


def _networks(domain: Domain, tier: Tier, losses: Sequence[str], activations: Sequence[str]) -> Any:
    return networks(
        domain, tier, activations=activations, losses=losses, bias=(True,), inputs=(2, 2), outputs=(1, 1),
        hidden_layers=(1, 2), least_widest=2,
    )  # fmt: skip


def tied_cases(
    domain: Domain, tier: Tier, losses: Sequence[str], activations: Sequence[str] = MONOTONE
) -> st.SearchStrategy[Case]:
    """Draw tied starts, outputs fitted to their hidden units by least squares, and up to 128 steps in stretches."""

    @st.composite
    def tied(draw: st.DrawFn) -> Case:
        network, batch = draw(drawn), draw(data)
        parameters = Parameters.zeros(network)
        name = network.activations[0]
        first = draw(st.sampled_from(_WEIGHTS)) * _STEEPER.get(name, 1.0)
        w = np.array([first, first * draw(st.sampled_from((1.0, -1.0, 0.75)))])
        parameters.weight(0)[...] = w[:, np.newaxis]
        parameters.bias(0)[...] = draw(st.sampled_from(_SHIFTS)) - _threshold(name, batch.x @ w)
        for layer in range(1, network.layer_count - 1):
            parameters.weight(layer)[...] = draw(st.sampled_from(_MIDDLE_WEIGHTS)) / network.sizes[layer]
            parameters.bias(layer)[...] = draw(st.sampled_from(_SHIFTS))
        parameters = parameters.astype(domain.dtype)
        _fit_outputs(parameters, batch)
        return Case(network, parameters, batch, draw(_trainings(domain, network)))

    data, drawn = st.sampled_from(xor_batches(domain)), _networks(domain, tier, losses, activations)
    return tied()


def _threshold(activation: str, t: Array) -> float:
    """Return the t at which a unit has to bend to tell the corner with the largest t from the others."""
    largest, second = np.sort(t)[::-1][:2]
    bends_at_once = any(kink.at == 0 for kink in ACTIVATION_TABLE[activation].kinks)
    return float(second if bends_at_once else (largest + second) / 2)


def _fit_outputs(parameters: Parameters, batch: Batch) -> None:
    """Choose the outgoing weights of the last hidden layer, equal ones, and the output bias, in place.

    They minimise the squared error; before a logistic, they lie on the side of 0 on which the target lies.
    """
    network = parameters.network
    z = passes.stages(network, parameters, batch).pre_activations[-2]
    hidden = value(network.activations[-1], z)[:, :1].real
    y = batch.y.astype(np.float64) if network.loss == "mse" else 4 * batch.y.astype(np.float64) - 2
    features = np.column_stack([hidden, np.ones(len(y))])
    slope, offset = np.linalg.lstsq(features, y[:, 0], rcond=None)[0]
    units = network.sizes[-2]
    parameters.weight(network.layer_count - 1)[...] = _on_coarse_grid(float(slope)) / 2.0 ** np.ceil(np.log2(units))
    parameters.bias(network.layer_count - 1)[...] = _on_coarse_grid(float(offset))


def _on_coarse_grid(number: float) -> float:
    return float(np.rint(np.clip(number, -16, 16) / _STARTS_OF_OUTPUT) * _STARTS_OF_OUTPUT)


def _trainings(domain: Domain, network: Network) -> st.SearchStrategy[Training]:
    """Draw a training whose rate shrinks with the number of units, whose steps add up."""
    names = supported("optimizers", ("sgd", "adam", "momentum", "rmsprop", "nesterov"), domain.capabilities.optimizers)
    crowd = 2.0 ** np.ceil(np.log2(max(network.hidden_sizes)))

    def training(name: str, steps: int) -> Training:
        rate = {"sgd": 1.0, "momentum": 0.125, "nesterov": 0.125}.get(name, 0.125)
        return Training(name, float(rate / crowd), steps)

    return st.builds(training, st.sampled_from(names), st.sampled_from(_SEVERAL_STEPS))


def learning_cases(domain: Domain, losses: Sequence[str]) -> st.SearchStrategy[Case]:
    """Draw cases that can learn: activations that are not monotone, or hidden units that differ."""

    @st.composite
    def untied(draw: st.DrawFn) -> Case:
        network, batch = draw(free), draw(data)
        random = np.random.default_rng(draw(seeds()))
        parameters = wide_parameters(network, random, 2.0, domain.dtype)
        name = "adam" if "adam" in domain.capabilities.optimizers else domain.capabilities.optimizers[0]
        return Case(network, parameters, batch, Training(name, 2.0**-4, max(_SEVERAL_STEPS)), {"tied": False})

    data, free = st.sampled_from(xor_batches(domain)), _networks(domain, "small", losses, MONOTONE)
    others = [name for name in _OTHERS if name in domain.capabilities.activations]
    return st.one_of(*([tied_cases(domain, "small", losses, others)] if others else []), untied())
