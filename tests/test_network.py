"""Network: what it accepts, where its parameters lie, and JSON both ways."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.validation import InvalidValue


@st.composite
def networks(draw: st.DrawFn) -> Network:
    sizes = draw(st.lists(st.integers(1, 9), min_size=2, max_size=5))
    names = st.sampled_from(ACTIVATIONS)
    activations = draw(st.lists(names, min_size=len(sizes) - 2, max_size=len(sizes) - 2))
    return Network(sizes, activations, draw(st.sampled_from(LOSSES)), draw(st.booleans()))


INVALID: list[tuple[dict[str, Any], str]] = [
    ({"sizes": ()}, "sizes=(): must name the inputs and the outputs at least, as in (2, 3, 1)"),
    ({"sizes": (3,)}, "sizes=(3,): must name the inputs and the outputs at least, as in (2, 3, 1)"),
    ({"sizes": 3}, "sizes=3: must name the inputs and the outputs at least, as in (2, 3, 1)"),
    ({"sizes": None}, "sizes=None: must name the inputs and the outputs at least, as in (2, 3, 1)"),
    ({"sizes": (2, 0, 1)}, "sizes=0: must be a whole number of at least 1"),
    ({"sizes": (2, -3, 1)}, "sizes=-3: must be a whole number of at least 1"),
    ({"sizes": (2, 1.0)}, "sizes=1.0: must be a whole number of at least 1"),
    ({"sizes": (2, True)}, "sizes=True: must be a whole number of at least 1"),
    ({"sizes": "23"}, "sizes='2': must be a whole number of at least 1"),
    ({"sizes": (2, 1), "activations": ("tanh",)}, "activations=('tanh',): must be 0 names, one for each hidden layer"),
    ({"sizes": (2, 3, 1)}, "activations=(): must be 1 names, one for each hidden layer of a network"),
    ({"sizes": (2, 3, 1), "activations": "tahn"}, "activations='tahn': must be one of identity, tanh, relu"),
    ({"sizes": (2, 1), "activations": "tahn"}, "activations='tahn': must be one of identity, tanh, relu"),
    ({"sizes": (2, 3, 1), "activations": ("Tanh",)}, "activations='Tanh': must be one of identity, tanh, relu"),
    ({"sizes": (2, 3, 1), "activations": (None,)}, "activations=None: must be one of identity, tanh, relu"),
    ({"sizes": (2, 3, 1), "activations": None}, "activations=None: must be one of identity, tanh, relu"),
    ({"sizes": (2, 1), "loss": "mae"}, "loss='mae': must be one of mse, bce"),
    ({"sizes": (2, 1), "loss": None}, "loss=None: must be one of mse, bce"),
    ({"sizes": (2, 1), "bias": "no"}, "bias='no': must be True or False"),
    ({"sizes": (2, 1), "bias": None}, "bias=None: must be True or False"),
]


@pytest.mark.parametrize(("arguments", "message"), INVALID, ids=[str(arguments) for arguments, _ in INVALID])
def test_invalid_arguments_are_refused_with_what_is_required(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Network(**arguments)
    assert str(refusal.value).startswith(message)


def test_a_slip_in_a_name_is_answered_with_the_name_that_was_meant() -> None:
    with pytest.raises(InvalidValue, match=r"did you mean 'tanh'\?"):
        Network((2, 3, 1), "tahn")
    with pytest.raises(InvalidValue, match=r"did you mean 'softmax_cross_entropy'\?"):
        Network((2, 3, 1), "tanh", "softmax_crossentropy")


def test_one_name_stands_for_all_hidden_layers() -> None:
    network = Network([2, 3, 4, 1], "tanh")
    assert network == Network((2, 3, 4, 1), ("tanh", "tanh"))
    assert (network.layer_count, network.hidden_sizes, network.activations) == (3, (3, 4), ("tanh", "tanh"))


def test_numbers_of_numpy_are_kept_as_plain_ones() -> None:
    network = Network(np.array([2, 1]), bias=np.True_)  # type: ignore[arg-type]  # more than is promised
    assert network == Network((2, 1))
    assert [type(value) for value in (*network.sizes, network.bias)] == [int, int, bool]


@given(networks())
@settings(deadline=None)
def test_weights_and_biases_fill_the_vector_without_gap_or_overlap(network: Network) -> None:
    end = 0
    for layer in range(network.layer_count):
        fan_in, fan_out = network.sizes[layer : layer + 2]
        assert network.weight_slice(layer) == slice(end, end + fan_in * fan_out)
        end += fan_in * fan_out
        assert network.bias_slice(layer) == slice(end, end + fan_out * network.bias)
        end += fan_out * network.bias
    assert network.parameter_count == end


@pytest.mark.parametrize("layer", [-1, 2])
def test_a_layer_that_is_not_there_is_refused(layer: int) -> None:
    network = Network((2, 3, 1), "tanh")
    for where in (network.weight_slice, network.bias_slice):
        with pytest.raises(InvalidValue, match=rf"^layer={layer}: must lie in 0\.\.1 for a network of sizes"):
            where(layer)


@given(networks())
@settings(deadline=None)
def test_json_round_trip_is_exact(network: Network) -> None:
    again = Network.from_json(json.loads(json.dumps(network.to_json(), allow_nan=False)))
    assert again == network
    assert hash(again) == hash(network)


def test_a_network_cannot_be_changed_but_replaced() -> None:
    network = Network((2, 3, 1), "tanh")
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.bias = False  # type: ignore[misc]  # what must fail
    assert dataclasses.replace(network, bias=False) == Network((2, 3, 1), "tanh", bias=False)
    with pytest.raises(InvalidValue, match=r"^loss="):
        dataclasses.replace(network, loss="mae")
