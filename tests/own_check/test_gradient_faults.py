"""Tests of the wrong gradients: each differs from the right one by what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.network import Network
from symtests.oracle.passes import loss_and_gradient
from symtests.own_check.gradient_faults import GRADIENT_FAULTS, GradientFault, right_gradient
from symtests.own_check.setting import Setting

SETTING = Setting.drawn(Network((3, 4, 4, 2), ("tanh", "logistic")), samples=5)
BY_NAME = {fault.name: fault for fault in GRADIENT_FAULTS}


def test_the_right_gradient_is_the_oracles() -> None:
    right = loss_and_gradient(SETTING.network, SETTING.parameters, SETTING.batch)[1]
    assert (right_gradient(SETTING) == right.vector).all()


@pytest.mark.parametrize("fault", GRADIENT_FAULTS, ids=lambda fault: fault.name)
def test_each_is_wrong(fault: GradientFault) -> None:
    assert fault.applies(SETTING)
    assert (fault.gradient(SETTING) != right_gradient(SETTING)).any()


def test_what_is_left_out_is_left_out() -> None:
    fewer = Setting(SETTING.network, SETTING.parameters, Batch(SETTING.batch.x[:-1], SETTING.batch.y[:-1]))
    assert (BY_NAME["the last sample is left out"].gradient(SETTING) == right_gradient(fewer)).all()
    linear = Setting(Network((3, 4, 4, 2), "identity"), SETTING.parameters.__class__(
        Network((3, 4, 4, 2), "identity"), SETTING.parameters.vector), SETTING.batch)  # fmt: skip
    assert not BY_NAME["the derivative of the activation is left out"].applies(linear)


def test_faults_of_one_tensor_leave_the_others_alone() -> None:
    right, where = right_gradient(SETTING), SETTING.tensors["W1"]
    for name, factor in (
        ("the gradient of W1 is a quarter of what it should be", 0.25), ("the gradient of W1 is 0", 0.0),
        ("the gradient of W1 has the wrong sign", -1.0),
    ):  # fmt: skip
        wrong = BY_NAME[name].gradient(SETTING)
        np.testing.assert_array_equal(wrong[where], factor * right[where])
        wrong[where] = right[where]
        np.testing.assert_array_equal(wrong, right)
