"""Training: what it accepts, and JSON both ways."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.network import OPTIMIZERS
from symtests.training import Training
from symtests.validation import InvalidValue

AT_LEAST_0 = st.floats(0.0, allow_infinity=False)
BELOW_1 = st.floats(0.0, 1.0, exclude_max=True)


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    optimizer = draw(st.sampled_from(OPTIMIZERS))
    return Training(
        optimizer,
        draw(AT_LEAST_0),
        draw(st.integers(0, 10**6)),
        draw(BELOW_1),
        draw(BELOW_1),
        draw(BELOW_1),
        draw(AT_LEAST_0),
        draw(AT_LEAST_0) if optimizer == "adamw" else 0.0,
    )


@given(trainings())
@settings(deadline=None)
def test_json_round_trip_is_exact(training: Training) -> None:
    text = json.dumps(training.to_json(), allow_nan=False)
    again = Training.from_json(json.loads(text))
    assert again == training
    assert json.dumps(again.to_json()) == text  # tells -0.0 from 0.0, which == does not


@given(trainings(), st.integers(0, 100))
@settings(deadline=None)
def test_another_number_of_steps_changes_nothing_else(training: Training, steps: int) -> None:
    assert training.with_steps(steps).to_json() == {**training.to_json(), "steps": steps}


FRACTIONS = ("momentum", "mean_decay", "square_decay")
AMOUNTS = ("learning_rate", "epsilon", "weight_decay")
INVALID: list[tuple[str, Any, str]] = [
    *(
        (name, value, "must be a number in [0, 1)")
        for name in FRACTIONS
        for value in (-0.1, 1, 1.0, math.nan, math.inf, "0.9", None, True)
    ),
    *(
        (name, value, "must be a number in [0, inf)")
        for name in AMOUNTS
        for value in (-1e-300, -1, math.nan, math.inf, -math.inf, "0.1", None, False, 10**400)
    ),
    *(("steps", value, "must be a whole number of at least 0") for value in (-1, 1.0, 0.5, math.nan, "1", None, True)),
    *(
        ("optimizer", value, "must be one of sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad")
        for value in ("", "SGD", "lbfgs", None, 0)
    ),
    ("weight_decay", 0.1, "only adamw has it; use optimizer='adamw' or 0"),
]


@pytest.mark.parametrize(("name", "value", "requirement"), INVALID)
def test_invalid_arguments_are_refused_with_what_is_required(name: str, value: Any, requirement: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Training(**{name: value})
    assert str(refusal.value).startswith(f"{name}={value!r}: {requirement}")


def test_an_unknown_setting_in_json_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidValue, match=r"^learning_rat=0.1: is no setting of a training.*'learning_rate'\?$"):
        Training.from_json({"learning_rat": 0.1})


def test_numbers_of_every_kind_are_kept_as_plain_ones() -> None:
    training = Training("adam", np.float32(0.1), np.int64(3), epsilon=1)
    assert (training.learning_rate, training.steps, training.epsilon) == (float(np.float32(0.1)), 3, 1.0)
    assert [type(value) for value in (training.learning_rate, training.steps, training.epsilon)] == [float, int, float]


@pytest.mark.parametrize("name", AMOUNTS)
def test_zero_is_an_amount(name: str) -> None:
    arguments: dict[str, Any] = {name: 0}
    assert Training(**arguments).to_json()[name] == 0.0
