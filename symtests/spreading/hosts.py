"""What a machine works with: two that differ do not find the same."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from symtests import __version__
from symtests.implementations.fingerprint import fingerprint_of_symtests

__all__ = ["Host", "differing", "host"]


@dataclass(frozen=True)
class Host:
    """What a machine checks with; two that differ do not check the same."""

    python: str
    symtests: str
    fingerprint: str


def host() -> Host:
    """Return what this machine checks with."""
    return Host(".".join(map(str, sys.version_info[:3])), __version__, fingerprint_of_symtests())


def differing(worker: str, there: Host, here: Host) -> str:
    """Return the sentence on a worker that checks with something else."""
    for name, what in (("python", "Python"), ("symtests", "symtests")):
        if getattr(there, name) != getattr(here, name):
            return (
                f"the worker {worker} has {what} {getattr(there, name)}, and this machine {getattr(here, name)}; they "
                "would not check the same: install the same on both"
            )
    return (
        f"the worker {worker} has other code of symtests than this machine, or other versions of NumPy, Numba or "
        "Hypothesis; they would not check the same: install the same on both"
    )
