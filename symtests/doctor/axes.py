"""Axes of tensors, and which of them move together: what a computation says of the positions along each axis.

An *axis* is a product of *atoms*, the slowest first: after ``view(batch, heads, size)`` the axis of the weights that
made it is heads × size. An atom is a set of positions. It may be split into a product (by a view) or into a sum (by
slices and concatenations); two atoms that meet in one operation become one; and an atom is *fixed* where an operation
tells its positions apart: by an index, by data, by a target. What is not fixed can be exchanged, in all tensors at
once, without a change of what is computed. Positions that are alike in all of them stay alike under training.

An axis of size 1 is the empty product, so that broadcasting needs no rule of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from symtests.model.groups import Indices

__all__ = ["Axes", "Axis"]

Axis = tuple[int, ...]
"""Atoms of which an axis is the product, the slowest first."""

ONE: Final[Axis] = ()


class Axes:
    """All atoms of one computation: a union-find whose sets can still be split."""

    def __init__(self) -> None:
        self._size: list[int] = []
        self._parent: list[int] = []
        self._fixed: list[bool] = []
        self._product: dict[int, tuple[int, int]] = {}
        self._sum: dict[int, tuple[Axis, ...]] = {}

    def new(self, size: int, *, fixed: bool = False) -> Axis:
        """Return an axis of one new atom of that size; the empty product where it is 1."""
        if size == 1:
            return ONE
        self._size.append(size)
        self._parent.append(len(self._parent))
        self._fixed.append(fixed)
        return (len(self._parent) - 1,)

    def size(self, axis: Sequence[int]) -> int:
        """Return the number of positions of an axis."""
        return math.prod(self._size[atom] for atom in axis)

    def resolved(self, axis: Sequence[int]) -> Axis:
        """Return the same axis as a product of atoms that are not split into products, each by the name of its set."""
        found: list[int] = []
        for atom in axis:
            root = self._root(atom)
            found.extend(self.resolved(self._product[root]) if root in self._product else (root,))
        return tuple(found)

    def is_fixed(self, atom: int) -> bool:
        """Tell whether an operation tells the positions of an atom apart."""
        return self._fixed[self._root(atom)]

    def fix(self, axis: Sequence[int]) -> None:
        """Note that the positions of an axis are told apart, and with them those of all its parts."""
        for atom in self.resolved(axis):
            if not self._fixed[atom]:
                self._fixed[atom] = True
                for segment in self._sum.get(atom, ()):
                    self.fix(segment)

    def unify(self, first: Sequence[int], second: Sequence[int]) -> None:
        """Note that the positions of two axes meet, one by one; where their atoms do not fit, both are fixed."""
        if self.size(first) != self.size(second):
            self.fix(first)
            self.fix(second)
            return
        if self.size(first) == 0:  # nothing meets nothing
            return
        one, other = list(self.resolved(first)), list(self.resolved(second))
        while one and other:
            a, b = self._root(one[0]), self._root(other[0])
            if a in self._product or b in self._product:  # split or joined meanwhile
                one, other = list(self.resolved(one)), list(self.resolved(other))
            elif self._size[a] == self._size[b]:
                one.pop(0)
                other.pop(0)
                self._join(a, b)
            elif not self._split_first(
                one if self._size[a] > self._size[b] else other, min(self._size[a], self._size[b])
            ):
                self.fix(one)
                self.fix(other)
                return

    def taken(self, axes: Sequence[Axis], shape: Sequence[int]) -> list[Axis]:
        """Return the axes after a view: the same positions in the same order, cut into another shape."""
        if 0 in shape:
            return [self.new(each, fixed=True) for each in shape]
        queue = [atom for axis in axes for atom in self.resolved(axis)]
        found: list[Axis] = []
        for size in shape:
            axis = self._first(queue, size)
            if axis is None:  # as in a view of 2 × 3 as 3 × 2
                for each in axes:
                    self.fix(each)
                return [self.new(each, fixed=True) for each in shape]
            found.append(axis)
        return found

    def sliced(self, axis: Sequence[int], start: int, stop: int) -> Axis:
        """Return the axis of a slice; what is cut is a sum from now on."""
        whole = self.resolved(axis)
        if (start, stop) == (0, self.size(whole)):
            return whole
        if not whole or stop <= start:
            return self.new(max(0, stop - start), fixed=True)
        head, inner = whole[0], self.size(whole[1:])
        if start % inner or stop % inner or not self._cut(head, (start // inner, stop // inner)):
            self.fix(whole)
            return self.new(stop - start, fixed=True)
        return self.joined(list(self._covered(head, start // inner, stop // inner))) + whole[1:]

    def joined(self, axes: Sequence[Axis]) -> Axis:
        """Return the axis of a concatenation: the sum of the axes."""
        if len(axes) == 1:
            return axes[0]
        new = self.new(sum(self.size(axis) for axis in axes))
        if new:
            self._sum[new[0]] = tuple(axes)
        return new

    def leaves(self, axis: Sequence[int]) -> Iterator[tuple[int, Indices]]:
        """Yield each unsplit atom of an axis, with the positions along the axis of each of its members, as rows."""
        yield from self._leaves(list(axis), np.arange(self.size(axis)).reshape([self._size[atom] for atom in axis]))

    def _leaves(self, items: list[int], positions: Indices) -> Iterator[tuple[int, Indices]]:
        for place, atom in enumerate(items):
            root = self._root(atom)
            if root in self._product:
                parts = list(self._product[root])
                sizes = [self._size[part] for part in parts]
                shape = (*positions.shape[:place], *sizes, *positions.shape[place + 1 :])
                yield from self._leaves([*items[:place], *parts, *items[place + 1 :]], positions.reshape(shape))
                return
            if root in self._sum:
                yield from self._leaves_of_sum(root, place, items, positions)
                return
        for place, atom in enumerate(items):
            size = positions.shape[place]
            block = positions.size // size if size else 0
            yield self._root(atom), np.moveaxis(positions, place, 0).reshape(size, block)

    def _leaves_of_sum(
        self, root: int, place: int, items: list[int], positions: Indices
    ) -> Iterator[tuple[int, Indices]]:
        start = 0
        for segment in self._sum[root]:
            size = self.size(segment)
            part = np.take(positions, range(start, start + size), axis=place)
            sizes = [self._size[atom] for atom in segment]
            shape = (*positions.shape[:place], *sizes, *positions.shape[place + 1 :])
            yield from self._leaves([*items[:place], *segment, *items[place + 1 :]], part.reshape(shape))
            start += size

    def _root(self, atom: int) -> int:
        while self._parent[atom] != atom:
            self._parent[atom] = self._parent[self._parent[atom]]
            atom = self._parent[atom]
        return atom

    def _join(self, a: int, b: int) -> None:
        """Make one set of two atoms of one size, neither of them split into a product."""
        if a == b:
            return
        if a in self._sum and b in self._sum:
            self._join_sums(a, b)
            a, b = self._root(a), self._root(b)
            if a == b:
                return
        elif b in self._sum:
            a, b = b, a
        fixed = self._fixed[a] or self._fixed[b]
        self._parent[b] = a
        self._sum.pop(b, None)
        if fixed:
            self._fixed[a] = False  # so that its segments are fixed too
            self.fix((a,))

    def _join_sums(self, a: int, b: int) -> None:
        cuts = sorted({*self._cuts(a), *self._cuts(b)})
        if self._cut(a, cuts) and self._cut(b, cuts):
            for one, other in zip(self._sum[a], self._sum[b], strict=True):
                self.unify(one, other)
        else:
            self.fix((a,))
            self.fix((b,))

    def _cuts(self, root: int) -> list[int]:
        ends = np.cumsum([self.size(segment) for segment in self._sum[root]])
        return [int(end) for end in ends[:-1]]

    def _cut(self, atom: int, cuts: Sequence[int]) -> bool:
        """Make an atom a sum with these cuts among its own; tell whether that was possible."""
        root = self._root(atom)
        size = self._size[root]
        if root not in self._sum:
            bounds = [0, *(cut for cut in sorted(set(cuts)) if 0 < cut < size), size]
            pieces = pairwise(bounds)
            self._sum[root] = tuple(self.new(end - begin, fixed=self._fixed[root]) for begin, end in pieces)
            return True
        segments: list[Axis] = []
        start = 0
        for segment in self._sum[root]:
            end = start + self.size(segment)
            within = [cut - start for cut in cuts if start < cut < end]
            whole = self.resolved(segment)
            inner = self.size(whole[1:])
            if within and (any(cut % inner for cut in within) or not self._cut(whole[0], [c // inner for c in within])):
                return False
            if within:
                segments.extend(piece + whole[1:] for piece in self._sum[self._root(whole[0])])
            else:
                segments.append(segment)
            start = end
        self._sum[root] = tuple(segments)
        return True

    def _covered(self, atom: int, start: int, stop: int) -> Iterator[Axis]:
        begin = 0
        for segment in self._sum[self._root(atom)]:
            if start <= begin < stop:
                yield segment
            begin += self.size(segment)

    def _first(self, queue: list[int], size: int) -> Axis | None:
        """Take the axis of that size from the front of a queue of atoms, splitting the last one where it must be."""
        found: list[int] = []
        while size > 1:
            if not queue:
                return None
            root = self._root(queue[0])
            if root in self._product:
                queue[:1] = self.resolved((root,))
            elif size % self._size[root] == 0:
                size //= self._size[root]
                found.append(queue.pop(0))
            elif not self._split_first(queue, size):
                return None
        return tuple(found)

    def _split_first(self, queue: list[int], size: int) -> bool:
        """Split the first atom of a queue into `size` times the rest; tell whether that was possible."""
        root = self._root(queue[0])
        if self._size[root] % size:
            return False
        inner = self._size[root] // size
        if root in self._sum:
            parts = self._split_sum(root, inner)
            if parts is None:
                return False
        else:
            fixed = self._fixed[root]
            parts = (self.new(size, fixed=fixed)[0], self.new(inner, fixed=fixed)[0])
        self._product[root] = parts
        queue[:1] = parts
        return True

    def _split_sum(self, root: int, inner: int) -> tuple[int, int] | None:
        """Split a sum into a sum of outer parts times one inner part, where each segment has that inner part."""
        outer: list[Axis] = []
        last = self.new(inner)
        for segment in self._sum[root]:
            size = self.size(segment)
            if size % inner:
                return None
            head, tail = self.taken([segment], [size // inner, inner])
            outer.append(head)
            self.unify(last, tail)
        del self._sum[root]
        if self._fixed[root]:
            self.fix(last)
        return self.joined(outer)[0], last[0]
