"""INIT2 holds on correct code, sees deviations of a few percent, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties import find
from symtests.properties.base import Case, Domain, Violation
from symtests.properties.initialization.within import judge_within, told_together
from symtests.properties.judging.judging import Telling
from tests.mutants.base import Correct
from tests.mutants.initialization_faults import (
    AllWeightsPositive,
    BoundTakenForDeviation,
    DeviationTakenForBound,
    FansSwapped,
    FirstFanForAllLayers,
    GlorotByTheSum,
    HeByFanOut,
    HeWithoutItsTwo,
    LastUnitAtHalf,
    TruncatedWithoutRescaling,
    UniformFromZero,
    VarianceFivePercentOff,
)
from tests.properties.trying import outcomes, run_script, violation_of

PROPERTY = find("INIT2")


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str) -> None:
    assert outcomes(PROPERTY, implementation(), dtype, "wide", examples=8)["held"] == 8


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (HeByFanOut, "2 / fan-in"),
        (HeWithoutItsTwo, "should be 0.0"),
        (FansSwapped, "fan-in"),
        (GlorotByTheSum, "mean of fan-in and fan-out"),
        (VarianceFivePercentOff, "the mean square of all"),
        (UniformFromZero, "the mean of all weights of W1"),
        (DeviationTakenForBound, "the mean square of all weights of W1"),
        (BoundTakenForDeviation, "the mean square of all weights of W1"),
        (TruncatedWithoutRescaling, "the mean square of all weights"),
        (AllWeightsPositive, "the mean of all weights of W1"),
        (LastUnitAtHalf, "the weights of unit "),
        (FirstFanForAllLayers, "the mean square of all weights of W2"),
    ],
)
def test_a_fault_is_found_and_shown(mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(PROPERTY, mutant(), tier="wide")
    assert said in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


@pytest.mark.parametrize(("scheme", "seen"), [("he_normal", 0.045), ("he_uniform", 0.03)])
def test_it_sees_a_few_percent_and_says_how_many(scheme: str, seen: float) -> None:
    implementation = Checked(Correct(), "float64")
    smallest = []

    @settings(max_examples=4, database=None)
    @given(PROPERTY.cases(Domain.of(implementation), "wide"))
    def try_case(case: Case) -> None:
        only = replace(case, details={**case.details, "schemes": [scheme], "owed": [scheme]})
        judgement = PROPERTY.judge(implementation, only)
        assert judgement.outcome == "held"
        smallest.append(judgement.detectable)

    try_case()
    assert 0.01 < np.median(smallest) < seen


def test_units_of_a_wide_layer_count_one_by_one() -> None:
    class OneUnitThreefold(Correct):
        def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
            start = super().initialize(network, scheme, seed)
            start.weight(0)[:, 7] *= 3
            return start

    assert "the weights of unit 7 in W1" in violation_of(PROPERTY, OneUnitThreefold(), tier="wide")[1].sentence


def test_the_worst_statistic_is_told() -> None:
    found = [0.5, -4.0, 2.0, float("nan")]
    each = [
        judge_within(values, 0.0, (-1.0, 2.0), lambda k: Telling(f"number {k}"), unit=10.0, detectable=0.25)
        for values in (found[:1], found[:3], found)
    ]
    judged = [within.judgement for within in each]
    assert [judgement.outcome for judgement in judged] == ["held", "violated", "violated"]
    assert [within.deviation for within in each] == [0.5, 4.0, np.inf]
    assert (judged[0].fraction, judged[0].detectable, judged[0].tolerance) == (0.25, 0.25, "statistical")
    assert judged[1].violation == Violation("number 1", "", 0.0, -40.0, 10.0)
    assert judged[2].violation is not None
    assert judged[2].violation.sentence == "number 3"
    assert told_together(each) is judged[2]
    assert told_together(each[:2]) is judged[1]
    assert told_together(each[:1]) == judged[0]


def test_what_is_wrong_with_all_is_not_told_of_one() -> None:
    of_all, alike, worse = (judge_within(off, 0.0, (-1.0, 1.0), lambda _: Telling("off")) for off in (3.0, 5.0, 7.0))
    assert told_together([of_all, alike]) is of_all.judgement
    assert told_together([of_all, alike, worse]) is worse.judgement
