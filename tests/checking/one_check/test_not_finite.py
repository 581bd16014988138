"""A NaN or an infinity where a number is due is violated, in every property that reads it, beside the right number."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.checking import verdicts
from symtests.checking.one_check.not_finite import violation_of_finiteness
from symtests.checking.profile import Profile
from symtests.checking.results.verdict import Verdict
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

FEW = Profile("quick", 6, 2, shrink_cases=8, seconds=20.0, effort=0.0, diagnosis_seconds=0.0)
FEWEST = replace(FEW, small_examples=2, wide_examples=1)

# The properties that read each part of an answer: each must see that its last number is none.
READERS = {
    "train": "SYM2 SYM3 SYM4 ZERO1 ZERO3 BRK3 EQV6 EMB3 LIN1 LIN3 STEP1 OPT1 OPT2 OPT3 OPT4 OPT5 OPT6 DESC1 NUM5 BITS1",
    "loss": "SYM1 ZERO1 BRK2 GRAD1 EQV1 SAD1 EMB1 LIN1 OWN1 DESC1 LOSS1 LOSS8 NUM2 NUM5 BITS1",
    "gradient": "SYM1 ZERO1 BRK2 GRAD1 EQV1 SAD1 EMB1 LIN1 OWN1 DESC1 LOSS1 LOSS8 NUM2 NUM5 BITS1",
    "predict": "ZERO7 GRAD1 LOSS7 NUM5 BITS1",
    "initialize": "BRK1",
    "train_many": "MST1 MST2 MST3",
    "pre_activations": "GRAD9",
    "activations": "GRAD9",
    "error_signals": "GRAD9",
}


class Spoiled(NumbaKernels):
    """Right but for the last number of one part of its answers."""

    name = "spoiled"

    def __init__(self, part: str, number: float) -> None:
        super().__init__()
        self.part, self.number = part, number

    def spoiled(self, answer: Any) -> Array:
        array: Array = np.array(getattr(answer, "vector", answer))
        array.flat[-1] = self.number
        return array

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        outputs = super().predict(network, parameters, x)
        return self.spoiled(outputs) if self.part == "predict" else outputs

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Any]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return (
            self.number if self.part == "loss" else loss,
            self.spoiled(gradient) if self.part == "gradient" else gradient,
        )

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        found = super().stages(network, parameters, batch)
        if self.part not in ("pre_activations", "activations", "error_signals"):
            return found
        *others, last = getattr(found, self.part)
        return replace(found, **{self.part: (*others, self.spoiled(last))})

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Any:
        after = super().train(network, parameters, batch, training)
        return self.spoiled(after) if self.part == "train" else after

    def train_many(self, *question: Any) -> Any:
        *others, last = super().train_many(*question)
        return [*others, self.spoiled(last) if self.part == "train_many" else last]

    def initialize(self, network: Network, scheme: str, seed: int) -> Any:
        start = super().initialize(network, scheme, seed)
        return self.spoiled(start) if self.part == "initialize" else start


def judged(part: str, number: float, properties: list[str]) -> dict[str, Verdict]:
    found = verdicts(Spoiled(part, number), properties=properties, dtypes=["float32"], profile=FEW)
    return {verdict.property: verdict for verdict in found}


@pytest.mark.thorough
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("part", READERS)
def test_every_property_that_reads_it_is_violated_with_the_case_and_both_numbers(part: str, number: float) -> None:
    properties = READERS[part].split()
    found = judged(part, number, properties)
    assert {prop: verdict.word for prop, verdict in found.items()} == dict.fromkeys(properties, "violated")
    for verdict in found.values():
        case = verdict.counterexample
        assert verdict.failure is None
        assert case is not None
        assert case.quantity
        assert case.case["batch"]
        compile(case.script, "script", "exec")


SENTENCES = {
    "train": "takes .* out of the finite numbers: it ends at nan, where .* is right",
    "loss": "loss_and_gradient returned nan as the loss, where .* is right",
    "gradient": r"loss_and_gradient returned nan as the gradient of [Wb]\d\[[0-9,]+\], where .* is right",
    "predict": r"predict returned nan as output \d for sample \d, where .* is right",
    "initialize": r"initialize with scheme '\w+' and seed \d+ returned nan as [Wb]\d\[.*\], where any finite number is",
    "train_many": r"train_many takes .* from the start of seed \d+ in .*: it ends at nan, where .* is right",
    "pre_activations": r"stages returned nan as pre_activations\[\d\] of unit \d+ for sample \d+, where .* is right",
    "activations": r"stages returned nan as activations\[\d\] of unit \d+ for sample \d+, where .* is right",
    "error_signals": r"stages returned nan as error_signals\[\d\] of unit \d+ for sample \d+, where .* is right",
}


@pytest.mark.parametrize("part", SENTENCES)
def test_the_sentence_names_operation_place_and_both_numbers(part: str) -> None:
    prop = READERS[part].split()[0]
    verdict = judged(part, math.nan, [prop])[prop]
    assert (verdict.word, verdict.failure) == ("violated", None)
    assert re.search(SENTENCES[part], verdict.sentence), verdict.sentence
    assert verdict.counterexample is not None
    assert math.isnan(verdict.counterexample.found or 0.0)


@pytest.mark.thorough
@pytest.mark.parametrize("number", [math.nan, math.inf])
@pytest.mark.parametrize("part", READERS)
def test_no_property_at_all_is_errored_by_it(part: str, number: float) -> None:
    found = list(verdicts(Spoiled(part, number), profile=FEWEST))
    assert [verdict.sentence for verdict in found if verdict.word == "errored"] == []
    assert any(verdict.word == "violated" for verdict in found)


NETWORK = Network((1, 1), (), "mse", bias=False)


def question(weight: float, x: float) -> tuple[Network, Parameters, Batch]:
    parameters = Parameters.from_layers(NETWORK, [[[weight]]], [], dtype="float32")
    return NETWORK, parameters, Batch(np.array([[x]], "float32"), np.zeros((1, 1), "float32"))


class Overflows:
    """Answers infinity, whatever it is asked."""

    capabilities = Capabilities(dtypes=("float32",))

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Any:
        return np.full_like(parameters.vector, np.inf)


@pytest.mark.parametrize(("x", "due"), [(1.0, True), (1e18, True), (1e19, False), (3e38, False)])
def test_no_finite_number_is_due_where_the_right_one_is_beyond_the_dtype(x: float, due: bool) -> None:
    implementation = Checked(Overflows(), "float32")
    with pytest.raises(Misbehaviour) as caught:
        implementation.train(*question(3.0, x), Training("sgd", 1.0, 1))
    violation = violation_of_finiteness(implementation, caught.value, implementation.latest_call)
    assert (violation is not None) == due
    if violation is not None:
        assert violation.found == math.inf
        assert violation.expected == pytest.approx(3.0 - 2 * 3.0 * x * x, rel=1e-6)


def test_another_misbehaviour_is_none_of_it() -> None:
    implementation = Checked(Overflows(), "float32")
    assert (
        violation_of_finiteness(implementation, Misbehaviour("raised", "train raised"), implementation.latest_call)
        is None
    )
