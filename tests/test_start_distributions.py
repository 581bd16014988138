"""Distributions of starts: variances by fan, what is refused, and that the named ones are those of `initialize`."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.initialization import INITIALIZATIONS, initialize
from symtests.network import Network
from symtests.start_distributions import NAMED_STARTS, Drawn, StartDistribution, start_distribution
from symtests.validation import InvalidValue

NETWORK = Network((60, 300, 40), "tanh")


def test_every_scheme_has_a_property() -> None:
    assert tuple(NAMED_STARTS) == INITIALIZATIONS


@pytest.mark.parametrize("scheme", INITIALIZATIONS)
def test_a_named_start_has_the_variance_of_its_property(scheme: str) -> None:
    start, distribution = initialize(NETWORK, scheme, 3), NAMED_STARTS[scheme]
    for layer, fans in enumerate(pairwise(NETWORK.sizes)):
        drawn, biases = distribution.of_weights(layer, 2), distribution.of_biases(layer, 2)
        assert drawn is not None
        assert biases is not None
        if drawn.independent:
            assert np.square(start.weight(layer)).mean() == pytest.approx(drawn.variance(*fans), rel=0.1)
        if biases.distribution == "constant":
            assert (start.bias(layer) == biases.scale).all()


def test_variances_are_divided_by_their_fan() -> None:
    found = [Drawn("normal", 3.0, fan).variance(2, 6) for fan in ("one", "fan_in", "fan_out", "fan_avg")]
    assert found == [3.0, 1.5, 0.5, 0.75]
    assert Drawn("normal", 2.0, "fan_in").formula == "2 / fan-in"


def test_the_output_layer_is_like_the_others_unless_it_is_told() -> None:
    uniform, normal = Drawn("uniform"), Drawn("normal")
    output: Any = {"distribution": "constant", "scale": 0.0}
    distribution = StartDistribution(uniform, normal, output_weights=output, output_biases=None)
    assert [distribution.of_weights(layer, 3) for layer in range(3)] == [uniform, uniform, Drawn("constant", 0.0)]
    assert [distribution.of_biases(layer, 3) for layer in range(3)] == [normal, normal, None]
    assert StartDistribution(uniform).of_weights(2, 3) == uniform
    assert distribution.parts == (uniform, normal, Drawn("constant", 0.0))


def test_a_factor_holds_where_all_hidden_layers_have_the_activation() -> None:
    distribution = StartDistribution(Drawn("uniform"), activation_factors={"logistic": 0.25})
    networks = [Network((1, 2, 2, 1), names) for names in ("logistic", ("logistic", "tanh"), "tanh")]
    assert [distribution.factor(network) for network in networks] == [0.25, 1.0, 1.0]


def test_a_property_of_mappings_is_read_back() -> None:
    distribution = StartDistribution(Drawn("truncated_normal", 1.0, "fan_in"), None, activation_factors={"tanh": 2.0})
    assert start_distribution("distribution", json.loads(json.dumps(distribution.to_json()))) == distribution


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (3, "must be a symtests.StartDistribution"),
        ({"weight": None}, "did you mean 'weights'"),
        ({"weights": 3}, "must be a symtests.Drawn"),
        ({"weights": {"scale": 2.0}}, "must name its distribution"),
        ({"weights": {"distribution": "gaussian"}}, "must be one of"),
        ({"weights": {"distribution": "normal", "scale": 0.0}}, "must be"),
        ({"weights": {"distribution": "normal", "fan": "in"}}, "must be one of"),
        ({"weights": {"distribution": "normal", "spread": 1}}, "must be one of"),
        ({"activation_factors": {"sigmoid": 1.0}}, "must be one of"),
    ],
)
def test_what_is_no_property_is_refused(given: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        Capabilities(start_distributions={"default": given})


def test_capabilities_name_the_starts_and_their_properties() -> None:
    declared: Any = {"weights": {"distribution": "uniform", "scale": 1.0, "fan": "fan_in"}}
    can = Capabilities(starts=("normal",), start_distributions={"default": declared})
    assert can.own_starts == ("normal", "default")
    assert can.distribution_of_start("default").weights == Drawn("uniform", 1.0, "fan_in")
    assert can.distribution_of_start("he_normal") == NAMED_STARTS["he_normal"]
    assert Capabilities(**can.to_json()) == can
    with pytest.raises(InvalidValue, match="start_distributions"):
        Capabilities(start_distributions={"mine": declared})
