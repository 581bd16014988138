"""Tasks are dealt out whole, evenly, and the same whatever their order."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.spreading.block import Block, blocks_of, share_of
from symtests.spreading.deal import Shard, deal, shard_of
from symtests.validation import InvalidValue

TASKS = st.dictionaries(st.tuples(st.text(max_size=3), st.text(max_size=3)), st.integers(0, 5000), max_size=40)


@given(TASKS, st.integers(1, 9))
def test_each_task_is_dealt_once_and_the_order_does_not_matter(tasks: Mapping[tuple[str, str], int], of: int) -> None:
    dealt = deal(tasks, of, lambda name: tasks[name])
    assert len(dealt) == of
    assert sorted(name for share in dealt for name in share) == sorted(tasks)
    assert deal(reversed(list(tasks)), of, lambda name: tasks[name]) == dealt


@given(TASKS, st.integers(1, 9))
def test_no_share_costs_more_than_the_mean_and_one_task(tasks: Mapping[tuple[str, str], int], of: int) -> None:
    loads = [sum(tasks[name] for name in share) for share in deal(tasks, of, lambda name: tasks[name])]
    dearest = max(tasks.values(), default=0)
    assert of * max(loads) <= sum(loads) + dearest * (of - 1)


@given(st.integers(0, 500), st.integers(1, 60), st.integers(1, 7))
def test_each_item_is_in_one_block_and_each_block_in_one_share(count: int, size: int, of: int) -> None:
    blocks = blocks_of(count, size)
    assert [number for block in blocks for number in block.numbers] == list(range(count))
    shares = [share_of(blocks, Shard(number, of)) for number in range(1, of + 1)]
    assert sorted((block for share in shares for block in share), key=lambda block: block.first) == blocks
    loads = [sum(block.count for block in share) for share in shares]
    assert max(loads) - min(loads) <= size
    assert sorted(block.name for block in blocks) == [block.name for block in blocks]
    assert blocks_of(7, 5) == [Block(0, 5), Block(5, 2)]


def test_a_shard_is_named_by_its_number_and_of_how_many() -> None:
    assert shard_of("2/8") == Shard(2, 8)
    assert str(Shard(2, 8)) == "2/8"
    for wrong in ("0/8", "9/8", "2", "2/", "/8", "-1/8", "2/8/9", "a/b", "1/0", "2 / 8", "1/99999999"):
        with pytest.raises(InvalidValue, match="shard="):
            shard_of(wrong)
