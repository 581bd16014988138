"""The table of losses: its traits are those of the functions, and what others keep of it agrees with it."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_functions import LOSS_PAIRS
from symtests.kernels.losses import SIGNAL_BY_OUTPUT, SIGNAL_BY_PROBABILITY
from symtests.model.losses import LOSS_TABLE, LOSSES, LOSSES_OF_0_1, Loss, losses_that
from symtests.network import Network
from symtests.oracle.losses import loss_value
from tests.oracle.questions import targets

EACH = pytest.mark.parametrize("entry", LOSS_TABLE.values(), ids=LOSSES)


def test_what_is_claimed_without_a_name_is_what_version_0_1_had() -> None:
    """Frozen: whoever names nothing is asked nothing new by a later version."""
    first = "mse", "bce", "softmax_cross_entropy", "logistic_mse"
    assert Capabilities().losses == LOSSES_OF_0_1 == first
    assert set(first) == set(losses_that(lambda entry: entry.since == "0.1"))


def test_kernels_and_numpy_have_all_of_them() -> None:
    assert {*SIGNAL_BY_OUTPUT, *SIGNAL_BY_PROBABILITY, "softmax_cross_entropy"} == set(LOSSES)
    assert set(SIGNAL_BY_PROBABILITY) == set(losses_that(lambda entry: entry.of_logistic))
    assert set(LOSS_PAIRS) == set(LOSSES)


@EACH
def test_a_convex_loss_never_lies_above_its_chords_and_another_does(entry: Loss) -> None:
    random = np.random.default_rng(3)
    y = targets(random, Network((1, 3), loss=entry.name), 1)
    batch, above = Batch(np.zeros((1, 1)), y), False
    for _ in range(2_000):
        one, other = random.normal(size=(2, 1, 3)) * 6
        values = [np.real(loss_value(entry.name, z, batch)) for z in (one, (one + other) / 2, other)]
        above |= bool(values[1] > (values[0] + values[2]) / 2 * (1 + 1e-12) + 1e-12)
    assert above == (not entry.convex)


@EACH
def test_a_loss_of_each_output_is_the_mean_over_them(entry: Loss) -> None:
    random = np.random.default_rng(4)
    y, z = targets(random, Network((1, 3), loss=entry.name), 1), random.normal(size=(1, 3))
    whole = np.real(loss_value(entry.name, z, Batch(np.zeros((1, 1)), y)))
    each = [
        np.real(loss_value(entry.name, z[:, k : k + 1], Batch(np.zeros((1, 1)), y[:, k : k + 1]))) for k in range(3)
    ]
    assert entry.of_each_output == bool(np.isclose(whole, np.mean(each), rtol=1e-12))
