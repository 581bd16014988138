"""Faults of the activations: in both passes, or of their slopes alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from symtests.diagnosis.faults.fault import Family, Fault
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.network import ACTIVATIONS, LEAKY_SLOPE, Network
from symtests.oracle.activations import derivative, logistic, value
from symtests.parameters import Parameters

__all__ = ["SLOPE_FAMILIES", "SLOPE_FAULTS"]

_Curve = Callable[[Array, Array], Array]
"""A curve of z and a = sigma(z)."""


def _gelu_by_tanh(z: Array) -> Array:
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))


def _gelu_by_tanh_slope(z: Array) -> Array:
    root = math.sqrt(2 / math.pi)
    t = np.tanh(root * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * root * (1 + 3 * 0.044715 * z * z)


def _gelu_by_logistic(z: Array) -> Array:
    return z * logistic(1.702 * z)


def _gelu_by_logistic_slope(z: Array) -> Array:
    s = logistic(1.702 * z)
    return s + 1.702 * z * s * (1 - s)


_WRONG_SLOPES: Final[tuple[tuple[str, str, _Curve], ...]] = (
    ("tanh", "1 - z² (the pre-activation) is taken for tanh'(z) in place of 1 - tanh(z)²", lambda z, a: 1 - z * z),
    ("tanh", "1 - tanh(z) is taken for tanh'(z): the square is missing", lambda z, a: 1 - a),
    ("tanh", "a(1 - a), which belongs to the logistic function, is taken for tanh'(z)", lambda z, a: a * (1 - a)),
    ("logistic", "z(1 - z) (the pre-activation) is taken for logistic'(z) in place of a(1 - a)",
     lambda z, a: z * (1 - z)),
    ("logistic", "1 - a², which belongs to tanh, is taken for logistic'(z)", lambda z, a: 1 - a * a),
    ("logistic", "a is taken for logistic'(z): the factor 1 - a is missing", lambda z, a: a),
    ("logistic", "1 - a is taken for logistic'(z): the factor a is missing", lambda z, a: 1 - a),
    ("logistic", "a(1 + a) is taken for logistic'(z) in place of a(1 - a)", lambda z, a: a * (1 + a)),
    ("logistic", "the slope of the hard logistic function, 1/5 between -2.5 and 2.5, is taken for logistic'(z)",
     lambda z, a: 0.2 * (np.abs(z) < 2.5)),
    ("logistic", "the slope of the hard logistic function, 1/6 between -3 and 3, is taken for logistic'(z)",
     lambda z, a: (np.abs(z) < 3) / 6),
    ("logistic", "the slope of the hard logistic function, 1/4 between -2 and 2, is taken for logistic'(z)",
     lambda z, a: 0.25 * (np.abs(z) < 2)),
    ("softplus", "logistic(-z) is taken for softplus'(z) in place of logistic(z)", lambda z, a: logistic(-z)),
    ("leaky_relu", "leaky_relu'(0) is 0", lambda z, a: np.where(z > 0, 1.0, np.where(z < 0, LEAKY_SLOPE, 0.0))),
    ("leaky_relu", "leaky_relu'(0) is 1/2", lambda z, a: np.where(z > 0, 1.0, np.where(z < 0, LEAKY_SLOPE, 0.5))),
    ("gelu", "gelu'(z) lacks its second term, z phi(z)", lambda z, a: derivative("gelu", z) - _z_times_density(z)),
    ("gelu", "gelu'(z) is that of the approximation by tanh, while gelu(z) is exact",
     lambda z, a: _gelu_by_tanh_slope(z)),
    ("gelu", "gelu'(z) is that of z logistic(1.702 z), while gelu(z) is exact",
     lambda z, a: _gelu_by_logistic_slope(z)),
    ("silu", "silu'(z) lacks its second term, z logistic'(z)", lambda z, a: logistic(z)),
    ("silu", "silu'(z) lacks its first term, logistic(z)", lambda z, a: z * derivative("logistic", z)),
    ("relu", "relu passes error signals back where z <= 0 and stops them where z > 0", lambda z, a: (z <= 0) + 0.0),
    ("leaky_relu", "leaky_relu'(0) is 1", lambda z, a: np.where(z >= 0, 1.0, LEAKY_SLOPE)),
    ("leaky_relu", "leaky_relu stops error signals where z <= 0, as relu does", lambda z, a: (z > 0) + 0.0),
)  # fmt: skip


def _z_times_density(z: Array) -> Array:
    return z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _scaled_tanh(z: Array) -> Array:
    return 1.7159 * np.tanh(2 * z / 3)


def _scaled_tanh_slope(z: Array) -> Array:
    return 1.7159 * 2 / 3 * derivative("tanh", 2 * z / 3)


def _with_slope(activation: str, curve: _Curve) -> FaultyPass:
    def slope(question: Question, name: str, z: Array, a: Array) -> Array:
        return curve(z, a) if name == activation else derivative(name, z, question.at_zero)

    return FaultyPass(slope=slope, implementation=activation)


def _in_both_passes(activation: str, forward: Callable[[Array], Array], slope: Callable[[Array], Array]) -> FaultyPass:
    def activate(name: str, z: Array) -> Array:
        return forward(z) if name == activation else value(name, z)

    def slope_of(question: Question, name: str, z: Array, a: Array) -> Array:
        return slope(z) if name == activation else derivative(name, z, question.at_zero)

    return FaultyPass(activate=activate, slope=slope_of, implementation=activation)


def _relu_of_signal(passes: FaultyPass, question: Question, name: str, z: Array, a: Array, sent: Array) -> Array:
    return np.maximum(sent, 0.0) if name == "relu" else sent * passes.slope(question, name, z, a)


def _at_zero(choice: float) -> FaultyPass:
    return FaultyPass(slope=lambda _, name, z, a: derivative(name, z, choice), implementation="relu")


def _with_activation_of(question: Question, layer: int) -> Array:
    """Return the gradient where the activation of one hidden layer is used in all."""
    network = question.network
    if not network.activations:
        return question.gradient
    other = Network(network.sizes, network.activations[layer], network.loss, bias=network.bias)
    return replace(question, network=other, parameters=Parameters(other, question.theta)).gradient


_GENERAL_SLOPES: Final[tuple[tuple[str, Callable[[str], _Curve]], ...]] = (
    ("the error signals of hidden units lack the slope of the activation, as if sigma'(z) were 1",
     lambda name: lambda z, a: np.ones_like(z)),
    ("the slope sigma' is taken at the activation a = sigma(z) in place of the pre-activation z",
     lambda name: lambda z, a: derivative(name, a)),
    ("the slope of the activation is multiplied in twice", lambda name: lambda z, a: derivative(name, z) ** 2),
    ("error signals are multiplied by sigma(z) in place of sigma'(z)", lambda name: lambda z, a: a),
    ("error signals are stopped", lambda name: lambda z, a: np.zeros_like(z)),
    ("the slope of the activation has the opposite sign", lambda name: lambda z, a: -derivative(name, z)),
)  # fmt: skip
"""Slopes that may be wrong in every layer, or for one activation."""


def _faults() -> Iterator[Fault]:
    for layer, which in ((0, "first"), (-1, "last")):
        yield Fault(
            f"the activation of the {which} hidden layer is used in every hidden layer",
            partial(_with_activation_of, layer=layer),
        )
    yield Fault(
        "the error signals of hidden units lack the slope of the activation, as if sigma'(z) were 1",
        FaultyPass(slope=lambda q, name, z, a: np.ones_like(z)),
    )
    yield Fault(
        "the slope sigma' is taken at the activation a = sigma(z) in place of the pre-activation z",
        FaultyPass(slope=lambda q, name, z, a: derivative(name, a, q.at_zero)),
    )
    yield Fault(
        "the slope of the activation is multiplied in twice",
        FaultyPass(slope=lambda q, name, z, a: derivative(name, z, q.at_zero) ** 2),
    )
    yield Fault(
        "error signals are multiplied by sigma(z) in place of sigma'(z)",
        FaultyPass(slope=lambda q, name, z, a: a),
    )
    yield Fault(
        "the slope of the first hidden layer's activation is used in every hidden layer",
        FaultyPass(slope=lambda q, name, z, a: derivative(q.network.activations[0], z, q.at_zero)),
    )
    yield Fault(
        "the slope of the last hidden layer's activation is used in every hidden layer",
        FaultyPass(slope=lambda q, name, z, a: derivative(q.network.activations[-1], z, q.at_zero)),
    )
    yield Fault(
        "only the last hidden layer multiplies error signals by the slope of its activation",
        FaultyPass(has_slope=lambda layer, layers: layer == layers - 1),
    )
    yield Fault(
        "only the first hidden layer multiplies error signals by the slope of its activation",
        FaultyPass(has_slope=lambda layer, layers: layer == 0),
    )
    for words, of_name in _GENERAL_SLOPES:
        for name in ACTIVATIONS:
            yield Fault(f"{words}, only for the activation {name}", _with_slope(name, of_name(name)), name)
    yield Fault(
        "error signals are stopped where they are not positive, and not where the pre-activation is not",
        FaultyPass(activated_back=_relu_of_signal, implementation="relu"),
        "relu",
    )
    for choice in (1.0, 0.5, 0.0):
        yield Fault(f"relu'(0) is {choice:g}, other than the implementation declares", _at_zero(choice), "relu", True)
    for activation, words, curve in _WRONG_SLOPES:
        yield Fault(words, _with_slope(activation, curve), activation, is_convention="'(0)" in words)
    for activation, words, forward, slope in (
        ("tanh", "tanh is 1.7159 tanh(2 z / 3)", _scaled_tanh, _scaled_tanh_slope),
        ("relu", "relu is capped at 6", lambda z: np.clip(z, 0, 6), lambda z: ((z > 0) & (z < 6)) + 0.0),
        ("gelu", "gelu is the approximation by tanh", _gelu_by_tanh, _gelu_by_tanh_slope),
        ("gelu", "gelu is the approximation z logistic(1.702 z)", _gelu_by_logistic, _gelu_by_logistic_slope),
    ):
        yield Fault(f"{words}, in both passes", _in_both_passes(activation, forward, slope), activation)
    for activation in ACTIVATIONS:
        for other in ACTIVATIONS:
            if other != activation:
                yield Fault(
                    f"{activation} is computed as {other}, in both passes", _sold_as(activation, other), activation
                )
                yield Fault(
                    f"the slope of {activation} is that of {other}, while {activation} itself is right",
                    _with_slope(activation, _slope_of(other)),
                    activation,
                )


def _sold_as(activation: str, other: str) -> FaultyPass:
    return _in_both_passes(activation, lambda z: value(other, z), lambda z: derivative(other, z))


def _slope_of(name: str) -> _Curve:
    return lambda z, a: derivative(name, z)


def _leaky(z: Array, slope: float) -> Array:
    return np.where(z > 0, z, slope * z)


def _leaky_slope(z: Array, slope: float) -> Array:
    return np.where(z > 0, 1.0, slope)


def _families() -> Iterator[Family]:
    for name in ("tanh", "logistic"):
        yield _slope_kept_up(name)
    yield Family(
        "leaky_relu has the slope {} below 0 in the backward pass, and the right one in the forward pass",
        lambda c: _with_slope("leaky_relu", lambda z, a: _leaky_slope(z, c)),
        "leaky_relu",
    )
    for name in ("leaky_relu", "relu"):
        yield _slope_below_zero(name)
    for name in ("silu", "gelu"):
        yield _times_logistic(name)
    yield Family(
        "softplus is log(1 + exp({} z)) divided by that number, in both passes",
        lambda c: _in_both_passes(
            "softplus", lambda z: value("softplus", c * z) / (c or 1.0), lambda z: logistic(c * z)
        ),
        "softplus",
    )
    for name in ("tanh", "logistic", "relu", "softplus", "gelu", "silu", "leaky_relu"):
        yield from _families_of(name)


def _slope_kept_up(name: str) -> Family:
    return Family(
        f"the slope of {name} never falls below {{}}, so that saturated units go on learning",
        lambda c: _with_slope(name, lambda z, a: np.maximum(derivative(name, z), c)),
        name,
    )


def _slope_below_zero(name: str) -> Family:
    return Family(
        f"{name} has the slope {{}} below 0, in both passes",
        lambda c: _in_both_passes(name, lambda z: _leaky(z, c), lambda z: _leaky_slope(z, c)),
        name,
    )


def _times_logistic(name: str) -> Family:
    return Family(
        f"{name} is z logistic({{}} z), in both passes",
        lambda c: _in_both_passes(
            name, lambda z: z * logistic(c * z), lambda z: logistic(c * z) + c * z * derivative("logistic", c * z)
        ),
        name,
    )


def _families_of(name: str) -> Iterator[Family]:
    yield Family(
        f"{name} is {name}({{}} z), its slope being that of this function",
        lambda c: _in_both_passes(name, lambda z: value(name, c * z), lambda z: c * derivative(name, c * z)),
        name,
    )
    yield Family(
        f"the constant {{}} is added to {name}(z)",
        lambda c: _in_both_passes(name, lambda z: value(name, z) + c, lambda z: derivative(name, z)),
        name,
    )
    yield Family(
        f"the constant {{}} is added to the slope of {name}",
        lambda c: _with_slope(name, lambda z, a: derivative(name, z) + c),
        name,
    )
    yield Family(
        f"the slope of {name} is {{}} times what it should be",
        lambda c: _with_slope(name, lambda z, a: c * derivative(name, z)),
        name,
    )


SLOPE_FAULTS: Final = tuple(_faults())
SLOPE_FAMILIES: Final = tuple(_families())
