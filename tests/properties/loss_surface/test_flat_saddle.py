"""SAD2 holds on correct code, and is broken by what it promises to catch."""

import numpy as np
import pytest

from symtests.datasets import load
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, Network
from symtests.oracle import passes
from symtests.oracle.hessian import hessian
from symtests.parameters import Parameters
from symtests.properties.base import Domain
from symtests.properties.loss_surface.flat_saddle import SAD2
from tests.mutants.base import Correct
from tests.mutants.loss_faults import FirstSampleSkipped
from tests.mutants.saddle_faults import (
    LossRoundedForDisplay,
    NoiseAgainstStagnation,
    SmallGradientsDropped,
)
from tests.properties.trying import outcomes, run_script, violation_of


@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float32", "small"), ("float64", "small")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(SAD2, implementation(), dtype, tier, 15)["held"] >= 10


@pytest.mark.parametrize(
    "mutant", [NoiseAgainstStagnation, LossRoundedForDisplay, FirstSampleSkipped, SmallGradientsDropped]
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant):
    case, violation = violation_of(SAD2, mutant())
    assert case.hidden_units <= 3
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


def test_four_samples_are_needed():
    class OneByOne(Correct):
        capabilities = Capabilities(dtypes=DTYPES, max_samples=1)

    with pytest.raises(Unsupported, match="batch of 4 samples"):
        SAD2.cases(Domain.of(Checked(OneByOne(), "float64")), "small")


def test_the_hessian_is_zero_and_a_lower_loss_lies_beside_it():
    network, batch = Network((2, 2, 1), "tanh", "mse"), load("xor")
    zero = Parameters.zeros(network)
    zero.bias(1)[...] = 0.5
    assert not hessian(network, zero, batch)[:-1, :-1].any()
    beside = zero.copy()
    beside.weight(0)[...], beside.bias(0)[...], beside.weight(1)[...] = 0.4, -0.6, -1e-3
    lower = [passes.loss(network, beside, batch)]
    beside.weight(1)[...] *= -1
    lower.append(passes.loss(network, beside, batch))
    assert min(lower) < 0.25 < max(lower)
    assert np.isclose(passes.loss(network, zero, batch), 0.25)
