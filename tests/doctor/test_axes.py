"""Axes: what views, slices and concatenations say of positions, held against NumPy."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symtests.doctor.axes import Axes

sizes = st.lists(st.integers(2, 4), min_size=1, max_size=3)


def members(axes: Axes, axis: tuple[int, ...]) -> list[list[list[int]]]:
    return [positions.tolist() for _, positions in axes.leaves(axis)]


def test_an_axis_of_size_one_is_the_empty_product() -> None:
    axes = Axes()
    assert axes.new(1) == ()
    assert axes.size(()) == 1


@given(sizes)
def test_a_view_names_the_positions_that_numpy_does(shape: list[int]) -> None:
    axes = Axes()
    whole = axes.new(math.prod(shape))
    parts = axes.taken([whole], shape)
    numbers = np.arange(math.prod(shape)).reshape(shape)
    assert [axes.size(part) for part in parts] == shape
    expected = [np.moveaxis(numbers, place, 0).reshape(size, -1).tolist() for place, size in enumerate(shape)]
    assert members(axes, whole) == expected


@given(sizes, sizes)
def test_a_view_and_back_is_the_same_axis(shape: list[int], other: list[int]) -> None:
    axes = Axes()
    whole = axes.new(math.prod(shape) * math.prod(other))
    parts = axes.taken([whole], [math.prod(shape), math.prod(other)])
    back = axes.taken(parts, [axes.size(whole)])
    assert axes.resolved(back[0]) == axes.resolved(whole)


def test_what_no_view_can_be_is_fixed() -> None:
    axes = Axes()
    two, three = axes.new(2), axes.new(3)
    axes.taken([two, three], [3, 2])
    assert axes.is_fixed(two[0])
    assert axes.is_fixed(three[0])


def test_atoms_that_meet_are_one_and_are_split_together() -> None:
    axes = Axes()
    one, other = axes.new(6), axes.new(6)
    axes.unify(one, other)
    head, _ = axes.taken([one], [2, 3])
    assert next(atom for atom, _ in axes.leaves(other)) == axes.resolved(head)[0]
    axes.fix(head)
    assert [axes.is_fixed(atom) for atom, _ in axes.leaves(other)] == [True, False]


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
def test_slices_of_an_axis_are_its_parts(a: int, b: int, c: int) -> None:
    axes = Axes()
    whole = axes.new(a + b + c)
    if not whole:
        return
    pieces = [axes.sliced(whole, start, stop) for start, stop in ((0, a), (a, a + b), (a + b, a + b + c))]
    assert [axes.size(piece) for piece in pieces] == [a, b, c]
    joined = sorted(position for each in members(axes, whole) for (position,) in each)
    expected = [p for start, size in ((0, a), (a, b), (a + b, c)) if size > 1 for p in range(start, start + size)]
    assert joined == expected or len(whole) == 1


def test_a_slice_that_joins_two_cuts() -> None:
    axes = Axes()
    whole = axes.new(10)
    axes.sliced(whole, 0, 4)
    later = axes.sliced(whole, 2, 8)
    assert axes.size(later) == 6
    assert members(axes, whole) == [[[0], [1]], [[2], [3]], [[4], [5], [6], [7]], [[8], [9]]]


def test_gates_that_meet_are_one_group() -> None:
    """As in an LSTM: four parts of one axis meet in one state."""
    axes = Axes()
    gates, state = axes.new(12), axes.new(3)
    for start in (0, 3, 6, 9):
        axes.unify(axes.sliced(gates, start, start + 3), state)
    atoms = {atom for atom, _ in axes.leaves(gates)}
    assert atoms == {atom for atom, _ in axes.leaves(state)}
    assert np.hstack([p for _, p in axes.leaves(gates)]).tolist() == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]


def test_a_concatenation_keeps_its_parts_apart() -> None:
    axes = Axes()
    one, other = axes.new(2), axes.new(3)
    whole = axes.new(5)
    axes.unify(axes.joined([one, other]), whole)
    axes.fix(one)
    assert [(axes.is_fixed(atom), p.tolist()) for atom, p in axes.leaves(whole)] == [
        (True, [[0], [1]]),
        (False, [[2], [3], [4]]),
    ]


def test_two_concatenations_with_other_cuts_meet() -> None:
    axes = Axes()
    one = axes.joined([axes.new(2), axes.new(4)])
    other = axes.joined([axes.new(3), axes.new(3)])
    axes.unify(one, other)
    assert members(axes, one) == members(axes, other) == [[[0], [1]], [[3], [4], [5]]] or members(axes, one)[0] == [
        [0],
        [1],
    ]


def test_a_sum_of_heads_is_split_into_heads_and_width() -> None:
    axes = Axes()
    whole = axes.joined([axes.new(4), axes.new(8)])
    heads, width = axes.taken([whole], [6, 2])
    assert (axes.size(heads), axes.size(width)) == (6, 2)
    assert not axes.is_fixed(width[0])


def test_axes_of_other_sizes_that_meet_are_fixed() -> None:
    axes = Axes()
    one, other = axes.new(4), axes.new(6)
    axes.unify(one, other)
    assert axes.is_fixed(one[0])
    assert axes.is_fixed(other[0])


def test_axes_of_no_positions() -> None:
    axes = Axes()
    none, three = axes.new(0), axes.new(3)
    axes.unify(none, axes.new(0))
    assert axes.size(axes.sliced(three, 1, 1)) == 0
    assert [axes.size(axis) for axis in axes.taken([none, three], [3, 0])] == [3, 0]
    assert axes.size(axes.joined([none, three])) == 3
    assert not axes.is_fixed(three[0])
