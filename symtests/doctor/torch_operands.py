"""One call of an operator of PyTorch, as a rule sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symtests.doctor.axes import Axes, Axis

__all__ = ["Known", "Operands", "Rule"]

Known = Callable[[Any], list[Axis]]


class Operands:
    """One call of an operator: its arguments, its result, and the axes that are known of a tensor."""

    def __init__(self, axes: Axes, known: Known, args: Sequence[Any], kwargs: dict[str, Any], out: Any) -> None:
        self.axes = axes
        self.known = known
        self.args = args
        self.kwargs = kwargs
        self.out = out

    def arg(self, place: int, name: str, default: Any = None) -> Any:
        """Return an argument by its place or its name."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)

    def same(self, *pairs: tuple[Axis, Axis]) -> None:
        """Unify axes, but for those of size 1, along which a tensor is broadcast."""
        for one, other in pairs:
            if one and other:
                self.axes.unify(one, other)

    def fresh(self, sizes: Sequence[int], *, fixed: bool = True) -> list[Axis]:
        """Return new axes."""
        return [self.axes.new(int(size), fixed=fixed) for size in sizes]


Rule = Callable[[Operands], list[list[Axis]]]
"""Returns the axes of each result that has any; the tensors of the result beyond those are fixed.

It raises NotImplementedError for a form of the operator that it does not know.
"""
