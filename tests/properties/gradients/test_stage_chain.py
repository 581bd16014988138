"""GRAD9 names the stage that is wrong; GRAD1 leans on shown stages only where the gradient comes from them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.implementations.stages import Stages
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.samples_apart import WIDEST, samples_apart
from symtests.properties.gradients.gradient import GRAD1
from symtests.properties.gradients.stage_chain import GRAD9
from symtests.properties.judging.answers import measure
from symtests.properties.judging.stages import ShownStages, judge_chain, judge_gradient_of, shown_stages
from tests.mutants.base import Correct
from tests.mutants.stage_faults import (
    ShowsActivationsInHalf,
    ShowsPreActivationsWithoutBias,
    ShowsSignalsOfActivations,
    ShowsSummedSignals,
    SignalsOfOneUnitFade,
)
from tests.properties.right_ones import ThreeTimesTheLoss
from tests.properties.trying import outcomes, run_script, violation_of


class ShowsAnotherPass(NumpyPlain):
    """Correct: computes its gradient with the products of a library, and shows a pass with sums in ascending order."""

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        return Correct().stages(network, parameters, batch)


def apart(dtype: str, sizes: tuple[int, ...] = (10, 33, 40, 3), activation: str = "tanh", seed: int = 0) -> Case:
    """Return a case whose samples are told apart by their features."""
    network, random = Network(sizes, activation), np.random.default_rng(seed)
    theta = random.normal(size=network.parameter_count) / 8
    x = np.concatenate([np.eye(8), random.normal(size=(8, sizes[0] - 8))], axis=1)
    batch = Batch(x, random.normal(size=(8, sizes[-1]))).astype(dtype)
    return Case(network, Parameters(network, theta).astype(dtype), batch)


def shown_by(implementation: object, case: Case, dtype: str) -> ShownStages:
    shown = shown_stages(measure(Checked(implementation, dtype), case))
    assert shown is not None
    return shown


@pytest.mark.parametrize("implementation", [NumpyPlain, NumbaKernels, Correct, ThreeTimesTheLoss, ShowsAnotherPass])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "wide"), ("float32", "small")])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(GRAD9, implementation(), dtype, tier, examples=20)
    assert counts["held"] >= 15


def test_half_precision_that_says_so_is_not_accused() -> None:
    class Coarse(Correct):
        capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": 2.0**-8})

        def product(self, a: Array, b: Array) -> Array:
            return rounded(super().product(a, b))

    def rounded(array: Array) -> Array:
        bits = array.view(np.uint32) + np.uint32(0x8000)
        return (bits & np.uint32(0xFFFF0000)).view(np.float32)

    for prop in (GRAD1, GRAD9):
        outcomes(prop, Coarse(), "float32", "small")
        outcomes(prop, Coarse(), "float32", "wide", examples=10)


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (ShowsSummedSignals, "the error signal of unit 0 of layer 2 for sample 0 is shown as"),
        (ShowsSignalsOfActivations, "the error signal of unit 0 of layer 1 for sample 0 is shown as"),
        (ShowsPreActivationsWithoutBias, "the pre-activation of unit 0 of layer 1 for sample 0 is shown as"),
        (ShowsActivationsInHalf, "the activation of unit 0 of layer 1 for sample 0 is shown as"),
        (SignalsOfOneUnitFade, "from the error signals of layer 2 it is"),
    ],
)
def test_a_fault_is_found_in_its_stage_and_shown_by_a_small_network(mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(GRAD9, mutant(), shrink=True)
    assert case.hidden_units <= 3
    assert said in violation.sentence
    assert abs(violation.found - violation.expected) > violation.bound
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


def test_the_unit_and_the_layer_that_are_wrong_are_named_in_a_wide_network() -> None:
    case, violation = violation_of(GRAD9, SignalsOfOneUnitFade(), tier="wide", dtype="float32")
    last = [f"error signal of unit {width - 1} of layer {n}" for n, width in enumerate(case.network.hidden_sizes, 1)]
    assert any(name in violation.sentence for name in last)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("implementation", [NumpyPlain, NumbaKernels, Correct, ThreeTimesTheLoss])
def test_a_gradient_shows_from_which_pass_it_comes(implementation: type[Any], dtype: str) -> None:
    for activation in ("tanh", "relu"):
        case = apart(dtype, activation=activation)
        shown = shown_by(implementation(), case, dtype)
        assert shown.is_of_the_gradient
        assert judge_gradient_of(shown).outcome == "held"


def test_a_gradient_of_another_pass_is_not_judged_by_the_shown_one() -> None:
    for seed in range(20):
        shown = shown_by(ShowsAnotherPass(), apart("float32", (10, 129, 130, 7), seed=seed), "float32")
        assert not shown.is_of_the_gradient
        assert judge_chain(shown).outcome == "held"


def test_without_features_of_their_own_samples_are_not_told_apart() -> None:
    case = apart("float32")
    x = case.batch.x.copy()
    x[0, :8] = 0.5
    mixed = Case(case.network, case.parameters, Batch(x, case.batch.y))
    assert not shown_by(NumpyPlain(), mixed, "float32").is_of_the_gradient


class OneComponentOff(Correct):
    """Multiplies one component of the gradient by 1 + fault."""

    def __init__(self, index: int, fault: float) -> None:
        self.index, self.fault = index, fault

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        gradient.vector[self.index] *= 1 + self.fault
        return gradient


@pytest.mark.parametrize(("dtype", "fault"), [("float32", 1e-4), ("float64", 1e-10)])
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_promised_fault_in_the_largest_component_of_any_tensor_is_caught(
    dtype: str, fault: float, data: st.DataObject
) -> None:
    """Up to width 256 and depth 4, in every layer, though end-to-end tolerances are wider there."""
    case = data.draw(samples_apart(Domain.of(Checked(Correct(), dtype))))
    implementation = Checked(Correct(), dtype)
    if GRAD1.judge(implementation, case).outcome != "held":
        return
    size = np.abs(measure(implementation, case).vector)
    layers = range(case.network.layer_count)
    for tensor in (*map(case.network.weight_slice, layers), *map(case.network.bias_slice, layers)):
        if size[tensor].any():
            largest = int(tensor.start + np.argmax(size[tensor]))
            assert GRAD1.judge(Checked(OneComponentOff(largest, fault), dtype), case).outcome == "violated"


def test_a_fault_in_a_gradient_is_told_by_the_stages_from_which_it_comes() -> None:
    """A component far below the largest of its matrix, whose fault the end-to-end tolerance hides."""
    case, dtype = apart("float32", (10, WIDEST, WIDEST, 3)), "float32"
    shown = shown_by(Correct(), case, dtype)
    g, local = shown.expected.gradient.vector, shown.gradient_tolerance
    size, wide = np.abs(g), shown.measured.tolerance
    weights = case.network.weight_slice(1)
    hidden_end_to_end = np.flatnonzero((2 * local < 1e-4 * size) & (wide > 2e-4 * size))
    index = int(next(k for k in hidden_end_to_end if weights.start <= k < weights.stop))
    violation = GRAD1.judge(Checked(OneComponentOff(index, 1e-4), dtype), case).violation
    assert violation is not None
    name = shown.measured.answer.gradient.name_of(index)
    assert violation.sentence.startswith(f"the gradient of {name} is ")
    assert "the activations of layer 1 and the error signals of layer 2, from which it comes" in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, OneComponentOff(index, 1e-4))


@pytest.mark.parametrize("limits", [{"max_width": 20}, {"max_samples": 4}, {"max_hidden_layers": 0}], ids=str)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_limited_is_asked_no_wider_cases(limits: dict[str, Any], data: st.DataObject) -> None:
    case = data.draw(GRAD9.cases(Domain("float64", Capabilities(**limits)), "wide"))
    assert max(case.network.hidden_sizes, default=1) <= limits.get("max_width", WIDEST)
    assert len(case.batch) <= limits.get("max_samples", 33)
    assert len(case.network.hidden_sizes) <= limits.get("max_hidden_layers", 4)


def test_what_are_no_stages_is_a_misbehaviour() -> None:
    class Short(Correct):
        def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
            return super().stages(network, parameters, batch)._replace(error_signals=())

        def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
            return Correct().loss_and_gradient(network, parameters, batch)

    with pytest.raises(Misbehaviour, match=r"no error_signals\[0\]"):
        shown_by(Short(), apart("float64"), "float64")
