"""Tests of trainings with one fault each."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.network import OPTIMIZERS, Network
from symtests.oracle import train
from symtests.own_check.setting import Setting
from symtests.own_check.wrong_trainings import wrong_trainings
from symtests.training import Training

SETTING = Setting.drawn(Network((2, 3, 1), "tanh"), samples=4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_ends_elsewhere(optimizer: str) -> None:
    training = Training(optimizer, 0.01, 20)
    right = train(SETTING.network, SETTING.parameters, SETTING.batch, training).vector
    wrong = wrong_trainings(SETTING, training)
    assert len(wrong) >= 15
    for name, trained in wrong.items():
        assert not np.array_equal(trained(), right), name


def test_doubled_gradients_are_a_doubled_learning_rate() -> None:
    training = Training("sgd", 0.25, 5)
    doubled = wrong_trainings(SETTING, training)["all gradients are doubled"]()
    right = train(SETTING.network, SETTING.parameters, SETTING.batch, Training("sgd", 0.5, 5)).vector
    np.testing.assert_allclose(doubled, right, rtol=1e-12)


def test_what_changes_nothing_is_left_out() -> None:
    relu = Setting.drawn(Network((2, 3, 1), "relu"), samples=4)
    assert "the derivative is taken at the activation" not in wrong_trainings(relu, Training())
    exact = wrong_trainings(SETTING, Training(learning_rate=0.5))
    assert "the learning rate is rounded to float32" not in exact
