"""The share of starts that learn is counted over all of them, and told with its interval."""

from __future__ import annotations

import re

import numpy as np
from scipy import stats

from symtests.benchmarks.population_peers import BATCH, NETWORK, drawn_starts, training_of
from symtests.benchmarks.starts import comparisons, share_that_learns
from symtests.oracle import predict, train
from symtests.parameters import Parameters


def test_the_share_is_told_with_its_exact_interval() -> None:
    told: list[float] = []
    words = share_that_learns(2000, 2, told.append)
    pattern = r"([\d,]+) of 2,000 starts learn it, ([\d.]+) %; exact 95 % interval of the share: ([\d.]+) to ([\d.]+) %"
    found = re.fullmatch(pattern, words)
    assert found is not None
    learned, share, low, high = (float(number.replace(",", "")) for number in found.groups())
    exact = stats.binomtest(int(learned), 2000).proportion_ci(0.95, "exact")
    np.testing.assert_allclose([share, low, high], 100 * np.array([learned / 2000, *exact]), atol=0.0006)
    # The share of all starts was counted in a million of them: [0.4917, 0.4936]. Five standard deviations of 2,000:
    assert abs(learned / 2000 - 0.4926) < 5 * 0.5 / 2000**0.5
    assert told[-1] == 1


def test_those_that_learn_answer_right() -> None:
    """The oracle, in float64, from the first starts; at rate 1/2 they rarely differ from float32 in what they learn."""
    right = 0
    for start in drawn_starts(20):
        parameters = Parameters(NETWORK, start.astype(np.float64))
        ends = train(NETWORK, parameters, BATCH.astype("float64"), training_of(3000))
        right += bool(((predict(NETWORK, ends, BATCH.x.astype(np.float64)) > 0.5) == (BATCH.y > 0.5)).all())
    learned = int(share_that_learns(20, 1, lambda share: None).split()[0])
    assert abs(learned - right) <= 1


def test_starts_are_compared_with_the_same_work() -> None:
    (comparison,) = comparisons()
    assert comparison.long_run is not None
    answer = comparison.ours().answer()
    assert answer.shape == (1000, 9)
    assert comparison.ours().count == 1000
