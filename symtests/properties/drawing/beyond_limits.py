"""A few cases beyond the usual limits of what is drawn: more layers, units, inputs, outputs, samples.

Whoever has a table of 128 entries, a block of 256 or a counter of eight bits is wrong just beyond it. Each case exceeds
one limit, and is small in all else.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Final

import numpy as np

from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.properties.base import Case, Domain
from symtests.properties.drawing.strategies import wide_batch, wide_parameters

__all__ = ["cases_beyond_limits"]

_HIDDEN_LAYERS: Final = 4
_WIDTH: Final = 130
_OUTPUTS: Final = 65
"""What is drawn at most; of samples as many are asked as of units."""


def cases_beyond_limits(domain: Domain) -> list[Case]:
    """Return cases at 2 times and at `domain.reach` times each limit, for an implementation that declares none."""
    if domain.reach == 1:
        return []
    found = []
    losses = cycle([name for name in LOSSES if name in domain.capabilities.losses])
    names = cycle([name for name in ACTIVATIONS if name in domain.every_activation])
    bias = domain.capabilities.bias[0]
    times = (domain.reach,) if domain.capabilities.few_shapes else tuple(dict.fromkeys((2, 4, domain.reach)))
    random = np.random.default_rng(0)
    for sizes, samples in (shape for factor in times for shape in _shapes(domain, factor)):
        loss = next(losses)
        if loss == "softmax_cross_entropy":
            sizes = (*sizes[:-1], max(sizes[-1], 2))
        # identity and tanh in turn, so that error signals pass many layers
        activations = [next(names) for _ in sizes[1:-1]] if len(sizes) < 2 * _HIDDEN_LAYERS else _passing(domain, sizes)
        network = Network(sizes, activations, loss, bias)
        parameters = wide_parameters(network, random, 1.0, domain.dtype)
        if len(sizes) > _HIDDEN_LAYERS:  # layers of one unit, whose weights might nearly vanish
            for weight in parameters.weights:
                weight[...] = np.copysign(np.clip(np.abs(weight), 0.75, 1.5), weight)
        batch = wide_batch(network, random, samples, domain.dtype)
        found.append(Case(network, parameters, batch))
    return found


def _passing(domain: Domain, sizes: tuple[int, ...]) -> list[str]:
    has = domain.every_activation
    names = [name for name in has if name in ("tanh", "identity")] or [has[0]]
    return [names[layer % len(names)] for layer in range(len(sizes) - 2)]


def _shapes(domain: Domain, factor: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield layer sizes and numbers of samples, each beyond one limit."""
    can = domain.capabilities
    units = 2 if can.max_width is None else min(2, can.max_width)
    hidden = (units,) * (can.max_hidden_layers != 0)
    if can.max_hidden_layers is None:
        yield (1, *[1] * (factor * _HIDDEN_LAYERS), 1), 2 if can.max_samples is None else 1
    if can.max_width is None:
        yield (factor * _WIDTH, *hidden, 1), 1
        if hidden:
            yield (1, factor * _WIDTH, 1), 1
        yield (1, *hidden, factor * _OUTPUTS), 1
    if can.max_samples is None:
        yield (1, *hidden, 1), factor * _WIDTH
