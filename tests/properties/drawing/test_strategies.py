"""Cases are drawn in two tiers, from nothing that the implementation cannot do, and shrink to the simplest."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import find as hypothesis_find
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from symtests.implementations.base import Capabilities, Unsupported
from symtests.model.losses import LOSS_TABLE
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS
from symtests.properties import FAMILIES, GROUPS, PROPERTIES, find, select
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.layer_sizes import FORCED_WIDTHS
from symtests.properties.drawing.strategies import SIXTEENTHS, cases, networks, supported, trainings
from symtests.properties.drawing.units import copy_incoming, incoming, index_groups, outgoing
from symtests.training import Training
from symtests.validation import InvalidValue

FREE = Domain("float32", Capabilities(dtypes=("float32",), activations=ACTIVATIONS, losses=LOSSES))
NARROW = [
    Capabilities(activations=("tanh",), losses=("bce",), optimizers=("adam",), bias=(True,), sample_weights=False),
    Capabilities(activations=("relu",), losses=("softmax_cross_entropy",), bias=(False,), max_hidden_layers=1),
    Capabilities(max_width=2, max_samples=1, index_independent=True),
    Capabilities(max_hidden_layers=0, losses=("logistic_mse",), optimizers=("sgd",)),
    Capabilities(activations=("logistic",), max_samples=2, max_width=1),
]


def drawn(strategy: st.SearchStrategy[Case], count: int) -> list[Case]:
    """Return some cases of a strategy."""
    found = []

    @settings(max_examples=count, database=None)
    @seed(0)
    @given(strategy)
    def keep(case: Case) -> None:
        found.append(case)

    keep()
    return found


def test_small_cases_are_small_and_on_the_grid() -> None:
    for case in drawn(cases(FREE, "small"), 100):
        assert case.hidden_units <= 3
        assert len(case.batch) <= 2
        assert case.network.sizes[0] <= 2
        assert case.network.sizes[-1] <= 2
        assert np.isin(case.parameters.vector, SIXTEENTHS).all()
        assert np.isin(case.batch.x, SIXTEENTHS).all()
        assert (case.batch.y * 16 % 1 == 0).all()


def test_the_simplest_case_is_one_unit_with_ones_and_a_residual() -> None:
    case = hypothesis_find(
        cases(FREE, "small"), lambda _: True, settings=settings(max_examples=20, database=None), random=random.Random(0)
    )
    assert case.network.sizes == (1, 1, 1)
    assert (case.network.activations, case.network.loss, case.network.bias) == (("identity",), "mse", False)
    assert case.parameters.vector.tolist() == [1, 1]
    assert (case.batch.x.tolist(), case.batch.y.tolist()) == ([[1]], [[-1]])


def test_a_case_shrinks_to_the_simplest_that_has_what_is_asked_for() -> None:
    case = hypothesis_find(
        cases(FREE, "small"), lambda case: case.hidden_units >= 2 and case.network.bias, random=random.Random(0)
    )
    assert case.network.sizes == (1, 2, 1)
    assert case.network.loss == "mse"
    assert set(case.parameters.vector.tolist()) == {1.0}


def test_wide_cases_reach_the_edges_of_blocks_and_stay_affordable() -> None:
    found = drawn(cases(FREE, "wide"), 300)
    widths = Counter(width for case in found for width in case.network.hidden_sizes)
    assert len([width for width in FORCED_WIDTHS if widths[width]]) >= 15
    assert 127 <= max(widths) <= 130
    assert {len(case.network.hidden_sizes) for case in found} == {1, 2, 3, 4}
    assert all(sum(width > 33 for width in case.network.hidden_sizes) <= 2 for case in found)
    assert max(len(case.batch) for case in found) == 33


def test_some_networks_have_several_activations_and_most_one() -> None:
    for tier in ("small", "wide"):
        deep = [case.network for case in drawn(cases(FREE, tier), 200) if len(case.network.hidden_sizes) > 1]
        assert 0.1 < sum(len(set(network.activations)) > 1 for network in deep) / len(deep) < 0.5


def test_every_activation_loss_and_choice_of_weights_occurs() -> None:
    for tier in ("small", "wide"):
        found = drawn(cases(FREE, tier), 240)
        assert {case.network.activations[0] for case in found} == set(ACTIVATIONS)
        assert {case.network.loss for case in found} == set(LOSSES)
        assert {case.network.bias for case in found} == {False, True}
        assert {case.batch.sample_weights is None for case in found} == {False, True}


@pytest.mark.parametrize("tier", ["small", "wide"])
def test_data_are_exact_in_the_dtype_and_survive_json(tier: Tier) -> None:
    for case in drawn(cases(FREE, tier), 20):
        assert case.parameters.dtype == case.batch.x.dtype == np.float32
        again = Case.from_json(case.to_json())
        assert again.network == case.network
        assert again.parameters.vector.tobytes() == case.parameters.vector.tobytes()
        assert again.batch.y.tobytes() == case.batch.y.tobytes()


@pytest.mark.parametrize("tier", ["small", "wide"])
def test_targets_suit_the_loss(tier: Tier) -> None:
    for case in drawn(cases(FREE, tier), 100):
        if case.network.loss == "softmax_cross_entropy":
            assert case.network.sizes[-1] >= 2
            assert (case.batch.y.sum(axis=1) == 1).all()
        elif LOSS_TABLE[case.network.loss].targets != "numbers":
            assert ((case.batch.y >= 0) & (case.batch.y <= 1)).all()
        else:
            assert (case.batch.y != 0).all()


def allowed(case: Case, can: Capabilities) -> bool:
    network, batch = case.network, case.batch
    most_layers = 4 if can.max_hidden_layers is None else can.max_hidden_layers
    return (
        set(network.activations) <= set(can.activations)
        and network.loss in can.losses
        and network.bias in can.bias
        and len(network.hidden_sizes) <= most_layers
        and max(network.hidden_sizes, default=0) <= (can.max_width or 130)
        and len(batch) <= (can.max_samples or 33)
        and (batch.sample_weights is None or can.sample_weights)
        and (case.training == Training() or case.training.optimizer in can.optimizers)
    )


@pytest.mark.parametrize("can", NARROW)
@pytest.mark.parametrize("prop", [prop.id for prop in PROPERTIES if prop.id.startswith(("SYM", "ZERO", "BRK"))])
def test_a_property_asks_for_nothing_that_is_not_offered(prop: str, can: Capabilities) -> None:
    for tier in find(prop).tiers:
        try:
            strategy = find(prop).cases(Domain("float64", can), tier)
        except Unsupported:
            continue
        assert all(allowed(case, can) for case in drawn(strategy, 8))


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Capabilities(max_hidden_layers=0), "hidden layers"),
        (Capabilities(max_width=3), "4 units"),
        (Capabilities(activations=("tanh",)), "activations"),
        (Capabilities(bias=(False,)), "with biases"),
    ],
)
def test_networks_that_cannot_be_had_are_unsupported(limits: Capabilities, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        networks(Domain("float64", limits), "wide", activations=("relu",), bias=(True,), least_widest=4)


def test_supported_keeps_the_order_wanted() -> None:
    assert supported("losses", ("bce", "mse"), ("mse", "bce")) == ("bce", "mse")
    with pytest.raises(Unsupported, match="mse"):
        supported("losses", ("mse",), ("bce",))


@given(trainings(FREE, OPTIMIZERS))
def test_learning_rates_are_powers_of_two(training: Training) -> None:
    assert np.frexp(training.learning_rate)[0] == 0.5
    assert 1 <= training.steps <= 12


@given(st.data(), st.integers(2, 130), st.sampled_from(["small", "wide"]))
def test_a_group_has_two_indices_or_more_in_order(data: st.DataObject, count: int, tier: Tier) -> None:
    group = data.draw(index_groups(count, tier))
    assert len(group) >= 2
    assert group == sorted(set(group))
    assert group[0] >= 0
    assert group[-1] < count
    assert tier == "wide" or len(group) == 2


@given(st.data())
def test_the_weights_of_a_unit_are_found_and_copied(data: st.DataObject) -> None:
    case = data.draw(cases(FREE, "wide", networks(FREE, "wide", least_widest=2)))
    parameters = case.parameters.copy()
    layer = data.draw(st.sampled_from([k for k, width in enumerate(case.network.hidden_sizes) if width > 1]))
    unit, twin = 0, case.network.hidden_sizes[layer] - 1
    where_in, where_out = incoming(case.network, layer, twin), outgoing(case.network, layer, twin)
    biases = parameters.bias(layer)[[twin] if case.network.bias else []]
    assert parameters.vector[where_in].tolist() == [*parameters.weight(layer)[:, twin], *biases]
    assert parameters.vector[where_out].tolist() == parameters.weight(layer + 1)[twin].tolist()
    copy_incoming(parameters, layer, [unit, twin])
    mine, its = incoming(case.network, layer, unit), where_in
    assert parameters.vector[its].tolist() == case.parameters.vector[mine].tolist()
    others = np.setdiff1d(np.arange(case.network.parameter_count), its)
    assert (parameters.vector[others] == case.parameters.vector[others]).all()


def test_properties_are_found_by_id_and_selected_by_group() -> None:
    assert find("sym1").id == "SYM1"
    assert [prop.id for prop in select(["BRK1", "symmetry"])] == ["SYM1", "SYM2", "SYM3", "SYM4", "SYM5", "BRK1"]
    assert [prop.id for prop in select(["brk", "SAD2"])] == ["BRK1", "BRK2", "BRK3", "SAD2"]
    assert select(FAMILIES) == select(GROUPS) == select() == PROPERTIES
    assert len({prop.id for prop in PROPERTIES}) == len(PROPERTIES)
    with pytest.raises(InvalidValue, match="SYM"):
        find("SYM9")
    for wrong, right in (("symetry", "symmetry"), ("GARD1", "GRAD1"), ("LOS", "loss")):
        with pytest.raises(
            InvalidValue, match=rf"a family \(SYM, .* or a group \(symmetry, .*; did you mean '{right}'"
        ):
            select([wrong])
