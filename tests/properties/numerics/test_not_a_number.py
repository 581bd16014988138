"""NUM1, NUM3 and NUM4 hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.properties import find
from symtests.properties.base import Tier
from symtests.training import Training
from tests.mutants.base import Correct
from tests.mutants.memory_faults import (
    AnswersShareMemory,
    GradientsAddUp,
    InputsScaledInPlace,
    MomentumCarriedOver,
    OtherUnitsDroppedEachTime,
    RowsOfALargerBatch,
    TargetsTurnedIntoResiduals,
    TrainsInPlace,
)
from tests.mutants.number_faults import (
    EmptyBatchStillDecays,
    EmptyMeanIsZero,
    GradientWithoutNaN,
    MissingInputsAreZero,
    MissingTargetsAreRight,
    ReluHidesNaN,
)
from tests.properties.right_ones import OnlyTrains
from tests.properties.trying import outcomes, run_script, violation_of

PROPERTIES = ("NUM1", "NUM3", "NUM4")


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize("implementation", [NumpyPlain, NumbaKernels, Correct, OnlyTrains])
@pytest.mark.parametrize(("dtype", "tier"), [("float64", "small"), ("float32", "wide")])
def test_correct_code_is_not_accused(prop: str, implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(find(prop), implementation(), dtype, tier, examples=20)
    assert counts["held"] == counts["bitwise"] == 20


@pytest.mark.parametrize(
    ("prop", "mutant", "said"),
    [
        ("NUM1", ReluHidesNaN, "input x[0,0] is NaN, but the loss is 1.0"),
        ("NUM1", MissingInputsAreZero, "input x[0,0] is NaN, but the loss is 1.0"),
        ("NUM1", MissingTargetsAreRight, "target y[0,0] is NaN, but the loss is 0.0"),
        ("NUM1", GradientWithoutNaN, "is NaN, but no entry of the gradient of W2 is: the first is 0.0"),
        ("NUM3", EmptyMeanIsZero, "the batch has 0 samples, but its loss is 0.0"),
        ("NUM3", EmptyBatchStillDecays, "training on it (sgd) moved W1[0,0] from 1.0 to 0.999"),
        ("NUM4", GradientsAddUp, "loss_and_gradient was asked the same question (batch size 1) before and after"),
        ("NUM4", MomentumCarriedOver, "train was asked the same question"),
        ("NUM4", InputsScaledInPlace, "train changed its argument batch.x in place"),
        ("NUM4", TargetsTurnedIntoResiduals, "loss_and_gradient changed its argument batch.y in place"),
        ("NUM4", TrainsInPlace, "train changed its argument parameters in place"),
        ("NUM4", RowsOfALargerBatch, "gradient of b1[0] was"),
        ("NUM4", AnswersShareMemory, "it is memory that later calls write to"),
        ("NUM4", OtherUnitsDroppedEachTime, "was asked the same question"),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: str, mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(find(prop), mutant(), shrink=True)
    assert case.hidden_units <= 3
    assert len(case.batch) <= 2
    assert said in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


class RefusesNaN(Correct):
    """Raises where a number is NaN."""

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        if np.isnan(parameters.vector).any() or np.isnan(batch.x).any():
            raise ValueError("NaN")
        return super().stages(network, parameters, batch)


class NaNForNothing(Correct):
    """Divides 0 by 0 where there are no samples, and reports a gradient of zeros with it, as autograd does."""

    def shares(self, batch: Batch) -> Array:
        return super().shares(batch) if len(batch) else np.zeros(0, batch.x.dtype)

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z, batch) if len(batch) else float("nan")


class ForgetsToAnswer(Correct):
    """Returns nothing where there are no samples."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Any:
        return super().train(network, parameters, batch, training) if len(batch) else None


def test_an_error_is_an_honest_answer_to_nan() -> None:
    assert outcomes(find("NUM1"), RefusesNaN(), "float64", "small")["held"] == 30


def test_nan_is_an_honest_answer_to_nothing() -> None:
    assert outcomes(find("NUM3"), NaNForNothing(), "float64", "small")["held"] == 30


def test_no_answer_at_all_is_a_misbehaviour() -> None:
    with pytest.raises(Misbehaviour, match="train returned None"):
        outcomes(find("NUM3"), ForgetsToAnswer(), "float64", "small")


def test_one_sample_at_a_time_is_enough_to_see_what_a_call_leaves() -> None:
    class OneSample(TrainsInPlace):
        capabilities = Capabilities(dtypes=DTYPES, max_samples=1)

    case, violation = violation_of(find("NUM4"), OneSample(), dtype="float32")
    assert len(case.batch) == 1
    assert violation.quantity == "parameters"


def test_training_that_diverges_is_no_violation_of_memory() -> None:
    class Diverges(Correct):
        def update(
            self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
        ) -> None:
            theta.vector[...] *= np.inf

    assert outcomes(find("NUM4"), Diverges(), "float32", "small", examples=10)["held"] == 10


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize("limits", [{"max_hidden_layers": 0}, {"optimizers": ("adam",)}, {"bias": (False,)}])
def test_what_can_do_little_is_asked_little(prop: str, limits: dict[str, Any]) -> None:
    class Limited(Correct):
        capabilities = Capabilities(sample_weights=False, activations=("relu",), **limits)

    assert outcomes(find(prop), Limited(), "float64", "wide", examples=10)["held"] >= 8
