"""The backward pass: from the error signals of the outputs to the gradient.

With D_l = dL/dz_l, one row a sample, and a_0 = x,

    D_{l-1} = (D_l W_l^T) * sigma_{l-1}'(z_{l-1})
    dL/dW_l = a_{l-1}^T D_l             dL/db_l = sum_i (D_l)_i

(Rumelhart, Hinton & Williams 1986). Every sum starts from 0 and is taken in ascending order: over the
units of layer l in the first line, over samples in the second.
"""

from __future__ import annotations

from symtests.float_json import Array
from symtests.kernels.activations import multiply_by_derivative
from symtests.kernels.arrays import Layers, Memory
from symtests.kernels.compiling.compile_policy import routine
from symtests.kernels.machine.intrinsics import keep_apart
from symtests.kernels.products.matrix_product import matrix, multiply, repeated, transposed
from symtests.kernels.threads import share

__all__ = ["gradient_of_weights", "pass_back"]


@routine
def pass_back(layers: Layers, samples: int, work: Memory, first: int, last: int, scratch: Array) -> None:
    """Compute the error signals of the hidden layers for some samples.

    Parameters
    ----------
    layers
        The network.
    samples
        How many the batch has.
    work
        Read: parameters, pre-activations, activations, and the error signals of the last layer. Written:
        all other error signals.
    first, last
        The samples first, ..., last - 1 are passed back.
    scratch
        For products.
    """
    keep_apart()
    sizes = layers.sizes
    position, place = work.parameters.size, samples * sizes[1:].sum()
    for layer in range(sizes.size - 2, 0, -1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        place -= samples * fan_out
        before = place - samples * fan_in
        position -= fan_out if layers.bias else 0
        weight = work.parameters[position - fan_in * fan_out : position]
        position -= fan_in * fan_out
        signals = work.error_signals[place + first * fan_out : place + last * fan_out]
        start, stop = before + first * fan_in, before + last * fan_in
        passed = work.error_signals[start:stop]
        multiply(
            matrix(signals, fan_out), transposed(weight, fan_out), repeated(work.zeros), passed,
            last - first, fan_out, fan_in, scratch,
        )  # fmt: skip
        z, a = work.pre_activations[start:stop], work.activations[start:stop]
        multiply_by_derivative(layers.activations[layer - 1], z, a, passed)


@routine
def gradient_of_weights(layers: Layers, x: Array, work: Memory, thread: int, threads: int, scratch: Array) -> None:
    """Compute one thread's share of the gradient: some rows of each weight matrix, and some biases of each layer.

    Parameters
    ----------
    layers
        The network.
    x
        Inputs of the batch, flat.
    work
        Read: activations and error signals. Written: gradient.
    thread, threads
        Which share of how many.
    scratch
        For products.
    """
    keep_apart()
    sizes = layers.sizes
    samples = x.size // sizes[0]
    position, place, source = 0, 0, x
    for layer in range(sizes.size - 1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        signals = work.error_signals[place : place + samples * fan_out]
        first, last = share(fan_in, thread, threads), share(fan_in, thread + 1, threads)
        slopes = work.gradient[position + first * fan_out : position + last * fan_out]
        multiply(
            transposed(source[first:], fan_in), matrix(signals, fan_out), repeated(work.zeros), slopes,
            last - first, samples, fan_out, scratch,
        )  # fmt: skip
        position += fan_in * fan_out
        if layers.bias:
            first, last = share(fan_out, thread, threads), share(fan_out, thread + 1, threads)
            _sum_rows(signals, fan_out, work.gradient[position : position + fan_out], first, last)
            position += fan_out
        source = work.activations[place : place + samples * fan_out]
        place += samples * fan_out


@routine
def _sum_rows(matrix: Array, columns: int, sums: Array, first: int, last: int) -> None:
    """Write the sums of the columns first, ..., last - 1 of a flat matrix; the first row is added first."""
    sums[first:last] = 0
    for start in range(0, matrix.size, columns):
        row = matrix[start : start + columns]
        for j in range(first, last):
            sums[j] += row[j]
