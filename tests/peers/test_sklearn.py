"""scikit-learn behind its adapter: right within rounding, apart from what docs/findings.md says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from symtests.implementations import find
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.scikit_learn import ScikitLearn
from symtests.network import DTYPES, Network
from symtests.oracle import expect, train
from symtests.parameters import Parameters
from symtests.properties.drawing.questions import samples_of
from symtests.training import Training
from tests.implementations.questions import assert_trains, question

CAN = ScikitLearn.capabilities


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", CAN.losses)
@pytest.mark.parametrize("activation", CAN.activations)
def test_the_gradient_is_right_and_the_loss_too_where_one_output_has_it(activation: str, loss: str, dtype: str) -> None:
    for weighted in (True, False):
        network, parameters, batch = question(dtype, activation, loss, weighted=weighted)
        outputs = {"mse": 1, "bce": 2, "softmax_cross_entropy": 3}[loss]
        y = np.eye(3)[np.arange(6) % 3][:, :outputs].astype(dtype)
        network, batch = Network((3, 5, 4, outputs), activation, loss), replace(batch, y=y)
        # Small weights: its log-loss is computed from probabilities, and loses digits where they are near 1.
        parameters = Parameters(network, np.resize(parameters.vector, network.parameter_count) / 4)
        right = expect(network, parameters, batch, CAN.roundoff(dtype))
        answer = Checked(ScikitLearn(), dtype).loss_and_gradient(network, parameters, batch)
        assert answer.loss is not None
        assert abs(answer.loss - right.loss) <= right.loss_tolerance
        assert (np.abs(answer.gradient.vector - right.gradient.vector) <= right.gradient_tolerance).all()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_its_solvers_end_where_the_oracle_does(optimizer: str) -> None:
    assert_trains(ScikitLearn(), optimizer)


def test_adam_ends_there_too_where_epsilon_does_not_count() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    training = Training("adam", 0.01, 4, epsilon=1e-12)
    found = ScikitLearn().train(network, parameters, batch, training).vector
    np.testing.assert_allclose(found, train(network, parameters, batch, training).vector, rtol=1e-6)


def test_outputs_are_those_of_the_oracle() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    right = expect(network, parameters, batch, 2.0**-53).stages.pre_activations[-1]
    np.testing.assert_allclose(ScikitLearn().predict(network, parameters, batch.x), right, rtol=1e-12)


def test_what_diverges_is_answered_as_it_is() -> None:
    network, parameters, batch = question("float32", "identity", "mse")
    with np.errstate(all="ignore"):
        after = ScikitLearn().train(network, parameters, batch, Training("sgd", 1e6, 50))
    assert not np.isfinite(after.vector).all()


def test_its_own_start_is_glorots_but_for_the_biases() -> None:
    network = Network((40, 60, 3), "tanh")
    start = ScikitLearn().initialize(network, "default", 3)
    bound = np.sqrt(6 / 100)
    assert 0.9 * bound < np.abs(start.weight(0)).max() <= bound
    assert np.abs(start.bias(0)).max() > 0.9 * bound
    assert (start.vector != ScikitLearn().initialize(network, "default", 4).vector).all()


def test_what_it_cannot_do_is_said() -> None:
    network, parameters, batch = question("float64", "tanh", "bce")
    with pytest.raises(Unsupported, match="0 or 1"):
        ScikitLearn().loss_and_gradient(network, parameters, batch)
    with pytest.raises(Unsupported, match="above 0"):
        ScikitLearn().train(*question("float64", "tanh", "mse"), Training(learning_rate=0.0))
    with pytest.raises(Unsupported, match="one logistic output"):
        ScikitLearn().train(*question("float64", "tanh", "softmax_cross_entropy"), Training())
    with pytest.raises(Unsupported, match="its own way"):
        ScikitLearn().initialize(network, "he_normal", 0)


def test_an_empty_batch_is_refused_by_the_library() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    with pytest.raises(Misbehaviour, match="0 sample"):
        Checked(ScikitLearn(), "float64").train(network, parameters, samples_of(batch, slice(0)), Training())


def test_it_is_found_by_its_name() -> None:
    assert isinstance(find("sklearn"), ScikitLearn)
