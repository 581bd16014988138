"""LIN3 holds on correct code, and is broken by what it promises to catch."""

from dataclasses import replace

import numpy as np
import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.properties.base import Domain
from symtests.properties.loss_surface.linear_limit import LIN3
from tests.mutants.base import Correct
from tests.mutants.linear_faults import RateFadesAway, StartForgotten, StopsWhereItIsGoodEnough, WeightsDecay
from tests.mutants.loss_faults import FirstSampleSkipped
from tests.mutants.training_faults import RateUsedTwice
from tests.properties.right_ones import OnlyTrains, ThreeTimesTheLoss
from tests.properties.trying import found_and_shown, outcomes, violation_of


@pytest.mark.parametrize("implementation", [NumpyPlain, NumbaKernels, OnlyTrains, ThreeTimesTheLoss])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "small"), ("float32", "wide"), ("float64", "wide")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(LIN3, implementation(), dtype, tier, examples=15)["held"] >= 8


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("tier", ["small", "wide"])
def test_two_hundred_steps_are_enough_and_hardly_a_start_is_the_end(dtype, tier):
    steps, moved = [], []

    class Watched(NumpyPlain):
        def train(self, network, parameters, batch, training):
            after = super().train(network, parameters, batch, training)
            steps.append(training.steps)
            moved.append(bool((after.vector != parameters.vector).any()))
            return after

    outcomes(LIN3, Watched(), dtype, tier, examples=20)
    assert max(steps) <= 200
    assert np.mean(moved) > 0.8


def test_rounding_is_below_its_bound_but_not_by_far():
    fractions = []

    def judge(implementation, case):
        judgement = LIN3.judge(implementation, case)
        if judgement.outcome == "held":
            fractions.append(judgement.fraction)
        return judgement

    outcomes(replace(LIN3, judge=judge), NumpyPlain(), "float32", "wide", examples=20)
    assert 1e-4 < np.median(fractions) < 0.5


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (RateFadesAway, "those nearest to the start have"),
        (StopsWhereItIsGoodEnough, "those nearest to the start have"),
        (WeightsDecay, "those nearest to the start have"),
        (FirstSampleSkipped, "those nearest to the start have"),
        (StartForgotten, "those nearest to the start have"),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant, said):
    violation = found_and_shown(LIN3, mutant(), Correct())
    assert said in violation.sentence
    assert abs(violation.expected - violation.found) > violation.bound > 0


def test_a_decay_of_one_part_in_ten_thousand_is_seen_in_float32_too():
    assert violation_of(LIN3, WeightsDecay(), dtype="float32")


def test_where_the_end_does_not_depend_on_the_rate_another_rate_is_no_fault():
    class HalfTheRate(Correct):
        def update(self, theta, gradient, memory, step, training):
            super().update(theta, gradient / 2, memory, step, training)
            super().update(theta, gradient / 2, memory, step, training)

    assert outcomes(LIN3, HalfTheRate(), "float64", "small", examples=15)["held"] >= 10
    assert violation_of(LIN3, RateUsedTwice())  # but a smaller one does not arrive


@pytest.mark.parametrize("limits", [{"losses": ("bce",)}, {"optimizers": ("adam",)}])
def test_it_is_a_property_of_squared_errors_and_plain_descent(limits):
    with pytest.raises(Unsupported):
        LIN3.cases(Domain("float64", Capabilities(**limits)), "small")


@pytest.mark.parametrize("limits", [{"max_samples": 1}, {"bias": (False,)}, {"bias": (True,)}, {"max_width": 1}])
def test_what_can_do_little_is_asked_little(limits):
    class Limited(NumpyPlain):
        capabilities = Capabilities(**limits)

    for tier in ("small", "wide"):
        assert outcomes(LIN3, Limited(), "float64", tier, examples=8)["held"] >= 5
