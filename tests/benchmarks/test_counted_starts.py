"""Starts are counted in blocks: each the same wherever it is counted, and all of them those of the long run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from symtests.benchmarks.counted_starts import count, counted, starts_of, words_of
from symtests.benchmarks.population_peers import drawn_starts
from symtests.benchmarks.starts import share_that_learns
from symtests.spreading.block import Block, blocks_of
from symtests.spreading.place import Place
from tests.command_line import run_here as run


def test_blocks_are_the_starts_of_the_long_run() -> None:
    together = np.concatenate([starts_of(block) for block in blocks_of(130, 50)])
    np.testing.assert_array_equal(together, drawn_starts(130))
    later = starts_of(Block(1_000_000, 3))
    assert later.shape == (3, 9)
    assert (later != drawn_starts(3)).all()


def test_the_sum_of_the_blocks_is_what_one_run_counts() -> None:
    found = sum(count(block)[1] for block in blocks_of(700, 300))
    assert words_of(found, 700) == share_that_learns(700, 1, lambda share: None)


def test_a_block_is_counted_once(tmp_path: Path) -> None:
    blocks = blocks_of(60, 20)
    first = dict(counted(blocks[:2], Place(), tmp_path / "a", steps=50))
    lines = (tmp_path / "a" / "counted_starts.jsonl").read_bytes()
    assert dict(counted(blocks[:2], Place(), tmp_path / "a", steps=50)) == first
    assert (tmp_path / "a" / "counted_starts.jsonl").read_bytes() == lines
    others = [tmp_path / "a"]
    assert dict(counted(blocks, Place(), tmp_path / "b", others, steps=50)).items() >= first.items()
    assert len((tmp_path / "b" / "counted_starts.jsonl").read_bytes().splitlines()) == 3


def test_shares_are_put_together(tmp_path: Path) -> None:
    asked = ("bench", "--group", "starts", "--starts", "400", "-n", "1")
    for number in (1, 2):
        said = run(*asked, "--shard", f"{number}/2", "--out", str(number), cwd=tmp_path)
        assert said.returncode == 0, said.stderr
        assert ("of 400 starts learn it" if number == 1 else "no block is in this share") in said.stdout
    joined = run(*asked, "--from", "1", "--out", "all", cwd=tmp_path)
    assert "of 400 starts learn it" in joined.stdout
    assert not (tmp_path / "all" / "counted_starts.jsonl").exists()  # nothing was counted
    refused = run("bench", "--group", "digits", "--shard", "1/2", cwd=tmp_path)
    assert (refused.returncode, "add --group starts" in refused.stderr) == (2, True)
