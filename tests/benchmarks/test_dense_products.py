"""Threads compute the same bits, and NumPy the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.benchmarks.agreement import difference, tolerance
from symtests.benchmarks.dense_products import comparisons
from symtests.network import DTYPES


@pytest.mark.parametrize("dtype", DTYPES)
def test_two_threads_compute_what_one_does(dtype: str) -> None:
    one, two = (each for each in comparisons() if (each.name, each.dtype) == ("100x300x70", dtype))
    assert (one.threads, two.threads) == (1, 2)
    answer, work = one.ours().answer(), two.ours()
    assert work.count > 1
    np.testing.assert_array_equal(work.answer(), answer)
    numpy = next(peer for peer in two.peers if peer.name == "NumPy")
    assert difference(numpy.build().answer(), answer) <= tolerance(dtype)
