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
from tests.properties.trying import breach_of, found_and_shown, outcomes, run_script

LAWS = pytest.mark.parametrize("law", [LOSS3, LOSS4, LOSS8], ids=lambda law: law.id)


class TrainsOnly:
    """Offers nothing but training."""

    capabilities = Capabilities(dtypes=("float32", "float64"))
    train = Correct().train


@LAWS
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels, TrainsOnly])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_keeps_the_law(law, implementation, dtype, tier):
    assert outcomes(law, implementation(), dtype, tier, 12)["held"] >= 6


@pytest.mark.parametrize(
    ("law", "mutant"),
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
def test_a_fault_is_found_and_shown_by_a_small_network(law, mutant):
    breach = found_and_shown(law, mutant(), Correct())
    assert abs(breach.expected - breach.found) > breach.bound


class LossOfFirstSample(Correct):
    """Its gradient is right, but the loss that it reports is that of the first sample."""

    def loss(self, network, z, batch):
        first = type(batch)(batch.x[:1], batch.y[:1])
        return super().loss(network, z[:1], first)


def test_a_fault_of_large_batches_is_found_by_many_copies() -> None:
    case, breach = breach_of(LOSS4, LargeBatchesInTwoParts(), tier="wide", shrink=True)
    assert len(case.batch) < 64 <= len(case.details["rows"])
    run_script(breach, case, Correct())
    with pytest.raises(AssertionError):
        run_script(breach, case, LargeBatchesInTwoParts())


@pytest.mark.parametrize("law", [LOSS3, LOSS4], ids=lambda law: law.id)
def test_the_loss_is_judged_where_it_is_reported(law):
    case, breach = breach_of(law, LossOfFirstSample())
    assert breach.quantity == "loss"
    run_script(breach, case, Correct())
    with pytest.raises(AssertionError):
        run_script(breach, case, LossOfFirstSample())


@pytest.mark.parametrize("law", [LOSS3, LOSS4, LOSS8], ids=lambda law: law.id)
def test_one_sample_at_a_time_is_too_few(law):
    with pytest.raises(Unsupported, match="2 samples"):
        law.cases(Domain("float64", Capabilities(max_samples=1)), "small")


@pytest.mark.parametrize("law", [LOSS4, LOSS8], ids=lambda law: law.id)
@pytest.mark.parametrize("tier", ["small", "wide"])
def test_no_batch_is_larger_than_it_may_be(law, tier):
    class AtMostThree(Correct):
        capabilities = Capabilities(max_samples=3)

        def forward(self, network, parameters, x):
            assert len(x) <= 3
            return super().forward(network, parameters, x)

    assert outcomes(law, AtMostThree(), "float64", tier, 15)["held"] >= 8


def test_sample_weights_are_needed():
    with pytest.raises(Unsupported, match="sample weights"):
        LOSS8.cases(Domain("float64", Capabilities(sample_weights=False)), "small")


def test_the_sentence_says_what_became_of_the_batch():
    case, breach = breach_of(LOSS8, SampleWeightsIgnored(), shrink=True)
    assert (case.network.sizes, case.hidden_units) == ((1, 1), 0)
    assert case.batch.sample_weights is not None
    assert np.ptp(case.batch.sample_weights) > 0
    assert breach.sentence.startswith("in place of the weights (")
