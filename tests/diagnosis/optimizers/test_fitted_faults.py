"""Constants that one plain step shows: where numbers are clipped, how long a gradient may be, a factor, a decay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.diagnosis.optimizers.fitted_faults import fitted_faults
from tests.diagnosis.optimizers.one_weight import moves

_THETA, _G = np.array([1.0, -2.0, 0.5, 4.0]), np.array([3.0, -4.0, 0.25, 0.5])


def named(words: str, found: np.ndarray) -> list[str]:
    return [fault.words for fault in fitted_faults(_THETA, _G, found, 0.125) if words in fault.words]


@given(st.sampled_from([0.125, 0.3, 1.0, 2.5]))
def test_a_limit_of_components_is_found_where_two_have_it(limit: float) -> None:
    found = named("components of the gradient are clipped at", np.clip(_G, -limit, limit))
    assert any(words.endswith(f"clipped at {limit:g}") for words in found)
    assert not named("components of the gradient are clipped at", np.clip(_G, -3.5, 3.5))  # but one is


@pytest.mark.parametrize(
    ("words", "found", "expected"),
    [
        ("shortened to the length", _G / np.sqrt(_G @ _G) / 2, "length 0.5 "),
        ("learning rate is multiplied by", 10 * _G, "by 10"),
        ("theta added", _G + _THETA / 64, "0.015625 theta"),
        ("no component of a step exceeds", np.clip(_G, -1, 1), "exceeds 0.125:"),
    ],
)
def test_a_constant_is_written_as_somebody_might_have(words: str, found: np.ndarray, expected: str) -> None:
    told = named(words, found)
    assert any(expected in each for each in told)


def test_all_have_to_predict_other_answers() -> None:
    assert all(fault.is_fitted for fault in fitted_faults(_THETA, _G, _G / 2, 0.125))


def test_nothing_is_found_without_a_gradient_or_a_number() -> None:
    assert not list(fitted_faults(_THETA, 0 * _G, _G, 0.125))
    assert not list(fitted_faults(_THETA, _G, np.nan * _G, 0.125))


def test_what_follows_of_a_limit() -> None:
    two = np.array([1.0, -1.0])
    clipped = [fault for fault in fitted_faults(0 * two, 4 * two, two, 0.125) if "clipped at 1" in fault.words]
    assert moves(clipped[0], "sgd", (4.0, 0.5, -4.0)) == pytest.approx([1, 0.5, -1])
    steps = [fault for fault in fitted_faults(0 * two, 4 * two, two, 0.125) if "exceeds 0.125" in fault.words]
    assert moves(steps[0], "sgd", (4.0, 0.25, -4.0)) == pytest.approx([0.5, 0.25, -0.5])  # at a rate of 1/4
