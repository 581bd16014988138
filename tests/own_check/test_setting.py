"""Tests of what a check of one's own is explained on."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.network import LOSSES, Network
from symtests.own_check.setting import Setting
from symtests.parameters import Parameters
from symtests.validation import InvalidValue


@pytest.mark.parametrize("loss", LOSSES)
def test_what_is_drawn_fits_the_loss_and_comes_again(loss: str) -> None:
    network = Network((3, 4, 2), "tanh", loss)
    one, again = (Setting.drawn(network, samples=20, seed=7) for _ in range(2))
    assert (one.parameters.vector == again.parameters.vector).all()
    assert (one.batch.x == again.batch.x).all()
    assert (one.batch.y == again.batch.y).all()
    if loss == "softmax_cross_entropy":
        assert (one.batch.y.sum(axis=1) == 1).all()
    if loss not in ("mse", "huber"):
        assert set(np.unique(one.batch.y)) == {0.0, 1.0}


def test_tensors_cover_the_vector_once() -> None:
    setting = Setting.drawn(Network((3, 4, 2), "tanh"))
    covered = np.zeros(setting.network.parameter_count, int)
    for where in setting.tensors.values():
        covered[where] += 1
    assert list(setting.tensors) == ["W1", "b1", "W2", "b2"]
    assert (covered == 1).all()


def test_a_case_survives_its_way_through_json() -> None:
    setting = Setting.drawn(Network((2, 2, 1), "relu", bias=False))
    data = {
        "network": setting.network.to_json(), "parameters": setting.parameters.to_json(),
        "batch": setting.batch.to_json(), "training": {}, "details": {},
    }  # fmt: skip
    read = Setting.of_case(data)
    assert (read.parameters.vector == setting.parameters.vector).all()
    assert read.in_words() == "2-2-1 relu, no biases, mse, 8 samples"


@pytest.mark.parametrize("data", [{}, {"network": 3}, {"network": {"sizes": [2, 1]}}])
def test_what_is_no_case_costs_a_sentence(data: dict[str, object]) -> None:
    with pytest.raises(InvalidValue, match="must be an object with network, parameters and batch"):
        Setting.of_case(data)


def test_what_does_not_fit_is_refused() -> None:
    network = Network((2, 2, 1), "tanh")
    theta = Parameters.zeros(network)
    with pytest.raises(InvalidValue, match="inputs and targets"):
        Setting(network, theta, Batch(np.ones((1, 3)), np.ones((1, 1))))
    with pytest.raises(InvalidValue, match="at least 1"):
        Setting(network, theta, Batch(np.ones((0, 2)), np.ones((0, 1))))
