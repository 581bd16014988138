"""The three products of a dense layer, forward, gradient and backward, one after the other: ours beside its peers.

    Z = X W,        dW = X^T D,        dX = D W^T

X has shape (batch, inputs), W (inputs, outputs), D (batch, outputs).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from symtests.benchmarks.comparison import Comparison, Peer, Work, jax_with_float64, library
from symtests.float_json import Array
from symtests.kernels.arrays import aligned
from symtests.kernels.blocked_product import scratch_size
from symtests.kernels.compile_policy import entry_point
from symtests.kernels.matrix_product import matrix, multiply, repeated, transposed
from symtests.network import DTYPES

__all__ = ["comparisons"]

_SHAPES = (64, 64, 64), (256, 256, 256), (512, 1024, 1024), (100, 300, 70)  # batch, inputs, outputs


class Layer(NamedTuple):
    """The factors."""

    x: Array
    weights: Array
    signals: Array


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: powers of two, and a shape that fits no register; both dtypes, one thread."""
    return tuple(_comparison(shape, dtype) for shape in _SHAPES for dtype in DTYPES)


def _comparison(shape: tuple[int, int, int], dtype: str) -> Comparison:
    batch, inputs, outputs = shape
    random = np.random.default_rng(0)
    layer = Layer(*(
        random.normal(size=size).astype(dtype) for size in ((batch, inputs), (inputs, outputs), (batch, outputs))
    ))  # fmt: skip
    large = max(shape) >= 1024
    aim = (0.95 if dtype == "float32" else 0.9) if large else 1.0
    known: tuple[tuple[str, Callable[[Layer], Callable[[], Any]], float], ...] = (
        ("PyTorch", _in_torch, aim), ("NumPy", _in_numpy, aim), ("JAX", _in_jax, aim)
    )  # fmt: skip
    return Comparison(
        "dense-products",
        "x".join(map(str, shape)),
        dtype,
        "set of three products",
        partial(_work, _ours, layer),
        tuple(Peer(name, partial(_work, build, layer), target) for name, build, target in known),
        quick=shape in _SHAPES[-1:],
    )


def _work(build: Callable[[Layer], Callable[[], Any]], layer: Layer) -> Work:
    products = build(layer)
    return Work(products, lambda: np.concatenate([np.asarray(each).ravel() for each in products()]))


@entry_point
def _three_products(
    x: Array, weights: Array, signals: Array, zeros: Array, z: Array, slopes: Array, passed: Array, scratch: Array,
    batch: int, inputs: int, outputs: int,
) -> None:
    nothing = repeated(zeros)
    multiply(matrix(x, inputs), matrix(weights, outputs), nothing, z, batch, inputs, outputs, scratch)
    multiply(transposed(x, inputs), matrix(signals, outputs), nothing, slopes, inputs, batch, outputs, scratch)
    multiply(matrix(signals, outputs), transposed(weights, outputs), nothing, passed, batch, outputs, inputs, scratch)


def _ours(layer: Layer) -> Callable[[], Any]:
    (batch, inputs), outputs = layer.x.shape, layer.signals.shape[1]
    dtype = layer.x.dtype
    factors = [aligned(each.size, dtype) for each in layer]
    for space, factor in zip(factors, layer, strict=True):
        space[:] = factor.ravel()
    results = [aligned(size, dtype) for size in (batch * outputs, inputs * outputs, batch * inputs)]
    zeros = aligned(max(inputs, outputs), dtype)
    zeros[:] = 0
    sizes = ((inputs, outputs), (batch, outputs), (outputs, inputs))
    scratch = aligned(max(scratch_size(*each, dtype.itemsize) for each in sizes), dtype)

    x, weights, signals = factors
    z, slopes, passed = results

    def products() -> list[Array]:
        _three_products(x, weights, signals, zeros, z, slopes, passed, scratch, batch, inputs, outputs)
        return results

    return products


def _in_numpy(layer: Layer) -> Callable[[], Any]:
    return _written_in_place(np.matmul, layer)


def _in_torch(layer: Layer) -> Callable[[], Any]:
    torch = library("torch")
    return _written_in_place(torch.mm, Layer(*(torch.tensor(each) for each in layer)))


def _written_in_place(product: Callable[..., Any], layer: Layer) -> Callable[[], Any]:
    """Return the products in a library whose arrays have ``T`` and ``@``, and whose product writes into one."""
    x, weights, signals = layer
    z, slopes, passed = x @ weights, x.T @ signals, signals @ weights.T

    def products() -> tuple[Any, ...]:
        product(x, weights, out=z)
        product(x.T, signals, out=slopes)
        product(signals, weights.T, out=passed)
        return z, slopes, passed

    return products


def _in_jax(layer: Layer) -> Callable[[], Any]:
    jax = jax_with_float64()
    factors = [jax.numpy.asarray(each) for each in layer]
    function = jax.jit(lambda x, weights, signals: (x @ weights, x.T @ signals, signals @ weights.T))
    return lambda: jax.block_until_ready(function(*factors))
