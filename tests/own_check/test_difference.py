"""Tests of what a gradient check by differences is said to see and to miss."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.own_check.difference import GRADCHECK, Difference, explain_difference
from symtests.own_check.gradient_faults import GRADIENT_FAULTS, right_gradient
from symtests.own_check.secant import secants_of
from symtests.own_check.setting import Setting
from symtests.validation import InvalidValue

SETTING = Setting.drawn(Network((2, 2, 1), "tanh"))


def _small_first_layer() -> Setting:
    """Weights of 2^-20 above the first layer make its gradients as small."""
    network = Network((2, 3, 1), "logistic")
    setting = Setting.drawn(network)
    setting.parameters.weight(1)[...] *= 2.0**-20
    return setting


def test_gradcheck_passes_what_is_right_and_sees_a_per_cent() -> None:
    report = explain_difference(SETTING)
    assert report.check == GRADCHECK
    assert (report.tried, report.components, report.fails_when_right) == (9, 9, 0)
    assert "all gradients are 1 % too large" not in report.missed
    assert "all gradients are 0.01 % too large" in report.missed
    assert report.rounding <= report.rounding_limit


def test_gradcheck_passes_any_gradient_that_is_smaller_than_its_absolute_tolerance() -> None:
    report = explain_difference(_small_first_layer())
    first = report.tensors[0]
    assert first.name == "W1"
    assert first.largest < GRADCHECK.atol
    assert first.zero_passes == first.tried == 6
    assert {"the gradient of W1 is 0", "the gradient of W1 is a quarter of what it should be"} <= set(report.missed)
    assert "the gradient of W1 is 0" not in report.suggested.missed


def test_a_step_for_float64_fails_what_is_right_in_float32() -> None:
    report = explain_difference(SETTING, replace(GRADCHECK, dtype="float32"))
    assert report.fails_when_right > 0
    assert report.rounding > 1000 * report.truncation
    assert report.best_step.step >= 1e-3
    assert explain_difference(SETTING, report.suggested.check).fails_when_right == 0


@given(
    st.sampled_from(ACTIVATIONS), st.sampled_from(LOSSES), st.integers(0, 20), st.sampled_from([1e-2, 1e-4, 1e-6]),
    st.sampled_from([0.0, 1e-6, 1e-3]), st.sampled_from([1e-6, 1e-2]), st.booleans(),
)  # fmt: skip
@settings(max_examples=25)
def test_what_is_said_of_factors_and_faults_is_what_the_check_does(
    activation: str, loss: str, seed: int, step: float, atol: float, rtol: float, central: bool
) -> None:
    check = Difference(step, "float64", rtol, atol, central=central)
    setting = Setting.drawn(Network((2, 2, 2), activation, loss), samples=3, seed=seed)
    report = explain_difference(setting, check)
    g = right_gradient(setting)
    d = secants_of(setting, step, "float64", central=central, components=np.arange(g.size), exact=False).found
    passes = np.abs(g - d) <= atol + rtol * np.abs(d)
    assert report.fails_when_right == np.count_nonzero(~passes)
    for tensor in report.tensors:
        where = setting.tensors[tensor.name]
        assert (tensor.factors is not None) == passes[where].all()
        if tensor.factors is not None and np.isfinite(tensor.factors[0]) and g[where].any():
            low, high = tensor.factors
            for c, right in ((low, True), (high, True), (2 * low - 1 - 1e-3, False), (2 * high - 1 + 1e-3, False)):
                slack = 1e-12 * np.abs(d[where])
                inside = np.abs(c * g[where] - d[where]) <= atol + rtol * np.abs(d[where]) + (slack if right else 0)
                assert inside.all() == right
    for fault in GRADIENT_FAULTS:
        wrong = fault.gradient(setting)
        if fault.applies(setting) and (wrong != g).any():
            missed = not (passes & (np.abs(wrong - d) > atol + rtol * np.abs(d))).any()
            assert (fault.name in report.missed) == missed


def test_large_networks_are_tried_in_every_tensor() -> None:
    report = explain_difference(Setting.drawn(Network((20, 16, 10), "relu", "softmax_cross_entropy")), most=40)
    assert report.components == 20 * 16 + 16 + 160 + 10
    assert 10 <= report.tried < 80
    assert all(tensor.tried >= 2 for tensor in report.tensors)


def test_the_report_is_json() -> None:
    network = Network((1, 1), bias=False)
    report = explain_difference(Setting.drawn(network, samples=1), replace(GRADCHECK, atol=0.0, rtol=0.5))
    data = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert data["check"]["rtol"] == 0.5
    assert data["missed"] == list(report.missed)


@pytest.mark.parametrize(("name", "value"), [("step", 0.0), ("rtol", -1.0), ("atol", float("nan")), ("dtype", "half")])
def test_what_is_no_check_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidValue, match=f"^{name}="):
        Difference(**{name: value})  # type: ignore[arg-type]  # what is tried is a wrong type
