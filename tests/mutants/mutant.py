"""A broken implementation, and the properties that are meant to find it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants.base import Correct

__all__ = ["Mutant"]


@dataclass(frozen=True)
class Mutant:
    """A broken implementation.

    Parameters
    ----------
    kind
        Its class; what it can do stands in its ``capabilities``.
    properties
        Ids of the properties that are meant to find it, separated by spaces.
    dtype
        In which it is judged.
    nightly
        Whether cases that take long are needed to find it.
    """

    kind: type[Correct]
    properties: str
    dtype: str = "float64"
    nightly: bool = False

    @property
    def name(self) -> str:
        """Name of the class."""
        return self.kind.__name__

    @property
    def family(self) -> str:
        """What the fault is in: the name of the file without ``_faults``."""
        return self.kind.__module__.rpartition(".")[2].removesuffix("_faults")

    @property
    def fault(self) -> str:
        """The fault as a sentence, on one line."""
        return " ".join((self.kind.__doc__ or "").split())

    @property
    def meant_for(self) -> tuple[str, ...]:
        """Ids of the properties that are meant to find it."""
        return tuple(self.properties.split())
