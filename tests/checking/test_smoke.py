"""smoke_check: a wrong adapter is told from a wrong implementation, and told what to mend."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from symtests.checking.smoke import smoke_check
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.implementations.stages import Stages
from symtests.model.activations import ACTIVATIONS_OF_0_1
from symtests.model.losses import LOSSES_OF_0_1
from symtests.network import DTYPES, OPTIMIZERS
from symtests.parameters import Parameters
from tests.pairs import PAIRS


class Adapter:
    """A right adapter in pieces, each of which a wrong one replaces."""

    capabilities = Capabilities()

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return NumpyPlain().train(network, parameters, batch, training)

    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        return NumpyPlain().loss_and_gradient(network, parameters, batch)


class Raises(Adapter):
    def train(self, *arguments: Any) -> Any:
        raise AttributeError("no such layer")


class MatricesInPlaceOfAVector(Adapter):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return list(parameters.weights)


class IgnoresSteps(Adapter):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return NumpyPlain().train(network, parameters, batch, training.with_steps(1))


class StartsAnew(Adapter):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return Parameters.zeros(network, parameters.dtype)


class NeverMoves(Adapter):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return parameters


class ComputesInDouble(Adapter):
    capabilities = Capabilities(dtypes=DTYPES)

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return parameters.astype("float64")


class LossIsAnArray(Adapter):
    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        return np.zeros((2, 1)), parameters


class GradientAlone(Adapter):
    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        return parameters


class NoGelu(Adapter):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        if "gelu" in network.activations:
            raise KeyError("gelu")
        return super().train(network, parameters, batch, training)


class NoAdam(Adapter):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        if training.optimizer == "adam":
            raise Unsupported("adam is for later")
        return super().train(network, parameters, batch, training)


class BothDtypes(Adapter):
    capabilities = Capabilities(dtypes=DTYPES)

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        if parameters.dtype != "float32":
            raise ValueError("expected float32")
        return super().train(network, parameters, batch, training)


class NothingAtAll(Adapter):
    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        raise Unsupported("all is for later")


class NoSampleWeights(Adapter):
    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        if batch.sample_weights is not None:
            raise TypeError("weights?")
        return super().loss_and_gradient(network, parameters, batch)


class StagesOfTheLastLayerAlone(Adapter):
    def stages(self, network: Any, parameters: Any, batch: Any) -> Any:
        z = np.zeros((len(batch), network.sizes[-1]))
        return Stages((z,), (z,), (z,))


class StagesThatRaise(Adapter):
    def stages(self, network: Any, parameters: Any, batch: Any) -> Any:
        raise RuntimeError("no stages")


class FlatPredictions(Adapter):
    def predict(self, network: Any, parameters: Any, x: Any) -> Any:
        return np.zeros(len(x))


@pytest.mark.parametrize(
    ("adapter", "kind", "words"),
    [
        (Raises, "raised", "train raised AttributeError: no such layer; make this call work"),
        (MatricesInPlaceOfAVector, "wrong type", "must return|which is no array"),
        (ComputesInDouble, "wrong dtype", "float64: it was given float32; compute in the dtype of the parameters"),
        (LossIsAnArray, "wrong type", "as the loss"),
        (GradientAlone, "wrong type", "it must return a loss and a gradient"),
        (NoGelu, "wrong answer", r"capabilities.activations claims 'gelu', but train raised KeyError: 'gelu'; make it"),
        (NothingAtAll, "raised", r"cannot do anything that its capabilities claim \(all is for later\); correct them"),
        (NoSampleWeights, "wrong answer", r"sample_weights claims True, but loss_and_gradient raised Type"),
        (StagesOfTheLastLayerAlone, "wrong answer", r"stages returned pre_activations of shapes .*return z_1 \.\. z_L"),
        (
            StagesThatRaise,
            "raised",
            "stages raised RuntimeError: no stages; make this call work, or leave the operation",
        ),
        (FlatPredictions, "wrong shape", r"predict returned shape \(2,\): it must be \(2, 1\)"),
    ],
)
def test_a_wrong_adapter_is_told_what_to_mend(adapter: type, kind: str, words: str) -> None:
    failure = smoke_check(Checked(adapter(), "float32" if adapter is ComputesInDouble else "float64"))
    assert failure is not None
    assert failure.kind == kind
    assert re.search(words, failure.message), failure.message


def test_a_traceback_is_kept() -> None:
    failure = smoke_check(Checked(Raises(), "float64"))
    assert failure is not None
    assert "AttributeError: no such layer" in failure.output


class Wrong(Adapter):
    """Moves the parameters the wrong way and reports nonsense: for the properties to find."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return Parameters(network, parameters.vector + 3.0 * bool(training.steps))

    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        return float("nan"), Parameters(network, np.full_like(parameters.vector, np.inf))


