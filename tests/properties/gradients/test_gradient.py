"""GRAD1, GRAD2 and STEP1 hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.implementations.stages import Stages
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.oracle import complex_step_slope, loss_and_gradient
from symtests.parameters import Parameters
from symtests.properties import find
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.gradients.gradient import GRAD1
from symtests.properties.gradients.plain_step import STEP1
from symtests.properties.gradients.taylor import GRAD2
from symtests.properties.judging.segment import crosses_a_kink, third_derivative_bound
from tests.mutants.backward_faults import (
    BiasAveragedTwice,
    FeaturesShifted,
    FirstOutputOnly,
    HiddenBiasFrozen,
    OtherLeakySlope,
    PenaltyOnWeights,
    PreActivationsCached,
    SlopeMissing,
    SlopeOfActivation,
    TanhSlopeOfPreActivation,
)
from tests.mutants.base import Correct
from tests.mutants.index_faults import WeightsNotTransposed
from tests.mutants.loss_faults import (
    ClassesOffByOne,
    ExtraSlopeInBce,
    FactorTwoMissing,
    MeanMissing,
    SampleAfterSample,
    SampleWeightsIgnored,
    SoftmaxAsLogistic,
)
from tests.mutants.number_faults import SumsInFloat32
from tests.mutants.report_faults import (
    GradientAfterTheStep,
    GradientOfTheNegativeLoss,
    LossInHalfPrecision,
    LossIsSummed,
    PredictsInAnotherOrder,
    PredictsProbabilities,
)
from tests.mutants.training_faults import EveryLayerFirst, OutputWeightsFirst, RateUsedTwice, StepClipped
from tests.properties.right_ones import OnlyTrains, ThreeTimesTheLoss
from tests.properties.trying import outcomes, run_script, violation_of

PROPERTIES = ("GRAD1", "GRAD2", "STEP1")


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize(
    ("implementation", "dtype", "tier"),
    [
        (NumpyPlain, "float64", "wide"),
        (NumpyPlain, "float32", "small"),
        (NumbaKernels, "float64", "small"),
        (OnlyTrains, "float64", "wide"),
        (OnlyTrains, "float32", "small"),
        (ThreeTimesTheLoss, "float64", "small"),
        (ThreeTimesTheLoss, "float32", "small"),
    ],
)
def test_correct_code_is_not_accused(prop: str, implementation: type[Any], dtype: str, tier: Tier) -> None:
    if prop == "GRAD2" and implementation is OnlyTrains:
        return  # the engine does not ask: it needs loss_and_gradient
    assert outcomes(find(prop), implementation(), dtype, tier)["held"] >= 12


@pytest.mark.parametrize("prop", ["GRAD1", "STEP1"])
@pytest.mark.parametrize("implementation", [NumpyPlain, NumbaKernels, OnlyTrains])
def test_wide_float32_networks_are_not_accused_and_mostly_decided(prop: str, implementation: type[Any]) -> None:
    counts = outcomes(find(prop), implementation(), "float32", "wide")
    assert counts["held"] > counts["too_wide"]


def test_two_float32_losses_of_a_wide_network_are_not_subtracted() -> None:
    with pytest.raises(Unsupported, match="too coarse"):
        GRAD2.cases(Domain("float32", NumpyPlain.capabilities), "wide")


@pytest.mark.parametrize(
    ("prop", "mutant", "said"),
    [
        ("GRAD1", SlopeMissing, "the gradient of W1[0,0]"),
        ("GRAD1", SlopeOfActivation, "the gradient of W1[0,0]"),
        ("GRAD1", TanhSlopeOfPreActivation, "the gradient of W1[0,0]"),
        ("GRAD1", OtherLeakySlope, "the gradient of W1[0,0]"),
        ("GRAD1", PreActivationsCached, "the gradient of W2[0,0]"),
        ("GRAD1", FirstOutputOnly, "the gradient of W1[0,0]"),
        ("GRAD1", BiasAveragedTwice, "the gradient of b2[0]"),
        ("GRAD1", HiddenBiasFrozen, "the gradient of b1[0] is 0.0, but the loss changes with b1[0] at the rate"),
        ("GRAD1", FeaturesShifted, "the gradient of W1[0,0]"),
        ("GRAD1", PenaltyOnWeights, "the gradient of W2[0,0]"),
        ("GRAD1", WeightsNotTransposed, "the gradient of W1[0,0]"),
        ("GRAD1", OutputWeightsFirst, "the gradient of W1[0,0]"),
        ("GRAD1", MeanMissing, "the gradient of W2[0,0]"),
        ("GRAD1", FactorTwoMissing, "the gradient of W2[0,0]"),
        ("GRAD1", ExtraSlopeInBce, "the gradient of W2[0,0]"),
        ("GRAD1", SoftmaxAsLogistic, "the gradient of W1[0,0]"),
        ("GRAD1", ClassesOffByOne, "the gradient of W2[0,0]"),
        ("GRAD1", SampleWeightsIgnored, "the gradient of "),
        ("GRAD1", SumsInFloat32, "the gradient of W2[0,0]"),
        ("GRAD1", LossInHalfPrecision, "the loss is"),
        ("GRAD1", PredictsProbabilities, "output 0 for sample 0 is"),
        ("GRAD1", PredictsInAnotherOrder, "output 0 for sample "),
        ("GRAD2", SlopeMissing, "along the direction W1[0,0]"),
        ("GRAD2", PenaltyOnWeights, "along the direction W1[0,0]"),
        ("GRAD2", LossIsSummed, "per unit of length, but the reported gradient says"),
        ("GRAD2", GradientOfTheNegativeLoss, "per unit of length, but the reported gradient says -"),
        ("GRAD2", GradientAfterTheStep, "per unit of length, but the reported gradient says"),
        ("GRAD2", FactorTwoMissing, "per unit of length, but the reported gradient says"),
        ("GRAD2", LossInHalfPrecision, "along the direction"),
        ("STEP1", OutputWeightsFirst, "grows in proportion to the learning rate (-16 at 1, -8 at 0.5, -4 at 0.25)"),
        ("STEP1", EveryLayerFirst, "the backward pass reads parameters that the same step has already changed"),
        ("STEP1", SlopeMissing, "the error is the same at every learning rate"),
        ("STEP1", RateUsedTwice, "the error depends on the learning rate (0 at 1, "),
        ("STEP1", StepClipped, "the error vanishes with the learning rate"),
        ("STEP1", SampleAfterSample, "learning rate"),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: str, mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(find(prop), mutant(), shrink=True)
    assert case.hidden_units <= 3
    assert len(case.batch) <= 2
    assert said in violation.sentence
    assert abs(violation.found - violation.expected) > violation.bound > 0
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


def test_a_gradient_that_is_reported_right_says_nothing_of_the_step() -> None:
    assert outcomes(GRAD1, EveryLayerFirst(), "float64", "small")["held"] >= 12
    assert violation_of(STEP1, EveryLayerFirst(), tier="wide")


class OneComponentOff(Correct):
    """Multiplies one component of the gradient by 1 + fault."""

    def __init__(self, index: int, fault: float) -> None:
        self.index = index
        self.fault = fault

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        gradient.vector[self.index] *= 1 + self.fault
        return gradient


@pytest.mark.parametrize(("dtype", "tier"), [("float32", "small"), ("float32", "wide"), ("float64", "wide")])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_fault_that_a_case_promises_to_show_is_shown(dtype: str, tier: Tier, data: st.DataObject) -> None:
    """Of the largest component of every weight matrix and every bias vector; components of one size are left out."""
    implementation = Checked(Correct(), dtype)
    case = data.draw(GRAD1.cases(Domain.of(implementation), tier))
    judgement = GRAD1.judge(implementation, case)
    assume(judgement.outcome == "held")
    assert 0 < judgement.detectable <= {"float32": 1e-4, "float64": 1e-10}[dtype]
    fault = 1.01 * judgement.detectable + implementation.unit_roundoff  # what is multiplied is rounded once more
    size = np.abs(loss_and_gradient(case.network, case.parameters, case.batch)[1].vector)
    layers = range(case.network.layer_count)
    for tensor in (*map(case.network.weight_slice, layers), *map(case.network.bias_slice, layers)):
        ascending = np.argsort(size[tensor]) + tensor.start
        if ascending.size == 0 or size[ascending[-1]] == 0:
            continue
        if ascending.size > 1 and size[ascending[-2]] > (1 - 1e-9) * size[ascending[-1]]:
            continue
        faulty = OneComponentOff(int(ascending[-1]), fault if data.draw(st.booleans()) else -fault)
        assert GRAD1.judge(Checked(faulty, dtype), case).outcome == "violated"


def test_a_coarse_arithmetic_is_not_judged_by_a_bound_that_sees_nothing() -> None:
    class Coarse(Correct):
        capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": 2.0**-9})

    for prop in (GRAD1, STEP1):
        counts = outcomes(prop, Coarse(), "float32", "wide")
        assert counts["held"] == 0
        assert counts["too_wide"] >= 10


@pytest.mark.parametrize("prop", [GRAD1, GRAD2, STEP1], ids=["GRAD1", "GRAD2", "STEP1"])
@pytest.mark.parametrize(
    "limits",
    [{"max_hidden_layers": 0}, {"max_samples": 1}, {"bias": (False,)}, {"max_width": 1}, {"losses": ("bce",)}],
    ids=["no hidden layers", "one sample", "no bias", "width 1", "bce"],
)
def test_what_can_do_little_is_asked_little(prop: Any, limits: dict[str, Any]) -> None:
    class Limited(Correct):
        capabilities = Capabilities(sample_weights=False, activations=("tanh",), **limits)

    assert outcomes(prop, Limited(), "float64", "small", examples=10)["held"] >= 5


def test_without_plain_descent_there_is_no_plain_step() -> None:
    with pytest.raises(Unsupported, match="sgd"):
        STEP1.cases(Domain("float64", Capabilities(optimizers=("adam",))), "small")


def test_without_a_loss_there_is_nothing_to_compare_the_gradient_with() -> None:
    class Silent(Correct):
        def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
            return None, super().loss_and_gradient(network, parameters, batch)[1]

    with pytest.raises(Unsupported, match="no loss"):
        outcomes(GRAD2, Silent(), "float64", "small")
    assert outcomes(GRAD1, Silent(), "float64", "small")["held"] >= 12


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_third_derivative_exceeds_its_bound(activation: str, loss: str, data: st.DataObject) -> None:
    """A second difference of slopes is a mean of the third derivative over the segment, and the slopes are exact."""
    domain = Domain("float64", Capabilities(activations=ACTIVATIONS, losses=LOSSES))
    tier: Tier = data.draw(st.sampled_from(("small", "wide")))
    drawn = networks(domain, tier, activations=(activation,), losses=(loss,), hidden_layers=(1, 2))
    case: Case = data.draw(cases(domain, tier, drawn))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    direction = Parameters(case.network, random.normal(size=case.network.parameter_count))
    h = 2.0 ** -data.draw(st.integers(4, 12))
    assume(not crosses_a_kink(case, direction, h))

    def slope(t: float) -> float:
        at = Parameters(case.network, case.parameters.vector + t * direction.vector)
        return complex_step_slope(case.network, at, case.batch, direction.vector)

    slopes = np.array([slope(-h), slope(0.0), slope(h)])
    second_difference = slopes @ (1.0, -2.0, 1.0) / h**2
    rounding = 1e-12 * (np.abs(slopes).max() + float(np.abs(direction.vector).sum())) / h**2
    assert abs(second_difference) <= third_derivative_bound(case, direction, h) + rounding


def test_a_kink_on_the_segment_is_seen_and_one_beyond_is_not() -> None:
    network = Network((1, 1, 1), "relu", bias=False)
    case = Case(network, Parameters(network, np.array([0.5, 1.0])), Batch(np.array([[1.0]]), np.array([[0.0]])))
    direction = Parameters(network, np.array([1.0, 0.0]))
    assert crosses_a_kink(case, direction, 0.5)
    assert not crosses_a_kink(case, direction, 0.49)


def test_the_bound_is_the_third_derivative_where_that_is_constant() -> None:
    """(v w - y)^2 along (1, 1) from v = w = y = 0 is t^4, whose third derivative is 24 t."""
    network = Network((1, 1, 1), "identity", bias=False)
    case = Case(network, Parameters.zeros(network), Batch(np.array([[1.0]]), np.array([[0.0]])))
    h = 0.25
    assert third_derivative_bound(case, Parameters(network, np.ones(2)), h) == pytest.approx(24 * h, rel=1e-6)
