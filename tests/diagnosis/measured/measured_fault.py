"""One fault of which the diagnosis is measured."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.diagnosis.measured.reference import Reference

__all__ = ["MeasuredFault"]


@dataclass(frozen=True)
class MeasuredFault:
    """A fault, and the words in which the diagnosis has to name it.

    Parameters
    ----------
    kind
        A class that is right but for this fault, and leaves everything else to ``super()``.
    place
        What it is in: ``gradients``, ``losses``, ``numerics``, ``loops`` or ``optimizers``.
    names
        Regular expressions: a clause that matches one of them names the cause.
    properties
        Ids of properties that may find it, separated by spaces; the first of them that do are asked.
    in_pairs
        Whether it is tried together with each of the others.
    dtype
        In which it is asked.
    """

    kind: type[Reference]
    place: str
    names: tuple[str, ...]
    properties: str
    in_pairs: bool = True
    dtype: str = "float64"

    @property
    def name(self) -> str:
        """Name of the class."""
        return self.kind.__name__

    @property
    def fault(self) -> str:
        """The fault as a sentence, on one line."""
        return " ".join((self.kind.__doc__ or "").split())

    def is_named_in(self, clause: str) -> bool:
        """Tell whether a clause of a diagnosis names this cause."""
        return any(re.search(name, clause) for name in self.names)
