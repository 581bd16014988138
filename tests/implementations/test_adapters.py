"""The adapters that need no further package: NumPy's matrix products, and the kernels."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symtests.implementations import BUILT_IN, find
from symtests.implementations.base import Implementation
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_functions import ACTIVATION_PAIRS
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.initialization import INITIALIZATIONS, initialize
from symtests.model.activations import ACTIVATION_TABLE
from symtests.network import ACTIVATIONS, DTYPES, LOSSES, OPTIMIZERS, Network
from symtests.oracle.activations import derivative, value
from symtests.parameters import Parameters
from symtests.properties.drawing.questions import samples_of
from symtests.training import Training
from tests.implementations.questions import assert_right, assert_trains, question
from tests.pairs import PAIRS

ADAPTERS = (NumpyPlain, NumbaKernels)


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_every_answer_is_right_within_rounding(adapter: type[Any], dtype: str, activation: str, loss: str) -> None:
    for bias in (True, False):
        for weighted in (True, False):
            assert_right(adapter(), dtype, *question(dtype, activation, loss, bias=bias, weighted=weighted))


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_ends_where_the_oracle_does(adapter: type[Any], optimizer: str) -> None:
    assert_trains(adapter(), optimizer)


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_training_stays_in_the_dtype(adapter: type[Any], optimizer: str, dtype: str) -> None:
    network, parameters, batch = question(dtype, "logistic", "bce", weighted=True)
    trained = adapter().train(network, parameters, batch, Training(optimizer, 0.1, 2))
    assert trained.vector.dtype == dtype
    assert np.isfinite(trained.vector).all()


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_no_steps_change_nothing(adapter: type[Any]) -> None:
    network, parameters, batch = question("float32", "tanh", "mse")
    trained = adapter().train(network, parameters, batch, Training(steps=0))
    assert trained.vector.tobytes() == parameters.vector.tobytes()
    assert not np.shares_memory(trained.vector, parameters.vector)


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("scheme", INITIALIZATIONS)
def test_a_start_is_the_named_one(adapter: type[Any], scheme: str) -> None:
    network = Network((3, 5, 2), "tanh")
    found = adapter().initialize(network, scheme, 7)
    assert found.vector.tobytes() == initialize(network, scheme, 7).vector.tobytes()


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_empty_batch_is_refused_with_a_reason(adapter: type[Any]) -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    with pytest.raises(Misbehaviour, match="samples") as caught:
        Checked(adapter(), "float64").loss_and_gradient(network, parameters, samples_of(batch, slice(0)))
    assert caught.value.kind == "raised"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_network_without_hidden_layers_will_do(adapter: type[Any]) -> None:
    for loss in LOSSES:
        network = Network((3, 2), (), loss)
        _, _, batch = question("float64", "tanh", loss)
        parameters = Parameters(network, np.linspace(-1, 1, network.parameter_count))
        assert_right(adapter(), "float64", network, parameters, batch)


@pytest.mark.parametrize("name", [name for name, known in BUILT_IN.items() if known.requires is None])
def test_what_comes_with_the_package_is_found_by_name(name: str) -> None:
    found = find(name)
    assert isinstance(found, Implementation)
    assert getattr(found, "name", None) == name
    assert getattr(found, "version", "")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
@given(z=st.floats(-1e4, 1e4))
def test_plain_activations_are_right_far_out_and_stay_in_their_dtype(name: str, dtype: str, z: float) -> None:
    """Within 16 ulp of the larger of z and 1, of which what nearly cancels consists; nothing overflows to NaN."""
    argument = np.array([z], dtype)
    assume(all(argument[0] != kink.at for kink in ACTIVATION_TABLE[name].kinks))  # where any slope between is right
    with np.errstate(all="ignore"):
        found = [function(argument) for function in ACTIVATION_PAIRS[name]]
    exact = argument.astype(np.float64)
    bound = 16 * np.finfo(dtype).eps * max(abs(z), 1.0)
    for array, expected in zip(found, (value(name, exact), derivative(name, exact)), strict=True):
        assert array.dtype == dtype
        assert abs(float(array[0]) - float(expected[0])) <= bound


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_plain_activations_pass_nan_on(name: str) -> None:
    assert np.isnan(ACTIVATION_PAIRS[name][0](np.array([np.nan])))[0]
