"""Tests of trainings that differ by rounding alone."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.network import OPTIMIZERS, Network
from symtests.oracle import train
from symtests.own_check.right_trainings import right_trainings
from symtests.own_check.setting import Setting
from symtests.training import Training

SETTING = Setting.drawn(Network((3, 4, 2), "tanh"), samples=6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_all_agree_with_the_oracle_as_far_as_rounding_allows(optimizer: str) -> None:
    training = Training(optimizer, 0.01, 3)
    right = train(SETTING.network, SETTING.parameters, SETTING.batch, training).vector
    found = right_trainings(SETTING, training)
    assert len(found) == 8
    for name, end in found.items():
        np.testing.assert_allclose(end, right, rtol=1e-9, atol=1e-11, err_msg=name)


def test_they_are_not_all_equal() -> None:
    found = right_trainings(SETTING.astype("float32"), Training("sgd", 0.1, 50))
    assert "computed in float64" in found
    assert len({end.tobytes() for end in found.values()}) >= 5
    assert {end.dtype for end in found.values()} == {np.dtype(np.float32)}
