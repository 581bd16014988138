"""Few networks stand for all: each name and width is among them, and their number is bounded for every property."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.implementations.base import Capabilities
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.few_shapes import Allowed, choices_of_network, few_networks, samples_of_network
from symtests.properties.drawing.layer_sizes import FORCED_WIDTHS
from symtests.properties.drawing.strategies import cases, networks

FEW = Domain("float64", Capabilities(activations=ACTIVATIONS, losses=LOSSES, few_shapes=True))
MOST = 14
"""Networks on the longer list."""


def drawn(strategy: st.SearchStrategy[Network], examples: int = 300) -> set[Network]:
    found: set[Network] = set()

    @settings(max_examples=examples, database=None)
    @given(strategy)
    def collect(network: Network) -> None:
        found.add(network)

    collect()
    return found


@pytest.mark.parametrize("tier", ["small", "wide"])
def test_every_activation_loss_and_depth_is_drawn_with_and_without_biases(tier: Tier) -> None:
    found = drawn(networks(FEW, tier))
    assert len(found) <= MOST
    assert {name for network in found for name in network.activations} == set(ACTIVATIONS)
    assert {network.loss for network in found} == set(LOSSES)
    assert {network.bias for network in found} == {False, True}
    assert {len(network.hidden_sizes) for network in found} == set(range(1, 4 if tier == "small" else 5))
    assert any(len(set(network.activations)) > 1 for network in found)


def test_every_width_at_and_beside_the_end_of_a_block_is_drawn() -> None:
    found = drawn(networks(FEW, "wide"))
    assert {width for network in found for width in network.hidden_sizes} == set(FORCED_WIDTHS)
    assert {33, 65, 130} <= {network.sizes[0] for network in found}
    assert 65 in {network.sizes[-1] for network in found}


def test_no_network_of_the_small_tier_is_larger_than_that_tier() -> None:
    assert all(sum(network.hidden_sizes) <= 3 for network in drawn(networks(FEW, "small", least_widest=2)))


@pytest.mark.parametrize("tier", ["small", "wide"])
def test_a_network_has_one_number_of_samples_and_weights_always_or_never(tier: Tier) -> None:
    found: dict[Network, set[tuple[int, bool]]] = {}

    @settings(max_examples=300, database=None)
    @given(cases(FEW, tier))
    def collect(case: Case) -> None:
        found.setdefault(case.network, set()).add((len(case.batch), case.batch.sample_weights is not None))

    collect()
    assert all(len(batches) == 1 for batches in found.values())
    shapes = {batch for batches in found.values() for batch in batches}
    assert {weighted for _, weighted in shapes} == {False, True}
    counts = {count for count, _ in shapes}
    assert counts == {1, 2} if tier == "small" else (len(counts) >= 6 and max(counts) > 8)


@given(
    tier=st.sampled_from(("small", "wide")),
    names=st.lists(st.sampled_from(ACTIVATIONS), min_size=1, unique=True),
    losses=st.lists(st.sampled_from(LOSSES), min_size=1, unique=True),
    bias=st.sampled_from(((False, True), (True,), (False,))),
    depths=st.sampled_from((range(1), range(3), range(1, 2), range(1, 3), range(2, 4))),
    least_width=st.integers(1, 2),
    least_widest=st.integers(2, 5),
    most=st.sampled_from((130, 5, 20)),
)
def test_whatever_a_property_allows_is_kept_and_each_activation_is_there(
    tier: Tier,
    names: list[str],
    losses: list[str],
    bias: tuple[bool, ...],
    depths: range,
    least_width: int,
    least_widest: int,
    most: int,
) -> None:
    small = [(1,) * depth for depth in depths] + [(1,) * (depth - 1) + (2,) for depth in depths if depth]
    inputs, outputs = (1, 2), (1,)
    found = few_networks(
        tier, Allowed(names, losses, bias, inputs, outputs, small, depths, least_width, least_widest, most)
    )
    assert len(found) == len(set(found)) <= MOST
    for network in found:
        hidden = network.hidden_sizes
        assert set(network.activations) <= set(names)
        assert network.loss in losses
        assert network.bias in bias
        assert network.sizes[0] in inputs
        assert network.sizes[-1] in outputs or network.loss == "softmax_cross_entropy"
        assert len(hidden) in depths
        if tier == "small":
            assert hidden in small
        elif hidden:
            assert all(least_width <= width <= most for width in hidden)
            assert max(hidden) >= least_widest
    if depths[0] > 0:
        assert {name for network in found for name in network.activations} == set(names)


def test_properties_that_allow_other_numbers_of_samples_ask_the_same_number_if_they_can() -> None:
    network = Network((3, 7, 1), "tanh")
    whole, part = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33), (2, 3, 4, 5, 6, 7, 8, 9, 15, 16)
    assert samples_of_network(network, whole) == samples_of_network(network, whole[1:]) == 31
    assert samples_of_network(network, part) == 16
    assert samples_of_network(network, (1, 2)) == samples_of_network(network, (2,)) == 2


@given(st.data(), st.integers(1, 40), st.lists(st.integers(), min_size=1, unique=True))
def test_a_network_has_one_choice_where_shapes_are_dear(data: st.DataObject, width: int, choices: list[int]) -> None:
    network = Network((2, width, 1), "tanh")
    one, other = (data.draw(choices_of_network(FEW, network, choices)) for _ in range(2))
    assert one == other
    assert one in choices
    assert data.draw(choices_of_network(Domain("float64", Capabilities()), network, choices)) in choices


def test_most_properties_ask_the_very_same_networks() -> None:
    whole = drawn(networks(FEW, "wide"))
    assert drawn(networks(FEW, "wide", hidden_layers=(1, 4), losses=LOSSES[::-1])) == whole
    part = drawn(networks(FEW, "wide", activations=("tanh", "gelu", "relu", "silu")))
    assert len(part & whole) >= len(part) / 2


def test_what_is_drawn_for_others_is_not_bounded() -> None:
    assert len(drawn(networks(Domain("float64", Capabilities()), "wide"), 100)) > 3 * MOST


def test_the_capability_travels_as_data() -> None:
    assert Capabilities(few_shapes=True).to_json()["few_shapes"] is True
    assert Capabilities().few_shapes is False
