"""Whether many networks are trained by the general kernel, or by one that is compiled for their shape.

Both give the same bits. The second takes about half the time, but has to be compiled first: it is used from the work on
that pays for that, in one call or in all calls for the shape so far (see `symtests.kernels.small_nets.choice`).
"""

from __future__ import annotations

from typing import Final

from symtests.kernels.populations.step import LOSSES_OF_POPULATIONS, PopulationShape, operations
from symtests.kernels.shape_use import use_of
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.training import Training

__all__ = ["compile_population", "obstacle", "shape_of", "use_population"]

_MOST_OPERATIONS: Final = 3_000
"""Beyond so many operations on rows a step, compiling takes ten seconds and more."""
_WORK_THAT_PAYS: Final = 4_000_000
"""Multiply-adds of forward passes for each operation that is compiled: that takes 3 ms, and each saves 0.3 ns."""


def shape_of(network: Network, samples: int, *, fast: bool = False) -> PopulationShape:
    """Return what is fixed when the kernel for a shape is compiled."""
    return PopulationShape(
        int(fast),
        samples,
        int(network.bias),
        LOSSES.index(network.loss),
        tuple(ACTIVATIONS.index(name) for name in network.activations),
        network.sizes,
    )


def obstacle(network: Network, samples: int, training: Training) -> str:
    """Return why no kernel is compiled for a shape, or an empty string."""
    if training.optimizer != "sgd":
        return f"it is compiled for sgd, not for {training.optimizer}"
    if network.loss not in LOSSES_OF_POPULATIONS:
        return f"it is compiled for {', '.join(LOSSES_OF_POPULATIONS)}, not for {network.loss}"
    count = operations(shape_of(network, samples))
    if count > _MOST_OPERATIONS:
        return f"a step has about {count:,} operations, more than {_MOST_OPERATIONS:,}"
    return ""


def compile_population(network: Network, samples: int, training: Training) -> bool:
    """Have `train_many` use the kernel for a shape in this process from now on, whatever the work.

    Parameters
    ----------
    network
        The network.
    samples
        How many samples the batch has.
    training
        Its optimizer counts.

    Returns
    -------
    bool
        False where there is none for this shape: for another optimizer than sgd, softmax_cross_entropy, or a network
        that is not small.
    """
    if obstacle(network, samples, training):
        return False
    use_of(shape_of(network, samples)).is_compiled = True
    return True


def use_population(network: Network, samples: int, count: int, training: Training) -> bool:
    """Tell whether to use the kernel for the shape, and remember the work that is asked for."""
    if obstacle(network, samples, training):
        return False
    shape = shape_of(network, samples)
    work = network.parameter_count * samples * training.steps * count
    return use_of(shape).asked_for(work, _WORK_THAT_PAYS * operations(shape))
