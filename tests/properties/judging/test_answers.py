"""What properties ask of an answer: sums with their errors, activations, kinks, and when a mean rounds nothing."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.properties.judging.answers import activation_of, mean_is_exact, measure, near_a_kink, positions


def a_case(sizes=(2, 3, 2), activation="relu", weights=None, *, bias=True, samples=2, loss="mse", vector=None):
    network = Network(sizes, activation, loss, bias)
    random = np.random.default_rng(0)
    vector = random.normal(size=network.parameter_count) if vector is None else np.array(vector)
    batch = Batch(random.normal(size=(samples, sizes[0])), random.normal(size=(samples, sizes[-1])), weights)
    return Case(network, Parameters(network, vector), batch)


@pytest.mark.parametrize("bias", [True, False])
def test_positions_are_those_of_the_views(bias):
    case = a_case(bias=bias)
    for layer in range(2):
        weight, of_bias = positions(case.network, layer)
        assert np.array_equal(case.parameters.vector[weight], case.parameters.weight(layer))
        assert np.array_equal(case.parameters.vector[of_bias], case.parameters.bias(layer))


@given(st.lists(st.floats(-4, 4, width=32, allow_subnormal=False), min_size=3, max_size=3))
def test_the_error_of_a_sum_bounds_rounding_and_the_errors_of_its_terms(factors):
    measured = measure(Checked(NumpyPlain(), "float64"), a_case())
    where, coefficients = np.arange(12).reshape(4, 3), np.tile(factors, (4, 1))
    values, errors = measured.sums(coefficients, where)
    for value, error, row in zip(values.tolist(), errors.tolist(), where, strict=True):
        exact = weighed(factors, measured.vector[row])
        of_terms = weighed(np.abs(factors), measured.tolerance[row])
        assert abs(Fraction(value) - exact) + of_terms * Fraction(1 - 2**-40) <= Fraction(error)


def weighed(factors, numbers):
    """Return the sum of products without any rounding."""
    return sum(Fraction(float(f)) * Fraction(float(n)) for f, n in zip(factors, numbers, strict=True))


def test_activations_are_read_from_the_stages():
    case, implementation = a_case(), Checked(NumpyPlain(), "float64")
    assert activation_of(implementation, case, 0) is case.batch.x
    right = measure(implementation, case).expected.stages.activations[1]
    assert np.allclose(activation_of(implementation, case, 1), right, rtol=1e-14)


@pytest.mark.parametrize(("activation", "near"), [("relu", True), ("leaky_relu", True), ("tanh", False)])
def test_a_pre_activation_of_zero_is_near_a_kink_only_where_there_is_one(activation, near):
    case = a_case((1, 1, 1), activation, vector=[1.0, 0.0, 1.0, 0.5], samples=1)
    implementation = Checked(NumpyPlain(), "float64")
    assert not near_a_kink(case, measure(implementation, case).expected)
    at_zero = case.parameters.copy()
    at_zero.bias(0)[...] = -case.batch.x[0]
    case = replace(case, parameters=at_zero)
    assert near_a_kink(case, measure(implementation, case).expected) == near


@pytest.mark.parametrize(
    ("settings", "exact"),
    [
        ({"samples": 2}, True),
        ({"samples": 3}, False),
        ({"sizes": (2, 3), "activation": ()}, False),
        ({"sizes": (2, 3), "activation": (), "loss": "softmax_cross_entropy"}, True),
        ({"weights": np.array([1.0, 2.0])}, False),
        ({"weights": np.array([3.0]), "samples": 1}, True),
    ],
)
def test_a_mean_over_a_power_of_two_rounds_nothing(settings, exact):
    assert mean_is_exact(a_case(**settings)) == exact
