"""Activation functions on an array that fits into the nearest caches: ours beside its peers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from symtests.benchmarks.comparison import Comparison, NotMeasured, Peer, Work, jax_with_float64, library
from symtests.float_json import Array
from symtests.kernels.activations import activate
from symtests.kernels.arrays import aligned
from symtests.network import ACTIVATIONS, DTYPES

__all__ = ["comparisons"]

_ELEMENTS = 4096
_NAMES = "tanh", "logistic", "softplus", "gelu", "silu"


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: each activation that is no mere selection, in both dtypes."""
    return tuple(_comparison(name, dtype) for name in _NAMES for dtype in DTYPES)


def _comparison(name: str, dtype: str) -> Comparison:
    z = np.random.default_rng(0).normal(scale=3.0, size=_ELEMENTS).astype(dtype)
    known: tuple[tuple[str, Callable[[str, Array], Callable[[], Any]]], ...] = (
        ("NumPy", _in_numpy), ("PyTorch", _in_torch), ("JAX", _in_jax)
    )  # fmt: skip
    return Comparison(
        "activations",
        name,
        dtype,
        "element",
        partial(_work, _ours, name, z),
        tuple(Peer(label, partial(_work, build, name, z), 1.0) for label, build in known),
        quick=(name, dtype) == ("tanh", "float32"),
    )


def _work(build: Callable[[str, Array], Callable[[], Any]], name: str, z: Array) -> Work:
    function = build(name, z)
    return Work(function, lambda: np.asarray(function()), _ELEMENTS)


def _ours(name: str, z: Array) -> Callable[[], Any]:
    source, result = aligned(z.size, z.dtype), aligned(z.size, z.dtype)
    source[:] = z
    activation = ACTIVATIONS.index(name)

    def function() -> Array:
        activate(activation, source, result)
        return result

    return function


def _in_numpy(name: str, z: Array) -> Callable[[], Any]:
    space = np.empty_like(z)

    def logistic() -> Array:
        np.exp(np.negative(z, out=space), out=space)
        return np.reciprocal(np.add(space, 1, out=space), out=space)

    known: dict[str, Callable[[], Any]] = {
        "tanh": lambda: np.tanh(z, out=space),
        "logistic": logistic,
        "softplus": lambda: np.logaddexp(z, z.dtype.type(0), out=space),
        "silu": lambda: np.multiply(logistic(), z, out=space),
    }
    if name not in known:
        raise NotMeasured("NumPy has no error function")
    return known[name]


def _in_torch(name: str, z: Array) -> Callable[[], Any]:
    torch = library("torch")
    source = torch.tensor(z)
    functional = torch.nn.functional
    function = {
        "tanh": torch.tanh, "logistic": torch.sigmoid, "softplus": functional.softplus, "gelu": functional.gelu,
        "silu": functional.silu,
    }[name]  # fmt: skip
    return lambda: function(source)


def _in_jax(name: str, z: Array) -> Callable[[], Any]:
    jax = jax_with_float64()
    source = jax.numpy.asarray(z)
    known = {
        "tanh": jax.numpy.tanh, "logistic": jax.nn.sigmoid, "softplus": jax.nn.softplus,
        "gelu": partial(jax.nn.gelu, approximate=False), "silu": jax.nn.silu,
    }  # fmt: skip
    function = jax.jit(known[name])
    return lambda: jax.block_until_ready(function(source))
