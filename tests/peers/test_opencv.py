"""OpenCV behind its adapter: right to first order in the learning rate, apart from what docs/findings.md says of it."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations import find
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.opencv import OpenCV
from symtests.network import Network
from symtests.oracle import expect
from symtests.parameters import Parameters
from symtests.training import Training
from tests.implementations.questions import question

SMALL = 2.0**-16
ADAPTERS = {"identity": OpenCV(), "relu": OpenCV(), "leaky_relu": OpenCV(), "tanh": OpenCV.with_sigmoid()}


def asked(activation: str, hidden: tuple[int, ...]) -> tuple[Network, Parameters, Batch]:
    random = np.random.default_rng(1)
    network = Network((3, *hidden, 2), activation, ADAPTERS[activation].capabilities.losses[0])
    parameters = Parameters(network, random.normal(0, 0.5, network.parameter_count)).astype("float32")
    return network, parameters, Batch(random.normal(size=(1, 3)), random.uniform(size=(1, 2))).astype("float32")


@pytest.mark.parametrize("hidden", [(), (4,), (1,), (5, 3), (4, 1, 3)])
@pytest.mark.parametrize("activation", ADAPTERS)
def test_a_small_step_follows_the_gradient(activation: str, hidden: tuple[int, ...]) -> None:
    """In float64, before it is rounded: what the moved output weights add falls with the rate."""
    network, parameters, batch = asked(activation, hidden)
    wide = parameters.astype("float64")
    found = ADAPTERS[activation].train(network, wide, batch, Training("sgd", SMALL, 1))
    right = expect(network, wide, batch.astype("float64"), 2.0**-53, 1.0).gradient.vector
    gradient = (wide.vector - found.vector) / SMALL
    np.testing.assert_allclose(gradient, right, rtol=1e-3, atol=1e-3 * np.abs(right).max())
    output_layer = slice(network.weight_slice(network.layer_count - 1).start, None)  # has no such fault
    np.testing.assert_allclose(gradient[output_layer], right[output_layer], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("activation", ["identity", "relu", "leaky_relu"])
def test_outputs_are_linear_where_they_are_shown(activation: str) -> None:
    network, parameters, batch = asked(activation, (4, 1, 3))
    right = expect(network, parameters, batch, 2.0**-24).stages.pre_activations[-1]
    np.testing.assert_allclose(OpenCV().predict(network, parameters, batch.x), right, rtol=1e-6)


def test_momentum_is_that_of_the_oracle_without_a_hidden_layer() -> None:
    network, parameters, batch = asked("identity", ())
    after = OpenCV().train(network, parameters, batch, Training("momentum", 0.05, 3, momentum=0.5)).vector
    theta, velocity = parameters.vector.astype("float64"), np.zeros(network.parameter_count)
    for _ in range(3):
        point = Parameters(network, theta)
        velocity = 0.5 * velocity + expect(network, point, batch.astype("float64"), 2.0**-53).gradient.vector
        theta = theta - 0.05 * velocity
    np.testing.assert_allclose(after, theta, rtol=1e-6)


def test_what_it_cannot_do_is_said() -> None:
    with pytest.raises(Unsupported, match="after each sample"):
        OpenCV().train(*question("float32", "relu", "mse"), Training())
    network, parameters, batch = asked("tanh", (4,))
    with pytest.raises(Unsupported, match="one activation"):
        OpenCV().train(Network(network.sizes, "tanh", "mse"), parameters, batch, Training())
    with pytest.raises(Unsupported, match="two units"):
        OpenCV().initialize(Network((2, 1, 1), "relu"), "default", 0)


def test_numbers_that_are_none_arrive() -> None:
    network, parameters, batch = asked("identity", (2,))
    parameters.vector[0] = np.nan
    after = Checked(OpenCV(), "float32").train(network, parameters, batch, Training(), finite=False)
    assert np.isnan(after.vector[network.bias_slice(1)]).any()


def test_both_are_found_by_their_names() -> None:
    names = ("opencv", "opencv-sigmoid")
    assert tuple(find(name).name for name in names) == names  # type: ignore[attr-defined]
