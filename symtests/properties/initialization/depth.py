"""INIT8: what a start is for: activations and error signals keep their size over depth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.chance import bernstein
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.initialization.start_cases import random_schemes, start_cases
from symtests.properties.initialization.start_sample import Sample, judge_samples, starts_lines
from symtests.properties.initialization.within import Within, judge_within, told_together
from symtests.properties.judging.judging import Telling

__all__ = ["INIT8"]

_NUMBERS: Final = 300_000
_PROMISE: Final = 0.3
_WIDTHS: Final = (24, 33, 48)
_DEEPEST: Final = 8
_PROMISES: Final = {"he": ("relu", ("forward",)), "lecun": ("identity", ("forward",)),
                    "glorot": ("identity", ("forward", "backward"))}  # fmt: skip
"""For each author the activation with which, and the directions in which, the second moment is kept."""
_STEEPEST: Final = 200


def _cases(domain: Domain, _tier: Tier) -> st.SearchStrategy[Case]:
    schemes = [name for name in random_schemes(domain) if name.partition("_")[0] in _PROMISES]
    if not schemes:
        raise Unsupported("it has no start that promises to keep the size of activations")
    can = domain.capabilities
    deepest = _DEEPEST if can.max_hidden_layers is None else min(_DEEPEST, can.max_hidden_layers)
    if not deepest:
        raise Unsupported("the property needs a hidden layer")
    widest = min(can.max_width or _WIDTHS[-1], can.max_inputs or _WIDTHS[-1], can.max_outputs or _WIDTHS[-1])
    if widest < max(can.min_width, _WIDTHS[0]):  # in narrow layers a signal dies or grows by chance, more so with depth
        raise Unsupported(
            f"the property needs layers of one width, of {_WIDTHS[0]} units at least; it has {widest} at most"
        )
    widths = sorted({max(min(width, widest), can.min_width) for width in _WIDTHS})
    depths = sorted({max(min(depth, deepest), can.min_hidden_layers) for depth in (2, 4, 8)})
    if can.few_shapes:
        widths, depths = widths[-1:], depths[-1:]
    sizes = st.tuples(st.sampled_from(widths), st.sampled_from(depths)).map(lambda drawn: drawn[:1] * (drawn[1] + 2))
    return start_cases(domain, schemes, numbers=_NUMBERS, least_starts=16, sizes=sizes)


def _of_another_activation(domain: Domain) -> st.SearchStrategy[Case]:
    """Draw cases in which what he makes up for is not there: the identity in place of relu."""
    sizes = st.just((3, 3, 3))
    return start_cases(domain, ("he_normal",), numbers=_NUMBERS, sizes=sizes, owed=("lecun_normal",))


def _judge(implementation: Checked, case: Case) -> Judgement:
    def judge(sample: Sample, owed: str) -> Judgement:
        activation, directions = _PROMISES[owed.partition("_")[0]]
        miss = sample.miss / (len(directions) * (1 + case.network.layer_count))
        return told_together(each for way in directions for each in _judge_way(sample, owed, activation, way, miss))

    owes = dict(zip(case.details["schemes"], case.details["owed"], strict=True))
    return judge_samples(implementation, case, lambda sample: judge(sample, owes[sample.scheme]))


def _judge_way(sample: Sample, owed: str, activation: str, way: str, miss: float) -> Iterator[Within]:
    """Judge by what each layer multiplies the second moment in the mean of all starts, and all layers together."""
    factors = _factors(sample, activation, way)  # (starts, layers, units)
    starts, layers, units = factors.shape
    what = "activations" if way == "forward" else "error signals"
    for found, count, name in (
        (np.array([factors.mean()]), factors.size, "a layer"),
        (factors.mean(axis=(0, 2)), starts * units, "layer {k}"),
    ):
        low, high = _bounds(activation, count, miss)

        def tell(
            k: int, *, found: Array = found, low: float = low, high: float = high, name: str = name, count: int = count
        ) -> Telling:
            said = name.format(k=k + 1)
            part = "" if name == "a layer" else f"[:, {k}]"
            return Telling(
                f"{sample.asked}, in {layers} layers of {units} units with the activation {activation}: {said} "
                f"multiplies the second moment of the {what} by {found[k]:.4g}, in the mean of {count} units, where "
                f"{owed} promises 1; over 50 layers that is {found[k]**50:.3g}; chance explains {low:.4g} to "
                f"{high:.4g}, but for once in 10^13 cases",
                f"second moment of the {what} behind {said}",
                (*_lines(sample, activation, way), f"factor = np.array(factors){part}.mean()",
                 f"assert {low!r} <= factor <= {high!r}, factor"),
            )  # fmt: skip

        yield judge_within(
            found, 1.0, (low, high), tell,
            detectable=max(high - 1, 1 - low) + float(np.abs(found - 1).max()) if name == "a layer" else 0.0,
        )  # fmt: skip


def _factors(sample: Sample, activation: str, way: str) -> Array:
    """Return, for each unit, its squared activation (twice that of relu) by the mean square that comes in.

    Given all layers before, the mean of each is the variance of a weight times the number of terms: 1 is promised. A
    layer that nothing reaches counts as 1.
    """
    network = sample.network
    weights = [np.asarray(sample.vectors[:, network.weight_slice(layer)], np.float64).reshape(
        -1, *network.sizes[layer : layer + 2]) for layer in range(network.layer_count)]  # fmt: skip
    if way == "backward":
        weights = [weight.transpose(0, 2, 1) for weight in weights[::-1]]
    signal, factors = np.ones((len(sample.vectors), network.sizes[0])), []
    for weight in weights:
        size = np.square(signal).mean(axis=1, keepdims=True)
        signal = np.einsum("si,sij->sj", signal, weight)
        if activation == "relu":
            signal = math.sqrt(2) * np.maximum(signal, 0.0)  # half of the second moment, which He's 2 makes up for
        factors.append(np.divide(np.square(signal), size, out=np.ones_like(signal), where=size > 0))
        signal = np.where(size > 0, signal / np.sqrt(np.where(size > 0, size, 1.0)), 0.0)  # keeps numbers moderate
    found = np.stack(factors, axis=1)
    return found / 2 if activation == "relu" else found


def _bounds(activation: str, count: int, miss: float) -> tuple[float, float]:
    """Return least and greatest means that chance explains.

    A sum of w a is strictly sub-Gaussian given the layers below, and symmetric: of its square g^2, E exp(s g^2) is at
    most (1 - 2 s)^(-1/2), and of 2 relu(g)^2 half of that of 2 g^2 and a half. Chernoff's bound with any s holds.
    """
    t = math.log(2 / miss)
    if activation == "relu":
        s = np.arange(1, _STEEPEST) / (4 * _STEEPEST)
        growth = np.log(0.5 + 0.5 / np.sqrt(1 - 4 * s)) - s
    else:
        s = np.arange(1, _STEEPEST) / (2 * _STEEPEST)
        growth = -0.5 * np.log(1 - 2 * s) - s
    high = 1 + float(((growth + t / count) / s).min())
    low = 1 - float(bernstein(5.0 if activation == "relu" else 2.0, 1.0, count, miss / 2))
    return max(low, 0.0), high


def _lines(sample: Sample, activation: str, way: str) -> tuple[str, ...]:
    order = "range(network.layer_count)" if way == "forward" else "reversed(range(network.layer_count))"
    transposed = "" if way == "forward" else ".T"
    passes = ("        signal = np.maximum(signal, 0)",) if activation == "relu" else ()
    return (
        *starts_lines(sample),
        "factors = []",
        "for start in starts:",
        "    signal, found = np.ones(network.sizes[0]), []",
        f"    for layer in {order}:",
        "        size = (signal ** 2).mean()",
        f"        signal = signal @ np.asarray(start.weight(layer), float){transposed}",
        *passes,
        "        found.append((signal ** 2).mean() / size if size else 1.0)",
        "    factors.append(found)",
    )


INIT8: Final = Property(
    id="INIT8",
    group="initialization",
    title="signals keep their size over depth",
    statement="In layers of equal width, the second moment of what passes stays the same from layer to layer in the "
    "mean: of activations with relu from he, of activations with the identity from lecun, and of both activations and "
    "error signals with the identity from glorot.",
    formula="E |aₗ|² = |aₗ₋₁|² given the layers below;  glorot: E |δₗ₋₁|² = |δₗ|² given the layers above as well",
    precondition="layers of equal width; relu for he, identity for lecun and glorot; biases are 0; starts of different "
    "seeds differ",
    exactness=Exactness.LOGICAL,
    catches="activations that vanish or grow with depth, as by a variance that is off, by units that add up instead of "
    "averaging out, or by later layers that are drawn otherwise",
    source="K. He, X. Zhang, S. Ren, J. Sun (2015), section 2.2, equation 10; Y. LeCun, L. Bottou, G. Orr, K.-R. "
    "Müller (1998), section 4.6; X. Glorot, Y. Bengio (2010), equations 8 to 12. Chernoff's and Bernstein's bounds, "
    "layer by layer: a case accuses what is right less than once in 10^13 times.",
    claims=("S6",),
    cases=_cases,
    judge=_judge,
    tiers=("wide",),
    needs=("initialize",),
    promise=_PROMISE,
    without_precondition=_of_another_activation,
)
