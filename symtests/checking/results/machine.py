"""What a run ran on: the head of a results file says it."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

__all__ = ["core_count", "machine"]

_PACKAGES: Final = ("numpy", "numba", "hypothesis", "torch", "jax", "scikit-learn", "keras", "tensorflow")


def machine() -> dict[str, Any]:
    """Return platform, Python, processor, number of cores and the versions of packages that compute."""
    return {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": core_count(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name)) is not None},
    }


def core_count() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    """Return the name of the processor; Python itself knows it on few systems."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
