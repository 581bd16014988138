"""The properties of symmetry hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties import find
from symtests.properties.base import Domain, Tier
from symtests.properties.judging.tie_observation import observe_ties
from symtests.training import Training
from tests.mutants.base import Correct
from tests.mutants.data_faults import LabelsRolled, StridesIgnored
from tests.mutants.index_faults import DropoutLeftOn, NoiseByUnitIndex, RemainderForgetsBias, WeightsNotTransposed
from tests.mutants.training_faults import LastHiddenRowFrozen, MemoryOfTheNeighbour, NoisySteps, UnitsOneAfterTheOther
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of

PROPERTIES = ("SYM1", "SYM2", "SYM3", "SYM4", "SYM5")


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize(
    ("implementation", "dtype", "tier"),
    [(Correct, "float64", "small"), (Correct, "float32", "wide"), (NumbaKernels, "float32", "wide")],
)
def test_index_independent_code_keeps_every_bit(prop: str, implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(find(prop), implementation(), dtype, tier)
    assert counts["held"] >= 15
    assert counts["bitwise"] >= counts["held"]


@pytest.mark.parametrize("prop", PROPERTIES)
def test_matrix_products_hold_within_rounding(prop: str) -> None:
    counts = outcomes(find(prop), NumpyPlain(), "float32", "wide")
    assert counts["held"] >= 10


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        ("SYM1", NoiseByUnitIndex),
        ("SYM1", WeightsNotTransposed),
        ("SYM1", DropoutLeftOn),
        ("SYM2", UnitsOneAfterTheOther),
        ("SYM2", MemoryOfTheNeighbour),
        ("SYM2", NoisySteps),
        ("SYM3", LastHiddenRowFrozen),
        ("SYM4", StridesIgnored),
        ("SYM5", LabelsRolled),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: str, mutant: type[Correct]) -> None:
    violation = found_and_shown(find(prop), mutant(), Correct())
    assert violation.expected != violation.found


def test_a_fault_of_a_remainder_loop_is_found_by_wide_networks_alone() -> None:
    assert outcomes(find("SYM1"), RemainderForgetsBias(), "float64", "small")["held"] > 0
    case, _ = violation_of(find("SYM1"), RemainderForgetsBias(), tier="wide")
    assert max(case.network.hidden_sizes) >= 9


class RoundedNoise(NoiseByUnitIndex):
    """Does not claim index-independent arithmetic, so that the fault has to exceed the rounding bound."""

    capabilities = Capabilities(dtypes=("float64",))


def test_a_fault_beyond_rounding_is_found_where_no_bits_are_claimed() -> None:
    case, violation = violation_of(find("SYM1"), RoundedNoise())
    assert 0 < violation.bound < abs(violation.expected - violation.found)
    with pytest.raises(AssertionError):
        run_script(violation, case, RoundedNoise())


class FarTooSteep(Correct):
    """Takes slopes a hundred times too large; sums from both ends in turn, unit by unit, and claims no bits."""

    capabilities = Capabilities(dtypes=("float32", "float64"))

    def product(self, a: Array, b: Array) -> Array:
        upwards, downwards = super().product(a, b), super().product(a[:, ::-1], b[::-1])
        return np.where(np.arange(b.shape[1]) % 2, downwards, upwards)

    def slope(self, name: str, z: Array) -> Array:
        return z.dtype.type(100) * super().slope(name, z)


class SlopeAlsoWhereDead(FarTooSteep):
    """Lets error signals pass relu units whose pre-activation is negative, as if they were large."""

    def slope(self, name: str, z: Array) -> Array:
        return np.full_like(z, 10 / 3) if name == "relu" else super().slope(name, z)


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize("implementation", [FarTooSteep, SlopeAlsoWhereDead])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small"), ("float32", "small")])
def test_wrong_values_are_no_broken_ties(prop: str, implementation: type[Correct], dtype: str, tier: Tier) -> None:
    """Its rounding is as large as its own numbers are, not as small as the right ones would have."""
    counts = outcomes(find(prop), implementation(), dtype, tier)  # fails on a violation
    assert counts["held"] + counts["too_wide"] >= 20
    assert tier == "wide" or counts["held"] >= 5


@pytest.mark.parametrize("implementation", [FarTooSteep, SlopeAlsoWhereDead])
def test_wrong_values_are_what_they_are(implementation: type[Correct]) -> None:
    assert violation_of(find("GRAD1"), implementation(), dtype="float32")


class NoisyAndFarTooSteep(FarTooSteep):
    """Adds a thousandth of its own size to the gradient of the last unit."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        gradient = super().weight_gradient(below, signals)
        gradient[:, -1] *= gradient.dtype.type(1.001)
        return gradient


