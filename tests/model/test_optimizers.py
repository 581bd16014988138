"""The table of optimizers: its traits are those of the rules."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.model.optimizers import OPTIMIZER_TABLE, OPTIMIZERS, OPTIMIZERS_OF_0_1, Optimizer, optimizers_that
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

EACH = pytest.mark.parametrize("entry", OPTIMIZER_TABLE.values(), ids=OPTIMIZERS)


def trained(optimizer: str, steps: int, **settings: float) -> float:
    """The weight of the smallest network after so many steps."""
    network = Network((1, 1), bias=False)
    batch = Batch(np.ones((1, 1)), np.zeros((1, 1)))
    training = Training(optimizer, 0.125, steps, **settings)
    return float(NumpyPlain().train(network, Parameters(network, np.ones(1)), batch, training).vector[0])


def test_what_is_claimed_without_a_name_is_what_version_0_1_had() -> None:
    """Frozen: whoever names nothing is asked nothing new by a later version."""
    first = "sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad"
    assert Capabilities().optimizers == OPTIMIZERS_OF_0_1 == first
    assert set(first) == set(optimizers_that(lambda entry: entry.since == "0.1"))


@EACH
def test_settings_count_where_the_table_says_so(entry: Optimizer) -> None:
    velocity = trained(entry.name, 2, momentum=0.5) != trained(entry.name, 2, momentum=0.25)
    root = trained(entry.name, 2, epsilon=0.5) != trained(entry.name, 2, epsilon=0.25)
    assert (velocity, root) == (entry.has_velocity, entry.adaptive)


@EACH
def test_a_rule_without_a_state_starts_anew_at_each_step(entry: Optimizer) -> None:
    once, twice = trained(entry.name, 1), trained(entry.name, 2)
    network = Network((1, 1), bias=False)
    batch = Batch(np.ones((1, 1)), np.zeros((1, 1)))
    again = NumpyPlain().train(network, Parameters(network, np.array([once])), batch, Training(entry.name, 0.125, 1))
    assert (float(again.vector[0]) != twice) == entry.has_state
