"""How small a fault would have been seen, over all parts of a gradient."""

from __future__ import annotations

import numpy as np

from symtests.float_json import Array
from symtests.network import Network

__all__ = ["seen_everywhere"]


def seen_everywhere(network: Network, expected: Array, hidden: Array) -> float:
    """Return the relative fault that shows in the largest component of each tensor; 0 where all are 0.

    Smaller components of a tensor nearly cancel, and no arithmetic of this precision knows them any better; a tensor
    that is 0 altogether, as that of a dead unit, has no relative fault.

    Parameters
    ----------
    network
        Says which components belong to which tensor.
    expected
        The right gradient, shape (n,).
    hidden
        How large an error of each component may be without being seen, shape (n,).
    """
    layers = range(network.layer_count)
    faults = [0.0]
    for tensor in (*map(network.weight_slice, layers), *map(network.bias_slice, layers)):
        size = np.abs(expected[tensor])
        if size.any():
            largest = int(np.argmax(size))
            faults.append(float(hidden[tensor][largest] / size[largest]))
    return max(faults)
