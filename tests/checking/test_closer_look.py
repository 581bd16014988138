"""closer_look: what goes wrong where a layer has one unit, and where two arrays share their memory."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from symtests.checking.closer_look import closer_look
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.model.losses import losses_that
from symtests.network import DTYPES, LOSSES
from symtests.parameters import Parameters


class Squeezes(NumpyPlain):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        if any(1 in weight.shape for weight in parameters.weights):
            raise ValueError("operands could not be broadcast together")
        return super().train(network, parameters, batch, training)


class SqueezesItsPredictions(NumpyPlain):
    def predict(self, network: Any, parameters: Any, x: Any) -> Any:
        return super().predict(network, parameters, x).squeeze()


class PredictsInDouble(NumpyPlain):
    def predict(self, network: Any, parameters: Any, x: Any) -> Any:
        return super().predict(network, parameters, x).astype("float64")


class TransposesInPlace(NumpyPlain):
    """Keeps its weights the other way round, in what it takes for a copy."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        after = super().train(network, parameters, batch, training)
        its = [np.ascontiguousarray(weight.T) for weight in parameters.weights]
        for own, new in zip(its, after.weights, strict=True):
            own[...] = new.T
        return Parameters.from_layers(
            network, [own.T.copy() for own in its], after.biases if network.bias else (), parameters.dtype
        )


class HandsOutItsMemory(NumpyPlain):
    def __init__(self) -> None:
        self.gradients: dict[Any, Any] = {}

    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        kept = self.gradients.setdefault((network, parameters.dtype), gradient)
        kept.vector[...] = gradient.vector
        return loss, kept


@pytest.mark.parametrize(
    ("adapter", "words"),
    [
        (
            Squeezes,
            r"train raised ValueError: operands .*1-1-1 network .*keep two dimensions .*capabilities\.min_width",
        ),
        (SqueezesItsPredictions, r"predict returned shape \(2,\): it must be \(2, 1\).*a 1-1-1 network"),
        (PredictsInDouble, "predict returned float64: it was given float32"),
        (TransposesInPlace, r"on a 1-1-1 network, train changed parameters in place; copy with np\.array\(W\.T\)"),
        (HandsOutItsMemory, r"the answer to loss_and_gradient \(gradient\) was changed by the next question; copy"),
    ],
)
def test_a_trap_is_named_with_the_way_out(adapter: type, words: str) -> None:
    failure = closer_look(Checked(adapter(), "float32"))
    assert failure is not None
    assert re.search(words, failure.message), failure.message


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_right_adapter_falls_into_none(dtype: str) -> None:
    assert closer_look(Checked(NumpyPlain(), dtype)) is None


def test_wrong_numbers_are_no_matter_of_the_adapter() -> None:
    class Wrong(NumpyPlain):
        def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
            return np.full_like(parameters.vector, np.nan)

    assert closer_look(Checked(Wrong(), "float64")) is None


WITH_CLASSES = losses_that(lambda entry: entry.targets != "numbers")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "limits",
    [{}, {"min_width": 2}, {"max_hidden_layers": 0}, {"max_inputs": 1}, {"max_outputs": 1}, {"min_hidden_layers": 2},
     {"max_samples": 1}, {"class_targets": WITH_CLASSES}],
)  # fmt: skip
def test_it_asks_few_questions_and_none_outside_of_the_capabilities(loss: str, limits: dict[str, Any]) -> None:
    asked = []

    class Watched:
        capabilities = Capabilities(losses=(loss,), optimizers=("adam",), **limits)

        def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
            asked.append(network)
            return NumpyPlain().train(network, parameters, batch, training)

    assert closer_look(Checked(Watched(), "float64")) is None
    assert len(asked) <= 48
    assert all(1 in network.sizes for network in asked)
    for network in asked:
        assert limits.get("min_width", 1) <= min(network.hidden_sizes, default=9)
        assert limits.get("min_hidden_layers", 0) <= len(network.hidden_sizes) <= limits.get("max_hidden_layers", 9)
        assert network.sizes[0] <= limits.get("max_inputs", 9)
        assert network.sizes[-1] <= limits.get("max_outputs", 9)
