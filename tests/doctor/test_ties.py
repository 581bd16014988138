"""Ties over a whole group, and how far apart members are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symtests.doctor.ties import Tie, distance, tie_classes
from symtests.model.groups import Group, Part


def group(*parts: tuple[str, int, int]) -> Group:
    return Group("net", "hidden units", parts[0][2], tuple(Part((n,), a, np.arange(s)[:, None]) for n, a, s in parts))


@given(st.lists(st.integers(0, 2), min_size=2, max_size=8), st.integers(0, 99))
def test_classes_are_those_of_equal_units(colours: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = random.standard_normal((3, 5)), random.standard_normal((4, 3))
    values = {"in": rows[colours], "out": columns[:, colours]}
    found = tie_classes(group(("in", 0, len(colours)), ("out", 1, len(colours))), values)
    expected = {tuple(i for i, c in enumerate(colours) if c == colour) for colour in colours}
    assert set(found) == {each for each in expected if len(each) > 1}


def test_a_tie_in_one_tensor_alone_is_none() -> None:
    values = {"in": np.ones((4, 3)), "out": np.random.default_rng(0).standard_normal((2, 4))}
    assert tie_classes(group(("in", 0, 4), ("out", 1, 4)), values) == []
    assert tie_classes(group(("in", 0, 4)), values) == [(0, 1, 2, 3)]


def test_zero_and_minus_zero_are_alike() -> None:
    assert tie_classes(group(("in", 0, 2)), {"in": np.array([[0.0, 1.0], [-0.0, 1.0]])}) == [(0, 1)]


def test_a_recurrent_matrix_is_compared_after_the_exchange() -> None:
    """The rows of the unit matrix differ, and yet no unit of it is special."""
    both = group(("in", 0, 3), ("hh", 0, 3), ("hh", 1, 3))
    values = {"in": np.ones((3, 2)), "hh": np.eye(3)}
    assert tie_classes(both, values) == [(0, 1, 2)]
    values["hh"] = np.diag([1.0, 1.0, 2.0])
    assert tie_classes(both, values) == [(0, 1)]


def test_experts_are_compared_tensor_by_tensor() -> None:
    parts = (Part(("a", "b", "c")), Part(("router",), 0, np.arange(3)[:, None]))
    values = {"a": np.ones(4), "b": np.ones(4), "c": np.zeros(4), "router": np.zeros((3, 2))}
    assert tie_classes(Group("moe", "experts", 3, parts), values) == [(0, 1)]


def test_the_distance_is_relative_to_the_largest_number() -> None:
    values = {"in": np.array([[1.0, 2.0], [1.0, 2.5], [1.0, 2.0]])}
    assert distance(group(("in", 0, 3)), values, (0, 2)) == 0
    assert distance(group(("in", 0, 3)), values, (0, 1)) == 0.5 / 2.5


def test_a_tie_that_grows_apart_is_not_exact() -> None:
    units = group(("in", 0, 2))
    tie = Tie(units, (0, 1))
    tie.observe({"in": np.ones((2, 2))})
    assert tie.exact
    tie.observe({"in": np.array([[1.0, 1.0], [1.0, 1.0 + 1e-7]])})
    assert not tie.exact
