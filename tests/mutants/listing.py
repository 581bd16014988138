"""Every broken implementation, and the properties that are meant to find it."""

from __future__ import annotations

from typing import Final

from tests.mutants import optimizer_faults as optimizer
from tests.mutants import same_bits_faults as same_bits
from tests.mutants import start_faults as start
from tests.mutants.base import Correct
from tests.mutants.listed_of_calls import OF_CALLS
from tests.mutants.listed_of_passes import OF_PASSES
from tests.mutants.listed_of_starts import OF_STARTS
from tests.mutants.mutant import Mutant

__all__ = ["MUTANTS", "PIECES", "Mutant"]

_LISTED: Final = (*OF_PASSES, *OF_CALLS, *OF_STARTS)
_FAMILIES: Final = tuple(dict.fromkeys(mutant.family for mutant in _LISTED))
MUTANTS: Final[tuple[Mutant, ...]] = tuple(sorted(_LISTED, key=lambda mutant: _FAMILIES.index(mutant.family)))
"""All of them, family by family."""
PIECES: Final[tuple[type[Correct], ...]] = (
    optimizer.Adaptive,
    optimizer.Velocity,
    same_bits.RunsAnywhere,
    start.ManyStarts,
    start.ManyStartsByBlas,
)
"""Those in the files of faults that are right: what others are made from."""
