"""Activations that are approximated, by the names of the approximations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np

from symtests.diagnosis.faults.fault import Family, Fault
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.oracle.activations import derivative, value

__all__ = ["APPROXIMATE_FAMILIES", "APPROXIMATE_FAULTS"]

_Curve = Callable[[Array], Array]


def _softsign(z: Array) -> Array:
    return z / (1 + np.abs(z))


def _fraction(z: Array) -> Array:
    """Lambert's continued fraction of tanh, cut off after two terms."""
    return np.clip(z * (27 + z**2) / (27 + 9 * z**2), -1, 1)


def _longer_fraction(z: Array) -> Array:
    """Lambert's continued fraction of tanh, cut off after six terms."""
    s = z * z
    return np.clip(z * (135135 + s * (17325 + s * (378 + s))) / (135135 + s * (62370 + s * (3150 + 28 * s))), -1, 1)


def _cubic(z: Array) -> Array:
    return z - z**3 / 3


def _exponential(z: Array, power: int) -> Array:
    """(1 + z / n)^n for exp(z)."""
    return np.maximum(1 + z / power, 0) ** power


def _logistic_of(tanh: _Curve) -> _Curve:
    return lambda z: 0.5 + 0.5 * tanh(z / 2)


_APPROXIMATIONS: Final[tuple[tuple[str, str, _Curve], ...]] = (
    ("tanh", "z / (1 + |z|) (softsign)", _softsign),
    ("tanh", "the fraction z (27 + z²) / (27 + 9 z²), cut off at 1", _fraction),
    ("tanh", "the fraction z (27 + z²) / (27 + 9 z²), not cut off", lambda z: z * (27 + z**2) / (27 + 9 * z**2)),
    ("tanh", "Lambert's fraction of degree 7", _longer_fraction),
    ("tanh", "z - z³ / 3", _cubic),
    ("tanh", "z cut off at 1 (hard tanh)", lambda z: np.clip(z, -1, 1)),
    ("tanh", "2 / pi arctan(pi z / 2)", lambda z: 2 / math.pi * np.arctan(math.pi * z / 2)),
    ("tanh", "arctan(z)", np.arctan),
    ("tanh", "z / sqrt(1 + z²)", lambda z: z / np.sqrt(1 + z * z)),
    ("logistic", "the rational form 1/2 + z / (2 (1 + |z|))", lambda z: 0.5 + 0.5 * _softsign(z)),
    ("logistic", "the rational form 1/2 + z / (4 (1 + |z| / 2))", _logistic_of(_softsign)),
    ("logistic", "(1 + t) / 2, t being the fraction of tanh(z/2)", _logistic_of(_fraction)),
    ("logistic", "1/2 + z / 4 cut off at 0 and 1 (hard logistic)", lambda z: np.clip(0.5 + z / 4, 0, 1)),
    ("logistic", "1/2 + z / 5 cut off at 0 and 1 (hard logistic)", lambda z: np.clip(0.5 + z / 5, 0, 1)),
    ("logistic", "1/2 + z / 6 cut off at 0 and 1 (hard logistic)", lambda z: np.clip(0.5 + z / 6, 0, 1)),
    ("logistic", "1/2 + arctan(z) / pi", lambda z: 0.5 + np.arctan(z) / math.pi),
    ("logistic", "1 / (1 + (1 - z/1024)^1024)", lambda z: 1 / (1 + _exponential(-z, 1024))),
    ("logistic", "1 / (1 + (1 - z/256)^256)", lambda z: 1 / (1 + _exponential(-z, 256))),
    ("logistic", "1/2 + z / (2 sqrt(1 + z²))", lambda z: 0.5 + 0.5 * z / np.sqrt(1 + z * z)),
    ("softplus", "max(z, 0)", lambda z: np.maximum(z, 0)),
    ("silu", "z times the hard logistic function (hard swish)", lambda z: z * np.clip(0.5 + z / 6, 0, 1)),
    ("gelu", "the approximation by tanh", lambda z: 0.5 * z * (1 + np.tanh(_gelu_inner(z)))),
    ("gelu", "the approximation z logistic(1.702 z)", lambda z: z / (1 + np.exp(-1.702 * z))),
)  # fmt: skip


def _gelu_inner(z: Array) -> Array:
    return math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)


def _pass(name: str, forward: _Curve, slope: Callable[[Array, Array], Array] | None) -> FaultyPass:
    def activate(other: str, z: Array) -> Array:
        return forward(z) if other == name else value(other, z)

    def slope_of(question: Question, other: str, z: Array, a: Array) -> Array:
        return slope(z, a) if other == name and slope is not None else derivative(other, z, question.at_zero)

    return FaultyPass(activate=activate, slope=slope_of, implementation=name)


_BY_OUTPUT: Final[dict[str, Callable[[Array, Array], Array]]] = {
    "tanh": lambda z, a: 1 - a * a,
    "logistic": lambda z, a: a * (1 - a),
}


def _faults() -> Iterator[Fault]:
    for name, words, forward in _APPROXIMATIONS:
        told = f"{name}(z) is approximated by {words}"
        yield Fault(f"{told}, while its slope is right", _pass(name, forward, None), name)
        if name in _BY_OUTPUT:
            formula = {"tanh": "1 - a²", "logistic": "a (1 - a)"}[name]
            yield Fault(f"{told}, its slope being {formula} of that", _pass(name, forward, _BY_OUTPUT[name]), name)


def _table(step: float, z: Array, *, middle: bool) -> Array:
    return (np.floor(z / step) + 0.5) * step if middle else np.rint(z / step) * step


def _families() -> Iterator[Family]:
    steps = (*(2.0**-k for k in range(1, 13)), 0.1, 0.05, 0.02, 0.01, 0.005, 0.001)
    for name in ("tanh", "logistic"):
        for words, middle in ((", in the middle of each step", True), ("", False)):
            yield Family(
                f"{name} is read from a table with steps of {{}}{words}, while its slope is right",
                partial(_from_table, name, middle=middle, by_output=False),
                name,
                steps,
            )
            yield Family(
                f"{name} is read from a table with steps of {{}}{words}, its slope being that of the table's value",
                partial(_from_table, name, middle=middle, by_output=True),
                name,
                steps,
            )
    yield Family(
        "softplus(z) is taken for z above {}, in both passes",
        lambda c: _pass(
            "softplus",
            lambda z: np.where(z > c, z, value("softplus", z)),
            lambda z, a: np.where(z > c, 1.0, derivative("softplus", z)),
        ),
        "softplus",
        (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 8.0, 10.0, 15.0, 20.0),
    )
    for name in ("tanh", "logistic"):
        yield Family(
            f"pre-activations of {name} are cut off at {{}} in both passes",
            partial(_cut, name, in_slope=True),
            name,
            (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0),
        )


def _from_table(name: str, step: float, *, middle: bool, by_output: bool) -> FaultyPass:
    def forward(z: Array) -> Array:
        return value(name, _table(step, z, middle=middle))

    return _pass(name, forward, _BY_OUTPUT[name] if by_output else None)


def _cut(name: str, limit: float, *, in_slope: bool) -> FaultyPass:
    def forward(z: Array) -> Array:
        return value(name, np.clip(z, -limit, limit))

    return _pass(name, forward, _BY_OUTPUT[name] if in_slope else None)


APPROXIMATE_FAULTS: Final = tuple(_faults())
APPROXIMATE_FAMILIES: Final = tuple(_families())
