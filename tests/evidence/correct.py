"""The correct implementations of which false alarms are recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from typing import Final

from symtests.implementations import BUILT_IN, find
from tests.evidence.roundings import BFloat16, DividedLast, Float16, OrderByUnit, RandomOrder
from tests.evidence.unusual import (
    Float64Inside,
    LazyAnswers,
    LogisticByTanh,
    LongDoubleInside,
    LossesByLog1p,
    OrderOfTheMoment,
    PlainRowsOnly,
    RoundsOnceMore,
)
from tests.mutants.base import Correct

__all__ = ["CORRECT", "UNUSUAL", "available", "home", "is_asked"]

_BUILT_IN: Final = ("numba", "numpy", "torch")
UNUSUAL: Final = (
    PlainRowsOnly, RoundsOnceMore, OrderOfTheMoment, LogisticByTanh, LossesByLog1p, Float64Inside, LongDoubleInside,
    LazyAnswers,
)  # fmt: skip
"""Those that do what few others do."""
CORRECT: Final[Mapping[str, Callable[[], object]]] = {
    **{name: partial(find, name) for name in _BUILT_IN},
    **{kind.name: kind for kind in (Correct, RandomOrder, OrderByUnit, DividedLast, Float16, BFloat16, *UNUSUAL)},
}
"""What makes each implementation, by its name."""


def is_asked(name: str, prop: str) -> bool:
    """Tell whether this implementation has the property: sums in a new order each time do not repeat their bits."""
    return (name, prop) != (OrderOfTheMoment.name, "NUM4")


def available() -> list[str]:
    """Return the names of those whose package is installed."""
    return [name for name in CORRECT if name != "torch" or find_spec("torch") is not None]


def home(name: str) -> str:
    """Return the module that defines an implementation, which need not be installed."""
    return BUILT_IN[name].location.partition(":")[0] if name in _BUILT_IN else CORRECT[name].__module__
