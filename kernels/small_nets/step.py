"""One training step of a small network, written operation by operation on rows of registers.

The operations, and the order in which every sum takes its terms, are those of `symtests.kernels.forward`, `backward`,
`losses` and `optimizers`; only where a number stands is different (`symtests.kernels.small_nets.layout`). So the bits
are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from symtests.kernels.activations import DERIVATIVE_BY_ACTIVATION, DERIVATIVE_BY_PRE_ACTIVATION, FUNCTIONS
from symtests.kernels.elementary.exponential import exponential
from symtests.kernels.elementary.logistic import logistic
from symtests.kernels.losses import SIGNAL_BY_OUTPUT, SIGNAL_BY_PROBABILITY
from symtests.kernels.machine.registers import Row, Variable, Writer
from symtests.kernels.small_nets.layout import Layout
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS

__all__ = ["Data", "Settings", "write_step"]


class Data(NamedTuple):
    """What stays the same through all steps: see `symtests.kernels.small_nets.layout.Layout` for each row."""

    inputs: Sequence[Row]
    slopes: Sequence[Row]
    targets: Row
    scales: Row


class Settings(NamedTuple):
    """From a number of lanes to a row that is full of a setting of the optimizer; rate is -eta."""

    rate: Callable[[int], Row]
    momentum: Callable[[int], Row]


def write_step(
    write: Writer,
    layout: Layout,
    data: Data,
    settings: Settings,
    parameters: Sequence[Variable],
    velocities: Sequence[Variable],
) -> None:
    """Write the code of one step.

    Parameters
    ----------
    write
        Where to.
    layout
        What the lanes hold.
    data, settings
        What is read.
    parameters, velocities
        A variable for each row of parameters, and for those optimizers that have it, of the state; they are set.
    """
    layers = len(layout.net.sizes) - 1
    rows = [variable.row for variable in parameters]
    weights = rows[:: 1 + layout.net.bias]
    biases = rows[1::2] if layout.net.bias else []
    z, a = _forward(write, layout, data, weights, biases)
    signals = _output_error_signals(write, layout, z[-1], data)
    slopes: list[Row] = []
    for layer in range(layers, 0, -1):
        of_layer = [_slopes_of_weights(write, layout, layer, data.slopes, a, signals)]
        if layout.net.bias:
            of_layer.append(_slopes_of_biases(write, layout, layer, signals))
        slopes = of_layer + slopes
        if layer > 1:
            passed = _passed_back(write, layout, layer, weights[layer - 1], signals)
            signals = _times_derivative(write, layout.net.activations[layer - 2], z[layer - 2], a[layer - 2], passed)
    for place, slope in enumerate(slopes):
        _update(write, layout, settings, parameters[place], velocities[place : place + 1], rows[place], slope)


def _forward(
    write: Writer, layout: Layout, data: Data, weights: Sequence[Row], biases: Sequence[Row]
) -> tuple[list[Row], list[Row]]:
    """Return z_1, ..., z_L and a_1, ..., a_{L-1}: a pre-activation starts from its bias, or from 0."""
    pre_activations: list[Row] = []
    activations: list[Row] = []
    for layer in range(1, len(layout.net.sizes)):
        units, width = layout.of_units(layer), layout.widths[layer]
        z = write.take(biases[layer - 1], [j for _, j in units]) if biases else write.constant(0.0, len(units))
        for k in range(layout.net.sizes[layer - 1]):
            if layer == 1:
                source = data.inputs[k]
            else:
                source = write.take(activations[-1], [i * layout.widths[layer - 1] + k for i, _ in units])
            z = write.multiply_add(source, write.take(weights[layer - 1], [k * width + j for _, j in units]), z)
        pre_activations.append(z)
        if layer < len(layout.net.sizes) - 1:
            name = ACTIVATIONS[layout.net.activations[layer - 1]]
            activations.append(z if name == "identity" else write.apply(FUNCTIONS[name], z))
    return pre_activations, activations


def _output_error_signals(write: Writer, layout: Layout, z: Row, data: Data) -> Row:
    loss = LOSSES[layout.net.loss]
    if loss == "softmax_cross_entropy":
        return _softmax_error_signals(write, layout, z, data)
    if loss in SIGNAL_BY_OUTPUT:
        return write.apply(SIGNAL_BY_OUTPUT[loss], z, data.targets, data.scales)
    return write.apply(SIGNAL_BY_PROBABILITY[loss], write.apply(logistic, z), data.targets, data.scales)


def _softmax_error_signals(write: Writer, layout: Layout, z: Row, data: Data) -> Row:
    """Return c (p sum_k y_k - y), with p_k = exp(z_k - M) / (1 + r) and r the sum over all k but the largest."""
    units, width = layout.of_units(len(layout.net.sizes) - 1), layout.widths[-1]
    zero, one = write.constant(0.0, z.lanes), write.constant(1.0, z.lanes)

    def of_class(row: Row, k: int) -> Row:
        return write.take(row, [i * width + k for i, _ in units])

    classes = range(layout.net.sizes[-1])
    largest, place = of_class(z, 0), zero
    for k in classes[1:]:
        candidate = of_class(z, k)
        place = write.where_less(largest, candidate, write.constant(float(k), z.lanes), place)
        largest = write.where_less(largest, candidate, candidate, largest)
    powers = write.apply(exponential, write.subtract(z, largest))
    others, mass = zero, zero
    for k in classes:
        # k is another one where it is less or more than the place of the largest.
        number, sum_ = write.constant(float(k), z.lanes), write.add(others, of_class(powers, k))
        others = write.where_less(number, place, sum_, write.where_less(place, number, sum_, others))
        mass = write.add(mass, of_class(data.targets, k))
    p = write.divide(powers, write.add(one, others))
    return write.multiply(data.scales, write.multiply_add(p, mass, write.negative(data.targets)))


def _slopes_of_weights(
    write: Writer, layout: Layout, layer: int, slopes: Sequence[Row], activations: Sequence[Row], signals: Row
) -> Row:
    """Return dL/dW of a layer: over samples in ascending order, from 0."""
    weights, width = layout.of_weights(layer), layout.widths[layer]
    sum_ = write.constant(0.0, len(weights))
    for i in range(layout.net.samples):
        if layer == 1:
            source = slopes[i]
        else:
            source = write.take(activations[layer - 2], [i * layout.widths[layer - 1] + k for k, _ in weights])
        sum_ = write.multiply_add(source, write.take(signals, [i * width + j for _, j in weights]), sum_)
    return sum_


def _slopes_of_biases(write: Writer, layout: Layout, layer: int, signals: Row) -> Row:
    """Return dL/db of a layer: over samples in ascending order, from 0."""
    units, width = layout.of_units(layer, samples=1), layout.widths[layer]
    sum_ = write.constant(0.0, len(units))
    for i in range(layout.net.samples):
        sum_ = write.add(sum_, write.take(signals, [i * width + j for _, j in units]))
    return sum_


def _passed_back(write: Writer, layout: Layout, layer: int, weights: Row, signals: Row) -> Row:
    """Return D W^T for the layer before: over the units of this layer in ascending order, from 0."""
    units, width = layout.of_units(layer - 1), layout.widths[layer]
    sum_ = write.constant(0.0, len(units))
    for j in range(layout.net.sizes[layer]):
        signal = write.take(signals, [i * width + j for i, _ in units])
        sum_ = write.multiply_add(signal, write.take(weights, [k * width + j for _, k in units]), sum_)
    return sum_


def _times_derivative(write: Writer, activation: int, z: Row, a: Row, signals: Row) -> Row:
    name = ACTIVATIONS[activation]
    if name == "identity":
        return signals
    if name in DERIVATIVE_BY_ACTIVATION:
        return write.multiply(signals, write.apply(DERIVATIVE_BY_ACTIVATION[name], a))
    return write.multiply(signals, write.apply(DERIVATIVE_BY_PRE_ACTIVATION[name], z))


def _update(
    write: Writer,
    layout: Layout,
    settings: Settings,
    parameter: Variable,
    velocity: Sequence[Variable],
    value: Row,
    slope: Row,
) -> None:
    """Write the rule of the optimizer: see `symtests.kernels.optimizers.update`."""
    optimizer = OPTIMIZERS[layout.net.optimizer]
    step = slope
    if optimizer != "sgd":
        momentum = settings.momentum(value.lanes)
        step = write.multiply_add(momentum, velocity[0].row, slope)
        velocity[0].set(step)
        if optimizer == "nesterov":
            step = write.multiply_add(momentum, step, slope)
    parameter.set(write.multiply_add(settings.rate(value.lanes), step, value))
