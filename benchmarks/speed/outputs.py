"""Whether two sides compute the same: faster but different is no gain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["difference"]

_ALLOWED: Final = {16: 2.0**-6, 32: 2.0**-15, 64: 2.0**-40}
"""Largest difference, as a share of the largest number, by the bits of the narrowest float: 2^8 to 2^12 unit roundoffs.

A compiler may contract and reorder; what is beyond is another computation."""


def difference(base: Mapping[str, Any], head: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """Return in words how the outputs of head differ from those of base; empty where they do not, or base's own vary.

    Parameters
    ----------
    base, head, again
        What `symtests.benchmarks.speed.worker.output_of` found on each side.
    """
    if base["digest"] == head["digest"]:
        return ""
    own = _distance(base, again)
    distance = _distance(base, head)
    allowed = max(_ALLOWED.get(min(int(base["narrowest"]), int(head["narrowest"])), 0.0), 4 * own)
    if distance <= allowed or not math.isfinite(own):
        return ""
    if math.isinf(distance):
        return f"it returns {_size(head)} where base returns {_size(base)}"
    return f"its output differs from base's by {distance:.2g} of the largest number, which is more than {allowed:.2g}"


def _distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Return the largest difference as a share of the largest number; infinite where they do not fit."""
    if one["digest"] == other["digest"]:
        return 0.0
    here, there = _numbers(one["numbers"]), _numbers(other["numbers"])
    if len(here) != len(there) or not here:
        return math.inf
    finite = [(a, b) for a, b in zip(here, there, strict=True) if not (a == b or (math.isnan(a) and math.isnan(b)))]
    if any(not (math.isfinite(a) and math.isfinite(b)) for a, b in finite):
        return math.inf
    largest = max((abs(number) for number in (*here, *there) if math.isfinite(number)), default=0.0)
    return max((abs(a - b) for a, b in finite), default=0.0) / max(largest, 5e-324)


def _numbers(texts: Sequence[str]) -> list[float]:
    return [float.fromhex(text) for text in texts]


def _size(output: Mapping[str, Any]) -> str:
    numbers = _numbers(output["numbers"])
    if not numbers:
        return "no numbers"
    odd = sum(not math.isfinite(number) for number in numbers)
    return f"{len(numbers)} numbers{f', {odd} of them not finite' if odd else ''}"
