"""Power: each fault seeded into a layer is named with its group and its verdict."""

from __future__ import annotations

import pytest

from symtests.doctor import assert_can_learn, diagnose
from symtests.doctor.diagnosing import CannotLearn
from tests.doctor.faulty import FAULTS


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_named(name: str) -> None:
    fault = FAULTS[name]
    result = diagnose(fault.build, fault.batch, None, fault.optimizer)
    found = [each for each in result.findings if each.kind == fault.kind and fault.said in each.sentence]
    assert any(each.verdict == fault.verdict and (not fault.where or fault.where in each.where) for each in found), (
        f"{fault.kind} is not among:\n{result}"
    )


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.verdict == "fatal"])
def test_a_fatal_fault_fails_an_assertion_with_its_sentence(name: str) -> None:
    fault = FAULTS[name]
    with pytest.raises(CannotLearn, match="fatal:"):
        assert_can_learn(fault.build, fault.batch, None, fault.optimizer, steps=8)
