"""Cases that are tried each time: activations far out and at 0, numbers that are tiny or huge, every pair of layers.

What is wrong in one place only is met by no draw but by luck: tanh beyond 5, a slope where one activation stands above
another, an error signal above 1000 or below 1e-30. Each of these cases is a network of a few units that is there for
one such place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.model.activations import ACTIVATION_TABLE, activations_that
from symtests.model.losses import LOSS_TABLE, losses_that
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain

__all__ = ["extreme_cases"]

_FAR: Final = ((5.5, -5.5, 8.0), (-8.0, 12.0, -12.0), (18.0, -18.0, 40.0), (-40.0, 100.0, -100.0), (800.0, -800.0, 2e4))
"""Pre-activations of three hidden units: from where a tanh of float32 is nearly 1 to where exp overflows in float64."""
_NEAR: Final = (0.0, 2.0**-20, -(2.0**-20))
_ZERO_AT_ZERO: Final = activations_that(lambda entry: entry.zero_at_zero)
_WITHOUT_BOUNDS: Final = (*activations_that(lambda entry: entry.homogeneous), "softplus")
"""Those that are z, or nearly so, far above 0."""
_OF_EACH_OUTPUT_FIRST: Final = (
    *losses_that(lambda entry: entry.of_each_output),
    *losses_that(lambda entry: not entry.of_each_output),
)
_FAR_OUTPUTS: Final = (6.0, -6.0, 20.0, -20.0)
_TINY: Final = (-105,)
"""Powers of two below thresholds at which somebody may take a number for 0, above underflow in float32, and above the
square of a complex step of 1e-30."""
_HUGE: Final = (14, 24)
"""Powers of two above every threshold at which somebody may take a number for an error."""
_IEEE: Final = {"float32": 2.0**-24, "float64": 2.0**-53}


def extreme_cases(domain: Domain) -> list[Case]:
    """Return the cases that an implementation with these capabilities can do.

    An arithmetic coarser than its storage, which may end at 65504, is asked for pairs of layers alone; where each
    shape is compiled, there are cases in the profiles alone that have time for them.
    """
    can = domain.capabilities
    if (can.max_hidden_layers == 0) or (can.few_shapes and domain.reach == 1):
        return []
    found = list(_pairs(domain))
    if can.roundoff(domain.dtype) == _IEEE[domain.dtype]:
        found += [*_far_units(domain), *_outputs(domain), *_scaled(domain)]
    return found


def _case(domain: Domain, network: Network, layers: Sequence[Sequence[Sequence[float]]], x: object, y: object) -> Case:
    """Return a case of these weight matrices, with biases of 0."""
    parameters = Parameters.zeros(network)
    for layer, weight in enumerate(layers):
        parameters.weight(layer)[...] = weight
    batch = Batch(np.array(x, np.float64), np.array(y, np.float64))
    return Case(network, parameters.astype(domain.dtype), batch.astype(domain.dtype))


def _loss_of(domain: Domain, *wanted: str) -> str | None:
    return next((name for name in wanted if name in domain.capabilities.losses), None)


def _bias(domain: Domain) -> bool:
    return domain.capabilities.bias[0]


def _target(loss: str, outputs: int) -> list[float]:
    """Return targets that leave a residual."""
    if LOSS_TABLE[loss].targets == "numbers":
        return [-1.0] * outputs
    return [1.0] + [0.0] * (outputs - 1)


def _far_units(domain: Domain) -> Iterator[Case]:
    """Yield one hidden layer of three units, each with a pre-activation of its own."""
    if domain.capabilities.max_width is not None and domain.capabilities.max_width < 3:
        return
    loss = _loss_of(domain, *_OF_EACH_OUTPUT_FIRST)
    outputs = 2 if loss == "softmax_cross_entropy" else 1
    names = domain.every_activation
    if domain.capabilities.few_shapes:  # of those in pieces, pairs of layers say enough
        names = tuple(name for name in names if not ACTIVATION_TABLE[name].is_straight)
    for name in names:
        network = Network((1, 3, outputs), name, loss or "", _bias(domain))
        for far in (*_FAR, *(() if any(kink.at == 0 for kink in ACTIVATION_TABLE[name].kinks) else (_NEAR,))):
            # what a unit without bounds adds to the outputs stays moderate
            out = [[0.5 if ACTIVATION_TABLE[name].bounded else 0.5 / max(abs(z), 1.0)] * outputs for z in far]
            for row in out[1:]:
                row[0] = -row[0]
            yield _case(domain, network, ([list(far)], out), [[1.0]], [_target(network.loss, outputs)])


def _outputs(domain: Domain) -> Iterator[Case]:
    """Yield outputs of exactly 0, and far out, for each loss; targets on either side."""
    activation = domain.every_activation[0]
    for loss in domain.capabilities.losses:
        for outputs in ((0.0, 0.0), _FAR_OUTPUTS):
            network = Network((1, 1, len(outputs)), activation, loss, _bias(domain))
            for turned in (False, True):
                y = [float((k // 2 + k) % 2 == turned) for k in range(len(outputs))]
                if LOSS_TABLE[loss].targets == "numbers":
                    y = [2 * value - 1 for value in y]
                elif loss == "softmax_cross_entropy":
                    y = [float(k == turned) for k in range(len(outputs))]
                case = _case(domain, network, ([[1.0]], [[0.0] * len(outputs)]), [[1.0]], [y])
                parameters = case.parameters.copy()
                if any(outputs):
                    if not network.bias:
                        continue
                    parameters.bias(1)[...] = outputs
                yield replace(case, parameters=parameters)


def _scaled(domain: Domain) -> Iterator[Case]:
    """Yield numbers that are tiny or huge at one place, and moderate at all others."""
    loss = _loss_of(domain, *_OF_EACH_OUTPUT_FIRST) or ""
    outputs = 2 if loss == "softmax_cross_entropy" else 1
    has = domain.every_activation
    zero_at_zero = next((name for name in _ZERO_AT_ZERO if name in has), None)
    linear = next((name for name in _WITHOUT_BOUNDS if name in has), None)
    y = [_target(loss, outputs)]
    sides = [0.5] if outputs == 1 else [0.5, -0.5]
    any_network = Network((1, 1, outputs), has[0], loss, _bias(domain))
    for power in _TINY:
        tiny = 2.0**power
        # error signals of hidden units, and of outputs
        yield _case(domain, any_network, ([[0.5]], [[tiny * side for side in sides]]), [[1.0]], y)
        if loss == "mse":
            yield _case(domain, any_network, ([[0.5]], [[tiny]]), [[1.0]], [[0.0]])
    for power in _HUGE:
        huge = 2.0**power
        yield _case(domain, any_network, ([[0.5 / huge]], [sides]), [[huge]], y)  # inputs
        yield _case(domain, any_network, ([[0.5 * huge]], [sides]), [[1 / huge]], y)  # weights
        if loss == "mse":
            yield _case(domain, any_network, ([[0.5]], [sides]), [[1.0]], [[huge]])  # error signals of outputs
        if zero_at_zero is not None:  # error signals of hidden units
            network = Network((1, 1, outputs), zero_at_zero, loss, _bias(domain))
            yield _case(domain, network, ([[0.5 / huge]], [[huge * side for side in sides]]), [[1.0]], y)
        if linear is not None:  # activations
            network = Network((1, 1, outputs), linear, loss, _bias(domain))
            yield _case(domain, network, ([[huge]], [[side / huge for side in sides]]), [[1.0]], y)


def _pairs(domain: Domain) -> Iterator[Case]:
    """Yield every activation above every other: two hidden layers of one unit, or long chains with few shapes."""
    can, names = domain.capabilities, domain.every_activation
    most = can.max_hidden_layers
    if len(names) < 2 or (most is not None and most < 2):
        return
    loss = _loss_of(domain, *_OF_EACH_OUTPUT_FIRST) or ""
    outputs = 2 if loss == "softmax_cross_entropy" else 1
    if can.few_shapes:
        chains = _chains(names, 16 if most is None else most)
    else:
        chains = [(below, above) for above in names for below in names if above != below]
    for chain in chains:
        network = Network((1, *[1] * len(chain), outputs), chain, loss, _bias(domain))
        weights: list[list[list[float]]] = [[[0.75]]] + [[[1.25]]] * (len(chain) - 1) + [[[1.0, -0.5][:outputs]][0:1]]
        x = [[1.0], [0.5]][: can.max_samples]
        yield _case(domain, network, weights, x, [_target(loss, outputs)] * len(x))


def _chains(names: Sequence[str], longest: int) -> list[tuple[str, ...]]:
    """Return few sequences in which every ordered pair of two different names stands side by side."""
    left = {(one, other) for one in names for other in names if one != other}
    chains: list[tuple[str, ...]] = []
    while left:
        first = min(left, key=lambda pair: (names.index(pair[0]), names.index(pair[1])))
        chain: list[str] = [*first]
        left.discard((chain[0], chain[1]))
        while len(chain) < longest:
            nexts = [name for name in names if (chain[-1], name) in left]
            if not nexts:
                break
            chain.append(max(nexts, key=lambda name: sum((name, other) in left for other in names)))
            left.discard((chain[-2], chain[-1]))
        chains.append(tuple(chain))
    return chains
