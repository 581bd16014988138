"""Blocks of numbered items, as tasks that are dealt out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symtests.spreading.deal import Shard, deal

__all__ = ["Block", "blocks_of", "share_of"]


@dataclass(frozen=True)
class Block:
    """So many items, of which the first has this number."""

    first: int
    count: int

    @property
    def name(self) -> str:
        """By which it is told apart from others, and which sorts as the blocks do."""
        return f"{self.first:015d}+{self.count}"

    @property
    def numbers(self) -> range:
        """The numbers of its items."""
        return range(self.first, self.first + self.count)


def blocks_of(count: int, size: int) -> list[Block]:
    """Return so many items in blocks of one size, but for the last."""
    return [Block(first, min(size, count - first)) for first in range(0, count, size)]


def share_of(blocks: Sequence[Block], shard: Shard) -> list[Block]:
    """Return the blocks of one of several shares, each of about as many items."""
    by_name = {(block.name,): block for block in blocks}
    mine = deal(by_name, shard.of, lambda name: by_name[name].count)[shard.number - 1]
    return [block for block in blocks if (block.name,) in mine]
