"""The three products of a dense layer, forward, gradient and backward, one after the other: ours beside its peers.

    Z = X W,        dW = X^T D,        dX = D W^T

X has shape (batch, inputs), W (inputs, outputs), D (batch, outputs). Two threads share the rows of each result, as in
training, and stay in compiled code for some sets of products, waiting for each other after each; the peers are called
for every product of as many sets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from symtests.benchmarks.comparison import Comparison, Peer, Work, jax_with_float64, library
from symtests.float_json import Array
from symtests.kernels.arrays import aligned
from symtests.kernels.compiling.compile_policy import entry_point
from symtests.kernels.products.blocked_product import scratch_size
from symtests.kernels.products.matrix_product import matrix, multiply, repeated, transposed
from symtests.kernels.team import team
from symtests.kernels.threads import Meeting, share, wait_for_all
from symtests.network import DTYPES

__all__ = ["comparisons"]

_SHAPES = (64, 64, 64), (256, 256, 256), (512, 1024, 1024), (100, 300, 70)  # batch, inputs, outputs
_SHAPES_OF_TWO_THREADS = _SHAPES[1:]  # for the first, training would not use two
_OPERATIONS_OF_A_CALL = 5_000_000_000  # with two threads: what handing the work over costs does not show


class Layer(NamedTuple):
    """The factors."""

    x: Array
    weights: Array
    signals: Array


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: powers of two, and a shape that fits no register; both dtypes, one thread and two."""
    shapes_of_threads = (1, _SHAPES), (2, _SHAPES_OF_TWO_THREADS)
    return tuple(
        _comparison(shape, dtype, threads)
        for threads, shapes in shapes_of_threads
        for shape in shapes
        for dtype in DTYPES
    )


def _comparison(shape: tuple[int, int, int], dtype: str, threads: int) -> Comparison:
    batch, inputs, outputs = shape
    random = np.random.default_rng(0)
    layer = Layer(*(
        random.normal(size=size).astype(dtype) for size in ((batch, inputs), (inputs, outputs), (batch, outputs))
    ))  # fmt: skip
    sets = 1 if threads == 1 else max(1, _OPERATIONS_OF_A_CALL // (6 * batch * inputs * outputs))
    large = max(shape) >= 1024
    aim = (0.95 if dtype == "float32" else 0.9) if large else 1.0
    known: tuple[tuple[str, Callable[[Layer], Callable[[], Any]], float | None], ...] = (
        ("PyTorch", _in_torch, aim), ("NumPy", _in_numpy, aim), ("JAX", _in_jax, None)
    )  # fmt: skip
    return Comparison(
        "dense-products",
        "x".join(map(str, shape)),
        dtype,
        "set of three products",
        partial(_ours, layer, sets, threads),
        tuple(Peer(name, partial(_work, build, layer, sets), target) for name, build, target in known),
        threads,
        quick=threads == 1 and shape == _SHAPES[-1],
    )


def _work(build: Callable[[Layer], Callable[[], Any]], layer: Layer, sets: int) -> Work:
    products = build(layer)

    def run() -> None:
        for _ in range(sets):
            products()

    return Work(run, lambda: np.concatenate([np.asarray(each).ravel() for each in products()]), sets)


@entry_point
def _three_products(
    x: Array,
    weights: Array,
    signals: Array,
    zeros: Array,
    z: Array,
    slopes: Array,
    passed: Array,
    scratch: Array,
    batch: int,
    inputs: int,
    outputs: int,
    sets: int,
    meeting: Meeting,
    thread: int,
    threads: int,
) -> None:
    """Compute one thread's share of so many sets."""
    room = scratch.size // threads
    own, nothing = scratch[thread * room : (thread + 1) * room], repeated(zeros)
    first, last = share(batch, thread, threads), share(batch, thread + 1, threads)
    left, right = share(inputs, thread, threads), share(inputs, thread + 1, threads)
    inputs_of_rows, signals_of_rows = matrix(x[first * inputs :], inputs), matrix(signals[first * outputs :], outputs)
    for number in range(sets):
        rows = last - first
        multiply(inputs_of_rows, matrix(weights, outputs), nothing, z[first * outputs :], rows, inputs, outputs, own)
        multiply(
            transposed(x[left:], inputs), matrix(signals, outputs), nothing, slopes[left * outputs:],
            right - left, batch, outputs, own,
        )  # fmt: skip
        backward = transposed(weights, outputs)
        multiply(signals_of_rows, backward, nothing, passed[first * inputs :], rows, outputs, inputs, own)
        if not wait_for_all(meeting, threads, number + 1):
            break


def _ours(layer: Layer, sets: int, threads: int) -> Work:
    (batch, inputs), outputs = layer.x.shape, layer.signals.shape[1]
    dtype = layer.x.dtype
    factors = [aligned(each.size, dtype) for each in layer]
    for space, factor in zip(factors, layer, strict=True):
        space[:] = factor.ravel()
    results = [aligned(size, dtype) for size in (batch * outputs, inputs * outputs, batch * inputs)]
    zeros = aligned(max(inputs, outputs), dtype)
    zeros[:] = 0
    sizes = ((inputs, outputs), (batch, outputs), (outputs, inputs))
    scratch = aligned(threads * max(scratch_size(*each, dtype.itemsize) for each in sizes), dtype)
    x, weights, signals = factors
    z, slopes, passed = results

    def share_of(meeting: Meeting, thread: int) -> None:
        _three_products(
            x, weights, signals, zeros, z, slopes, passed, scratch, batch, inputs, outputs, sets,
            meeting, thread, threads,
        )  # fmt: skip

    def products() -> None:
        with team(threads) as in_each_thread:
            in_each_thread(share_of)

    def answer() -> Array:
        products()
        return np.concatenate(results)

    return Work(products, answer, sets)


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
