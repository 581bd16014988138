"""Cases of the family INIT: a network, schemes, the distributions that they must have, and seeds in a row."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Capabilities, Unsupported
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain
from symtests.properties.drawing.strategies import supported
from symtests.start_distributions import StartDistribution

__all__ = ["MISS", "TOGETHER", "random_schemes", "start_cases"]

MISS: Final = 1e-13
"""How often one case may accuse what is right, all its tests together: in a check of 2000 cases, less than 10^-9."""
TOGETHER: Final = 3
"""Schemes that one case asks for."""
_WIDTHS: Final = (24, 33, 48, 65, 96, 129)
_OUTPUTS: Final = (24, 1, 2, 9, 33, 65)
_MOST_STARTS: Final = 512
_FEW: Final = ((129, 130), (65, 129, 33), (64, 96, 96, 65))
"""Where each new size of a network is compiled: large, so that few starts are enough."""


def random_schemes(domain: Domain, suits: Callable[[StartDistribution], bool] | None = None) -> tuple[str, ...]:
    """Return the starts that the implementation offers and that draw each number by itself, or that suit otherwise.

    Raises
    ------
    Unsupported
        Where there is none.
    """
    suits = suits or _draws
    found = tuple(
        name for name in domain.capabilities.own_starts if suits(domain.capabilities.distribution_of_start(name))
    )
    if not found:
        raise Unsupported("it has no start of which the property speaks")
    return found


def _draws(distribution: StartDistribution) -> bool:
    return any(drawn.independent for drawn in distribution.parts)


def start_cases(
    domain: Domain,
    schemes: Sequence[str],
    *,
    numbers: int,
    least_starts: int = 4,
    most_starts: int = _MOST_STARTS,
    sizes: st.SearchStrategy[tuple[int, ...]] | None = None,
    owed: Sequence[str] | None = None,
    step: int = 1,
) -> st.SearchStrategy[Case]:
    """Draw cases that ask for starts.

    The details name the ``schemes`` (up to `TOGETHER`, or all where networks are dear), the schemes whose distributions
    they ``owe``, the first ``seed``, how many ``starts`` are drawn, and the ``step`` from one seed to the next.

    Parameters
    ----------
    domain
        What the implementation can do.
    schemes
        Names of starts.
    numbers
        About how many weights are drawn in all for each scheme.
    least_starts, most_starts
        Bounds of the number of starts, by which it is reached or not.
    sizes
        Sizes of the networks; wide ones unless given.
    owed
        For each scheme the one whose distribution it is judged by; itself unless given.
    step
        0 for the same seed again and again.
    """
    can = domain.capabilities
    activation = supported("activations", ACTIVATIONS, can.activations)
    losses = supported("losses", LOSSES, can.losses)
    bias = True in can.bias
    owes = dict(zip(schemes, owed or schemes, strict=True))

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        widths, name, loss = draw(drawn_sizes), draw(st.sampled_from(activation)), losses[0]
        widths = _offered(can, widths)
        if loss == "softmax_cross_entropy":
            widths = (*widths[:-1], max(widths[-1], 2))
        network = Network(widths, name if len(widths) > 2 else (), loss, bias)
        first, together = draw(st.integers(0, len(schemes) - 1)), len(schemes) if can.few_shapes else TOGETHER
        apart = max(len(schemes) // together, 1)
        chosen = list(dict.fromkeys(schemes[(first + k * apart) % len(schemes)] for k in range(together)))
        weights = sum(below * units for below, units in pairwise(widths))
        details = {
            "schemes": chosen,
            "owed": [owes[scheme] for scheme in chosen],
            "seed": draw(st.integers(0, 2**30)),
            "starts": min(max(math.ceil(numbers / weights), least_starts), most_starts),
            "step": step,
        }
        batch = Batch(np.ones((1, widths[0]), domain.dtype), np.eye(1, widths[-1], dtype=domain.dtype))
        return Case(network, Parameters.zeros(network, domain.dtype), batch, details=details)

    drawn_sizes = sizes if sizes is not None else _sizes(domain)
    return case()


def _offered(can: Capabilities, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes, changed as little as the limits of depth, width, inputs and outputs ask for."""
    inputs, *hidden, outputs = sizes
    hidden = [min(max(width, can.min_width), can.max_width or width) for width in hidden]
    while len(hidden) < can.min_hidden_layers:
        hidden.append(hidden[-1] if hidden else min(max(inputs, can.min_width), can.max_width or inputs))
    hidden = hidden[: can.max_hidden_layers]
    return (min(inputs, can.max_inputs or inputs), *hidden, min(outputs, can.max_outputs or outputs))


def _sizes(domain: Domain) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw the sizes of networks of up to three hidden layers in which fan-in and fan-out differ, or do not."""
    can = domain.capabilities
    widest, deepest = can.max_width or max(_WIDTHS), 3 if can.max_hidden_layers is None else can.max_hidden_layers
    widths = sorted({min(width, widest) for width in _WIDTHS})
    if can.few_shapes:
        few = [sizes for sizes in _FEW if len(sizes) - 2 <= deepest]
        return st.sampled_from([tuple(min(width, widest) for width in sizes) for sizes in few])
    outputs = list(dict.fromkeys(min(width, widest) for width in _OUTPUTS))

    @st.composite
    def sizes(draw: st.DrawFn) -> tuple[int, ...]:
        below = [draw(st.sampled_from(widths)) for _ in range(draw(st.integers(1, min(deepest, 3) + 1)))]
        return (*below, draw(st.sampled_from(outputs if len(below) > 1 else widths)))

    return sizes()
