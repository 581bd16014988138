"""Parameters: one vector, its views, its names, and JSON both ways."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from symtests.network import Network
from symtests.parameters import Parameters
from symtests.validation import InvalidValue

NETWORK = Network((2, 3, 1), "tanh")  # 2 * 3 + 3 + 3 * 1 + 1 = 13 parameters


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    network = Network(sizes, "relu", bias=draw(st.booleans()))
    dtype = draw(st.sampled_from(("float32", "float64")))
    return Parameters(network, draw(hnp.arrays(dtype, network.parameter_count)))


@given(parameters())
@settings(deadline=None)
def test_json_round_trip_is_exact(start: Parameters) -> None:
    text = json.dumps(start.to_json(), allow_nan=False)
    again = Parameters.from_json(start.network, json.loads(text))
    assert again.dtype == start.dtype
    missing = np.isnan(start.vector)
    np.testing.assert_array_equal(np.isnan(again.vector), missing)
    assert again.vector[~missing].tobytes() == start.vector[~missing].tobytes()


@given(parameters())
@settings(deadline=None)
def test_views_lie_in_the_vector_and_cover_it_once(start: Parameters) -> None:
    start.vector[:] = 0
    for weight, bias in zip(start.weights, start.biases, strict=True):
        assert np.shares_memory(weight, start.vector)
        weight += 1
        bias += 1
    assert (start.vector == 1).all()


def test_weights_lie_fan_in_by_fan_out_row_by_row_with_the_bias_behind() -> None:
    start = Parameters(NETWORK, np.arange(13.0))
    np.testing.assert_array_equal(start.weight(0), [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(start.bias(0), [6, 7, 8])
    np.testing.assert_array_equal(start.weight(1), [[9], [10], [11]])
    np.testing.assert_array_equal(start.bias(1), [12])


def test_views_write_through_even_into_every_other_number_of_a_longer_array() -> None:
    memory = np.zeros(26)
    Parameters(NETWORK, memory[::2]).weight(0)[1, 2] = 7
    assert memory.nonzero()[0].tolist() == [10]


@given(parameters())
@settings(deadline=None)
def test_names_are_one_to_one_and_count_from_the_first_layer(start: Parameters) -> None:
    names = [start.name_of(index) for index in range(start.vector.size)]
    expected = []
    for layer, (weight, bias) in enumerate(zip(start.weights, start.biases, strict=True), 1):
        expected += [f"W{layer}[{row},{column}]" for row, column in np.ndindex(*weight.shape)]
        expected += [f"b{layer}[{column}]" for column in range(bias.size)]
    assert names == expected


@pytest.mark.parametrize("index", [-1, 13])
def test_a_component_that_is_not_there_has_no_name(index: int) -> None:
    with pytest.raises(InvalidValue, match=rf"^index={index}: must lie in 0\.\.12$"):
        Parameters.zeros(NETWORK).name_of(index)


@given(parameters())
@settings(deadline=None)
def test_layers_build_the_parameters_that_they_came_from(start: Parameters) -> None:
    biases = start.biases if start.network.bias else ()
    again = Parameters.from_layers(start.network, start.weights, biases, start.dtype)
    np.testing.assert_array_equal(again.vector, start.vector)
    assert not np.shares_memory(again.vector, start.vector)


def test_copies_have_memory_of_their_own() -> None:
    start = Parameters.zeros(NETWORK)
    for other in (start.copy(), start.astype(np.float64), start.astype(np.float32)):
        other.vector[:] = 1
    assert not start.vector.any()
    assert start.astype(np.float32).dtype == np.float32


def test_rounding_is_that_of_the_dtype() -> None:
    start = Parameters(NETWORK, np.full(13, 0.1)).astype(np.float32)
    assert (start.vector == np.float32(0.1)).all()


@pytest.mark.parametrize(
    ("vector", "shown"),
    [
        (np.zeros(12), "<float64 array of shape (12,)>"),
        (np.zeros((13, 1)), "<float64 array of shape (13, 1)>"),
        (np.zeros(13, int), f"<{np.dtype(int)} array of shape (13,)>"),
        (np.zeros(13, complex), "<complex128 array of shape (13,)>"),
        (np.zeros(13, bool), "<bool array of shape (13,)>"),
        (None, "<object array of shape ()>"),
    ],
)
def test_another_vector_is_refused(vector: Any, shown: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Parameters(NETWORK, vector)
    assert str(refusal.value) == (
        f"vector={shown}: must be a float array of shape (13,) for a network of sizes (2, 3, 1)"
    )


def test_a_float_that_json_would_shorten_is_not_written() -> None:
    wide = Parameters(NETWORK, np.zeros(13, np.longdouble))
    if wide.dtype.itemsize > 8:
        with pytest.raises(InvalidValue, match="must be floats of at most 64 bits"):
            wide.to_json()
    else:  # where a long double has 64 bits, nothing is lost
        assert wide.to_json()["vector"] == [0.0] * 13


def test_layers_of_another_count_or_shape_are_refused() -> None:
    weights, biases = [np.zeros((2, 3)), np.zeros((3, 1))], [np.zeros(3), np.zeros(1)]
    with pytest.raises(InvalidValue, match=r"^weights=<1 arrays>, biases=<2 arrays>: must be 2 and 2 for a network"):
        Parameters.from_layers(NETWORK, weights[:1], biases)
    with pytest.raises(InvalidValue, match=r"^weights=<2 arrays>, biases=<0 arrays>: must be 2 and 2 for a network"):
        Parameters.from_layers(NETWORK, weights)
    with pytest.raises(InvalidValue, match=r"^weights\[0\]=<array of shape \(3, 2\)>: must have shape \(2, 3\)$"):
        Parameters.from_layers(NETWORK, [weights[0].T, weights[1]], biases)
    with pytest.raises(InvalidValue, match=r"^biases\[1\]=<array of shape \(\)>: must have shape \(1,\)$"):
        Parameters.from_layers(NETWORK, weights, [biases[0], 0.0])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"dtype": "float64", "vector": [0.0] * 12}, "vector=<float64 array of shape (12,)>: must be a float array"),
        ({"dtype": "int64", "vector": [0.0] * 13}, "dtype='int64': must be a float type"),
        ({"dtype": "float64", "vector": [None] * 13}, "number=None: must be a number"),
    ],
)
def test_json_of_something_else_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Parameters.from_json(NETWORK, data)
    assert str(refusal.value).startswith(message)
