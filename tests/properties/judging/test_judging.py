"""Equal numbers are judged bit for bit or within a bound, and what a case cannot show is said."""

from dataclasses import replace

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Judgement
from symtests.properties.judging.judging import (
    REJECTED,
    TRIVIAL,
    Telling,
    expectation,
    gradient_tolerance,
    judge_equal,
    number,
    step_tolerance,
    together,
    train_if_it_converges,
    violated,
)
from symtests.training import Training


def tell(k: int) -> Telling:
    return Telling(f"entry {k}", f"quantity {k}", ("assert False",))


def test_equal_numbers_hold_bit_for_bit() -> None:
    judgement = judge_equal([1.0, 0.0], [1.0, -0.0], tell)
    assert (judgement.outcome, judgement.bitwise, judgement.tolerance) == ("held", True, "exact")
    assert judgement.fraction == judgement.detectable == 0


def test_one_ulp_breaks_bits() -> None:
    judgement = judge_equal([1.0, np.nextafter(2.0, 3.0)], [1.0, 2.0], tell)
    assert judgement.outcome == "violated"
    assert judgement.violation is not None
    assert (judgement.violation.sentence, judgement.violation.expected, judgement.violation.bound) == (
        "entry 1",
        2.0,
        0.0,
    )


def test_the_worst_entry_relative_to_its_bound_is_told() -> None:
    judgement = judge_equal([1.0, 1.5, 1.0], [0.0, 1.0, 1.0], tell, bound=[0.5, 0.125, 0.0])
    assert judgement.violation is not None
    assert (judgement.violation.sentence, judgement.violation.bound) == ("entry 1", 0.125)
    certain = judge_equal([1.0, 1.5], [1.0, 1.0], tell, bound=[1.0, 0.0])
    assert certain.violation is not None
    assert certain.violation.sentence == "entry 1"


def test_a_difference_within_its_bound_holds_as_a_fraction_of_it() -> None:
    judgement = judge_equal([1.25, 2.0], [1.0, 2.0], tell, bound=[0.5, 0.5], tolerance="statistical")
    assert (judgement.outcome, judgement.bitwise, judgement.fraction) == ("held", False, 0.5)
    assert judgement.tolerance == "statistical"
    assert judgement.detectable == np.median([0.75, 0.25])


def test_a_bound_that_hides_the_promised_fault_in_half_of_the_entries_is_too_wide() -> None:
    numbers = np.array([1.0, 1.0, 1e-12])
    assert judge_equal(numbers, numbers, tell, bound=1e-4, promise=1e-3).outcome == "held"
    assert judge_equal(numbers, numbers, tell, bound=1e-2, promise=1e-3).outcome == "too_wide"


def test_zeros_are_trivial_unless_the_property_is_about_them() -> None:
    assert judge_equal([0.0], [0.0], tell).outcome == "trivial"
    assert judge_equal([0.0], [0.0], tell, trivial=False).outcome == "held"
    assert judge_equal([1.0], [0.0], tell, trivial=True).outcome == "violated"


def test_one_violation_speaks_for_all_questions_of_a_case() -> None:
    held = Judgement("held", bitwise=True)
    within = Judgement("held", fraction=0.5, detectable=1e-4, tolerance="certified")
    broken = violated("broken")
    assert together(held, TRIVIAL, broken) is broken
    assert together(held, Judgement("too_wide"), TRIVIAL).outcome == "too_wide"
    assert together(TRIVIAL, REJECTED).outcome == "trivial"
    both = together(held, within, TRIVIAL)
    assert (both.outcome, both.bitwise, both.fraction, both.detectable) == ("held", False, 0.5, 1e-4)
    assert both.tolerance == "certified"


def test_numbers_are_written_as_short_as_their_dtype_allows() -> None:
    assert number(np.float32(0.1)) == "0.1"
    assert number(np.float64(np.float32(0.1))) == "0.10000000149011612"


def small_case(training: Training | None = None) -> Case:
    network = Network((1, 2, 1), "tanh")
    parameters = Parameters(network, np.array([0.5, -1.0, 0.25, 0.5, 1.0, 0.75, -0.5], np.float32))
    batch = Batch(np.array([[1.0], [0.5]], np.float32), np.array([[-1.0], [1.0]], np.float32))
    return Case(network, parameters, batch, training or Training())


def test_a_recovered_gradient_has_the_wider_tolerance() -> None:
    class TrainOnly:
        train = NumpyPlain().train
        capabilities = NumpyPlain.capabilities

    case = small_case()
    tolerances = []
    for implementation in (NumpyPlain(), TrainOnly()):
        checked = Checked(implementation, "float32")
        answer = checked.loss_and_gradient(case.network, case.parameters, case.batch)
        expected = expectation(checked, case)
        tolerance = gradient_tolerance(checked, case, answer, expected)
        assert (np.abs(answer.gradient.vector - expected.gradient.vector) <= tolerance).all()
        tolerances.append(tolerance)
    assert (tolerances[1] > tolerances[0]).all()


def test_one_plain_step_lies_within_its_tolerance() -> None:
    case = small_case(Training("sgd", 0.3, 1))
    checked = Checked(NumpyPlain(), "float32")
    expected = expectation(checked, case)
    right = case.parameters.vector.astype(float) - 0.3 * expected.gradient.vector
    found = checked.train(case.network, case.parameters, case.batch, case.training).vector
    tolerance = step_tolerance(checked, case, expected)
    assert (np.abs(found - right) <= tolerance).all()
    assert (tolerance < 1e-5).all()


def test_a_training_that_diverges_by_right_is_set_aside() -> None:
    case = small_case(Training("sgd", 1e6, 40))
    linear = replace(case, network=Network((1, 2, 1), "identity"))
    linear = replace(linear, parameters=Parameters(linear.network, case.parameters.vector))
    assert train_if_it_converges(Checked(NumpyPlain(), "float32"), linear) is None


def test_a_training_that_diverges_on_its_own_is_a_misbehaviour() -> None:
    class Exploding(NumpyPlain):
        def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
            return Parameters(network, parameters.vector * np.float32(np.inf))

    with pytest.raises(Misbehaviour, match="finite"):
        train_if_it_converges(Checked(Exploding(), "float32"), small_case())
