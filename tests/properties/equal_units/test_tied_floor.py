"""EMB3 and EMB4 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.datasets import load
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.initialization import initialize
from symtests.network import DTYPES, Network
from symtests.oracle import passes
from symtests.parameters import Parameters
from symtests.properties.base import Domain
from symtests.properties.equal_units.tied_floor import EMB3, EMB4, XOR_FLOORS, tie_all
from tests.mutants.base import Correct
from tests.mutants.embedding_faults import (
    ActivationWithBump,
    LeakWithWrongSign,
    LossWithoutLastSample,
    UnitsPushedApart,
)
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [EMB3, EMB4], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier, 12)["held"] >= 8


@PROPERTIES
@pytest.mark.parametrize("mutant", [ActivationWithBump, LeakWithWrongSign, LossWithoutLastSample, UnitsPushedApart])
def test_a_fault_is_found_and_shown(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct(), samples=4)
    assert violation.found < violation.expected - violation.bound


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_units_that_differ_learn_it(activation):
    class Monotone(Correct):
        capabilities = Capabilities(dtypes=DTYPES, activations=(activation,))

    _, violation = violation_of(EMB3, Monotone(), without_precondition=True)
    assert violation.found < 1 / 6


@pytest.mark.parametrize("independent", [False, True])
def test_an_implementation_that_only_trains(independent):
    class OnlyTrains:
        capabilities = Capabilities(dtypes=DTYPES, index_independent=independent)

        def train(self, *question):
            return Correct().train(*question)

    if independent:
        assert outcomes(EMB3, OnlyTrains(), "float64", "small", 8)["held"] >= 4
    else:
        with pytest.raises(Unsupported, match="reports no loss"):
            outcomes(EMB3, OnlyTrains(), "float64", "small", 1)


def test_the_violation_of_one_that_only_trains_shows_the_units():
    class OnlyTrains:
        capabilities = Capabilities(dtypes=DTYPES, index_independent=True)

        def train(self, *question):
            return UnitsPushedApart().train(*question)

    case, violation = violation_of(EMB3, OnlyTrains())
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, OnlyTrains())


def test_four_samples_are_needed():
    class OneByOne(Correct):
        capabilities = Capabilities(dtypes=DTYPES, max_samples=1)

    with pytest.raises(Unsupported, match="batch of 4 samples"):
        EMB3.cases(Domain.of(Checked(OneByOne(), "float64")), "small")


@given(
    st.sampled_from(["tanh", "relu", "logistic", "leaky_relu", "softplus", "identity"]),
    st.sampled_from(sorted(XOR_FLOORS)), st.integers(0, 2**32 - 1), st.sampled_from([(2,), (3, 2), (2, 3, 2)]),
)  # fmt: skip
def test_no_tied_network_lies_below_the_floor(activation, loss, seed, hidden):
    network = Network((2, *hidden, 1), activation, loss)
    theta = initialize(network, "normal", seed)
    tie_all(theta)
    assert (theta.weight(0) == theta.weight(0)[:, :1]).all()
    assert all((weight == weight[:1]).all() for weight in theta.weights[1:])
    assert passes.loss(network, theta, load("xor")) >= XOR_FLOORS[loss] - 1e-12


def test_the_floor_of_squared_errors_is_reached():
    """relu, w = (-1, -1), b = 1, f = 2/3 - 2/3 relu."""
    network = Network((2, 2, 1), "relu", "mse")
    theta = Parameters.from_layers(network, [-np.ones((2, 2)), np.full((2, 1), -1 / 3)], [np.ones(2), [2 / 3]])
    assert passes.loss(network, theta, load("xor")) == pytest.approx(1 / 6, abs=1e-15)
