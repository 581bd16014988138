"""How an implementation learns the exclusive or from three starts: the story that a report tells."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from symtests import oracle
from symtests.batch import Batch
from symtests.datasets import load
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.limits import outside
from symtests.implementations.misbehaviour import Misbehaviour, OutOfTime
from symtests.initialization import initialize
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["CHECKPOINTS", "NETWORK", "TRAINING", "story_dtype", "tell_story"]

NETWORK: Final = Network((2, 4, 1), "tanh", "mse")
TRAINING: Final = Training("sgd", 0.15, 2500)
"""The rate is small enough for the constant start, whose equal units act as one with four times the outgoing weight."""
CHECKPOINTS: Final = (*range(0, 120, 4), *range(120, 600, 10), *range(600, 2501, 50))
"""Steps after which the loss and the weights are recorded: close together at first, while the random start learns."""

_STARTS: Final = {"constant": ("constant", 0), "zero": ("zeros", 0), "random": ("uniform", 2)}


def story_dtype(dtypes: tuple[str, ...]) -> str:
    """Return the dtype in which the story is told: the widest."""
    return "float64" if "float64" in dtypes else dtypes[0]


def tell_story(implementation: Checked, seconds: float) -> dict[str, Any] | None:
    """Train the exclusive or from a constant, a zero and a random start; return what happened.

    The network has one hidden layer of four tanh units and a squared error; the implementation trains it by plain
    gradient descent, from one checkpoint to the next. Where its arithmetic is right, and does not depend on the index
    of a unit, the constant start (all 0.5) keeps its units equal and stays above the floor of 1/6 that holds for one
    unit, the zero start moves nothing but the output bias and stays at 1/4, and the random start learns.

    Parameters
    ----------
    implementation
        The implementation in one dtype.
    seconds
        How long it may take; what takes longer is no story.

    Returns
    -------
    dict or None
        The line of a results file, without its type; None where the implementation cannot do it, misbehaves or is too
        slow. For each start: the `steps` of the checkpoints, the `loss` there by symtests' own arithmetic, and of each
        hidden unit the `incoming` weights with the bias, and the `outgoing` weight.
    """
    try:
        with implementation.within(seconds):
            starts = [_one_start(implementation, name) for name in _STARTS]
    except (Misbehaviour, Unsupported, OutOfTime):
        return None
    return {
        "implementation": implementation.name,
        "dtype": implementation.dtype,
        "network": NETWORK.to_json(),
        "training": TRAINING.to_json(),
        "starts": starts,
    }


def _one_start(implementation: Checked, name: str) -> dict[str, Any]:
    _require_capabilities(implementation)
    scheme, seed = _STARTS[name]
    batch = load("xor", implementation.dtype)
    parameters = initialize(NETWORK, scheme, seed, implementation.dtype)
    seen = [parameters]
    for before, after in pairwise(CHECKPOINTS):
        parameters = implementation.train(NETWORK, parameters, batch, TRAINING.with_steps(after - before), finite=False)
        seen.append(parameters)
    return {"start": name, "steps": list(CHECKPOINTS), "loss": [_loss(p, batch) for p in seen], "units": _units(seen)}


def _require_capabilities(implementation: Checked) -> None:
    if outside(implementation.capabilities, NETWORK, load("xor", implementation.dtype), TRAINING):
        raise Unsupported("the story is told by a network that it cannot train")


def _loss(parameters: Parameters, batch: Batch) -> float:
    return oracle.loss(NETWORK, parameters.astype("float64"), batch.astype("float64"))


def _units(seen: list[Parameters]) -> list[dict[str, Any]]:
    """Return, of each hidden unit, its weights at each checkpoint."""
    return [
        {
            "incoming": [[*map(float, p.weight(0)[:, unit]), float(p.bias(0)[unit])] for p in seen],
            "outgoing": [float(p.weight(1)[unit, 0]) for p in seen],
        }
        for unit in range(NETWORK.hidden_sizes[0])
    ]
