"""What a faulty implementation does with its steps is a verdict of the properties, with a case: no smoke fault."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symtests.checking import verdicts
from symtests.checking.profile import Profile
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.parameters import Parameters

PROPERTIES = ("SYM2", "GRAD1", "STEP1", "OPT2", "OPT6", "DESC1", "NUM2")
PROFILE = Profile("quick", 12, 4, shrink_cases=100, seconds=20.0, effort=0.0, diagnosis_seconds=0.0)


class Right:
    """A right implementation whose training the others replace; it reports gradients, which stay right."""

    capabilities = Capabilities(
        dtypes=("float64",), activations=("tanh",), losses=("mse",), optimizers=("sgd", "momentum", "adam")
    )

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return NumpyPlain().train(network, parameters, batch, training)

    def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
        return NumpyPlain().loss_and_gradient(network, parameters, batch)


class MomentumOneStepLate(Right):
    """Moves by the velocity of the step before, so that the first step rests."""

    capabilities = Capabilities(dtypes=("float64",), activations=("tanh",), losses=("mse",), optimizers=("momentum",))

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        after = parameters.copy()
        velocity = np.zeros_like(after.vector)
        for _ in range(training.steps):
            _, gradient = self.loss_and_gradient(network, after, batch)
            after.vector[...] -= training.learning_rate * velocity
            velocity = training.momentum * velocity + gradient.vector
        return after


class RestsAtFirst(Right):
    """Begins to move in the third step."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return super().train(network, parameters, batch, training.with_steps(max(training.steps - 2, 0)))


class SingleStepsAreLost(Right):
    """Moves nothing in float32, its only dtype."""

    capabilities = Capabilities(dtypes=("float32",), activations=("tanh",), losses=("mse",), optimizers=("sgd",))

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return parameters


class OneMore(Right):
    """Takes a step more than it is asked for, also where it is asked for none."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return super().train(network, parameters, batch, training.with_steps(training.steps + 1))


class OneLess(Right):
    """Takes a step less than it is asked for."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return super().train(network, parameters, batch, training.with_steps(max(training.steps - 1, 0)))


class AlwaysOne(Right):
    """Takes one step, whatever it is asked for."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return super().train(network, parameters, batch, training.with_steps(1))


class AdamRests(Right):
    """Returns the start for one optimizer alone."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        if training.optimizer == "adam":
            return parameters
        return super().train(network, parameters, batch, training)


class StartsAnew(Right):
    """Trains from zeros, whatever start it is handed."""

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        return super().train(network, Parameters.zeros(network, parameters.dtype), batch, training)


@pytest.mark.parametrize(
    ("implementation", "broken"),
    [
        (MomentumOneStepLate, {"OPT2", "OPT6"}),
        (RestsAtFirst, {"STEP1", "OPT2", "OPT6"}),
        (SingleStepsAreLost, {"STEP1", "OPT2", "OPT6"}),
        (OneMore, {"STEP1", "OPT2", "OPT6"}),
        (OneLess, {"STEP1", "OPT2", "OPT6"}),
        (AlwaysOne, {"OPT6"}),
        (AdamRests, {"OPT6"}),
        (StartsAnew, {"STEP1", "OPT6"}),
    ],
)
def test_wrong_steps_are_violations_with_numbers(implementation: type, broken: set[str]) -> None:
    found = {
        verdict.property: verdict for verdict in verdicts(implementation(), properties=PROPERTIES, profile=PROFILE)
    }
    assert {verdict.word for verdict in found.values()} <= {"exact", "holds", "unsupported", "inconclusive", "violated"}
    assert broken <= {prop for prop, verdict in found.items() if verdict.word == "violated"}
    for prop in broken:
        case = found[prop].counterexample
        assert case is not None
        assert case.hidden_units <= 3
        assert case.expected is not None
        assert case.expected != case.found


def test_right_steps_break_nothing() -> None:
    found = [verdict.word for verdict in verdicts(Right(), properties=PROPERTIES, profile=PROFILE)]
    assert set(found) <= {"exact", "holds", "unsupported", "inconclusive"}
