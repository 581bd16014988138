"""FANN behind its adapter: right within rounding where no unit is saturated, and started by its own generator."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.checking.one_check.judge_check import location_of
from symtests.implementations import find
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.libfann import Fann
from symtests.network import DTYPES, Network
from symtests.oracle import expect, train
from symtests.parameters import Parameters
from symtests.properties.drawing.questions import samples_of
from symtests.training import Training

CAN = Fann().capabilities


def asked(dtype: str, activation: str, loss: str, samples: int) -> tuple[Network, Parameters, Batch]:
    """Return a question in which no unit comes near saturation."""
    random = np.random.default_rng(2)
    network = Network((3, 5, 4, 2), activation, loss)
    parameters = Parameters(network, random.normal(0, 0.4, network.parameter_count)).astype(dtype)
    batch = Batch(random.uniform(-1, 1, (samples, 3)), random.uniform(size=(samples, 2))).astype(dtype)
    return network, parameters, batch


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", CAN.losses)
@pytest.mark.parametrize("activation", CAN.activations)
def test_every_answer_is_right_within_rounding(dtype: str, activation: str, loss: str) -> None:
    network, parameters, batch = asked(dtype, activation, loss, 6)
    right = expect(network, parameters, batch, 2.0**-24)
    answer = Checked(Fann(), dtype).loss_and_gradient(network, parameters, batch)
    assert answer.loss is not None
    assert abs(answer.loss - right.loss) <= right.loss_tolerance
    bound = right.gradient_tolerance if dtype == "float32" else 1e-13  # of the gradient, nothing is in single precision
    assert (np.abs(answer.gradient.vector - right.gradient.vector) <= bound).all()
    if loss == "mse":
        outputs = Checked(Fann(), dtype).predict(network, parameters, batch.x)
        bound = right.stage_tolerances.pre_activations[-1]
        assert (np.abs(outputs - right.stages.pre_activations[-1]) <= bound).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_both_algorithms_end_where_the_oracle_does(optimizer: str, dtype: str) -> None:
    incremental = optimizer == "momentum"
    network, parameters, batch = asked(dtype, "tanh", "mse", 1 if incremental else 3)
    training = Training(optimizer, 0.25, 3, momentum=0.5)
    found = Fann(incremental=incremental).train(network, parameters, batch, training).vector
    expected = train(network, parameters, batch, training).vector
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert np.abs(expected - parameters.vector).max() > 0.1
    assert found.dtype == dtype


def test_its_start_is_uniform_and_another_for_each_seed() -> None:
    network = Network((30, 40, 2), "tanh")
    starts = [Fann().initialize(network, "uniform", seed).vector for seed in (0, 1, 2, 2)]
    assert 0.49 < np.abs(starts[0]).max() <= 0.5
    assert abs(float(starts[0].mean())) < 0.05
    assert not np.array_equal(starts[0], starts[1])
    assert not np.array_equal(starts[1], starts[2])
    assert np.array_equal(starts[2], starts[3])


def test_what_it_cannot_do_is_said() -> None:
    network, parameters, batch = asked("float64", "tanh", "mse", 2)
    with pytest.raises(Unsupported, match="exactly one"):
        Fann.incremental().train(network, parameters, batch, Training())
    nothing = samples_of(batch, slice(0))
    with pytest.raises(Unsupported, match="one sample at least"):
        Fann().loss_and_gradient(network, parameters, nothing)
    with pytest.raises(Unsupported, match="one sample at least"):
        Fann().train(network, parameters, nothing, Training())


def test_a_variant_is_found_again_by_its_name() -> None:
    for name in ("fann", "fann-incremental"):
        implementation = Checked(find(name), "float32")
        assert (implementation.name, location_of(implementation)) == (name, name)
