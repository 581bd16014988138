"""Bounds of single stages: no correct implementation leaves them, and they do not grow with depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from symtests import oracle
from symtests.network import ACTIVATIONS, Network
from symtests.oracle import StageExpectation, Stages
from tests.oracle.questions import Question, question, questions
from tests.oracle.rounded_implementations import (
    BIASED,
    DOUBLE,
    FLOAT32,
    HALF,
    IMPLEMENTATIONS,
    Answer,
    Rounded,
    answer,
)
from tests.oracle.test_soundness import fraction, name_of

Compared = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]


def in_float64(found: Answer) -> Stages:
    assert found.error_signals is not None
    z, a, delta = (
        tuple(array.astype(np.float64) for array in arrays)
        for arrays in (found.pre_activations, found.activations, found.error_signals)
    )
    return Stages(z, a, delta)


def expected_of(how: Rounded, asked: Question, shown: Stages, relu_at_zero: float = 0.0) -> StageExpectation:
    return oracle.expect_stages(asked.network, asked.parameters, asked.batch, shown, how.unit_roundoff, relu_at_zero)


def compared(shown: Stages, expected: StageExpectation) -> Iterator[Compared]:
    right, bounds = expected.stages, expected.stage_tolerances
    yield from zip(shown.pre_activations, right.pre_activations, bounds.pre_activations, strict=True)
    yield from zip(shown.activations, right.activations, bounds.activations, strict=True)
    yield from zip(shown.error_signals, right.error_signals, bounds.error_signals, strict=True)


# Where an implementation scales late, it shows no error signals that belong to its gradient.
SHOWING = [how for how in (*IMPLEMENTATIONS, *DOUBLE, HALF) if not how.late_scaling]


@pytest.mark.parametrize("how", SHOWING, ids=name_of)
def test_the_stages_and_the_gradient_of_one_pass_are_within_their_bounds(how: Rounded) -> None:
    @settings(max_examples=25)
    @given(asked=questions(how.dtype), relu_at_zero=st.sampled_from([0.0, 0.5, 1.0]))
    def check(asked: Question, relu_at_zero: float) -> None:
        found = answer(how, asked.network, asked.parameters, asked.batch, relu_at_zero)
        if not found.is_finite:
            return
        shown = in_float64(found)
        expected = expected_of(how, asked, shown, relu_at_zero)
        off = max(fraction(*each) for each in compared(shown, expected))
        off = max(off, fraction(found.gradient, expected.gradient.vector, expected.gradient_tolerance))
        target(off)
        assert off <= 1

    check()


@settings(max_examples=40)
@given(asked=questions(np.float16, widest=33))
def test_the_bounds_hold_where_all_roundings_conspire(asked: Question) -> None:
    found = answer(BIASED, asked.network, asked.parameters, asked.batch)
    shown = in_float64(found)
    expected = expected_of(BIASED, asked, shown)
    assert max(fraction(*each) for each in compared(shown, expected)) <= 1
    assert fraction(found.gradient, expected.gradient.vector, expected.gradient_tolerance) <= 1


@settings(max_examples=40)
@given(asked=questions(np.float32), layer=st.integers(0, 3), others=st.sampled_from(SHOWING[:3]))
def test_a_stage_may_be_shown_from_an_evaluation_of_its_own(asked: Question, layer: int, others: Rounded) -> None:
    """One layer's z, a or delta is evaluated again, by other formulas in another order, from the same stages before."""
    found = answer(FLOAT32, asked.network, asked.parameters, asked.batch)
    if not found.is_finite or layer >= asked.network.layer_count - 1:
        return
    weight, z = asked.parameters.weight(layer), list(found.pre_activations)
    sums = others.product(found.activations[layer], weight)
    z[layer] = sums + asked.parameters.bias(layer) if asked.network.bias else sums
    again = in_float64(replace(found, pre_activations=z))
    assert max(fraction(*each) for each in compared(again, expected_of(FLOAT32, asked, again))) <= 1

    assert found.error_signals is not None
    delta, name = list(found.error_signals), asked.network.activations[layer]
    with np.errstate(over="ignore"):
        slope = others.slopes[name](found.pre_activations[layer], found.activations[layer + 1])
    delta[layer] = others.product(delta[layer + 1], asked.parameters.weight(layer + 1).T) * slope
    again = in_float64(replace(found, error_signals=delta))
    assert max(fraction(*each) for each in compared(again, expected_of(FLOAT32, asked, again))) <= 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_bounds_of_the_deepest_layer_are_as_sharp_as_those_of_the_first(activation: str) -> None:
    """Half of all components of every layer show a fault of 1e-4 in float32, at depth 4 and width 256."""
    network = Network((17, 256, 256, 256, 256, 4), activation)
    asked = question(np.random.default_rng(5), network, 16, dtype=np.float32)
    found = answer(FLOAT32, network, asked.parameters, asked.batch)
    expected = expected_of(FLOAT32, asked, in_float64(found))
    for layer in range(network.layer_count):
        where = network.weight_slice(layer)
        g, bound = expected.gradient.vector[where], expected.gradient_tolerance[where]
        assert np.median(oracle.detectable(g[g != 0], bound[g != 0])) < 1e-4


@pytest.mark.parametrize("kind", ["pre_activations", "activations", "error_signals"])
def test_a_number_that_is_off_by_a_hundredth_is_seen_where_it_is(kind: str) -> None:
    network = Network((5, 130, 64, 3), "tanh")
    asked = question(np.random.default_rng(2), network, 8, dtype=np.float32)
    found = answer(FLOAT32, network, asked.parameters, asked.batch)
    for layer in range(1, 3):
        arrays = [array.copy() for array in getattr(found, kind)]
        where = np.unravel_index(np.argmax(np.abs(arrays[layer])), arrays[layer].shape)
        arrays[layer][where] *= np.float32(1.01)
        changes: dict[str, Any] = {kind: arrays}
        shown = in_float64(replace(found, **changes))
        expected = expected_of(FLOAT32, asked, shown)
        off = np.abs(getattr(shown, kind)[layer] - getattr(expected.stages, kind)[layer])
        bound = getattr(expected.stage_tolerances, kind)[layer]
        assert (off > bound)[where]
        assert np.count_nonzero(off > bound) == 1


def test_inputs_must_be_shown_as_they_are() -> None:
    network = Network((2, 3, 1), "tanh")
    asked = question(np.random.default_rng(2), network, 2)
    shown = in_float64(answer(DOUBLE[0], network, asked.parameters, asked.batch))
    expected = expected_of(DOUBLE[0], asked, shown)
    np.testing.assert_array_equal(expected.stages.activations[0], asked.batch.x)
    assert not expected.stage_tolerances.activations[0].any()
