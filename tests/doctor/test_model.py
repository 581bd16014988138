"""Parts, groups and their exchange."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symtests.doctor.model import Facts, Group, Part, exchanged


@given(st.permutations(range(4)), st.integers(0, 9))
def test_an_exchange_moves_blocks_and_comes_back(order: list[int], seed: int) -> None:
    positions = np.arange(8).reshape(4, 2)
    group = Group("net", "heads", 4, (Part(("a",), 0, positions), Part(("b",), 1, positions)))
    random = np.random.default_rng(seed)
    values = {"a": random.standard_normal((8, 3)), "b": random.standard_normal((2, 8))}
    there = exchanged(group, values, order, group.parts)
    assert np.array_equal(there["a"].reshape(4, 2, 3), values["a"].reshape(4, 2, 3)[order])
    back = exchanged(group, there, list(np.argsort(order)), group.parts)
    assert all(np.array_equal(back[name], values[name]) for name in values)


def test_both_axes_of_a_matrix_are_exchanged() -> None:
    whole = np.arange(2)[:, None]
    group = Group("net", "cells", 2, (Part(("w",), 0, whole), Part(("w",), 1, whole)))
    assert exchanged(group, {"w": np.array([[1, 2], [3, 4]])}, [1, 0], group.parts)["w"].tolist() == [[4, 3], [2, 1]]


def test_tensors_of_their_own_change_places() -> None:
    group = Group("moe", "experts", 2, (Part(("a", "b")),))
    found = exchanged(group, {"a": np.zeros(1), "b": np.ones(1)}, [1, 0], group.parts)
    assert (found["a"].item(), found["b"].item()) == (1, 0)


def test_what_belongs_to_an_expert_alone() -> None:
    stack, router = Part(("w",), 0, np.arange(2)[:, None]), Part(("r",), 0, np.arange(2)[:, None])
    facts = {"w": Facts("w", (2, 3, 4)), "r": Facts("r", (2, 3))}
    assert Group("moe", "experts", 2, (stack, router)).own(facts) == (stack,)
    assert Group("moe", "hidden units", 2, (stack, router)).own(facts) == (stack, router)
    assert Group("moe", "experts", 2, (stack, router)).title == "experts of moe"
