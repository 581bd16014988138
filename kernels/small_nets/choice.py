"""Whether a training is carried out by the general kernel, or by one that is compiled for its shape.

Both give the same bits. The second takes a fraction of the time, but has to be compiled first. Nobody knows how many
steps are still to come, so the general kernel is used until the shape has had as much work as compiling would have
paid for: at worst that costs twice what was needed (the ski rental problem; Karlin, Manasse, Rudolph & Sleator 1988).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from symtests.kernels.shape_use import ShapeUse, use_of
from symtests.kernels.small_nets.layout import SmallNet, layout_of
from symtests.kernels.small_nets.training import OPTIMIZERS_OF_SMALL_NETS, compiled, small_net_of
from symtests.network import Network
from symtests.training import Training

__all__ = ["compile_small_net", "explain_choice", "use_small_net"]

_MOST_OPERATIONS: Final = 4_000
"""Beyond so many operations on registers a step, compiling takes seconds, and the general kernel is about as fast."""
_MOST_UNITS: Final = 512
"""Units times samples of a layer that need not even be looked at."""
_WORK_THAT_PAYS: Final = 150_000_000
"""Multiply-adds of forward passes. Each saves 4 to 10 ns, and compiling takes about a second."""


def use_small_net(network: Network, samples: int, training: Training, dtype: npt.DTypeLike) -> bool:
    """Tell whether to use the kernel that is compiled for this shape, and remember the work that is asked for."""
    if _obstacle(network, samples, training, dtype):
        return False
    work = _work(network, samples) * training.steps
    return _use_of(small_net_of(network, samples, training), dtype).asked_for(work, _WORK_THAT_PAYS)


def compile_small_net(network: Network, samples: int, training: Training, dtype: npt.DTypeLike = np.float64) -> bool:
    """Compile the kernel for a shape ahead of its use; from then on `train` uses it in this process.

    Parameters
    ----------
    network
        The network.
    samples
        How many samples the batch has.
    training
        Its optimizer counts; settings and the number of steps may be others later.
    dtype
        Float32 or float64.

    Returns
    -------
    bool
        False where the shape is not for such a kernel: `explain_choice` says why.
    """
    if _obstacle(network, samples, training, dtype):
        return False
    dtype = np.dtype(dtype)
    net = small_net_of(network, samples, training)
    layout = layout_of(net, dtype.itemsize)
    nothing = np.zeros(layout.input_places.size + 2 * layout.target_places.size, dtype)
    compiled(net)(np.zeros(layout.parameter_places.size, dtype), nothing, np.zeros(2, dtype), 0)
    _use_of(net, dtype).is_compiled = True
    return True


def explain_choice(network: Network, samples: int, training: Training, dtype: npt.DTypeLike = np.float64) -> str:
    """Return in a sentence which kernel the next call of `train` takes, and why; the bits are the same.

    Arguments are those of `compile_small_net`; the steps count too.
    """
    obstacle = _obstacle(network, samples, training, dtype)
    if obstacle:
        return f"the general kernel: {obstacle}"
    use = _use_of(small_net_of(network, samples, training), dtype)
    if use.is_compiled:
        return "the kernel that is compiled for this shape"
    step = _work(network, samples)
    missing = -(-(_WORK_THAT_PAYS - use.work) // step)
    if training.steps >= missing:
        return f"a kernel that is compiled for this shape: {training.steps:,} steps pay for it"
    return f"the general kernel: one that is compiled for this shape pays after {missing:,} more steps"


def _use_of(net: SmallNet, dtype: npt.DTypeLike) -> ShapeUse:
    """Return what a training has been used for in a dtype."""
    return use_of((net, np.dtype(dtype).itemsize))


def _work(network: Network, samples: int) -> int:
    """Return the multiply-adds of a forward pass."""
    return network.parameter_count * samples


def _obstacle(network: Network, samples: int, training: Training, dtype: npt.DTypeLike) -> str:
    """Return why a shape is not for a kernel of its own, or an empty string."""
    if training.optimizer not in OPTIMIZERS_OF_SMALL_NETS:
        return f"small networks are compiled for {', '.join(OPTIMIZERS_OF_SMALL_NETS)}, not for {training.optimizer}"
    if samples * max(network.sizes) > _MOST_UNITS:
        return f"{samples} samples of {max(network.sizes)} units are more than {_MOST_UNITS}"
    net = small_net_of(network, samples, training)
    operations = layout_of(net, np.dtype(dtype).itemsize).operations
    if operations > _MOST_OPERATIONS:
        return f"a step has about {operations:,} operations on registers, more than {_MOST_OPERATIONS:,}"
    return ""
