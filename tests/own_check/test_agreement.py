"""Tests of what a comparison of two trainings is said to see and to miss."""

from __future__ import annotations

import json

import numpy as np
import pytest

from symtests.network import Network
from symtests.own_check.agreement import Agreement, explain_agreement
from symtests.own_check.right_trainings import right_trainings
from symtests.own_check.setting import Setting
from symtests.training import Training
from symtests.validation import InvalidValue

SETTING = Setting.drawn(Network((2, 3, 1), "tanh"), samples=4)


def test_the_defaults_of_allclose_pass_what_is_right_and_see_a_per_cent() -> None:
    report = explain_agreement(SETTING, Agreement(steps=(1, 10, 100)))
    assert [at.steps for at in report.at] == [1, 10, 100]
    for at in report.at:
        assert (at.pairs, at.pairs_failing) == (28, 0)
        assert 0 < at.most_parted < 1e-12 < at.moved
        assert "all gradients are 1 % too large" not in at.missed
        assert "the derivative is computed in float32" in at.missed


def test_a_tolerance_below_rounding_fails_what_is_right() -> None:
    check = Agreement(steps=(100,), dtype="float32", rtol=0.0, atol=1e-9)
    at = explain_agreement(SETTING, check).at[0]
    assert at.pairs_failing > 0
    assert at.most_share > 1
    wide = Agreement(steps=(100,), dtype="float32", rtol=0.0, atol=1e-9 * at.needed)
    assert explain_agreement(SETTING, wide).at[0].pairs_failing == 0


def test_adam_hides_what_scales_the_gradient() -> None:
    check = Agreement(steps=(10,), training=Training("adam", 0.01), dtype="float32")
    at = explain_agreement(SETTING, check).at[0]
    assert "all gradients are 10 % too large" in at.missed
    assert "all gradients are 10 % too large" in at.hidden
    assert "biases have no gradient" not in at.missed


def test_numbers_are_those_of_the_trainings() -> None:
    check = Agreement(steps=(7,), dtype="float32")
    at = explain_agreement(SETTING, check).at[0]
    ends = list(right_trainings(SETTING.astype("float32"), Training(steps=7)).values())
    parted = [np.abs(a.astype(float) - b).max() for i, a in enumerate(ends) for b in ends[i + 1 :]]
    assert at.most_parted == max(parted)
    assert at.median_parted == np.median(parted)
    failing = [not np.allclose(a, b) or not np.allclose(b, a) for i, a in enumerate(ends) for b in ends[i + 1 :]]
    assert at.pairs_failing == sum(failing)


def test_chaos_doubles() -> None:
    report = explain_agreement(SETTING, Agreement(steps=(1, 200), training=Training("sgd", 0.5), dtype="float32"))
    assert report.doubling_steps is not None
    ratio = report.at[1].median_parted / report.at[0].median_parted
    assert ratio == pytest.approx(2 ** (199 / report.doubling_steps))


def test_a_training_that_diverges_costs_a_sentence() -> None:
    with pytest.raises(InvalidValue, match=r"^learning_rate=1e\+30: the training diverges"):
        explain_agreement(SETTING, Agreement(steps=(100,), training=Training("sgd", 1e30)))


def test_the_report_is_json() -> None:
    report = explain_agreement(SETTING, Agreement(steps=(1,)))
    data = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert data["at"][0]["missed"] == list(report.at[0].missed)


@pytest.mark.parametrize(("name", "value"), [("steps", ()), ("steps", (0,)), ("rtol", -1.0), ("dtype", "half")])
def test_what_is_no_check_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidValue, match=f"^{name}="):
        Agreement(**{name: value})  # type: ignore[arg-type]  # what is tried is a wrong type
