"""Distances to kinks: nothing where there is none, and the nearest where there are some."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.model.activations import ACTIVATION_TABLE, ACTIVATIONS, activations_that
from symtests.oracle.activations import derivative, second_derivative
from symtests.oracle.kinks import distance_to_break, distance_to_kink, side_of_kinks

KINKED = activations_that(lambda entry: bool(entry.kinks))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_nearest_kink_counts(name: str) -> None:
    z = np.array([-3.5, -1.0, 0.0, 0.25, 3.0])
    kinks = [kink.at for kink in ACTIVATION_TABLE[name].kinks]
    for number, distance in zip(z, distance_to_kink(name, z), strict=True):
        assert distance == min((abs(number - at) for at in kinks), default=np.inf)
    assert (distance_to_break(name, z) <= distance_to_kink(name, z)).all()


@given(name=st.sampled_from(ACTIVATIONS), one=st.floats(-5, 5), share=st.floats(0, 1))
def test_nothing_jumps_within_the_distance(name: str, one: float, share: float) -> None:
    """Between two points without a break, sigma' and sigma'' change no faster than their bounds allow."""
    distance = float(distance_to_break(name, np.array([one]))[0])
    other = one + share * min(distance, 1.0) * 0.99
    bounds, both = ACTIVATION_TABLE[name].bounds, np.array([one, other])
    assert abs(np.diff(derivative(name, both))[0]) <= bounds.second * (other - one) + 1e-12
    assert abs(np.diff(second_derivative(name, both))[0]) <= bounds.third * (other - one) + 1e-12


@pytest.mark.parametrize("name", KINKED)
def test_the_side_changes_at_each_kink_alone(name: str) -> None:
    for kink in ACTIVATION_TABLE[name].kinks:
        below, at, above = side_of_kinks(name, kink.at + np.array([-0.25, 0.0, 0.25]))
        assert below < at < above
    assert len(set(side_of_kinks(name, np.array([10.0, 11.0])))) == 1
