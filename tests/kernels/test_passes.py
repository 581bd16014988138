"""Forward pass, loss and backward pass against the oracle, within what rounding can explain."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.kernels import loss, loss_and_gradient, predict, stages
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.oracle import expect
from symtests.oracle.error_model import Form
from symtests.parameters import Parameters
from tests.kernels.bits import Dtype, Numbers, same_bits
from tests.oracle.questions import Question, question, questions
from tests.pairs import PAIRS

ROUNDOFF: Final[dict[Dtype, float]] = {np.float32: 2.0**-24, np.float64: 2.0**-53}


def within(found: Numbers, right: Numbers, tolerance: Numbers) -> bool:
    return bool(np.all(np.abs(found - right) <= tolerance))


def holds(asked: Question, dtype: Dtype, form: Form | None) -> None:
    network, parameters, batch = asked.network, asked.parameters, asked.batch
    expected = expect(network, parameters, batch, ROUNDOFF[dtype], form=form)
    found = stages(network, parameters, batch)
    for stage in ("pre_activations", "activations", "error_signals"):
        layers = (getattr(each, stage) for each in (found, expected.stages, expected.stage_tolerances))
        for mine, right, tolerance in zip(*layers, strict=True):
            assert mine.dtype == dtype
            assert within(mine, right, tolerance)
    value, gradient = loss_and_gradient(network, parameters, batch)
    assert abs(value - expected.loss) <= expected.loss_tolerance
    assert gradient.dtype == dtype
    assert within(gradient.vector, expected.gradient.vector, expected.gradient_tolerance)


@given(questions(np.float32))
def test_float32_agrees_with_the_oracle(asked: Question) -> None:
    """Beyond a certified tolerance lies a fault, whatever is drawn."""
    holds(asked, np.float32, "certified")


@given(questions(np.float64))
def test_float64_agrees_with_the_oracle(asked: Question) -> None:
    holds(asked, np.float64, "certified")


@pytest.mark.parametrize(("activation", "loss_name"), PAIRS)
@pytest.mark.parametrize("dtype", ROUNDOFF)
def test_every_activation_with_every_loss(activation: str, loss_name: str, dtype: Dtype) -> None:
    """One question each, the same in every run, so that the sharpest tolerances serve; no gradient of it is 0."""
    network = Network((5, 9, 17, 3), activation, loss_name)
    asked = question(np.random.default_rng(3), network, 11, weighted=True, dtype=dtype)
    holds(asked, dtype, None)
    if activation not in ("relu",):
        assert np.abs(loss_and_gradient(asked.network, asked.parameters, asked.batch)[1].vector).min() > 0


@given(asked=questions(np.float64))
def test_all_operations_tell_the_same(asked: Question) -> None:
    network, parameters, batch = asked.network, asked.parameters, asked.batch
    found = stages(network, parameters, batch)
    assert same_bits(predict(network, parameters, batch.x), found.pre_activations[-1])
    value, gradient = loss_and_gradient(network, parameters, batch)
    assert same_bits(value, loss(network, parameters, batch))
    if network.bias:  # 1 delta is delta: the bias gradient is the sum that a feature of ones would get
        signals = found.error_signals[-1]
        sums = np.zeros_like(signals[0])
        for row in signals:
            sums = sums + row
        assert same_bits(gradient.bias(network.layer_count - 1), sums)


@given(dtype=st.sampled_from(list(ROUNDOFF)), activation=st.sampled_from(ACTIVATIONS), layer=st.integers(0, 1))
def test_one_sample_gives_an_outer_product(dtype: Dtype, activation: str, layer: int) -> None:
    network = Network((6, 12, 9), activation, "softmax_cross_entropy")
    asked = question(np.random.default_rng(8), network, 1, dtype=dtype)
    found = stages(network, asked.parameters, asked.batch)
    gradient = loss_and_gradient(network, asked.parameters, asked.batch)[1]
    outer = found.activations[layer][0][:, None] * found.error_signals[layer][0]
    assert np.array_equal(gradient.weight(layer), outer)


def test_dead_relu_has_a_gradient_of_exactly_zero() -> None:
    network = Network((3, 4, 2), "relu", "bce")
    asked = question(np.random.default_rng(9), network, 10)
    asked.parameters.bias(0)[1] = -1e3
    gradient = loss_and_gradient(network, asked.parameters, asked.batch)[1]
    assert not gradient.weight(0)[:, 1].any()
    assert not gradient.weight(1)[1].any()
    assert gradient.bias(0)[1] == 0
    assert gradient.weight(0).any()


@pytest.mark.parametrize(("activation", "loss_name"), PAIRS)
@pytest.mark.parametrize("dtype", ROUNDOFF)
def test_nan_in_one_sample_reaches_loss_and_gradient(activation: str, loss_name: str, dtype: Dtype) -> None:
    network = Network((3, 9, 9, 2), activation, loss_name)
    asked = question(np.random.default_rng(4), network, 5, dtype=dtype)
    asked.batch.x[2, 1] = np.nan
    value, gradient = loss_and_gradient(network, asked.parameters, asked.batch)
    assert np.isnan(value)
    assert np.isnan(gradient.vector).all()
    z = predict(network, asked.parameters, asked.batch.x)
    assert np.isnan(z[2]).all()
    assert np.isfinite(np.delete(z, 2, axis=0)).all()


@pytest.mark.parametrize("loss_name", LOSSES)
def test_nan_in_a_target_or_a_parameter_reaches_the_loss(loss_name: str) -> None:
    asked = question(np.random.default_rng(4), Network((3, 4, 2), "relu", loss_name), 5)
    asked.batch.y[3, 0] = np.nan
    assert np.isnan(loss(asked.network, asked.parameters, asked.batch))
    asked.batch.y[3, 0] = 0.5
    asked.parameters.vector[:] = np.nan
    assert np.isnan(loss(asked.network, asked.parameters, asked.batch))


def test_infinite_input_is_legal() -> None:
    network = Network((1, 2, 1), "tanh")
    parameters = Parameters(network, np.array([1.0, -1.0, 0.0, 0.0, 2.0, 3.0, 0.5]))
    assert predict(network, parameters, np.array([[np.inf]]))[0, 0] == 2.0 - 3.0 + 0.5
