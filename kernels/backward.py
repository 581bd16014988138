"""The backward pass: from the error signals of the outputs to the gradient."""

from __future__ import annotations

from symtests.float_json import Array
from symtests.kernels.activations import multiply_by_derivative
from symtests.kernels.arrays import Layers, Workspace
from symtests.kernels.compile_policy import entry_point, routine
from symtests.kernels.matrix_product import add_product, matrix, transposed

__all__ = ["backward"]


@entry_point
def backward(layers: Layers, parameters: Array, x: Array, work: Workspace) -> None:
    """Compute the gradient and the error signals of the hidden layers.

    With D_l = dL/dz_l, one row a sample, and a_0 = x,

        dL/dW_l = a_{l-1}^T D_l             dL/db_l = sum_i (D_l)_i
        D_{l-1} = (D_l W_l^T) * sigma_{l-1}'(z_{l-1})

    (Rumelhart, Hinton & Williams 1986). Every sum starts from 0 and is taken in ascending order: over
    samples in the first line, over the units of layer l in the second.

    Parameters
    ----------
    layers
        The network.
    parameters
        W_1, b_1, W_2, b_2, ..., flat.
    x
        Inputs a_0, flat.
    work
        Read: pre-activations, activations, and the error signals of the last layer. Written: all other
        error signals, and the gradient.
    """
    sizes = layers.sizes
    samples = x.size // sizes[0]
    position, place = parameters.size, work.error_signals.size
    work.gradient[:] = 0
    for layer in range(sizes.size - 2, -1, -1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        place -= samples * fan_out
        signals = work.error_signals[place:place + samples * fan_out]
        if layers.bias:
            position -= fan_out
            _add_rows(signals, work.gradient[position:position + fan_out])
        position -= fan_in * fan_out
        slopes = work.gradient[position:position + fan_in * fan_out]
        before = place - samples * fan_in
        source = work.activations[before:place] if layer > 0 else x
        add_product(
            transposed(source, fan_in), matrix(signals, fan_out), slopes, fan_in, samples, fan_out, work.scratch
        )
        if layer > 0:
            weight = parameters[position:position + fan_in * fan_out]
            passed = work.error_signals[before:place]
            passed[:] = 0
            add_product(
                matrix(signals, fan_out), transposed(weight, fan_out), passed, samples, fan_out, fan_in, work.scratch
            )
            z = work.pre_activations[before:place]
            multiply_by_derivative(layers.activations[layer - 1], z, source, passed)


@routine
def _add_rows(matrix: Array, sums: Array) -> None:
    """Add the rows of a flat matrix, first row first, to the sums."""
    columns = sums.size
    for start in range(0, matrix.size, columns):
        row = matrix[start:start + columns]
        for j in range(columns):
            sums[j] += row[j]
