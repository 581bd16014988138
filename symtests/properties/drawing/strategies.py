"""How cases are drawn: networks, values, batches and trainings that an implementation can do, in two tiers.

*small*: at most three hidden units in all and two samples, every number a nonzero multiple of 1/16 between -1 and 1,
simplest first, so that a counterexample shrinks to something that can be followed by hand.
*wide*: up to four hidden layers of up to 130 units, widths at and beside multiples of 8 and 16 forced, up to 33
samples; the numbers come from a drawn seed and scale, so that one case costs a dozen draws whatever its size. Weights
are scaled by their fan-in and targets lie away from zero: units do not saturate, and residuals do not vanish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.model.activations import ACTIVATIONS
from symtests.model.losses import LOSS_TABLE, LOSSES, losses_that
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.coarse_arithmetic import exactly_known
from symtests.properties.drawing.few_shapes import Allowed, few_networks, has_sample_weights, samples_of_network
from symtests.properties.drawing.layer_sizes import FORCED_WIDTHS, small_hidden_sizes, wide_hidden_sizes, widths_in
from symtests.training import Training

__all__ = [
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

SIXTEENTHS: Final = tuple(
    sorted((k / 16 for k in range(-16, 17) if k), key=lambda v: (Fraction(v).denominator, abs(v), v < 0))
)
"""Nonzero multiples of 1/16 between -1 and 1, simplest first: 1, -1, 1/2, -1/2, 1/4, ..."""
_BEHIND_BLOCKS: Final = ((65, 130), (33, 65))  # inputs and outputs that are drawn besides 33 and 17 of them at most
_SCALES: Final = st.sampled_from((1.0, 0.5, 2.0, 0.125, 0.03125))
_SEEDS: Final = st.integers(0, 2**32 - 1)
_MIXED: Final = st.sampled_from((False, False, True))
_SOFTMAX: Final = "softmax_cross_entropy"
_OF_ONE_OUTPUT: Final = losses_that(lambda entry: entry.of_each_output)
_RATES: Final = (0.125, 0.0625, 0.03125, 0.015625, 0.0078125)
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
        raise Unsupported(f"the property needs one of these {what}: {', '.join(wanted)}; it has none of them")
    return found


def small_numbers(count: int) -> st.SearchStrategy[list[float]]:
    """Draw lists of `count` numbers of the small tier."""
    return _lists(SIXTEENTHS, count)


def seeds() -> st.SearchStrategy[int]:
    """Draw seeds of the generator from which the numbers of a wide case come."""
    return _SEEDS


def networks(
    domain: Domain,
    tier: Tier,
    *,
    activations: Sequence[str] = ACTIVATIONS,
    losses: Sequence[str] = LOSSES,
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
        What the property allows, simplest first.
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
        raise Unsupported(f"the property needs a network {'with' if bias[0] else 'without'} biases")
    least_depth, most_depth = hidden_layers or (1, _MOST_HIDDEN_LAYERS[tier])
    if can.min_hidden_layers > most_depth and hidden_layers is None:
        most_depth = can.min_hidden_layers
    if can.min_hidden_layers > most_depth:
        raise Unsupported(f"the property needs {most_depth} hidden layers; it has at least {can.min_hidden_layers}")
    least_depth = max(least_depth, can.min_hidden_layers)
    if can.max_hidden_layers is not None:
        most_depth = min(most_depth, can.max_hidden_layers)
    if most_depth < least_depth:
        raise Unsupported(f"the property needs {least_depth} hidden layers; it has at most {most_depth}")
    widest = max(130, can.min_width) if can.max_width is None else min(max(130, can.min_width), can.max_width)
    least_width = max(least_width, can.min_width)
    least_widest = max(least_widest, least_width) if least_depth else 1
    if widest < least_widest:
        raise Unsupported(f"the property needs a hidden layer of {least_widest} units; it has at most {widest}")
    depths = range(least_depth, most_depth + 1)
    usual_inputs, usual_outputs = ((1, 2), (1, 2)) if tier == "small" else ((1, 33), (1, 17))
    more_inputs, more_outputs = ((), ()) if tier == "small" else _BEHIND_BLOCKS
    input_counts = _counts("inputs", inputs or usual_inputs, widest, can.max_inputs, () if inputs else more_inputs)
    output_counts = _counts(
        "outputs", outputs or usual_outputs, widest, can.max_outputs, () if outputs else more_outputs
    )
    if can.max_outputs == 1:
        loss_names = supported(
            "losses", [name for name in loss_names if name != _SOFTMAX] or [_SOFTMAX], _OF_ONE_OUTPUT
        )
    most_units = max(3, can.min_hidden_layers * can.min_width, can.min_width)
    small_hidden = small_hidden_sizes(depths, least_width, least_widest, widest, most_units) if tier == "small" else []
    if can.few_shapes:
        return st.sampled_from(few_networks(tier, Allowed(
            names, loss_names, biases, input_counts, output_counts, small_hidden, depths,
            least_width, least_widest, widest, can.one_activation,
        )))  # fmt: skip
    return _network(_Parts(
        st.sampled_from(loss_names),
        st.sampled_from(small_hidden)
        if tier == "small"
        else wide_hidden_sizes(depths, least_width, least_widest, widest),
        st.sampled_from(input_counts),
        st.sampled_from(output_counts),
        st.sampled_from(names),
        st.sampled_from(supported("activations", activations, domain.every_activation)),
        st.sampled_from(biases),
        st.just(False) if can.one_activation else _MIXED,
    ))  # fmt: skip


def _counts(what: str, wanted: tuple[int, int], widest: int, limit: int | None, more: Sequence[int]) -> list[int]:
    """Return the numbers of inputs or outputs to draw: within a limit of their own, or else as `widths_in` has it."""
    if limit is not None and limit < wanted[0]:
        raise Unsupported(f"the property needs {wanted[0]} {what}; it has at most {limit}")
    return widths_in(*wanted, widest if limit is None else limit, more)


@dataclass(frozen=True)
class _Parts:
    """What networks are put together from."""

    losses: st.SearchStrategy[str]
    hidden_sizes: st.SearchStrategy[tuple[int, ...]]
    inputs: st.SearchStrategy[int]
    outputs: st.SearchStrategy[int]
    activations: st.SearchStrategy[str]
    further_activations: st.SearchStrategy[str]
    bias: st.SearchStrategy[bool]
    mixed: st.SearchStrategy[bool]


# Here and not within `networks`: making a composite strategy anew costs more than all that is drawn from it.
@st.composite
def _network(draw: st.DrawFn, parts: _Parts) -> Network:
    loss = draw(parts.losses)
    hidden_sizes = draw(parts.hidden_sizes)
    inputs, outputs = draw(parts.inputs), draw(parts.outputs)
    if loss == "softmax_cross_entropy":  # raised, not drawn from fewer: the same draws then shrink to other losses
        outputs = max(outputs, 2)
    activations = [draw(parts.activations)] * len(hidden_sizes)
    if len(hidden_sizes) > 1 and draw(parts.mixed):
        activations[1:] = [draw(parts.further_activations) for _ in hidden_sizes[1:]]
    return Network((inputs, *hidden_sizes, outputs), activations, loss, draw(parts.bias))


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
        raise Unsupported(f"the property needs a batch of {least} samples; it takes at most {most}")
    counts = [n for n in range(least, most + 1) if n in FORCED_WIDTHS or n <= 8 or n == least]
    may_be_weighted = sample_weights and domain.capabilities.sample_weights
    return _case(domain, tier, drawn_networks, counts, st.sampled_from(counts), may_be_weighted)


@st.composite
def _case(
    draw: st.DrawFn,
    domain: Domain,
    tier: Tier,
    drawn_networks: st.SearchStrategy[Network],
    counts: Sequence[int],
    drawn_counts: st.SearchStrategy[int],
    may_be_weighted: bool,
) -> Case:
    network = draw(drawn_networks)
    if domain.capabilities.few_shapes:
        count = samples_of_network(network, counts)
        has_weights = may_be_weighted and has_sample_weights(network)
    else:
        count, has_weights = draw(drawn_counts), may_be_weighted and draw(_MIXED)
    if tier == "small":
        vector = np.array(draw(small_numbers(network.parameter_count)), domain.dtype)
        return Case(network, Parameters(network, vector), _small_batch(draw, domain, network, count, has_weights))
    random = np.random.default_rng(draw(seeds()))
    parameters = wide_parameters(network, random, draw(_SCALES), domain.dtype)
    batch = wide_batch(network, random, count, domain.dtype, has_weights)
    return exactly_known(Case(network, parameters, batch), domain)


def _small_batch(draw: st.DrawFn, domain: Domain, network: Network, count: int, has_weights: bool) -> Batch:
    inputs, outputs = network.sizes[0], network.sizes[-1]
    x = np.array(draw(small_numbers(count * inputs))).reshape(count, inputs)
    classes = network.loss in domain.capabilities.class_targets
    y = np.array([draw(_small_target(network.loss, outputs, classes)) for _ in range(count)])
    weights = np.array(draw(_lists((1.0, 2.0, 0.5, 3.0), count))) if has_weights else None
    return Batch(x, y, weights).astype(domain.dtype)


@cache
def _small_target(loss: str, outputs: int, only_classes: bool) -> st.SearchStrategy[list[float]]:
    """Draw the targets of one sample."""
    if loss == "softmax_cross_entropy":
        # One class, or half of it and the rest in another class.
        classes = st.integers(0, outputs - 1)
        if only_classes:
            return classes.map(lambda a: [float(k == a) for k in range(outputs)])
        return st.builds(lambda a, b: [(k == a) / 2 + (k == b) / 2 for k in range(outputs)], classes, classes)
    # -1 first: with weights and inputs of 1, the simplest network then has a residual.
    if LOSS_TABLE[loss].targets == "numbers":
        return _lists(SIXTEENTHS[1::2] + SIXTEENTHS[::2], outputs)
    return _lists((0.0, 1.0) if only_classes else (0.0, 1.0, 0.25, 0.75), outputs)


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
    elif LOSS_TABLE[network.loss].targets == "numbers":
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
