"""Whoever trains a small network for comparison trains the same one."""

from __future__ import annotations

import shutil

import pytest

from symtests.benchmarks.agreement import difference, tolerance
from symtests.benchmarks.comparison import NotMeasured, Peer
from symtests.benchmarks.small_nets import comparisons

HERE = ["NumPy by hand", *(["C, libm", "C, our tanh"] if shutil.which("gcc") else [])]


@pytest.mark.parametrize("comparison", comparisons(), ids=lambda each: each.name)
@pytest.mark.parametrize("name", HERE)
def test_peers_that_are_here_agree(comparison, name: str) -> None:
    peer: Peer = next(each for each in comparison.peers if each.name == name)
    assert difference(peer.build().answer(), comparison.ours().answer()) <= tolerance("float64")


def test_training_moves_the_parameters() -> None:
    first, second = (next(iter(comparisons())).ours() for _ in range(2))
    assert difference(first.answer(), second.answer()) == 0
    assert difference(first.run(), first.answer()) > tolerance("float64")


def test_without_a_compiler_c_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NotMeasured, match="no C compiler"):
        comparisons()[0].peers[0].build()