def test_broken_ties_of_wrong_values_are_found_all_the_same() -> None:
    case, violation = violation_of(find("SYM1"), NoisyAndFarTooSteep(), dtype="float32")
    assert 0 < violation.bound < abs(violation.expected - violation.found) / 10
    with pytest.raises(AssertionError):
        run_script(violation, case, NoisyAndFarTooSteep())


class OtherStages(Correct):
    """Its gradient is right, but the stages that it reports have error signals that grow with the unit."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        return Correct().loss_and_gradient(network, parameters, batch)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        stages = super().stages(network, parameters, batch)
        return stages._replace(error_signals=tuple(s * (1 + np.arange(s.shape[1])) for s in stages.error_signals))


def test_error_signals_are_judged_where_they_are_offered() -> None:
    case, violation = violation_of(find("SYM1"), OtherStages())
    assert "error signals" in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, OtherStages())


class NoStages(OtherStages):
    """Offers stages and returns none."""

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        return None


def test_stages_without_error_signals_are_a_misbehaviour() -> None:
    with pytest.raises(Misbehaviour, match="stages"):
        outcomes(find("SYM1"), NoStages(), "float64", "small")


def test_the_sentence_says_who_should_be_equal_and_is_not() -> None:
    case, violation = violation_of(find("SYM1"), NoiseByUnitIndex(), shrink=True)
    assert (case.network.sizes, len(case.batch)) == ((1, 2, 1), 1)
    assert violation.sentence.startswith(
        "hidden units 0 and 1 of layer 1 have equal incoming and outgoing weights, but"
    )
    assert "W1[0,0] and W1[0,1]" in violation.sentence


@pytest.mark.parametrize("prop", ["SYM1", "SYM2", "SYM3"])
def test_ties_need_two_units(prop: str) -> None:
    with pytest.raises(Unsupported, match="2 units"):
        find(prop).cases(Domain("float64", Capabilities(max_width=1)), "small")


def test_ties_of_index_independent_code_hold_at_every_width_observed() -> None:
    class Narrow(Correct):
        capabilities = Capabilities(dtypes=("float32",), index_independent=True, max_width=17)

    observations = observe_ties(Checked(Narrow(), "float32"), 0.0)
    assert {o.data["optimizer"] for o in observations} == {"sgd", "adam"}
    assert all(o.data["widths_broken"] == 0 and o.data["spread"] == 0 and "held" in o.sentence for o in observations)


def test_the_first_step_and_width_at_which_ties_break_are_observed() -> None:
    observation, *_ = observe_ties(Checked(TiesBreakAtStepSeven(), "float64"), 0.0)
    assert (observation.data["width"], observation.data["step"]) == (8, 7)
    assert observation.data["widths_broken"] == observation.data["widths_tried"] - 3  # all but 2, 3 and 7
    assert "width 8, step 7" in observation.sentence


class TiesBreakAtStepSeven(Correct):
    """From step 7 on it pushes the last unit away, in layers of at least 8 units."""

    capabilities = Capabilities(max_width=17)

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        super().update(theta, gradient, memory, step, training)
        if step >= 7 and theta.network.sizes[1] >= 8:
            theta.weight(0)[:, -1] += 1e-3


def test_nothing_is_observed_of_what_cannot_be_tied() -> None:
    class Linear(Correct):
        capabilities = Capabilities(max_hidden_layers=0)

    assert observe_ties(Checked(Linear(), "float64"), 1.0) == []
