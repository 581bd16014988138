"""The properties of a start at zero hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.base import Domain, Exactness, Tier
from tests.mutants.base import Correct
from tests.mutants.loss_faults import FirstSampleSkipped
from tests.mutants.training_faults import OutputWeightsFirst
from tests.mutants.zero_faults import (
    BiasesFrozen,
    ErrorSignalsPassAllWeights,
    InputsReachOutputs,
    LogisticFromTable,
    ReluSlopeOneAtZero,
    ZeroWeightsReplaced,
)
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of

PROPERTIES = tuple(f"ZERO{k}" for k in range(1, 8))


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize(
    ("implementation", "dtype", "tier"),
    [
        (Correct, "float64", "small"),
        (NumpyPlain, "float32", "wide"),
        (NumbaKernels, "float32", "wide"),
    ],
)
def test_correct_code_has_the_property(prop: str, implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(find(prop), implementation(), dtype, tier, examples=20)
    assert counts["held"] >= 10
    if find(prop).exactness is not Exactness.ROUNDING:
        assert counts["bitwise"] >= counts["held"]


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        ("ZERO1", ZeroWeightsReplaced),
        ("ZERO1", ErrorSignalsPassAllWeights),
        ("ZERO1", BiasesFrozen),
        ("ZERO2", LogisticFromTable),
        ("ZERO3", OutputWeightsFirst),
        ("ZERO3", BiasesFrozen),
        ("ZERO4", ZeroWeightsReplaced),
        ("ZERO4", ErrorSignalsPassAllWeights),
        ("ZERO4", OutputWeightsFirst),
        ("ZERO5", FirstSampleSkipped),
        ("ZERO6", ReluSlopeOneAtZero),
        ("ZERO6", BiasesFrozen),
        ("ZERO7", ZeroWeightsReplaced),
        ("ZERO7", InputsReachOutputs),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: str, mutant: type[Correct]) -> None:
    found_and_shown(find(prop), mutant(), Correct())


def test_updating_the_output_weights_first_is_told_by_the_layer_that_moves_too_early() -> None:
    case, violation = violation_of(find("ZERO3"), OutputWeightsFirst(), shrink=True)
    assert case.network.sizes == (1, 1, 1)
    assert violation.sentence.startswith(
        "after 1 step from zero, the last 1 of 2 weight layers should have moved, but W1"
    )


def test_every_value_of_the_slope_of_relu_at_zero_leaves_a_start_at_zero_in_place() -> None:
    class One(ReluSlopeOneAtZero):
        capabilities = Capabilities(activations=("relu",), relu_derivative_at_zero=1.0)

    assert outcomes(find("ZERO1"), One(), "float64", "small", examples=15)["held"] >= 10


def test_dead_units_are_no_property_where_the_slope_of_relu_at_zero_is_not_zero() -> None:
    with pytest.raises(Unsupported, match="relu"):
        find("ZERO6").cases(Domain("float64", Capabilities(relu_derivative_at_zero=1.0)), "small")


@pytest.mark.parametrize(
    ("prop", "capabilities", "reason"),
    [
        ("ZERO1", Capabilities(activations=("logistic",)), "activations"),
        ("ZERO2", Capabilities(bias=(False,)), "biases"),
        ("ZERO3", Capabilities(optimizers=("adam",)), "sgd"),
        ("ZERO4", Capabilities(max_hidden_layers=0), "hidden"),
        ("ZERO5", Capabilities(max_samples=1), "samples"),
    ],
)
def test_a_domain_without_cases_says_why(prop: str, capabilities: Capabilities, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        find(prop).cases(Domain("float64", capabilities), "small")


def test_zero_weights_are_judged_without_a_hidden_layer_and_without_predictions() -> None:
    class Linear(Correct):
        capabilities = Capabilities(max_hidden_layers=0)
        predict = None  # type: ignore[assignment]  # an implementation need not have it

    assert outcomes(find("ZERO7"), Linear(), "float64", "small")["held"] >= 15

    class Leaky(InputsReachOutputs):
        capabilities = Capabilities(max_hidden_layers=0)
        predict = None  # type: ignore[assignment]  # an implementation need not have it

    case, violation = violation_of(find("ZERO7"), Leaky())
    with pytest.raises(AssertionError):
        run_script(violation, case, Leaky())
