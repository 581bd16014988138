"""Cases in which a gradient shows from which pass it comes: networks of up to four layers of up to 256 units."""

from __future__ import annotations

from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.coarse_arithmetic import exactly_known
from symtests.properties.drawing.strategies import seeds, supported, wide_batch, wide_parameters

__all__ = ["WIDEST", "can_tell_apart", "samples_apart", "sometimes_apart", "with_samples_apart"]

WIDEST: Final = 256
"""Greatest width for which a property promises to see a fault."""
_WIDTHS: Final = (33, 64, 65, 127, 128, 129, 192, 255, WIDEST)
_SAMPLES: Final = (8, 16)
_SCALES: Final = (1.0, 0.5, 2.0)
_MOST_HIDDEN_LAYERS: Final = 4
_ONE_IN: Final = 8


def can_tell_apart(domain: Domain) -> bool:
    """Tell whether an implementation can take a case of these."""
    can = domain.capabilities
    least = (
        (can.max_samples, _SAMPLES[0]), (can.max_width, _WIDTHS[0]), (can.max_hidden_layers, 1),
        (can.max_inputs, _SAMPLES[0] + 1), (can.max_outputs, 2),
    )  # fmt: skip
    enough = all(most is None or most >= needed for most, needed in least)
    return enough and can.min_width <= WIDEST and can.min_hidden_layers <= _MOST_HIDDEN_LAYERS


def sometimes_apart(domain: Domain, tier: Tier, usual: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    """Draw from `usual`; in the wide tier, one case in eight is one of `samples_apart`, if there can be any."""
    if tier == "small" or not can_tell_apart(domain):
        return usual
    apart = samples_apart(domain)
    # Not `one_of`, which takes the same strategy only once.
    return st.integers(0, _ONE_IN - 1).flatmap(lambda drawn: apart if drawn == _ONE_IN - 1 else usual)


def samples_apart(domain: Domain) -> st.SearchStrategy[Case]:
    """Draw cases in which each sample has a feature of its own, that is 1 in this sample and 0 in all others.

    Hidden layers have 33 to 256 units, so that the first error signals of all samples are more than
    `symtests.properties.judging.stages.LEAST_SIGNALS` numbers, be half of them those of dead units.

    Raises
    ------
    Unsupported
        Where the implementation has none of the activations or losses.
    """
    can = domain.capabilities
    activations = supported("activations", ACTIVATIONS, can.activations)
    losses = supported("losses", LOSSES, can.losses)
    widths = [width for width in _WIDTHS if can.min_width <= width <= (can.max_width or WIDEST)]
    counts = [count for count in _SAMPLES if count <= min(can.max_samples or count, (can.max_inputs or 1 + count) - 1)]
    most_inputs, most_outputs = can.max_inputs or max(_SAMPLES) + 9, min(can.max_outputs or 9, 9)
    depths = range(
        max(1, can.min_hidden_layers), min(_MOST_HIDDEN_LAYERS, can.max_hidden_layers or _MOST_HIDDEN_LAYERS) + 1
    )

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        count, depth = draw(st.sampled_from(counts)), draw(st.sampled_from(depths))
        hidden = [draw(st.sampled_from(widths)) for _ in range(depth)]
        inputs = draw(st.integers(count + 1, min(count + 9, most_inputs)))
        outputs = draw(st.integers(2, most_outputs))
        activation, loss = draw(st.sampled_from(activations)), draw(st.sampled_from(losses))
        network = Network((inputs, *hidden, outputs), activation, loss, draw(st.sampled_from(can.bias)))
        random = np.random.default_rng(draw(seeds()))
        parameters = wide_parameters(network, random, draw(st.sampled_from(_SCALES)), domain.dtype)
        batch = with_samples_apart(wide_batch(network, random, count, domain.dtype))
        return exactly_known(Case(network, parameters, batch), domain)

    return case()


def with_samples_apart(batch: Batch) -> Batch:
    """Return the batch with the first features, as many as samples, replaced by those that tell samples apart."""
    x = batch.x.copy()
    x[:, : len(x)] = np.eye(len(x))
    return Batch(x, batch.y, batch.sample_weights)
