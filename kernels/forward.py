"""The forward pass: from inputs to linear outputs."""

from __future__ import annotations

from symtests.float_json import Array
from symtests.kernels.activations import activate
from symtests.kernels.arrays import Layers, Memory
from symtests.kernels.compiling.compile_policy import routine
from symtests.kernels.machine.intrinsics import keep_apart
from symtests.kernels.products.matrix_product import matrix, multiply, repeated

__all__ = ["forward"]


@routine
def forward(layers: Layers, x: Array, work: Memory, first: int, last: int, scratch: Array) -> None:
    """Compute z_l = a_{l-1} W_l + b_l and a_l = sigma_l(z_l) of some samples for every layer.

    a_0 = x, and the outputs z_L stay linear (Rumelhart, Hinton & Williams 1986). Every sum starts from
    its bias, or from 0 without biases, and takes its terms in ascending order.

    Parameters
    ----------
    layers
        The network.
    x
        Inputs of all samples of the batch, flat.
    work
        Read: parameters W_1, b_1, W_2, b_2, ... Written: pre-activations and activations.
    first, last
        The samples first, ..., last - 1 are passed forward.
    scratch
        For products.
    """
    keep_apart()
    sizes = layers.sizes
    samples = x.size // sizes[0]
    position, place = 0, 0
    source = x[first * sizes[0] : last * sizes[0]]
    for layer in range(sizes.size - 1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        weight = work.parameters[position : position + fan_in * fan_out]
        position += fan_in * fan_out
        start = work.zeros
        if layers.bias:
            start = work.parameters[position : position + fan_out]
            position += fan_out
        z = work.pre_activations[place + first * fan_out : place + last * fan_out]
        multiply(
            matrix(source, fan_in), matrix(weight, fan_out), repeated(start), z, last - first, fan_in, fan_out, scratch
        )
        if layer < sizes.size - 2:
            source = work.activations[place + first * fan_out : place + last * fan_out]
            activate(layers.activations[layer], z, source)
        place += samples * fan_out
