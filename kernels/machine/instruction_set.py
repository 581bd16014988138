"""What the processor that is compiled for can hold in its vector registers."""

from __future__ import annotations

from typing import Final

import llvmlite.binding as llvm
from numba.core import config

__all__ = ["TILE_ROWS", "TILE_VECTORS", "VECTOR_BYTES"]

_WITH_64_BYTES = "skylake-avx512", "cascadelake", "icelake-server", "sapphirerapids", "znver4", "znver5"
_WITH_32_BYTES = "haswell", "broadwell", "skylake", "znver1", "znver2", "znver3"


def _vector_bytes() -> int:
    """Return the size of a vector register in bytes.

    Without ``NUMBA_CPU_NAME`` the host is compiled for, and asked. What a processor has that is named
    there LLVM does not tell: one that is not listed above gets the size that all have.
    """
    name = vars(config).get("CPU_NAME")
    if name:
        return 64 if name in _WITH_64_BYTES else 32 if name in _WITH_32_BYTES else 16
    features = llvm.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16


VECTOR_BYTES: Final = _vector_bytes()
TILE_VECTORS: Final = 3
"""Columns of a tile of a product, in vectors."""
TILE_ROWS: Final = 8 if VECTOR_BYTES == 64 else 4
"""Rows of a tile: its sums, a row of the right factor and a number of the left one fill the registers."""
