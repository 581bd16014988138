"""Tests of what a check of one's own can tell, in words."""

from __future__ import annotations

from symtests.network import Network
from symtests.own_check.agreement import Agreement, explain_agreement
from symtests.own_check.difference import Difference, explain_difference
from symtests.own_check.setting import Setting
from symtests.own_check.telling import agreement_told, difference_told

SETTING = Setting.drawn(Network((2, 2, 1), "tanh"))


def test_every_fault_is_told_once_as_seen_or_missed() -> None:
    report = explain_difference(SETTING)
    lines = difference_told(SETTING, report)
    text = [line for _, line in lines]
    assert dict(lines)["Network"] == "2-2-1 tanh, mse, 8 samples; all 9 components tried"
    for fault in report.faults:
        assert text.count(f"{fault.name} ({fault.fails} of {report.tried})" if fault.fails else fault.name) == 1


def test_a_check_that_fails_what_is_right_is_told_so() -> None:
    check = Difference(step=1e-7, dtype="float32")
    told = dict(difference_told(SETTING, explain_difference(SETTING, check)))
    assert told["A right gradient"].startswith("FAILS in ")


def test_each_number_of_steps_has_its_heading() -> None:
    lines = agreement_told(SETTING, explain_agreement(SETTING, Agreement(steps=(1, 4), rtol=0.0, atol=1e-17)))
    told = dict(lines)
    assert {"After 1 step", "After 4 steps"} <= set(told)
    assert any("the check fails for" in line and "would pass them" in line for _, line in lines)
