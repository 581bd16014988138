"""How cases are drawn: networks, values, batches and trainings that an implementation can do, in two tiers.

*small*: at most three hidden units in all and two samples, every number a nonzero multiple of 1/16 between -1 and 1,
simplest first, so that a counterexample shrinks to something that can be followed by hand.
*wide*: up to four hidden layers of up to 130 units, widths at and beside multiples of 8 and 16 forced, up to 33
samples; the numbers come from a drawn seed and scale, so that one case costs a dozen draws whatever its size. Weights
are scaled by their fan-in and targets lie away from zero: units do not saturate, and residuals do not vanish.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.coarse_arithmetic import exactly_known
from symtests.properties.few_shapes import Allowed, few_networks, has_sample_weights, samples_of_network
from symtests.training import Training

__all__ = [
    "FORCED_WIDTHS",
    "SIMPLEST_ACTIVATIONS",
    "SIMPLEST_LOSSES",
    "SIXTEENTHS",
    "cases",
    "networks",
    "seeds",
    "small_numbers",
    "supported",
    "trainings",
    "wide_batch",
    "wide_parameters",
]

FORCED_WIDTHS: Final = (1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 130)
"""Widths at which blocks of lanes end, and their neighbours."""
SIXTEENTHS: Final = tuple(
    sorted((k / 16 for k in range(-16, 17) if k), key=lambda v: (Fraction(v).denominator, abs(v), v < 0))
)
"""Nonzero multiples of 1/16 between -1 and 1, simplest first: 1, -1, 1/2, -1/2, 1/4, ..."""
SIMPLEST_ACTIVATIONS: Final = ("identity", "tanh", "relu", "leaky_relu", "logistic", "softplus", "silu", "gelu")
SIMPLEST_LOSSES: Final = ("mse", "bce", "logistic_mse", "softmax_cross_entropy")
_SCALES: Final = (1.0, 0.5, 2.0, 0.125, 0.03125)
_RATES: Final = (0.125, 0.0625, 0.03125, 0.015625, 0.0078125)
_BEHIND_BLOCKS: Final = ((65, 130), (33, 65))  # inputs and outputs that are drawn besides 33 and 17 of them at most
_LARGE: Final = 33  # widths above this are drawn for at most two layers of one network, to bound its cost
_LARGE_LAYERS: Final = 2
_MOST_HIDDEN_UNITS: Final = 3
_MOST_SAMPLES: Final[dict[Tier, int]] = {"small": 2, "wide": 33}
_MOST_HIDDEN_LAYERS: Final[dict[Tier, int]] = {"small": 3, "wide": 4}


def supported(what: str, wanted: Iterable[str], available: Iterable[str]) -> tuple[str, ...]:
    """Return the `wanted` names that are `available`, in the order wanted.

    Raises
    ------
    Unsupported
        Where there is none.
    """
    wanted, available = tuple(wanted), set(available)
    found = tuple(name for name in wanted if name in available)
    if not found:
        raise Unsupported(f"the law needs one of these {what}: {', '.join(wanted)}; it has none of them")
    return found


def small_numbers(count: int) -> st.SearchStrategy[list[float]]:
    """Draw lists of `count` numbers of the small tier."""
    return _lists(SIXTEENTHS, count)


def seeds() -> st.SearchStrategy[int]:
    """Draw seeds of the generator from which the numbers of a wide case come."""
    return st.integers(0, 2**32 - 1)


def networks(
    domain: Domain,
    tier: Tier,
    *,
    activations: Sequence[str] = SIMPLEST_ACTIVATIONS,
    losses: Sequence[str] = SIMPLEST_LOSSES,
    bias: Sequence[bool] = (False, True),
    hidden_layers: tuple[int, int] | None = None,
    least_width: int = 1,
    least_widest: int = 1,
    inputs: tuple[int, int] | None = None,
    outputs: tuple[int, int] | None = None,
) -> st.SearchStrategy[Network]:
    """Draw networks that an implementation can do, the simplest first; most have one activation for all hidden layers.

    Parameters
    ----------
    domain, tier
        What it can do, and how large the networks may be.
    activations, losses, bias
        What the law allows, simplest first.
    hidden_layers
        Least and greatest number of hidden layers; 1 to 3 (small) or 4 (wide) unless given.
    least_width, least_widest
        Least width of every hidden layer, and of the widest.
    inputs, outputs
        Least and greatest number; 1 to 2 (small), or up to 130 inputs and 65 outputs (wide), unless given.
        A softmax has at least two outputs.

    Raises
    ------
    Unsupported
        Where the implementation can do none of these.
    """
    can = domain.capabilities
    names = supported("activations", activations, can.activations)
    loss_names = supported("losses", losses, can.losses)
    biases = tuple(choice for choice in bias if choice in can.bias)
    if not biases:
        raise Unsupported(f"the law needs a network {'with' if bias[0] else 'without'} biases")
    least_depth, most_depth = hidden_layers or (1, _MOST_HIDDEN_LAYERS[tier])
    if can.max_hidden_layers is not None:
        most_depth = min(most_depth, can.max_hidden_layers)
    if most_depth < least_depth:
        raise Unsupported(f"the law needs {least_depth} hidden layers; it has at most {most_depth}")
    widest = 130 if can.max_width is None else min(130, can.max_width)
    least_widest = max(least_widest, least_width) if least_depth else 1
    if widest < least_widest:
        raise Unsupported(f"the law needs a hidden layer of {least_widest} units; it has at most {widest}")
    depths = range(least_depth, most_depth + 1)
    usual_inputs, usual_outputs = ((1, 2), (1, 2)) if tier == "small" else ((1, 33), (1, 17))
    more_inputs, more_outputs = ((), ()) if tier == "small" else _BEHIND_BLOCKS
    input_counts = _widths_in(*inputs or usual_inputs, widest, () if inputs else more_inputs)
    output_counts = _widths_in(*outputs or usual_outputs, widest, () if outputs else more_outputs)
    small_hidden = _small_hidden_sizes(depths, least_width, least_widest, widest) if tier == "small" else []
    if can.few_shapes:
        return st.sampled_from(few_networks(tier, Allowed(
            names, loss_names, biases, input_counts, output_counts, small_hidden, depths,
            least_width, least_widest, widest,
        )))  # fmt: skip
    hidden = (
        st.sampled_from(small_hidden)
        if tier == "small"
        else _wide_hidden_sizes(depths, least_width, least_widest, widest)
    )
    input_sizes, output_sizes = st.sampled_from(input_counts), st.sampled_from(output_counts)
    losses_drawn, activations_drawn = st.sampled_from(loss_names), st.sampled_from(names)
    biases_drawn = st.sampled_from(biases)
    mixed = st.sampled_from((False, False, True))

    @st.composite
    def network(draw: st.DrawFn) -> Network:
        loss = draw(losses_drawn)
        hidden_sizes = draw(hidden)
        inputs, outputs = draw(input_sizes), draw(output_sizes)
        if loss == "softmax_cross_entropy":  # raised, not drawn from fewer: the same draws then shrink to other losses
            outputs = max(outputs, 2)
        activations = [draw(activations_drawn)] * len(hidden_sizes)
        if len(hidden_sizes) > 1 and draw(mixed):
            activations[1:] = [draw(activations_drawn) for _ in hidden_sizes[1:]]
        return Network((inputs, *hidden_sizes, outputs), activations, loss, draw(biases_drawn))

    return network()


def _widths_in(least: int, most: int, widest: int, more: Sequence[int]) -> list[int]:
    """Return the numbers of inputs or outputs to draw: every small one, the forced widths further up, and `more`."""
    found = [width for width in range(least, most + 1) if width in FORCED_WIDTHS or width <= 8]
    # A limit on the width may or may not be meant for inputs and outputs: small numbers of them satisfy both.
    return [width for width in (*found, *more) if width <= widest] or [max(least, 1)]


def _small_hidden_sizes(
    depths: range, least_width: int, least_widest: int, widest: int
) -> list[tuple[int, ...]]:
    shapes = [
        shape
        for depth in depths
        for shape in itertools.product(range(least_width, min(widest, _MOST_HIDDEN_UNITS) + 1), repeat=depth)
        if sum(shape) <= _MOST_HIDDEN_UNITS and max(shape, default=1) >= least_widest
    ]
    if not shapes:
        raise Unsupported("no network with three hidden units has the layers that the law needs")
    return sorted(shapes, key=lambda shape: (sum(shape), len(shape), shape))


def _wide_hidden_sizes(
    depths: range, least_width: int, least_widest: int, widest: int
) -> st.SearchStrategy[tuple[int, ...]]:
    def widths(most: int) -> st.SearchStrategy[int]:
        every = range(least_width, max(min(most, widest), least_width) + 1)
        # One list in ascending order, the forced widths repeated: even chances, and smaller widths when it shrinks.
        return st.sampled_from(sorted([*every, *(width for width in FORCED_WIDTHS * 6 if width in every)]))

    depths_drawn, any_width, further_width = st.sampled_from(depths), widths(130), widths(_LARGE)

    @st.composite
    def hidden_sizes(draw: st.DrawFn) -> tuple[int, ...]:
        depth = draw(depths_drawn)
        drawn = [draw(any_width if layer < _LARGE_LAYERS else further_width) for layer in range(depth)]
        if depth and max(drawn) < least_widest:
            drawn[0] = least_widest
        return tuple(draw(st.permutations(drawn))) if depth > _LARGE_LAYERS else tuple(drawn)

    return hidden_sizes()


def cases(
    domain: Domain,
    tier: Tier,
    drawn_networks: st.SearchStrategy[Network] | None = None,
    *,
    samples: tuple[int, int] | None = None,
    sample_weights: bool = True,
) -> st.SearchStrategy[Case]:
    """Draw cases whose values satisfy no further condition, with the default training and no details.

    Parameters
    ----------
    domain, tier
        What the implementation can do, and which kind of values.
    drawn_networks
        The networks; `networks(domain, tier)` unless given.
    samples
        Least and greatest number of samples; 1 to 2 (small) or 33 (wide) unless given.
    sample_weights
        Whether some batches have sample weights, where the implementation can do them.

    Raises
    ------
    Unsupported
        Where the implementation cannot take so many samples.
    """
    drawn_networks = networks(domain, tier) if drawn_networks is None else drawn_networks
    least, most = samples or (1, _MOST_SAMPLES[tier])
    if domain.capabilities.max_samples is not None:
        most = min(most, domain.capabilities.max_samples)
    if most < least:
        raise Unsupported(f"the law needs a batch of {least} samples; it takes at most {most}")
    counts = [n for n in range(least, most + 1) if n in FORCED_WIDTHS or n <= 8 or n == least]
    may_be_weighted = sample_weights and domain.capabilities.sample_weights
    weighted = st.sampled_from((False, False, True) if may_be_weighted else (False,))
    counts_drawn = st.sampled_from(counts)
    few_shapes = domain.capabilities.few_shapes
    scales, any_seed = st.sampled_from(_SCALES), seeds()

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        network = draw(drawn_networks)
        if few_shapes:
            count, has_weights = samples_of_network(network, counts), may_be_weighted and has_sample_weights(network)
        else:
            count, has_weights = draw(counts_drawn), draw(weighted)
        if tier == "small":
            vector = np.array(draw(small_numbers(network.parameter_count)), domain.dtype)
            return Case(network, Parameters(network, vector), _small_batch(draw, domain, network, count, has_weights))
        random = np.random.default_rng(draw(any_seed))
        parameters = wide_parameters(network, random, draw(scales), domain.dtype)
        batch = wide_batch(network, random, count, domain.dtype, has_weights)
        return exactly_known(Case(network, parameters, batch), domain)

    return case()


def _small_batch(draw: st.DrawFn, domain: Domain, network: Network, count: int, has_weights: bool) -> Batch:
    inputs, outputs = network.sizes[0], network.sizes[-1]
    x = np.array(draw(small_numbers(count * inputs))).reshape(count, inputs)
    y = np.array([draw(_small_target(network.loss, outputs)) for _ in range(count)])
    weights = np.array(draw(_lists((1.0, 2.0, 0.5, 3.0), count))) if has_weights else None
    return Batch(x, y, weights).astype(domain.dtype)


@cache
def _small_target(loss: str, outputs: int) -> st.SearchStrategy[list[float]]:
    """Draw the targets of one sample."""
    if loss == "softmax_cross_entropy":
        # One class, or half of it and the rest in another class.
        classes = st.integers(0, outputs - 1)
        return st.builds(lambda a, b: [(k == a) / 2 + (k == b) / 2 for k in range(outputs)], classes, classes)
    # -1 first: with weights and inputs of 1, the simplest network then has a residual.
    return _lists(SIXTEENTHS[1::2] + SIXTEENTHS[::2] if loss == "mse" else (0.0, 1.0, 0.25, 0.75), outputs)


@cache  # a strategy costs more to make than to draw from
def _lists(values: tuple[float, ...], count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.sampled_from(values), min_size=count, max_size=count)


def wide_parameters(network: Network, random: np.random.Generator, scale: float, dtype: str) -> Parameters:
    """Return normal weights of standard deviation scale / sqrt(fan-in) and biases of scale / 2, rounded to `dtype`."""
    parameters = Parameters.zeros(network)
    for weight, bias in zip(parameters.weights, parameters.biases, strict=True):
        weight[...] = random.normal(0.0, scale / np.sqrt(len(weight)), weight.shape)
        bias[...] = random.normal(0.0, scale / 2, bias.shape)
    return parameters.astype(dtype)


def wide_batch(
    network: Network, random: np.random.Generator, count: int, dtype: str, has_weights: bool = False
) -> Batch:
    """Return a batch of standard normal inputs and of targets that suit the loss, rounded to `dtype`."""
    inputs, outputs = network.sizes[0], network.sizes[-1]
    x = random.normal(size=(count, inputs))
    y: Array
    if network.loss == "softmax_cross_entropy":
        y = np.eye(outputs)[random.integers(0, outputs, count)]
    elif network.loss == "mse":
        y = random.choice((-1.0, 1.0), (count, outputs)) * random.uniform(1.0, 2.0, (count, outputs))
    else:
        y = random.integers(0, 2, (count, outputs)).astype(np.float64)
    weights: np.ndarray[Any, np.dtype[Any]] | None = random.choice((0.5, 1.0, 2.0, 3.0), count) if has_weights else None
    return Batch(x, y, weights).astype(dtype)


def trainings(
    domain: Domain, optimizers: Sequence[str], *, steps: tuple[int, int] = (1, 12), rates: Sequence[float] = _RATES
) -> st.SearchStrategy[Training]:
    """Draw trainings with one of the optimizers, as far as the implementation has them, and one of the learning rates.

    Other settings have their usual values. The rates are powers of two, unless given.

    Raises
    ------
    Unsupported
        Where it has none of the `optimizers`.
    """
    names = supported("optimizers", optimizers, domain.capabilities.optimizers)
    return st.builds(Training, st.sampled_from(names), st.sampled_from(rates), st.integers(*steps))
