"""Cases of the family INIT ask for what is offered, and for enough numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties import select
from symtests.properties.base import Case, Domain, Property
from symtests.properties.initialization import start_sample
from symtests.properties.initialization.start_cases import random_schemes
from symtests.start_distributions import Drawn, StartDistribution
from tests.mutants.base import Correct

PROPERTIES = select(["INIT"])
OWN = {"default": StartDistribution(Drawn("uniform", 1.0, "fan_in"))}
NARROW = (
    Capabilities(max_hidden_layers=1, max_width=9, bias=(False,), losses=("softmax_cross_entropy",)),
    Capabilities(few_shapes=True, activations=("tanh",)),
    Capabilities(max_hidden_layers=0),
    Capabilities(starts=("uniform",), start_distributions=OWN),
)


@pytest.mark.parametrize("can", NARROW, ids=range(len(NARROW)))
@pytest.mark.parametrize("prop", PROPERTIES, ids=lambda prop: prop.id)
def test_a_property_asks_for_nothing_that_is_not_offered(prop: Property, can: Capabilities) -> None:
    @settings(max_examples=8, database=None)
    @given(st.data())
    def asked(data: st.DataObject) -> None:
        case: Case = data.draw(prop.cases(Domain("float32", can), prop.tiers[-1]))
        network = case.network
        assert case.parameters.dtype == case.batch.x.dtype == "float32"
        assert len(network.hidden_sizes) <= (3 if can.max_hidden_layers is None else can.max_hidden_layers) or (
            prop.id == "INIT8" and can.max_hidden_layers is None
        )
        assert max(network.hidden_sizes, default=0) <= (can.max_width or 130)
        assert network.bias in can.bias
        assert set(network.activations) <= set(can.activations)
        assert set(case.details["schemes"]) <= set(can.own_starts)
        assert Case.from_json(case.to_json()).details == case.details

    try:
        asked()
    except Unsupported:
        # Its only starts are no orthogonal one, name no value, or promise nothing over depth; INIT8 needs a layer, and
        # no narrow one.
        assert can is NARROW[3] or (prop.id == "INIT8" and (can.max_hidden_layers == 0 or can.max_width == 9))


def test_starts_that_are_not_offered_are_not_asked_for() -> None:
    found = random_schemes(Domain("float64", Capabilities(starts=("zeros", "normal"), start_distributions=OWN)))
    assert found == ("normal", "default")
    with pytest.raises(Unsupported, match="no start"):
        random_schemes(Domain("float64", Capabilities(starts=("zeros", "constant"))))


def test_a_scheme_that_is_refused_is_left_out_and_where_all_are_nothing_is_said() -> None:
    class KnowsNormals(Correct):
        known: tuple[str, ...] = ("normal", "he_normal", "lecun_normal", "glorot_normal")

        def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
            if scheme not in self.known:
                raise Unsupported(f"it has no start {scheme!r}")
            return super().initialize(network, scheme, seed)

    class KnowsNone(KnowsNormals):
        known = ()

    prop = next(prop for prop in PROPERTIES if prop.id == "INIT3")
    knows, none = (Checked(kind(), "float64") for kind in (KnowsNormals, KnowsNone))
    outcomes = set()

    @settings(max_examples=8, database=None)
    @given(prop.cases(Domain.of(knows), "wide"))
    def try_case(case: Case) -> None:
        if set(case.details["schemes"]) & set(KnowsNormals.known):
            outcomes.add(prop.judge(knows, case).outcome)
        else:
            with pytest.raises(Unsupported, match="no start"):
                prop.judge(knows, case)
        with pytest.raises(Unsupported, match="no start"):
            prop.judge(none, case)

    try_case()
    assert outcomes == {"held"}


@pytest.mark.parametrize("prop", PROPERTIES, ids=lambda prop: prop.id)
def test_where_networks_are_dear_every_case_asks_for_every_scheme(prop: Property) -> None:
    class Dear(Correct):
        capabilities = Capabilities(dtypes=("float32",), few_shapes=True)

    domain = Domain.of(Checked(Dear(), "float32"))

    @settings(max_examples=4, database=None)
    @given(prop.cases(domain, prop.tiers[-1]))
    def asked(case: Case) -> None:
        assert len(case.details["schemes"]) in (1, 2, 6, 8, 9)

    asked()


def test_a_slow_implementation_is_asked_for_fewer_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Counts(Correct):
        def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
            asked.append(seed)
            return super().initialize(network, scheme, seed)

    monkeypatch.setattr(start_sample, "_SECONDS", 0.0)
    prop, implementation = next(prop for prop in PROPERTIES if prop.id == "INIT7"), Checked(Counts(), "float64")

    @settings(max_examples=1, database=None)
    @given(prop.cases(Domain.of(implementation), "wide"))
    def try_case(case: Case) -> None:
        assert prop.judge(implementation, case).outcome == "held"
        assert case.details["starts"] == 400

    try_case()
    assert len(asked) == 8
