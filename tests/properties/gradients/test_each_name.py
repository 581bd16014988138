"""Every activation and loss of the tables: the gradient is found right, and a fault in one of them is found at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.model.activations import ACTIVATIONS, ACTIVATIONS_OF_0_1
from symtests.model.losses import LOSSES, LOSSES_OF_0_1
from symtests.network import Network
from symtests.properties.gradients.gradient import GRAD1
from tests.mutants.base import Correct
from tests.properties.trying import outcomes, violation_of

LATER = tuple(name for name in ACTIVATIONS if name not in ACTIVATIONS_OF_0_1)
LATER_LOSSES = tuple(name for name in LOSSES if name not in LOSSES_OF_0_1)
FAULT = 1 + 2.0**-6


class OneActivation(Correct):
    """Has one activation."""

    def __init__(self, name: str) -> None:
        self.capabilities = replace(Correct.capabilities, activations=(name,))


class OtherSlope(OneActivation):
    """Its slope is another above 0."""

    def slope(self, name: str, z: Array) -> Array:
        right = super().slope(name, z)
        return np.where(z > 0, right.dtype.type(FAULT) * right, right)


class OtherValue(OneActivation):
    """Its value is another above 0."""

    def activate(self, name: str, z: Array) -> Array:
        right = super().activate(name, z)
        return np.where(z > 0, right.dtype.type(FAULT) * right, right)


class OneLoss(Correct):
    """Has one loss."""

    def __init__(self, name: str) -> None:
        self.capabilities = replace(Correct.capabilities, losses=(name,))


class OtherSignal(OneLoss):
    """The error signals of outputs above their targets are others."""

    def error_signals(self, network: Network, parameters: Any, pre_activations: list[Array], batch: Batch) -> Any:
        signals = super().error_signals(network, parameters, pre_activations, batch)
        signals[-1][...] = np.where(pre_activations[-1] > batch.y, signals[-1] * FAULT, signals[-1])
        return signals


@pytest.mark.parametrize("name", LATER)
def test_a_right_activation_holds_and_counts(name: str) -> None:
    assert outcomes(GRAD1, OneActivation(name), "float64", "small", examples=15)["held"] >= 5


@pytest.mark.parametrize("kind", [OtherSlope, OtherValue])
@pytest.mark.parametrize("name", LATER)
def test_a_wrong_activation_is_found(name: str, kind: type[OneActivation]) -> None:
    _, violation = violation_of(GRAD1, kind(name))
    assert violation.sentence


@pytest.mark.parametrize("name", LATER_LOSSES)
def test_a_right_loss_holds_and_counts_and_a_wrong_one_is_found(name: str) -> None:
    assert outcomes(GRAD1, OneLoss(name), "float64", "small", examples=15)["held"] >= 5
    _, violation = violation_of(GRAD1, OtherSignal(name))
    assert violation.sentence