class WithoutGradient:
    """A zero gradient, and so no movement, is a number like any other."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return parameters

    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        return None, np.zeros_like(parameters.vector)


class NotANumberAnywhere(Adapter):
    """Answers NaN in place of every number, each answer in its right form."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return Parameters(network, np.full_like(parameters.vector, np.nan))

    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        return float("nan"), np.full_like(parameters.vector, np.nan)

    def predict(self, network: Any, parameters: Any, x: Any) -> Any:
        return np.full((len(x), network.sizes[-1]), np.nan, x.dtype)

    def initialize(self, network: Any, scheme: str, seed: int) -> Any:
        return np.full(network.parameter_count, np.nan)

    def stages(self, network: Any, parameters: Any, batch: Any) -> Any:
        above, below = (
            [np.full((len(batch), n), np.nan) for n in sizes] for sizes in (network.sizes[1:], network.sizes[:-1])
        )
        return Stages(tuple(above), tuple(below), tuple(above))


@pytest.mark.parametrize(
    "implementation", [Wrong, WithoutGradient, NotANumberAnywhere, IgnoresSteps, StartsAnew, NeverMoves]
)
def test_wrong_numbers_are_no_matter_of_the_adapter(implementation: type) -> None:
    assert smoke_check(Checked(implementation(), "float64")) is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_right_adapter_passes(dtype: str) -> None:
    assert smoke_check(Checked(NumpyPlain(), dtype)) is None


def test_a_refusal_is_for_the_properties_to_count() -> None:
    assert smoke_check(Checked(NoAdam(), "float64")) is None


def test_the_dtype_is_told_where_there_are_several() -> None:
    failure = smoke_check(Checked(BothDtypes(), "float64"))
    assert failure is not None
    assert failure.message.startswith("in float64, train raised ValueError: expected float32; make this call work")
    assert smoke_check(Checked(BothDtypes(), "float32")) is None


def test_a_dtype_that_it_does_not_offer_is_refused() -> None:
    failure = smoke_check(Checked(Adapter(), "float32"))
    assert failure is not None
    assert failure.message == "it was asked for float32, but its capabilities name only float64"


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
@pytest.mark.parametrize(
    "limits",
    [
        {}, {"max_width": 1}, {"max_hidden_layers": 0}, {"max_samples": 1}, {"max_inputs": 1, "max_outputs": 2},
        {"min_width": 4}, {"min_hidden_layers": 3, "min_width": 2, "max_width": 2},
    ],
)  # fmt: skip
def test_nothing_is_asked_that_is_not_claimed(activation: str, loss: str, limits: dict[str, int]) -> None:
    asked = []

    class Narrow(Adapter):
        capabilities = Capabilities(
            activations=(activation,), losses=(loss,), optimizers=("momentum",), bias=(False,), sample_weights=False,
            **limits,  # type: ignore[arg-type]  # limits are whole numbers
        )  # fmt: skip

        def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
            asked.append((network, batch, training))
            return super().train(network, parameters, batch, training)

    assert smoke_check(Checked(Narrow(), "float64")) is None
    for network, batch, training in asked:
        assert set(network.activations) <= {activation}
        assert (network.loss, network.bias, training.optimizer) == (loss, False, "momentum")
        most = max(3 if loss == "softmax_cross_entropy" else 2, limits.get("min_width", 1))
        assert max(network.sizes) <= limits.get("max_width", most)
        assert min(network.hidden_sizes, default=9) >= limits.get("min_width", 1)
        assert network.sizes[0] <= limits.get("max_inputs", 2)
        assert network.sizes[-1] <= limits.get("max_outputs", 3)
        assert len(network.hidden_sizes) <= limits.get("max_hidden_layers", limits.get("min_hidden_layers", 1))
        assert len(network.hidden_sizes) >= limits.get("min_hidden_layers", 0)
        assert len(batch) <= limits.get("max_samples", 2)
        assert batch.sample_weights is None


def test_all_that_is_claimed_is_asked() -> None:
    asked = []

    class Watched(Adapter):
        def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
            asked.append((*network.activations, network.loss, training.optimizer, network.bias))
            return super().train(network, parameters, batch, training)

    smoke_check(Checked(Watched(), "float64"))
    assert {word for words in asked for word in words} == {
        *ACTIVATIONS_OF_0_1,
        *LOSSES_OF_0_1,
        *OPTIMIZERS,
        True,
        False,
    }
