"""What goes wrong in adapters of libraries that are right: layers of one unit, and memory that two arrays share.

A layer of one unit makes matrices of one row or one column, which libraries squeeze, broadcast or take for a vector;
and of such a matrix ``np.ascontiguousarray(W.T)`` is no copy, as of others, but W itself: what a library then updates
in place is the argument, or the answer to an earlier question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.checking.one_check.failure import failure_of
from symtests.checking.results.verdict import Failure
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.limits import outside
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["closer_look"]

_SIZES: Final = ((1, 1, 1), (1, 2, 1), (2, 1, 2), (1, 1, 1, 1), (2, 1), (1, 2))
"""Networks whose weight matrices have one row or one column; as many are tried as the capabilities allow."""
_COPY: Final = "copy with np.array(W.T): np.ascontiguousarray(W.T) is no copy where W has one row or one column"


class _Wrong(Exception):
    """What is wrong with the adapter, and what to do."""


def closer_look(implementation: Checked) -> Failure | None:
    """Ask every operation on layers of one unit; return what is wrong with the adapter, or None.

    Asked are at most eight questions on each of six networks. An answer must have the right shape and dtype, that of
    `predict` too; no argument may change; and an answer must stay what it was while the next question is answered.
    Numbers of any kind will do.

    Parameters
    ----------
    implementation
        The implementation in the dtype in which it is asked.
    """
    for network in _networks(implementation):
        layers = "-".join(map(str, network.sizes))
        try:
            for operation in ("train", "loss_and_gradient", "predict", "stages"):
                if operation == "train" or implementation.offers(operation):
                    _look(implementation, network, operation)
        except _Wrong as wrong:
            return Failure("wrong answer", f"on a {layers} network, {wrong}")
        except Misbehaviour as problem:
            return failure_of(
                problem,
                f"this is what a {layers} network made of it: keep two dimensions where a layer has one unit, and let "
                "capabilities.min_width say what the library cannot do",
            )
    return None


def _networks(implementation: Checked) -> Iterator[Network]:
    can = implementation.capabilities
    for sizes in _SIZES:
        network = Network(sizes, can.activations[0], can.losses[0], can.bias[0])
        fits = sizes[-1] > 1 or network.loss != "softmax_cross_entropy"
        if fits and not outside(can, network, _batch(implementation, network), _training(implementation)):
            yield network


def _look(implementation: Checked, network: Network, operation: str) -> None:
    first = Parameters(network, np.resize(np.array([0.5, -0.25, 0.75], implementation.dtype), network.parameter_count))
    try:
        _ask(implementation, operation, first)
        told = implementation.told
        assert told is not None
        if told.changed:
            raise _Wrong(f"{operation} changed {' and '.join(told.changed)} in place; {_COPY}")
        _ask(implementation, operation, replace(first, vector=-first.vector))
    except Unsupported:
        return
    held = told.held()
    changed = [name for name, part in told.parts.items() if held[name].tobytes() != part.tobytes()]
    if changed:
        raise _Wrong(f"the answer to {operation} ({changed[0]}) was changed by the next question; {_COPY}")


def _ask(implementation: Checked, operation: str, parameters: Parameters) -> None:
    network, batch = parameters.network, _batch(implementation, parameters.network)
    arguments: dict[str, tuple[Any, ...]] = {"train": (batch, _training(implementation)), "predict": (batch.x,)}
    finite = {} if operation == "stages" else {"finite": False}
    getattr(implementation, operation)(network, parameters, *arguments.get(operation, (batch,)), **finite)


def _batch(implementation: Checked, network: Network) -> Batch:
    samples = 1 if implementation.capabilities.max_samples == 1 else 2
    x = np.array([[1.0, 0.5], [-0.5, 1.0]], implementation.dtype)[:samples, : network.sizes[0]]
    return Batch(x, np.eye(2, dtype=implementation.dtype)[:samples, : network.sizes[-1]])


def _training(implementation: Checked) -> Training:
    optimizers = implementation.capabilities.optimizers
    return Training("sgd" if "sgd" in optimizers else optimizers[0], 0.125, 1)
