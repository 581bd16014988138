"""The training loop: forward pass, backward pass and update, step after step, without leaving compiled code."""

from __future__ import annotations

from symtests.float_json import Array
from symtests.kernels.arrays import Layers, Samples, Workspace
from symtests.kernels.backward import backward
from symtests.kernels.compile_policy import entry_point
from symtests.kernels.forward import forward
from symtests.kernels.losses import output_error_signals
from symtests.kernels.optimizers import Settings, update

__all__ = ["take_steps"]


@entry_point
def take_steps(
    layers: Layers, settings: Settings, steps: int, parameters: Array, samples: Samples, work: Workspace,
    mean: Array, square: Array,
) -> None:
    """Take full-batch steps; nothing is allocated.

    Parameters
    ----------
    layers, settings, samples
        The network, the optimizer and the batch.
    steps
        How many.
    parameters
        Shape (n,); written.
    work
        Written.
    mean, square
        The optimizer's state, shape (n,), all 0 for a fresh one; written.
    """
    last = work.pre_activations.size - samples.y.size
    outputs, signals = work.pre_activations[last:], work.error_signals[last:]
    mean_power = square_power = 1.0
    for _ in range(steps):
        forward(layers, parameters, samples.x, work)
        output_error_signals(layers, outputs, samples, signals)
        backward(layers, parameters, samples.x, work)
        mean_power *= settings.mean_decay
        square_power *= settings.square_decay
        update(settings, 1.0 - mean_power, 1.0 - square_power, parameters, work.gradient, mean, square)
