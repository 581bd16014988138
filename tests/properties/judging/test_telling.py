"""The words that violations share."""

import pytest

from symtests.properties.judging.telling import told_apart


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (1.0, 1.5, ("1", "1.5")),
        (0.124999999371, 0.124999999379, ("0.124999999371", "0.124999999379")),
        (0.1, 0.1 + 2**-56, ("0.1", "0.10000000000000002")),
        (0.1, 0.1, ("0.1", "0.1")),
    ],
)
def test_two_numbers_get_the_digits_that_tell_them_apart(one: float, other: float, told: tuple[str, str]) -> None:
    assert told_apart(one, other) == told
