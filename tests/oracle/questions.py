"""Questions to ask an implementation: networks, parameters and batches of every kind that rounding may meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.model.losses import LOSS_TABLE
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.parameters import Parameters

Random = np.random.Generator

REGIMES: Final = (
    "normal",
    "small start",  # weights x 0.03
    "saturated",  # weights x 6
    "large data",  # inputs x 100
    "constant",  # all weights of a matrix equal: every rounding error is that of all units
    "constant rows",  # tied units, random outputs
    "positive",  # nothing cancels in a sum, and errors add up in step
    "sorted",  # positive weights first: partial sums are far larger than the sum
    "kinks",  # pre-activations of the first sample within rounding of 0
    "zeros",  # all parameters 0
    "sparse",  # many exact zeros
)
DEEPEST: Final = 4


@dataclass(frozen=True)
class Question:
    """What an implementation is asked; all numbers are exact in the dtype for which it was made."""

    network: Network
    parameters: Parameters
    batch: Batch


def numbers(regime: str, random: Random, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return weights (or inputs) with entries of order 1, as the regime wants them."""
    normal = random.normal(size=shape)
    match regime:
        case "constant":
            return np.full(shape, random.normal())
        case "constant rows":
            return np.repeat(random.normal(size=(shape[0], 1)), shape[1], axis=1)
        case "positive":
            return np.abs(normal)
        case "sorted":
            return -np.sort(-normal, axis=0)
        case "zeros":
            return np.zeros(shape)
        case "sparse":
            return np.where(random.random(shape) < 0.7, 0.0, normal)
    return normal * {"small start": 0.03, "saturated": 6.0}.get(regime, 1.0)


def question(
    random: Random,
    network: Network,
    samples: int,
    regime: str = "normal",
    weighted: bool = False,
    dtype: npt.DTypeLike = np.float64,
) -> Question:
    """Return a question of this regime, its numbers rounded to `dtype`."""
    parameters = Parameters.zeros(network)
    for layer in range(network.layer_count):
        fan_in, fan_out = network.sizes[layer : layer + 2]
        last = regime == "constant rows" and layer == network.layer_count - 1
        weight = numbers("normal" if last else regime, random, (fan_in, fan_out))
        parameters.weight(layer)[...] = weight / np.sqrt(fan_in)
        if network.bias and regime != "zeros":
            parameters.bias(layer)[...] = 0.3 * random.normal(size=fan_out)
    x = random.normal(size=(samples, network.sizes[0])) * (100.0 if regime == "large data" else 1.0)
    if regime in ("positive", "sorted"):
        x = np.abs(x)
    if regime == "sparse":
        x = np.where(random.random(x.shape) < 0.5, 0.0, x)
    weights = random.choice([0.0, 0.3, 1.0, 2.5], samples) if weighted else None
    if weights is not None and not weights.any():
        weights[0] = 1.0
    batch = Batch(x, targets(random, network, samples), weights).astype(dtype)
    parameters = parameters.astype(dtype)
    if regime == "kinks" and network.bias:
        put_kinks(parameters, batch.x)
    return Question(network, parameters, batch)


def targets(random: Random, network: Network, samples: int) -> npt.NDArray[np.float64]:
    """Return targets that suit the loss; some are between the classes."""
    outputs = network.sizes[-1]
    if network.loss == "softmax_cross_entropy":
        rows = random.dirichlet(np.ones(outputs), samples)
        return np.where(random.random((samples, 1)) < 0.7, np.eye(outputs)[random.integers(0, outputs, samples)], rows)
    if LOSS_TABLE[network.loss].targets == "numbers":
        return random.normal(size=(samples, outputs))
    return np.where(random.random((samples, outputs)) < 0.7, random.integers(0, 2, (samples, outputs)), 0.3)


def put_kinks(parameters: Parameters, x: npt.NDArray[Any]) -> None:
    """Set each hidden bias to minus what the first sample brings: z is 0 up to rounding there."""
    a = x[:1].astype(np.float64)
    for layer in range(parameters.network.layer_count - 1):
        sums = a @ parameters.weight(layer).astype(np.float64)
        parameters.bias(layer)[...] = -sums[0]
        a = np.ones((1, sums.shape[1]))  # what a layer of 0 passes on depends on the activation; any number serves


def networks(widest: int = 130, deepest: int = DEEPEST, losses: tuple[str, ...] = LOSSES) -> st.SearchStrategy[Network]:
    """Draw networks of all activations and losses with widths that lie beside multiples of 8 too."""
    forced = [width for width in (1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 64, 65, 127, 128, 130) if width <= widest]

    @st.composite
    def network(draw: st.DrawFn) -> Network:
        loss = draw(st.sampled_from(losses))
        hidden = draw(st.lists(st.sampled_from(forced), max_size=deepest))
        inputs, outputs = draw(st.sampled_from(forced)), draw(st.integers(1, min(widest, 10)))
        names = [draw(st.sampled_from(ACTIVATIONS)) for _ in hidden]
        return Network((inputs, *hidden, outputs), names, loss, draw(st.booleans()))

    return network()


def questions(
    dtype: npt.DTypeLike, widest: int = 130, deepest: int = DEEPEST, most_samples: int = 33
) -> st.SearchStrategy[Question]:
    """Draw questions of all regimes: the shape is drawn, the numbers come from a drawn seed."""
    return st.builds(
        lambda seed, network, samples, regime, weighted: question(
            np.random.default_rng(seed), network, samples, regime, weighted, dtype
        ),
        st.integers(0, 2**32 - 1),
        networks(widest, deepest),
        st.integers(1, most_samples),
        st.sampled_from(REGIMES),
        st.booleans(),
    )
