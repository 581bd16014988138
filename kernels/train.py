"""The training loop: forward pass, backward pass and update, step after step, without leaving compiled code."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array
from symtests.kernels.arrays import Layers, Memory, Samples
from symtests.kernels.backward import gradient_of_weights, pass_back
from symtests.kernels.compiling.compile_policy import entry_point, routine, scalar_function
from symtests.kernels.forward import forward
from symtests.kernels.losses import loss_value, output_error_signals
from symtests.kernels.optimizers import Settings, update
from symtests.kernels.threads import Meeting, share, wait_for_all
from symtests.network import LOSSES

__all__ = ["GRADIENT", "LOSS", "OUTPUTS", "PARAMETERS", "Schedule", "take_steps"]

PARAMETERS: Final = 0
OUTPUTS: Final = 1
LOSS: Final = 2
GRADIENT: Final = 3

_SOFTMAX_CROSS_ENTROPY = LOSSES.index("softmax_cross_entropy")


class Schedule(NamedTuple):
    """What is to be done.

    Parameters
    ----------
    steps
        How many steps are taken, at least 0.
    batch_size
        Samples of each batch but the last; 0 where every step takes all samples.
    equal_weights
        Whether all s_i are 1.
    wanted
        What is computed of all samples with the parameters that the last step leaves: nothing (PARAMETERS);
        pre-activations and activations (OUTPUTS); the loss besides (LOSS); the error signals and the gradient besides
        (GRADIENT). Nothing where training goes on in batches.
    threads
        How many share the work.
    """

    steps: int
    batch_size: int
    equal_weights: bool
    wanted: int
    threads: int


# The one function that Python calls: each further one would hold, and compile, most of this code once more.
@entry_point
def take_steps(
    layers: Layers,
    settings: Settings,
    schedule: Schedule,
    work: Memory,
    order: npt.NDArray[np.int64],
    powers: npt.NDArray[np.float64],
    meeting: Meeting,
    thread: int,
) -> float:
    """Take steps, and look at where they lead; nothing is allocated.

    Parameters
    ----------
    layers, settings, schedule
        The network, the optimizer and what is to be done.
    work
        Everything else; written.
    order
        Which samples make the batches, one batch behind the other; of no meaning without batches.
    powers
        b1^t and b2^t of the optimizer after t steps, for each thread; 1 for a fresh state; written.
    meeting
        Of `symtests.kernels.threads.meeting_point`.
    thread
        Which of the threads this is.

    Returns
    -------
    float
        The loss where it is wanted, else 0; of no meaning where another thread has failed.
    """
    threads, count = schedule.threads, work.weights.size
    inputs, outputs, units = layers.sizes[0], layers.sizes[-1], _units(layers)
    room = work.scratch.size // threads
    scratch = work.scratch[thread * room : (thread + 1) * room]
    x, y, weights = work.x, work.y, work.weights
    in_batches = schedule.batch_size > 0
    begin, end = share(work.parameters.size, thread, threads), share(work.parameters.size, thread + 1, threads)
    mean_power, square_power = powers[2 * thread], powers[2 * thread + 1]
    loss, meetings, place = type(work.zeros[0])(0.0), 0, 0
    for step in range(schedule.steps + (schedule.wanted > PARAMETERS)):
        wanted = schedule.wanted if step == schedule.steps else PARAMETERS
        if in_batches:
            count = min(schedule.batch_size, order.size - place)
            x, y, weights = work.batch_x[: count * inputs], work.batch_y[: count * outputs], work.batch_weights[:count]
        first, last = share(count, thread, threads), share(count, thread + 1, threads)
        if in_batches:
            _gather(order[place : place + count], work, x, y, weights, first, last)
            place += count
        forward(layers, x, work, first, last, scratch)
        if wanted == OUTPUTS:
            break
        z, signals = work.pre_activations[(units - outputs) * count :], work.error_signals[(units - outputs) * count :]
        start, stop = first * outputs, last * outputs
        divisor = _weigh(layers, schedule, weights, work.scales[start:stop], first)
        samples = Samples(x, y[start:stop], weights, divisor, work.scales[start:stop])
        if wanted != LOSS:
            output_error_signals(layers, z[start:stop], samples, signals[start:stop])
            pass_back(layers, count, work, first, last, scratch)
        meetings += 1
        if not wait_for_all(meeting, threads, meetings):
            break
        if wanted != PARAMETERS and thread == 0:
            loss = loss_value(layers, z[: count * outputs], Samples(x, y, weights, divisor, work.scales))
        if wanted == LOSS:
            break
        gradient_of_weights(layers, x, work, thread, threads, scratch)
        if wanted == GRADIENT:
            break
        meetings += 1
        if not wait_for_all(meeting, threads, meetings):
            break
        mean_power *= settings.mean_decay
        square_power *= settings.square_decay
        update(
            settings, 1.0 - mean_power, 1.0 - square_power, work.parameters[begin:end], work.gradient[begin:end],
            work.mean[begin:end], work.square[begin:end],
        )  # fmt: skip
        meetings += 1
        if not wait_for_all(meeting, threads, meetings):
            break
    powers[2 * thread], powers[2 * thread + 1] = mean_power, square_power
    return loss


@scalar_function
def _units(layers: Layers) -> int:
    """Return n_1 + ... + n_L."""
    units = 0
    for layer in range(1, layers.sizes.size):
        units += layers.sizes[layer]
    return units


@routine
def _gather(
    chosen: npt.NDArray[np.int64], work: Memory, x: Array, y: Array, weights: Array, first: int, last: int
) -> None:
    """Copy the weights of the chosen samples, and of first, ..., last - 1 among them inputs and targets."""
    count = chosen.size
    inputs, outputs = x.size // count, y.size // count
    for i in range(count):
        weights[i] = work.weights[chosen[i]]  # every thread writes all of them: it needs their sum
    for i in range(first, last):
        for k in range(inputs):
            x[i * inputs + k] = work.x[chosen[i] * inputs + k]
        for k in range(outputs):
            y[i * outputs + k] = work.y[chosen[i] * outputs + k]


@routine
def _weigh(layers: Layers, schedule: Schedule, weights: Array, scales: Array, first: int) -> float:
    """Return what the weighted sum over a batch is divided by; write the scales of samples from ``first`` on."""
    number, outputs = type(weights[0]), layers.sizes[-1]
    divisor = number(weights.size)
    if not schedule.equal_weights:
        divisor = weights[0]
        for i in range(1, weights.size):
            divisor += weights[i]
    if layers.loss != _SOFTMAX_CROSS_ENTROPY:
        divisor *= number(outputs)
    for i in range(scales.size // outputs):
        scale = weights[first + i] / divisor
        for k in range(i * outputs, (i + 1) * outputs):
            scales[k] = scale
    return divisor
