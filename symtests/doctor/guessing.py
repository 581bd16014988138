"""Groups where no pass could be followed: axes of one size that may move together, for the exchange to confirm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from symtests.doctor.model import Facts
from symtests.model.groups import Group, Part

__all__ = ["guessed"]

_NEAR: Final = 3
"""Tensors behind one that makes units which may read them, and of which all choices are tried."""


def guessed(facts: Mapping[str, Facts]) -> Iterator[Group]:
    """Yield what may be groups: an axis of a matrix, all vectors beside it of that size, and what may read it.

    Of the tensors that follow, those with an axis of that size, or of a multiple as behind a flattening, are tried:
    each alone, then two, then three of them. Which candidate is a group, only an exchange of two members shows.

    Parameters
    ----------
    facts
        Of all parameters, in the order of the model.
    """
    names = [name for name, fact in facts.items() if len(fact.shape) > 1]
    for place, name in enumerate(names):
        shape = facts[name].shape
        for axis in dict.fromkeys((0, len(shape) - 1)):
            size = shape[axis]
            if size < 2:
                continue
            beside = [each for each in facts if _owner(each) == _owner(name) and facts[each].shape == (size,)]
            own = [Part((each,), 0, np.arange(size)[:, None]) for each in beside]
            own.insert(0, Part((name,), axis, np.arange(size)[:, None]))
            after = [part for other in names[place + 1 :] for part in _readers(other, facts[other].shape, size)]
            for number in range(1, _NEAR + 1):
                for chosen in combinations(after[: 2 * _NEAR], number):
                    if len({part.tensors for part in chosen}) == number:
                        yield Group(name, "hidden units", size, (*own, *chosen))


def _owner(name: str) -> str:
    return name.rpartition(".")[0]


def _readers(name: str, shape: Sequence[int], size: int) -> Iterator[Part]:
    """Yield the axes of a tensor that may run over units, alone or times something."""
    for axis, length in enumerate(shape):
        if length == size:
            yield Part((name,), axis, np.arange(size)[:, None])
        elif length > size and length % size == 0 and len(shape) == 2:
            yield Part((name,), axis, np.arange(length).reshape(size, -1))
            yield Part((name,), axis, np.arange(length).reshape(-1, size).T)
