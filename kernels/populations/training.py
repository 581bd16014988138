"""Many networks of one shape at once: forward and backward pass with one network a lane.

Everything is laid out as for a single network (see `symtests.kernels.arrays`), but where that has one
number, here are those of as many networks as a block has, one beside another. A lane goes through the
same operations as a network alone does in `forward` and `backward`, in the same order: its results have
the same bits, whatever its neighbours are. What works element by element, activations and optimizers,
is the very same code.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array
from symtests.kernels.activations import activate, multiply_by_derivative
from symtests.kernels.arrays import Layers, Samples, Workspace
from symtests.kernels.compiling.compile_policy import entry_point, routine
from symtests.kernels.machine.intrinsics import fused_multiply_add, where_less
from symtests.kernels.machine.lanes import lanes_of, load_block, prefer_wide_vectors, store
from symtests.kernels.optimizers import Settings, update
from symtests.kernels.populations.losses import error_signals, losses
from symtests.kernels.threads import Meeting, given_up

__all__ = ["Counts", "take_steps_together"]

Counts = npt.NDArray[np.int64]


@routine
def _forward(layers: Layers, parameters: Array, x: Array, work: Workspace) -> None:
    """Compute all pre-activations and activations of a block; see `symtests.kernels.forward`."""
    prefer_wide_vectors()
    zero = type(load_block(parameters, 0))(0.0)
    lanes = lanes_of(zero)
    sizes = layers.sizes
    samples = x.size // sizes[0]
    source, position, place = x, 0, 0
    for layer in range(sizes.size - 1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        weight = parameters[position : position + fan_in * fan_out * lanes]
        position += fan_in * fan_out * lanes
        bias = parameters[position : position + fan_out * lanes * layers.bias]
        position += bias.size
        z = work.pre_activations[place : place + samples * fan_out * lanes]
        for j in range(fan_out):
            start = load_block(bias, j * lanes) if layers.bias else zero
            for i in range(samples):
                sum_ = start
                if layer == 0:
                    for k in range(fan_in):
                        w = load_block(weight, (k * fan_out + j) * lanes)
                        sum_ = fused_multiply_add(x[i * fan_in + k], w, sum_)
                else:
                    for k in range(fan_in):
                        w = load_block(weight, (k * fan_out + j) * lanes)
                        sum_ = fused_multiply_add(load_block(source, (i * fan_in + k) * lanes), w, sum_)
                store(z, (i * fan_out + j) * lanes, sum_)
        if layer < layers.activations.size:
            source = work.activations[place : place + z.size]
            activate(layers.activations[layer], z, source)
        place += z.size


@routine
def _backward(layers: Layers, parameters: Array, x: Array, work: Workspace) -> None:
    """Compute the gradients and the error signals of the hidden layers; see `symtests.kernels.backward`."""
    prefer_wide_vectors()
    zero = type(load_block(parameters, 0))(0.0)
    lanes = lanes_of(zero)
    sizes = layers.sizes
    samples = x.size // sizes[0]
    position, place = parameters.size, work.error_signals.size
    for layer in range(sizes.size - 2, -1, -1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        place -= samples * fan_out * lanes
        signals = work.error_signals[place : place + samples * fan_out * lanes]
        if layers.bias:
            position -= fan_out * lanes
            for j in range(fan_out):
                sum_ = zero
                for i in range(samples):
                    sum_ = sum_ + load_block(signals, (i * fan_out + j) * lanes)
                store(work.gradient, position + j * lanes, sum_)
        position -= fan_in * fan_out * lanes
        before = place - samples * fan_in * lanes
        for k in range(fan_in):
            for j in range(fan_out):
                sum_ = zero
                if layer == 0:
                    for i in range(samples):
                        signal = load_block(signals, (i * fan_out + j) * lanes)
                        sum_ = fused_multiply_add(x[i * fan_in + k], signal, sum_)
                else:
                    source = work.activations[before:place]
                    for i in range(samples):
                        signal = load_block(signals, (i * fan_out + j) * lanes)
                        sum_ = fused_multiply_add(load_block(source, (i * fan_in + k) * lanes), signal, sum_)
                store(work.gradient, position + (k * fan_out + j) * lanes, sum_)
        if layer > 0:
            passed = work.error_signals[before:place]
            for k in range(fan_in):
                for i in range(samples):
                    sum_ = zero
                    for j in range(fan_out):
                        w = load_block(parameters, position + (k * fan_out + j) * lanes)
                        sum_ = fused_multiply_add(load_block(signals, (i * fan_out + j) * lanes), w, sum_)
                    store(passed, (i * fan_in + k) * lanes, sum_)
            z, a = work.pre_activations[before:place], work.activations[before:place]
            multiply_by_derivative(layers.activations[layer - 1], z, a, passed)


@routine
def _note_solved(found: Array, threshold: float, step: int, solved: Counts, active: Array) -> int:
    """Note the step for each lane whose loss has come down to the threshold; return how many have not."""
    left = 0
    for lane in range(solved.size):
        if solved[lane] < 0 and found[lane] <= threshold:
            solved[lane] = step
            active[lane] = 0
        left += solved[lane] < 0
    return left


@routine
def _copy(source: Array, target: Array) -> None:
    for i in range(source.size):
        target[i] = source[i]


@routine
def _keep_solved(before: Array, active: Array, parameters: Array) -> None:
    """Put back the parameters of the lanes that are not active."""
    prefer_wide_vectors()
    moving = load_block(active, 0)
    zero = type(moving)(0.0)
    for start in range(0, parameters.size, active.size):
        kept = where_less(zero, moving, load_block(parameters, start), load_block(before, start))
        store(parameters, start, kept)


@entry_point
def take_steps_together(
    layers: Layers,
    settings: Settings,
    steps: int,
    threshold: float,
    parameters: Array,
    samples: Samples,
    work: Workspace,
    mean: Array,
    square: Array,
    active: Array,
    solved: Counts,
    found: Array,
    meeting: Meeting,
) -> None:
    """Train blocks of networks one after another, each as `symtests.kernels.train.take_steps` would.

    A block stays in the nearest cache for all its steps. Nothing is allocated.

    Parameters
    ----------
    layers, settings, samples
        The networks, the optimizer and the batch.
    steps
        How many, at most.
    threshold
        A network whose loss comes down to it takes no further step; a negative number or NaN: none does.
    parameters
        Block after block; in each the networks' vectors, transposed: shape (n, lanes). Written.
    work
        For one block; written. Its scratch space has n times lanes elements.
    mean, square
        The optimizer's state for one block, n times lanes elements; written.
    active
        One element for each lane of a block; written.
    solved
        For each network the number of steps after which its loss came down to the threshold, or -1; written.
    found
        For each network the loss at the end; written.
    meeting
        Of `symtests.kernels.threads.meeting_point`: no further step is taken once it is given up.
    """
    lanes = active.size
    size = mean.size
    last = work.pre_activations.size - samples.y.size * lanes
    outputs, signals = work.pre_activations[last:], work.error_signals[last:]
    watched = threshold >= 0
    for block in range(solved.size // lanes):
        theta = parameters[block * size : (block + 1) * size]
        networks = slice(block * lanes, (block + 1) * lanes)
        mean[:] = 0
        square[:] = 0
        active[:] = 1
        solved[networks] = -1
        left = lanes
        mean_power = square_power = 1.0
        for step in range(steps):
            if given_up(meeting):
                break
            _forward(layers, theta, samples.x, work)
            if watched:
                losses(layers, outputs, samples, found[networks])
                left = _note_solved(found[networks], threshold, step, solved[networks], active)
                if left == 0:
                    break
            error_signals(layers, outputs, samples, signals)
            _backward(layers, theta, samples.x, work)
            mean_power *= settings.mean_decay
            square_power *= settings.square_decay
            if left < lanes:
                _copy(theta, work.scratch)
            update(settings, 1.0 - mean_power, 1.0 - square_power, theta, work.gradient, mean, square)
            if left < lanes:
                _keep_solved(work.scratch, active, theta)
        _forward(layers, theta, samples.x, work)
        losses(layers, outputs, samples, found[networks])
        if watched:
            _note_solved(found[networks], threshold, steps, solved[networks], active)
