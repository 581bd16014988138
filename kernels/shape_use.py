"""What each shape has been used for in this process: a kernel of its own has to be compiled, and only much use pays."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["ShapeUse", "use_of"]


@dataclass
class ShapeUse:
    """The work that was asked for so far, and whether the shape has a kernel of its own."""

    work: int = 0
    is_compiled: bool = False

    def asked_for(self, work: int, work_that_pays: int) -> bool:
        """Remember more work; tell whether to use the kernel of this shape, from the work on that pays for it."""
        self.work += work
        self.is_compiled = self.is_compiled or self.work >= work_that_pays
        return self.is_compiled


@lru_cache(maxsize=1024)
def use_of(_shape: Hashable) -> ShapeUse:
    """Return what a shape has been used for: one object a shape, the latest thousand shapes."""
    return ShapeUse()
