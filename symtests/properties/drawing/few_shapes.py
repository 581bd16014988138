"""Few networks that stand for all others, for implementations that compile each new size.

Where a network is compiled before its first answer, most of the time of a check would go into that. So a network is not
put together from drawn parts: it is one of a short list, which together has every activation, every loss, every depth,
and every width at and beside the multiples of 8 and 16; and its sizes decide how many samples a batch has and whether
these have weights. What a property does not allow is replaced by what it does, as rarely as possible, so that most
properties ask the same networks. The numbers are drawn as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, cycle
from typing import Final, NamedTuple, TypeVar

from hypothesis import strategies as st

from symtests.network import Network
from symtests.properties.base import Domain, Tier

__all__ = ["Allowed", "choices_of_network", "few_networks", "has_sample_weights", "samples_of_network"]

_T = TypeVar("_T")


class Allowed(NamedTuple):
    """What a property allows of a network, simplest first; `hidden` holds sizes in the small tier, else depths."""

    activations: Sequence[str]
    losses: Sequence[str]
    bias: Sequence[bool]
    inputs: Sequence[int]
    outputs: Sequence[int]
    hidden: Sequence[tuple[int, ...]]
    depths: range
    least_width: int
    least_widest: int
    widest: int
    one_activation: bool = False


_SMALL: Final = (
    Network((1, 1, 1), "identity", "huber", bias=False),
    Network((2, 1, 1), "tanh", "bce", bias=True),
    Network((1, 2, 1), "relu", "logistic_mse", bias=False),
    Network((2, 2, 2), "leaky_relu", "softmax_cross_entropy", bias=True),
    Network((2, 3, 1), "softplus", "bce", bias=False),
    Network((1, 2, 1, 2), ("silu", "mish"), "softmax_cross_entropy", bias=False),
    Network((2, 1, 2, 2), ("gelu", "tanh"), "logistic_mse", bias=True),
    Network((2, 1, 1, 1, 1), ("logistic", "elu", "softsign"), "mse", bias=True),
)
_WIDE: Final = (
    Network((3, 7, 1), "identity", "huber", bias=True),
    Network((1, 8, 1, 2), "logistic", "bce", bias=False),
    Network((2, 15, 1), "relu", "logistic_mse", bias=True),
    Network((9, 9, 2, 3), "tanh", "softmax_cross_entropy", bias=True),
    Network((16, 16, 3, 1), "leaky_relu", "mse", bias=False),
    Network((8, 33, 8, 9), ("silu", "softsign"), "logistic_mse", bias=True),
    Network((17, 31, 32, 7), "gelu", "softmax_cross_entropy", bias=False),
    Network((33, 63, 64, 7, 2), ("identity", "leaky_relu", "hard_tanh"), "bce", bias=True),
    Network((65, 65, 9, 16), ("tanh", "gelu"), "mse", bias=True),
    Network((31, 127, 128, 2, 17, 15), ("relu", "mish", "elu", "selu"), "softmax_cross_entropy", bias=False),
    Network((130, 130, 129, 65), ("softplus", "hard_sigmoid"), "logistic_mse", bias=True),
)

_IN_PLACE: Final = {
    "softsign": "silu", "hard_tanh": "identity", "mish": "silu", "elu": "silu", "selu": "relu",
    "hard_sigmoid": "logistic",
}  # fmt: skip
"""What stands in these networks in place of a later activation where that is not allowed."""

_COUNTS: Final = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32)
"""Numbers of samples in the wide tier."""


def few_networks(tier: Tier, allowed: Allowed) -> list[Network]:
    """Return the networks of the tier, the simplest first, changed as little as the property asks for."""
    names = allowed.activations
    listed = [_with_allowed(network, names) for network in (_SMALL if tier == "small" else _WIDE)]
    fit = [network for network in listed if set(network.activations) <= set(names)]
    others = [network for network in listed if network not in fit] or listed

    def changed() -> list[Network]:
        return [_within(network, place, allowed, tier) for place, network in enumerate(fit)]

    # The list repeats itself where more is lacking than there are others: the same sizes serve again.
    lacking = _lacking(names, (network.activations for network in changed()))
    for name, other in zip(lacking, cycle(others), strict=False):
        fit.append(Network(other.sizes, name, other.loss, other.bias))
    for loss, other in zip(_lacking(allowed.losses, ((each.loss,) for each in changed())), list(fit), strict=False):
        fit.append(Network(other.sizes, other.activations, loss, other.bias))
    return list(dict.fromkeys(changed()))


def _lacking(names: Sequence[str], found: Iterable[Sequence[str]]) -> list[str]:
    there = set(chain.from_iterable(found))
    return [name for name in names if name not in there]


def _with_allowed(network: Network, names: Sequence[str]) -> Network:
    """Return the network with earlier activations in place of later ones that are not allowed."""
    activations = [name if name in names else _IN_PLACE.get(name, name) for name in network.activations]
    return Network(network.sizes, activations, network.loss, network.bias)


def samples_of_network(network: Network, counts: Sequence[int]) -> int:
    """Return the one number of samples of batches of this network, for all properties if their `counts` hold it."""
    usual = _COUNTS if max(counts) > 2 else (1, 2)
    count = usual[sum(network.sizes) % len(usual)]
    return min(counts, key=lambda allowed: (abs(allowed - count), allowed))


def has_sample_weights(network: Network) -> bool:
    """Tell whether batches of this network have sample weights, as far as the property allows: about one in three."""
    return network.parameter_count % 3 == 0


def choices_of_network(domain: Domain, network: Network, choices: Sequence[_T]) -> st.SearchStrategy[_T]:
    """Draw one of the choices, on which further shapes depend: always the same where each is compiled."""
    if domain.capabilities.few_shapes:
        choices = (choices[network.parameter_count % len(choices)],)
    return st.sampled_from(choices)


def _within(network: Network, place: int, allowed: Allowed, tier: Tier) -> Network:
    inputs, *hidden, outputs = network.sizes
    sizes = _nearest(tuple(hidden), allowed.hidden, place) if tier == "small" else _stretched(hidden, allowed)
    loss = _nearest(network.loss, allowed.losses, place)
    outputs = _nearest(outputs, allowed.outputs, place)
    if loss == "softmax_cross_entropy":
        outputs = max(outputs, 2)
    kinds = network.activations[:1] if allowed.one_activation else network.activations
    names = [kinds[layer % len(kinds)] for layer in range(len(sizes))]
    bias = _nearest(network.bias, allowed.bias, place)
    return Network((_nearest(inputs, allowed.inputs, place), *sizes, outputs), names, loss, bias)


def _nearest(value: _T, allowed: Sequence[_T], place: int) -> _T:
    """Return the value if it is allowed, and else one that is."""
    return value if value in allowed else allowed[place % len(allowed)]


def _stretched(hidden: list[int], allowed: Allowed) -> tuple[int, ...]:
    """Return hidden sizes of an allowed depth and of allowed widths."""
    depth = min(max(len(hidden), allowed.depths[0]), allowed.depths[-1])
    widths = [min(max(hidden[layer % len(hidden)], allowed.least_width), allowed.widest) for layer in range(depth)]
    if widths and max(widths) < allowed.least_widest:
        widths[0] = allowed.least_widest
    return tuple(widths)
