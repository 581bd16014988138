"""The claims: each is checked by properties, and no property names one that is not there."""

from __future__ import annotations

import pytest

from symtests.claims import CLAIMS, Claim, claims_of
from symtests.properties import PROPERTIES, find


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_claim_is_checked_by_a_property(claim: Claim) -> None:
    assert claim.properties
    assert all(claim.id in prop.claims for prop in claim.properties)
    assert claim in claims_of(claim.properties)


def test_no_property_names_another_claim() -> None:
    assert {name for prop in PROPERTIES for name in prop.claims} <= {claim.id for claim in CLAIMS}


def test_claims_have_names_of_their_own_in_order() -> None:
    assert [claim.id for claim in CLAIMS] == [f"S{number}" for number in range(1, 17)]


def test_claims_of_a_property_are_those_that_it_names_in_their_own_order() -> None:
    assert [claim.id for claim in claims_of([find("ZERO4")])] == ["S11", "S12", "S14"]
    assert claims_of([find("GRAD4")]) == ()
