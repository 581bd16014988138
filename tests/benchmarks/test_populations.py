"""Whoever trains many networks for comparison trains the same ones."""

from __future__ import annotations

import pytest

from symtests.benchmarks.agreement import difference, tolerance
from symtests.benchmarks.populations import comparisons


@pytest.mark.parametrize("comparison", comparisons(), ids=lambda each: f"{each.name}, {each.threads} threads")
def test_forms_of_ours_agree(comparison) -> None:
    ours = comparison.ours().answer()
    assert ours.shape == (1000, 9)
    assert difference(comparisons()[0].ours().answer(), ours) <= tolerance("float32")


def test_peak_counts_the_operations_of_the_compiled_code() -> None:
    """Twelve divisions, and twelve times what an elementary function takes, are the most of them."""
    peak = next(peer for peer in comparisons()[0].peers if peer.name == "operations at the peak").build()
    operations = 200_000 * 6 * 16 / peak.count
    assert 250 < operations < 800
    assert peak.run() is None
