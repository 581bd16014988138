"""LOSS3, LOSS4 and LOSS8 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Domain
from symtests.properties.losses.batch_mean import LOSS3, LOSS4, LOSS8
from tests.mutants.backward_faults import BiasAveragedTwice
from tests.mutants.base import Correct
from tests.mutants.loss_faults import (
    FirstSampleSkipped,
    MeanMissing,
    SampleAfterSample,
    SampleWeightsIgnored,
    WeightedSumOverCount,
)
from tests.mutants.shape_faults import LargeBatchesInTwoParts, SparseInputsWithoutBias, ZeroRowsArePadding
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [LOSS3, LOSS4, LOSS8], ids=lambda prop: prop.id)


class TrainsOnly:
    """Offers nothing but training."""

    capabilities = Capabilities(dtypes=("float32", "float64"))
    train = Correct().train


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels, TrainsOnly])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier, 12)["held"] >= 6


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (LOSS3, MeanMissing),
        (LOSS3, BiasAveragedTwice),
        (LOSS3, FirstSampleSkipped),
        (LOSS3, WeightedSumOverCount),
        (LOSS3, ZeroRowsArePadding),
        (LOSS3, SparseInputsWithoutBias),
        (LOSS4, MeanMissing),
        (LOSS4, FirstSampleSkipped),
        (LOSS4, SampleAfterSample),
        (LOSS8, SampleWeightsIgnored),
        (LOSS8, WeightedSumOverCount),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct())
    assert abs(violation.expected - violation.found) > violation.bound


class LossOfFirstSample(Correct):
    """Its gradient is right, but the loss that it reports is that of the first sample."""

    def loss(self, network, z, batch):
        first = type(batch)(batch.x[:1], batch.y[:1])
        return super().loss(network, z[:1], first)


def test_a_fault_of_large_batches_is_found_by_many_copies() -> None:
    case, violation = violation_of(LOSS4, LargeBatchesInTwoParts(), tier="wide", shrink=True)
    assert len(case.batch) < 64 <= len(case.details["rows"])
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, LargeBatchesInTwoParts())


@pytest.mark.parametrize("prop", [LOSS3, LOSS4], ids=lambda prop: prop.id)
def test_the_loss_is_judged_where_it_is_reported(prop):
    case, violation = violation_of(prop, LossOfFirstSample())
    assert violation.quantity == "loss"
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, LossOfFirstSample())


@pytest.mark.parametrize("prop", [LOSS3, LOSS4, LOSS8], ids=lambda prop: prop.id)
def test_one_sample_at_a_time_is_too_few(prop):
    with pytest.raises(Unsupported, match="2 samples"):
        prop.cases(Domain("float64", Capabilities(max_samples=1)), "small")


@pytest.mark.parametrize("prop", [LOSS4, LOSS8], ids=lambda prop: prop.id)
@pytest.mark.parametrize("tier", ["small", "wide"])
def test_no_batch_is_larger_than_it_may_be(prop, tier):
    class AtMostThree(Correct):
        capabilities = Capabilities(max_samples=3)

        def forward(self, network, parameters, x):
            assert len(x) <= 3
            return super().forward(network, parameters, x)

    assert outcomes(prop, AtMostThree(), "float64", tier, 15)["held"] >= 8


def test_sample_weights_are_needed():
    with pytest.raises(Unsupported, match="sample weights"):
        LOSS8.cases(Domain("float64", Capabilities(sample_weights=False)), "small")


def test_the_sentence_says_what_became_of_the_batch():
    case, violation = violation_of(LOSS8, SampleWeightsIgnored(), shrink=True)
    assert (case.network.sizes, case.hidden_units) == ((1, 1), 0)
    assert case.batch.sample_weights is not None
    assert np.ptp(case.batch.sample_weights) > 0
    assert violation.sentence.startswith("in place of the weights (")
