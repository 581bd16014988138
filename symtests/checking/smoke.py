"""Trivial questions that come before the properties: they tell a wrong adapter from a wrong implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.checking.one_check.failure import failure_of
from symtests.checking.results.verdict import Failure
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["smoke_check"]

_ADVICE: Final = {
    "raised": "make this call work, which every property needs",
    "wrong type": "return what the documentation of Implementation says",
    "wrong shape": "parameters are one flat vector: W1 row by row with W[fan_in, fan_out], b1, W2, b2, ...",
    "wrong dtype": "compute in the dtype of the parameters, or leave it out of capabilities.dtypes",
}


class _Wrong(Exception):
    """What is wrong with the adapter, and what to do."""


def smoke_check(implementation: Checked) -> Failure | None:
    """Ask what any implementation can answer; return what is wrong with its adapter, or None.

    Asked, on the smallest networks that its capabilities allow: no step at all, one step, the loss with its gradient,
    and one call for each activation, loss, optimizer and choice of biases that it claims. An answer counts by its type,
    shape and dtype alone: numbers of any kind, NaN and infinities too, and parameters that do not move or move too
    often, are for the properties to judge. It may refuse, which they count case by case, but not everything.

    Parameters
    ----------
    implementation
        The implementation in the dtype in which it is asked.
    """
    if implementation.dtype not in implementation.capabilities.dtypes:
        offered = ", ".join(implementation.capabilities.dtypes)
        return Failure(
            "wrong dtype", f"it was asked for {implementation.dtype}, but its capabilities name only {offered}"
        )
    failure = _failure(implementation)
    if failure is None or len(implementation.capabilities.dtypes) == 1:
        return failure
    return replace(failure, message=f"in {implementation.dtype}, {failure.message}")


def _failure(implementation: Checked) -> Failure | None:
    try:
        _unless_unsupported(partial(_steps, implementation, 0))
        _unless_unsupported(partial(_steps, implementation, 1))
        _unless_unsupported(partial(_gradient, implementation))
        _other_operations(implementation)
        _claims(implementation)
    except _Wrong as wrong:
        return Failure("wrong answer", str(wrong))
    except Misbehaviour as problem:
        return failure_of(problem, _advice(problem))
    except Unsupported as reason:
        return Failure(
            "raised", f"it says that it cannot do anything that its capabilities claim ({reason}); correct them"
        )
    return None


def _advice(problem: Misbehaviour) -> str:
    """Return what to do; only `train` is needed by every property."""
    if problem.kind == "raised" and not str(problem).startswith("train "):
        return "make this call work, or leave the operation out"
    return _ADVICE.get(problem.kind, "")


def _steps(implementation: Checked, steps: int) -> None:
    """Take so many steps, wherever they lead."""
    network, parameters, batch = _question(implementation)
    implementation.train(
        network, parameters, batch, _training(implementation.capabilities.optimizers, steps), finite=False
    )


def _gradient(implementation: Checked) -> None:
    """Ask for the loss and its gradient, where this is an operation of its own."""
    if implementation.offers("loss_and_gradient"):
        network, parameters, batch = _question(implementation)
        implementation.loss_and_gradient(network, parameters, batch, finite=False)


def _other_operations(implementation: Checked) -> None:
    """Ask the optional operations that are there; each answers in the right form."""
    network, parameters, batch = _question(implementation)
    if implementation.offers("predict"):
        _unless_unsupported(lambda: implementation.predict(network, parameters, batch.x, finite=False))
    if implementation.offers("initialize"):
        _unless_unsupported(lambda: implementation.initialize(network, "zeros", 0, finite=False))
    if implementation.offers("stages"):
        _unless_unsupported(lambda: _check_stages(implementation, network, parameters, batch))


def _claims(implementation: Checked) -> None:
    """Ask for everything that the capabilities name; some of it may be refused, as an optimizer in one dtype."""
    done, refused = 0, ""
    for name, value, network, training in _claimed(implementation.capabilities):
        _, parameters, batch = _question(implementation, network)
        if name == "sample_weights":
            batch = replace(batch, sample_weights=np.ones(len(batch), implementation.dtype))
        try:
            implementation.train(network, parameters, batch, training, finite=False)
            if implementation.offers("loss_and_gradient"):
                implementation.loss_and_gradient(network, parameters, batch, finite=False)
        except Unsupported as reason:
            refused = refused or str(reason)
        except Misbehaviour as problem:
            raise _Wrong(
                f"capabilities.{name} claims {value!r}, but {problem}; make it work, or correct capabilities.{name}"
            ) from problem
        else:
            done += 1
    if not done:
        raise Unsupported(refused)


def _claimed(can: Capabilities) -> Iterator[tuple[str, Any, Network, Training]]:
    """Give a network and a training for each claim."""
    for activation in can.activations:
        if _hidden_layers(can):
            yield "activations", activation, _network(can, activation=activation), _training(can.optimizers)
    for loss in can.losses:
        yield "losses", loss, _network(can, loss=loss), _training(can.optimizers)
    for optimizer in can.optimizers:
        yield "optimizers", optimizer, _network(can), _training([optimizer], 2)
    for bias in can.bias:
        yield "bias", bias, _network(can, bias=bias), _training(can.optimizers)
    if can.sample_weights:
        yield "sample_weights", True, _network(can), _training(can.optimizers)


def _question(implementation: Checked, network: Network | None = None) -> tuple[Network, Parameters, Batch]:
    """Return a small network that the implementation claims to do, with moderate numbers."""
    network = network or _network(implementation.capabilities)
    parameters = Parameters.zeros(network, implementation.dtype)
    parameters.vector[...] = np.resize([0.5, -0.25, 0.75, 0.25], network.parameter_count)
    samples = 1 if implementation.capabilities.max_samples == 1 else 2
    x = np.array([[1.0, 0.5], [-0.5, 1.0]], implementation.dtype)[:samples, : network.sizes[0]]
    y = np.eye(2, 3, dtype=implementation.dtype)[:samples, : network.sizes[-1]]
    if network.loss == "softmax_cross_entropy" and network.sizes[-1] == 1:
        y = np.ones_like(y)
    return network, parameters, Batch(x, y)


def _network(can: Capabilities, **choices: Any) -> Network:
    """Return a network with one hidden layer of two units, as far as the limits allow."""
    width = max(2 if can.max_width is None else min(2, can.max_width), can.min_width)
    loss = choices.get("loss", can.losses[0])
    # Three classes where they fit: some implementations turn two into one logistic output.
    outputs = min(3, can.max_outputs or can.max_width or 3) if loss == "softmax_cross_entropy" else 1
    hidden = (width,) * max(_hidden_layers(can), can.min_hidden_layers)
    inputs = min(2, can.max_inputs or can.max_width or 2)
    activation = choices.get("activation", can.activations[0])
    return Network((inputs, *hidden, outputs), activation, loss, choices.get("bias", can.bias[0]))


def _hidden_layers(can: Capabilities) -> bool:
    return can.max_hidden_layers is None or can.max_hidden_layers > 0


def _training(optimizers: Sequence[str], steps: int = 1) -> Training:
    """Return a training with the simplest of the optimizers."""
    return Training("sgd" if "sgd" in optimizers else optimizers[0], 0.125, steps)


def _check_stages(implementation: Checked, network: Network, parameters: Parameters, batch: Batch) -> None:
    stages = implementation.stages(network, parameters, batch)
    above, below = network.sizes[1:], network.sizes[:-1]
    layers = {"pre_activations": above, "activations": below, "error_signals": above}
    for name, sizes in layers.items():
        expected = [(len(batch), units) for units in sizes]
        found = _shapes(getattr(stages, name, None))
        if found != expected:
            raise _Wrong(
                f"stages returned {name} of shapes {found} for a network of sizes {network.sizes} and {len(batch)} "
                f"samples; return z_1 .. z_L, a_0 .. a_(L-1) and dL/dz_1 .. dL/dz_L, here of shapes {expected}"
            )


def _shapes(arrays: Any) -> list[tuple[int, ...]] | None:
    """Return the shapes of arrays, or None for what is no sequence of arrays."""
    try:
        return [np.shape(array) for array in arrays]
    except Exception:  # an object may refuse in any way
        return None


def _unless_unsupported(ask: Callable[[], object]) -> None:
    """Ask an optional operation, which may refuse."""
    try:
        ask()
    except Unsupported:
        return
