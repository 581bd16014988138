"""Pairs of an activation and a loss: each activation with two losses, so that a new name costs two tests and no row."""

from __future__ import annotations

from typing import Final

from symtests.network import ACTIVATIONS, LOSSES

__all__ = ["PAIRS"]

PAIRS: Final = sorted({
    (name, LOSSES[(k + shift) % len(LOSSES)]) for k, name in enumerate(ACTIVATIONS) for shift in (0, 2)
})  # fmt: skip
