"""An arithmetic that is coarser than its storage is asked about numbers that it knows exactly."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Capabilities
from symtests.network import Network
from symtests.oracle import expect
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain
from symtests.properties.drawing.coarse_arithmetic import HALF, leaves_half
from symtests.properties.drawing.strategies import cases


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_number_of_a_wide_case_is_one_of_float16(data: st.DataObject) -> None:
    domain = Domain("float32", Capabilities(dtypes=("float32",), unit_roundoff={"float32": 2.0**-11}))
    case: Case = data.draw(cases(domain, "wide"))
    for array in (case.parameters.vector, case.batch.x, case.batch.y):
        assert array.dtype == np.float32
        large = np.abs(array) >= 2.0**-14  # below, float16 has fewer digits
        np.testing.assert_array_equal(array[large], array[large].astype(np.float16))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_other_arithmetics_are_asked_about_all_numbers_of_their_dtype(dtype: str) -> None:
    domain = Domain(dtype, Capabilities(dtypes=(dtype,)))

    @settings(max_examples=5, suppress_health_check=list(HealthCheck))
    @given(case=cases(domain, "wide"))
    def check(case: Case) -> None:
        mantissa, _ = np.frexp(case.parameters.vector.astype(np.float64))
        digits = {"float32": 22, "float64": 40}[dtype]
        if case.parameters.vector.size > 9:
            assert (mantissa * 2.0**digits % 1 != 0).any()

    check()


def test_what_is_too_large_for_float16_is_not_asked_of_an_arithmetic_with_its_digits() -> None:
    network = Network((1, 1), (), "mse")
    parameters = Parameters(network, np.array([64.0, 0.0], np.float32))
    batch = Batch(np.array([[128.0]], np.float32), np.zeros((1, 1), np.float32))
    expected = expect(network, parameters, batch, HALF)
    assert leaves_half(expected, HALF)  # the gradient is 2 * 128 * 128 * 64 = 2^21
    assert not leaves_half(expected, 2.0**-8)
    assert not leaves_half(expected, HALF, 2.0**-9)
