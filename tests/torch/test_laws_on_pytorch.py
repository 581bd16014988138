"""PyTorch obeys the laws: no false alarm on an arithmetic that is not this project's own."""

import pytest

from symtests.implementations.pytorch import PyTorch
from symtests.properties import PROPERTIES
from symtests.properties.base import Property, Tier
from tests.properties.trying import outcomes

CELLS = [
    (law, dtype, tier)
    for law in PROPERTIES
    for dtype, tier in (("float64", law.tiers[0]), ("float32", law.tiers[-1]))
    if law.id not in ("BITS1", "MST3")  # it claims no bits; a statistic is one case, and takes a minute
    if law.id not in ("GRAD2", "OWN1") or (dtype, tier) != ("float32", "wide")  # too coarse, as they say
]


@pytest.mark.parametrize(("law", "dtype", "tier"), CELLS, ids=[f"{law.id}-{dtype}" for law, dtype, _ in CELLS])
def test_no_law_is_broken(law: Property, dtype: str, tier: Tier) -> None:
    assert outcomes(law, PyTorch(), dtype, tier, examples=8)["held"] >= 3
