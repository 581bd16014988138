"""The forward pass: from the inputs to the outputs of the last layer."""

from __future__ import annotations

from symtests.float_json import Array
from symtests.kernels.activations import activate
from symtests.kernels.arrays import Layers, Workspace
from symtests.kernels.compile_policy import entry_point
from symtests.kernels.matrix_product import add_product, matrix

__all__ = ["forward"]


@entry_point
def forward(layers: Layers, parameters: Array, x: Array, work: Workspace) -> None:
    """Compute z_l = a_{l-1} W_l + b_l and a_l = sigma_l(z_l) for every layer.

    Each pre-activation starts from its bias, or from 0 without biases, and adds the products in
    ascending order of the unit they come from.

    Parameters
    ----------
    layers
        The network.
    parameters
        W_1, b_1, W_2, b_2, ..., flat.
    x
        Inputs a_0, flat.
    work
        Its pre-activations and activations are written.
    """
    sizes = layers.sizes
    samples = x.size // sizes[0]
    source, position, place = x, 0, 0
    for layer in range(sizes.size - 1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        weight = parameters[position:position + fan_in * fan_out]
        position += fan_in * fan_out
        z = work.pre_activations[place:place + samples * fan_out]
        if layers.bias:
            bias = parameters[position:position + fan_out]
            position += fan_out
            for i in range(samples):
                for j in range(fan_out):
                    z[i * fan_out + j] = bias[j]
        else:
            z[:] = 0
        add_product(matrix(source, fan_in), matrix(weight, fan_out), z, samples, fan_in, fan_out, work.scratch)
        if layer < layers.activations.size:
            source = work.activations[place:place + samples * fan_out]
            activate(layers.activations[layer], z, source)
        place += samples * fan_out
