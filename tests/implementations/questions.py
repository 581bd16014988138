"""Questions that every adapter must answer as the oracle does, and the comparison."""

import numpy as np

from symtests.batch import Batch
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.oracle import expect, train
from symtests.parameters import Parameters
from symtests.training import Training


def question(
    dtype: str, activation: str, loss: str, *, bias: bool = True, weighted: bool = False
) -> tuple[Network, Parameters, Batch]:
    """Return a network with two hidden layers of different widths, and six samples with targets for any loss."""
    random = np.random.default_rng(0)
    network = Network((3, 5, 4, 2), activation, loss, bias)
    parameters = Parameters(network, random.normal(size=network.parameter_count))
    weights = random.uniform(0.5, 2.0, 6) if weighted else None
    targets = random.dirichlet((1.0, 1.0), 6)
    if dtype == "float32":  # rows of targets still sum to 1
        targets = np.round(targets * 1024) / 1024
    return network, parameters.astype(dtype), Batch(random.normal(size=(6, 3)), targets, weights).astype(dtype)


def assert_right(implementation: object, dtype: str, network: Network, parameters: Parameters, batch: Batch) -> None:
    """Assert that loss, gradient, outputs and stages lie within the rounding bounds of the oracle."""
    checked = Checked(implementation, dtype)
    slope = checked.capabilities.relu_derivative_at_zero
    right = expect(network, parameters, batch, checked.unit_roundoff, slope)
    answer = checked.loss_and_gradient(network, parameters, batch)
    assert checked.changed_inputs == ()
    assert answer.loss is not None
    assert abs(answer.loss - right.loss) <= right.loss_tolerance
    assert (np.abs(answer.gradient.vector - right.gradient.vector) <= right.gradient_tolerance).all()
    outputs = checked.predict(network, parameters, batch.x)
    assert (np.abs(outputs - right.stages.pre_activations[-1]) <= right.stage_tolerances.pre_activations[-1]).all()
    found = checked.stages(network, parameters, batch)
    for kind in ("pre_activations", "activations", "error_signals"):
        arrays, exact, tolerances = (getattr(each, kind) for each in (found, right.stages, right.stage_tolerances))
        for array, expected, tolerance in zip(arrays, exact, tolerances, strict=True):
            assert array.dtype == dtype
            assert array.shape == expected.shape
            assert (np.abs(array - expected) <= tolerance).all(), kind


def assert_trains(implementation: object, optimizer: str) -> None:
    """Assert that four steps end where those of the oracle do, in float64.

    Every component of the gradient is above 10^-6 there: rounding is 10^-8 of a step at most, and a step that is wrong
    by a millionth is seen.
    """
    network, parameters, batch = question("float64", "tanh", "mse", weighted=True)
    decay = 0.125 if optimizer == "adamw" else 0.0
    training = Training(optimizer, 0.01, 4, 0.75, 0.8, 0.9, 1e-3, decay)
    found = Checked(implementation, "float64").train(network, parameters, batch, training).vector
    expected = train(network, parameters, batch, training).vector
    steps = np.abs(expected - parameters.vector)
    assert steps.min() > 1e-7
    assert (np.abs(found - expected) <= 1e-6 * steps).all()
