"""Answers to related questions are compared bit for bit where every arithmetic allows it, and else within rounding."""

from dataclasses import replace

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
from symtests.properties.judging.relations import Relation, Term, exactly, judge_relation, on_grid, same_answer
from tests.mutants.base import Correct

HALVED = ("before = ask(parameters)", "batch = Batch(batch.x / 2, batch.y)", "found = ask(parameters)")


def linear_case(x, weight, dtype="float32"):
    """A network of one weight, with the target 0.3."""
    parameters = Parameters(Network((1, 1), bias=False), np.array([weight], dtype))
    return Case(parameters.network, parameters, Batch(np.array([[x]], dtype), np.full((1, 1), 0.3, dtype)))


def halved(case):
    """Inputs halved and weights doubled, which halves the gradient."""
    batch = replace(case.batch, x=case.batch.x / 2)
    other = replace(case, batch=batch, parameters=Parameters(case.network, case.parameters.vector * 2))
    same = same_answer(case)
    return Relation(other, (replace(same, coefficients=same.coefficients / 2),), "inputs are halved", HALVED)


def test_powers_of_two_are_judged_bit_for_bit():
    judgement = judge_relation(Checked(NumpyPlain(), "float32"), halved(linear_case(0.3, 0.7)), bits=True)
    assert (judgement.outcome, judgement.bitwise, judgement.tolerance) == ("held", True, "exact")


def test_a_difference_that_underflow_explains_is_set_aside():
    relation, implementation = halved(linear_case(2.0**-140, 0.7)), Checked(NumpyPlain(), "float32")
    plain, other = (
        float(
            implementation.loss_and_gradient(question.network, question.parameters, question.batch).gradient.vector[0]
        )
        for question in (relation.terms[0].case, relation.case)
    )
    assert (plain, other) == (-307 * 2.0**-149, -154 * 2.0**-149)
    assert judge_relation(implementation, relation, bits=True).outcome == "rejected"


class Unsteady(Correct):
    """Gives each answer another last bit."""

    calls = 0

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        self.calls += 1
        for _ in range(self.calls % 3):
            gradient.vector[...] = np.nextafter(gradient.vector, np.inf)
        return gradient


def test_answers_that_change_from_call_to_call_are_judged_within_rounding():
    judgement = judge_relation(Checked(Unsteady(), "float64"), halved(linear_case(0.3, 0.7, "float64")), bits=True)
    assert (judgement.outcome, judgement.bitwise, judgement.tolerance) == ("held", False, "certified")


class LossTooLarge(Correct):
    """Its loss is too large by the first input; its gradient is right."""

    def loss(self, network, z, batch):
        return super().loss(network, z, batch) + abs(float(batch.x[0, 0]))


@pytest.mark.parametrize("bits", [True, False])
def test_the_loss_is_judged_beside_the_gradient(bits):
    relation = halved(linear_case(0.3, 0.7, "float64"))
    violation = judge_relation(Checked(LossTooLarge(), "float64"), relation, bits=bits).violation
    assert violation is not None
    assert violation.quantity == "loss"
    assert violation.sentence.startswith("inputs are halved: the loss should be ")
    assert (violation.bound == 0) == bits


def test_without_a_gradient_in_question_a_case_is_trivial():
    relation = halved(linear_case(0.0, 0.7))
    assert judge_relation(Checked(NumpyPlain(), "float32"), relation).outcome == "trivial"
    of_nothing = replace(halved(linear_case(0.3, 0.7)), relevant=np.array([], int))
    assert judge_relation(Checked(NumpyPlain(), "float32"), of_nothing).outcome == "trivial"


def test_terms_are_added_up():
    case = linear_case(0.5, 0.75, "float64")
    same = same_answer(case)
    quarter = Term(case, same.coefficients / 4, same.where, 0.25)
    relation = Relation(case, (quarter, replace(quarter, coefficients=3 * quarter.coefficients, of_loss=0.75)), "", ())
    judgement = judge_relation(Checked(NumpyPlain(), "float64"), relation)
    assert (judgement.outcome, judgement.bitwise) == ("held", True)


def test_a_case_at_the_kink_is_set_aside_and_not_called_too_wide():
    network = Network((1, 1, 1), "relu")
    parameters = Parameters(network, np.array([0.7, -0.7 * 0.3, 1.0, 0.5], np.float32))
    case = Case(network, parameters, Batch(np.full((1, 1), 0.3, np.float32), np.ones((1, 1), np.float32)))
    relation = Relation(case, (same_answer(case),), "", ())
    assert judge_relation(Checked(NumpyPlain(), "float32"), relation).outcome == "rejected"


def test_what_a_dtype_holds_is_exact():
    cast = exactly(np.array([0.5, 2.0]), "float32")
    assert cast is not None
    assert cast.dtype == np.float32
    assert cast.tolist() == [0.5, 2.0]
    assert exactly(np.array([0.1]), "float32") is None
    assert exactly(np.array([0.1]), "float64") is not None


@given(st.lists(st.floats(-8, 8, width=32), min_size=1, max_size=9), st.integers(2, 12))
def test_numbers_on_a_grid_are_multiples_of_its_step_and_not_zero(values, exponent):
    grid = on_grid(np.array(values, np.float32), 2.0**-exponent)
    assert grid.dtype == np.float32
    assert (grid != 0).all()
    assert (np.abs(grid - np.array(values)) <= 1.5 * 2.0**-exponent).all()
    assert (grid * 2.0**exponent == np.rint(grid * 2.0**exponent)).all()
