"""Checks are dealt out whole, evenly, and the same whatever their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from symtests.checking.sharding.costs import STORY, Costs, shipped_costs
from symtests.checking.sharding.dealing import Dealt, checks_of, deal
from symtests.properties import PROPERTIES

NAMES = st.text(st.characters(codec="utf-8"), max_size=4)
CHECKS = st.lists(
    st.builds(Dealt, NAMES, st.sampled_from("ABCDE"), st.sampled_from(["float32", "float64"])), max_size=40
)
COSTS = st.builds(Costs, st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 5000)))
IDS = [each.id for each in PROPERTIES]


@given(CHECKS, st.integers(1, 9), COSTS)
def test_each_check_is_dealt_once_and_the_order_does_not_matter(checks: list[Dealt], shards: int, costs: Costs) -> None:
    dealt = deal(checks, shards, costs)
    assert len(dealt) == shards
    assert sorted(check for share in dealt for check in share) == sorted(set(checks))
    assert deal(reversed(checks), shards, costs) == dealt


@given(CHECKS, st.integers(1, 9), COSTS)
def test_no_shard_costs_more_than_the_mean_and_one_check(checks: list[Dealt], shards: int, costs: Costs) -> None:
    loads = [sum(costs.of(check.property) for check in share) for share in deal(checks, shards, costs)]
    dearest = max((costs.of(check.property) for check in checks), default=0)
    assert shards * max(loads) <= sum(loads) + dearest * (shards - 1)
    assert max(loads) - min(loads) <= dearest


def test_three_implementations_in_eight_shards_differ_by_one_percent() -> None:
    dtypes = dict.fromkeys(("numba", "numpy", "torch"), ("float32", "float64"))
    checks, costs = checks_of(IDS, dtypes, dtypes), shipped_costs()
    loads = [sum(costs.of(check.property) for check in share) for share in deal(checks, 8, costs)]
    assert max(loads) <= 1.01 * min(loads)
    shares = deal(checks, 8, costs)
    # No shard has one dtype or one implementation alone.
    for share in shares:
        assert len({check.dtype for check in share if check.property != STORY}) == 2
        assert len({check.implementation for check in share}) == 3


def test_checks_of_a_run_come_in_the_order_of_the_question() -> None:
    checks = checks_of(["B", "A"], {"net": ["float64", "float32"], "a": ["float32"]}, ["net"])
    assert [(c.implementation, c.property, c.dtype) for c in checks] == [
        ("net", "B", "float64"), ("net", "B", "float32"), ("net", "A", "float64"), ("net", "A", "float32"),
        ("a", "B", "float32"), ("a", "A", "float32"), ("net", STORY, ""),
    ]  # fmt: skip
