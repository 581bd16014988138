"""PyTorch obeys the properties: no false alarm on an arithmetic that is not this project's own."""

import pytest

from symtests.implementations.pytorch import PyTorch
from symtests.properties import PROPERTIES
from symtests.properties.base import Property, Tier
from tests.properties.trying import outcomes

CHECKS = [
    (prop, dtype, tier)
    for prop in PROPERTIES
    for dtype, tier in (("float64", prop.tiers[0]), ("float32", prop.tiers[-1]))
    if prop.id not in ("BITS1", "MST3")  # it claims no bits; a statistic is one case, and takes a minute
    if prop.id not in ("GRAD2", "OWN1") or (dtype, tier) != ("float32", "wide")  # too coarse, as they say
]


@pytest.mark.parametrize(("prop", "dtype", "tier"), CHECKS, ids=[f"{prop.id}-{dtype}" for prop, dtype, _ in CHECKS])
def test_no_property_is_broken(prop: Property, dtype: str, tier: Tier) -> None:
    assert outcomes(prop, PyTorch(), dtype, tier, examples=8)["held"] >= 3
