"""The elementary functions of the kernels, with what is known of each: its formula, its promise, others' versions."""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import mpmath
import numpy as np
import scipy.special
from numba import njit
from numba.core.registry import CPUDispatcher

from symtests.kernels.activations import gelu, silu
from symtests.kernels.elementary.exponential import exponential
from symtests.kernels.elementary.logarithm import logarithm_of_one_plus
from symtests.kernels.elementary.logistic import logistic, softplus
from symtests.kernels.elementary.normal_distribution import normal_tail
from symtests.kernels.elementary.tanh import tanh
from tests.evidence.sources import code_of, hash_of_parts
from tests.kernels.bits import Numbers

__all__ = ["FUNCTIONS", "ElementaryFunction", "compiled", "sources_of"]


@dataclass(frozen=True)
class ElementaryFunction:
    """A function of one number that the kernels compute.

    Parameters
    ----------
    name, formula
        What it is called in the kernels, and what it is.
    kernel
        The compiled function: of a float32 or a float64.
    exact
        The same of one number of mpmath, as exactly as its precision allows.
    known
        The same of a float64 array, by NumPy or SciPy.
    most, most_in_double
        The largest error that is promised, of any float32 and of any float64 result: in units in the last place of the
        exact result, or of the smallest normal number where that is larger.
    low, high
        What no result may be below or above.
    from_zero
        Whether it is of numbers from 0 on alone.
    turns
        It falls below this number and rises above it; -inf where it rises everywhere, inf where it falls.
    monotone
        Whether it is promised that no result goes against that, for any two neighbouring numbers.
    odd
        Whether f(-x) is -f(x), bit for bit.
    """

    name: str
    formula: str
    kernel: Callable[[float], float]
    exact: Callable[[Any], Any]
    known: Callable[[Numbers], Numbers]
    most: float
    most_in_double: float
    low: float = -math.inf
    high: float = math.inf
    from_zero: bool = False
    turns: float = -math.inf
    monotone: bool = False
    odd: bool = False

    @property
    def sources(self) -> str:
        """Hash of every source that decides its bits."""
        return sources_of(self.kernel)


@cache
def compiled(kernel: Callable[[float], float]) -> Callable[[Numbers, Numbers], None]:
    """Return the function that writes f(x) to y; only compiled code can call a kernel."""

    @njit(error_model="numpy", nogil=True)
    def loop(x: Any, y: Any) -> None:
        for i in range(x.size):
            y[i] = kernel(x[i])

    function: Callable[[Numbers, Numbers], None] = loop
    return function


def sources_of(kernel: Any) -> str:
    """Return a short hash of a compiled function: its code without comments, its constants, and all that it calls.

    Of the machine operations of `symtests.kernels.machine.intrinsics` only the names count: tests of their own say
    what they do.
    """
    return hash_of_parts(_parts(kernel, set()))


def _parts(kernel: Any, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the functions and constants that a compiled function is made of, by their names, each once."""
    function = kernel.py_func
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    yield definition.name, code_of(definition.body)
    used = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)} & set(function.__globals__)
    for name in sorted(used - seen):
        seen.add(name)
        value = function.__globals__[name]
        if isinstance(value, CPUDispatcher):
            yield from _parts(value, seen)
        elif not callable(value):
            yield name, repr(value)


def _normal_tail(x: Any) -> Any:
    return mpmath.erfc(x / mpmath.sqrt(2)) / 2


def _logistic(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


FUNCTIONS: Final = {
    each.name: each
    for each in (
        ElementaryFunction("exponential", "exp(x)", exponential, mpmath.exp, np.exp, 1.1, 1.1, 0, monotone=True),
        ElementaryFunction(
            "logarithm_of_one_plus", "log(1 + x) for x ≥ 0", logarithm_of_one_plus, mpmath.log1p, np.log1p, 2, 2, 0,
            from_zero=True,
        ),
        ElementaryFunction(
            "tanh", "tanh(x)", tanh, mpmath.tanh, np.tanh, 1.5, 1.5, -1, 1, monotone=True, odd=True
        ),
        ElementaryFunction(
            "logistic", "1 / (1 + exp(-x))", logistic, _logistic, scipy.special.expit, 1.5, 1.5, 0, 1, monotone=True
        ),
        ElementaryFunction(
            "softplus", "log(1 + exp(x))", softplus, lambda x: mpmath.log1p(mpmath.exp(x)),
            lambda x: np.logaddexp(0, x), 2.5, 2.75, 0,
        ),
        ElementaryFunction(
            "normal_tail", "Φ(-x) for x ≥ 0", normal_tail, _normal_tail, lambda x: scipy.special.ndtr(-x), 2.5, 3,
            0, 0.5, from_zero=True, turns=math.inf,
        ),
        ElementaryFunction(
            "gelu", "x Φ(x)", gelu, lambda x: x * _normal_tail(-x), lambda x: x * scipy.special.ndtr(x), 2.5, 3.25,
            -0.17, turns=-0.7517915247,
        ),
        ElementaryFunction(
            "silu", "x / (1 + exp(-x))", silu, lambda x: x * _logistic(x), lambda x: x * scipy.special.expit(x), 2, 2,
            -0.2785, turns=-1.2784645428,
        ),
    )
}  # fmt: skip
"""By name."""
