"""What the operations of a JAX function say of the axes of its arguments: the rules of the primitives of a jaxpr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from symtests.doctor.axes import Axes
from symtests.doctor.jax_rules import RULES, Known

__all__ = ["JaxTrace"]

_ORDERED: Final = frozenset({
    "cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp", "sort", "rev", "fft", "triangular_solve", "cholesky",
    "random_bits", "random_wrap", "random_fold_in", "iota", "while", "top_k", "scatter", "scatter-add",
    "dynamic_update_slice", "threefry2x32", "select_and_scatter_add",
})  # fmt: skip
_FLAT: Final = frozenset({"round", "floor", "ceil", "sign", "argmax", "argmin", "stop_gradient"})
"""Primitives that pass no gradient at any values."""
_ONE_UNIT: Final = "softmax over one unit"
_SAME: Final = frozenset({"copy", "copy_p", "stop_gradient", "optimization_barrier", "reduce_precision", "name"})
_CALLS: Final = ("jaxpr", "call_jaxpr", "fun_jaxpr")


class JaxTrace:
    """Follows a jaxpr; a function that is called twice has variables of its own each time, told apart by numbers."""

    def __init__(self) -> None:
        self.axes = Axes()
        self.unknown: set[str] = set()
        self.steps: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = []
        self._of: dict[int, Known] = {}
        self._numbers: dict[int, int] = {}
        self._count = 0
        self._peaks: set[int] = set()
        self._kept: list[Any] = []

    def follow(self, closed: Any, arguments: Sequence[Known]) -> list[Known]:
        """Apply the rules of all operations of a closed jaxpr; return what is known of its results."""
        jaxpr = closed.jaxpr
        constants = [self._constant(each) for each in closed.consts]
        return self._inner(jaxpr, [*constants, *arguments], [*jaxpr.constvars, *jaxpr.invars])

    def fresh(self, shape: Sequence[int], *, fixed: bool) -> Known:
        """Return new axes."""
        return [self.axes.new(int(size), fixed=fixed) for size in shape]

    def _constant(self, value: Any) -> Known:
        try:
            array = np.asarray(value)
        except TypeError:  # a key of random numbers
            return self.fresh(value.shape, fixed=True)
        return [
            self.axes.new(int(size), fixed=not bool((array == array.take([0], axis=place)).all()))
            for place, size in enumerate(array.shape)
        ]

    def _inner(
        self, jaxpr: Any, known: Sequence[Known], variables: Sequence[Any], sources: Sequence[int | None] | None = None
    ) -> list[Known]:
        self._kept.append(jaxpr)  # identities stay those of living objects
        for variable, axes, source in zip(variables, known, sources or [None] * len(variables), strict=True):
            self._of[id(variable)] = list(axes)
            number = self.number(variable, new=True)
            if source is not None:
                self.steps.append(("", (source,), (number,)))
        for equation in jaxpr.eqns:
            self._apply(equation)
        return [self._known(each) for each in jaxpr.outvars]

    def number(self, variable: Any, *, new: bool = False) -> int:
        """Return the number of a variable: a new one where it gets its value."""
        if new or id(variable) not in self._numbers:
            self._count += 1
            self._numbers[id(variable)] = self._count
        return self._numbers[id(variable)]

    def axes_of(self, variable: Any) -> Known:
        """Return what is known of the axes of a variable."""
        return self._of[id(variable)]

    def _known(self, variable: Any) -> Known:
        if hasattr(variable, "val"):  # a literal
            return self.fresh(np.shape(variable.val), fixed=False)
        if id(variable) not in self._of:
            self._of[id(variable)] = self.fresh(variable.aval.shape, fixed=True)
        return self._of[id(variable)]

    def _apply(self, equation: Any) -> None:
        name = equation.primitive.name
        known = [self._known(each) for each in equation.invars]
        read = tuple(self.number(each) for each in equation.invars if not hasattr(each, "val"))
        name = self._flat_form(name, equation)
        inner: list[int] | None = None
        found: list[Known] | None
        try:
            called = _inner_of(equation)
            if called is not None and name not in RULES and name not in _ORDERED:
                found, inner = self.called(called, equation.invars, known)
            else:
                found = self._rule(equation.primitive.name, equation, known)
        except (NotImplementedError, ValueError, IndexError, TypeError, AttributeError, KeyError):
            found = None  # a form of the primitive that the rule does not know
        if found is None:
            self.unknown.add(equation.primitive.name)
            for axes in known:
                for axis in axes:
                    self.axes.fix(axis)
            found = []
        for place, variable in enumerate(equation.outvars):
            shape = tuple(variable.aval.shape)
            of_it = found[place] if place < len(found) else None
            if of_it is None or tuple(self.axes.size(axis) for axis in of_it) != shape:
                of_it = self.fresh(shape, fixed=True)
            self._of[id(variable)] = of_it
        wrote = tuple(self.number(each, new=True) for each in equation.outvars)
        if equation.primitive.name == "reduce_max":
            self._peaks.update(wrote)
        if read and self._peaks.issuperset(read):
            self._peaks.update(wrote)
        if inner is None:
            self.steps.append((name, read, wrote))
        else:
            self.steps.extend(("", (one,), (other,)) for one, other in zip(inner, wrote, strict=True))

    def _flat_form(self, name: str, equation: Any) -> str:
        """Return the name of an operation; a softmax over one unit by what it is, and without what all of them do."""
        if name == "reduce_max":
            shape = equation.invars[0].aval.shape
            if all(shape[axis] == 1 for axis in equation.params["axes"]) and shape:
                return _ONE_UNIT
        if name == "stop_gradient" and self.number(equation.invars[0]) in self._peaks:
            return "peak of a softmax"
        return name

    def _rule(self, name: str, equation: Any, known: list[Known]) -> list[Known] | None:
        if name in _SAME:
            return known
        rule = RULES.get(name)
        if rule is not None:
            return rule(self, equation, known)
        if name.startswith("reduce_") and "axes" in equation.params:
            gone = equation.params["axes"]
            return [[axis for place, axis in enumerate(each) if place not in gone] for each in known]
        if name in _ORDERED:
            return self._fixed(equation, known)
        out = tuple(equation.outvars[0].aval.shape)
        if np.broadcast_shapes(out, *(tuple(each.aval.shape) for each in equation.invars)) == out:
            return self._pointwise(equation, known, len(out))
        return None

    def called(self, inner: Any, outer: Sequence[Any], known: list[Known]) -> tuple[list[Known], list[int]]:
        """Follow a jaxpr inside of another; return what is known of its results, and their numbers.

        Parameters
        ----------
        inner
            With or without constants of its own.
        outer, known
            The variables that it is called with, and their axes.
        """
        jaxpr = getattr(inner, "jaxpr", inner)
        constants = [self._constant(each) for each in getattr(inner, "consts", ())]
        before = [None if hasattr(each, "val") else self.number(each) for each in outer]
        sources = [*(None for _ in constants), *before]
        found = self._inner(jaxpr, [*constants, *known], [*jaxpr.constvars, *jaxpr.invars], sources)
        return found, [0 if hasattr(each, "val") else self.number(each) for each in jaxpr.outvars]

    def _pointwise(self, equation: Any, known: list[Known], rank: int) -> list[Known]:
        """Unify the axes of all operands, aligned at the last; those of size 1 are broadcast."""
        found: Known = [()] * rank
        for axes in known:
            for place, axis in enumerate(reversed(axes)):
                if axis and found[-1 - place]:
                    self.axes.unify(found[-1 - place], axis)
                found[-1 - place] = found[-1 - place] or axis
        return [found] * len(equation.outvars)

    def _fixed(self, equation: Any, known: list[Known]) -> list[Known]:
        for axes in known:
            for axis in axes:
                self.axes.fix(axis)
        return [self.fresh(each.aval.shape, fixed=True) for each in equation.outvars]

    def flat(self, start: int) -> list[str]:
        """Return the primitives behind a variable that pass no gradient at any values."""
        alive, found = {start}, []
        for name, read, wrote in self.steps:
            if alive.intersection(read):
                alive.update(wrote)
                if name in _FLAT or name == _ONE_UNIT:
                    found.append(name)
        return list(dict.fromkeys(found))

    def reaching(self, loss: int) -> set[int]:
        """Return the variables on which a result depends."""
        reached = {loss}
        for _, read, wrote in reversed(self.steps):
            if reached.intersection(wrote):
                reached.update(read)
        return reached


def _inner_of(equation: Any) -> Any:
    """Return the jaxpr that an operation runs, if it is a call of a function."""
    return next((equation.params[each] for each in _CALLS if each in equation.params), None)
