"""Where the numbers of a small network stand in rows of lanes.

Layer l has p_l lanes a sample: its n_l units, and then its last unit again, up to a power of two or a whole number of
registers. With that,

    lane (i, j) = i p_l + j     holds unit j of layer l for sample i, in rows of pre-activations and error signals
    lane (k, j) = k p_l + j     holds the weight from unit k to unit j, in the row of W_l
    lane j                      holds the bias of unit j

so that what is the same for all samples, or for all units, is a matter of taking lanes, and every sum over units or
samples is taken lane by lane, in the order that `symtests.kernels` gives.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from symtests.kernels.machine.registers import register_lanes, space

__all__ = ["Layout", "SmallNet", "layout_of"]

Places: TypeAlias = npt.NDArray[np.int64]

_OPERATIONS_OF_A_FUNCTION: Final = 50


class SmallNet(NamedTuple):
    """What is fixed when a training is compiled.

    Parameters
    ----------
    samples
        N.
    bias
        1 with biases, 0 without.
    loss, optimizer
        Their places in LOSSES and OPTIMIZERS.
    activations
        For each hidden layer the place of its name in ACTIVATIONS.
    sizes
        n_0, ..., n_L.
    """

    samples: int
    bias: int
    loss: int
    optimizer: int
    activations: tuple[int, ...]
    sizes: tuple[int, ...]


class Layout:
    """The lanes of each row, and where rows stand in memory.

    Parameters
    ----------
    net
        The network.
    bytes_of_number
        4 or 8.
    """

    def __init__(self, net: SmallNet, bytes_of_number: int) -> None:
        self.net = net
        self._bytes = bytes_of_number
        self.widths = (net.sizes[0], *(_padded(size, bytes_of_number) for size in net.sizes[1:]))

    def of_units(self, layer: int, samples: int | None = None) -> list[tuple[int, int]]:
        """Return (i, j) for each lane of a row of units of a layer; layer 0 is that of the inputs."""
        last = self.net.sizes[layer] - 1
        return [
            (i, min(j, last))
            for i in range(self.net.samples if samples is None else samples)
            for j in range(self.widths[layer])
        ]

    def of_weights(self, layer: int) -> list[tuple[int, int]]:
        """Return (k, j) for each lane of the row of the weights that lead to a layer."""
        last = self.net.sizes[layer] - 1
        return [(k, min(j, last)) for k in range(self.net.sizes[layer - 1]) for j in range(self.widths[layer])]

    @cached_property
    def parameter_rows(self) -> list[Places]:
        """For each row, W_1, b_1, W_2, ..., the places of its lanes in the parameter vector."""
        rows, start = [], 0
        for layer in range(1, len(self.net.sizes)):
            fan_in, fan_out = self.net.sizes[layer - 1], self.net.sizes[layer]
            rows.append(np.array([start + k * fan_out + j for k, j in self.of_weights(layer)]))
            start += fan_in * fan_out
            if self.net.bias:
                rows.append(np.array([start + j for _, j in self.of_units(layer, samples=1)]))
                start += fan_out
        return rows

    @cached_property
    def input_rows(self) -> list[Places]:
        """The places in x of what the forward pass multiplies by the weights of input k, for each k."""
        inputs = self.net.sizes[0]
        return [np.array([i * inputs + k for i, _ in self.of_units(1)]) for k in range(inputs)]

    @cached_property
    def slope_rows(self) -> list[Places]:
        """The places in x of what the gradient of W_1 takes of sample i, for each i."""
        inputs = self.net.sizes[0]
        return [np.array([i * inputs + k for k, _ in self.of_weights(1)]) for i in range(self.net.samples)]

    @cached_property
    def target_row(self) -> Places:
        """The places in y of the lanes of the outputs."""
        outputs = self.net.sizes[-1]
        return np.array([i * outputs + j for i, j in self.of_units(len(self.net.sizes) - 1)])

    @cached_property
    def parameter_places(self) -> Places:
        """The rows of parameters one after another in memory: the place of each number in the parameter vector."""
        return self._in_memory(self.parameter_rows)

    @cached_property
    def input_places(self) -> Places:
        """The rows of inputs, and of inputs for the gradient, one after another: places in x."""
        return self._in_memory([*self.input_rows, *self.slope_rows])

    @cached_property
    def target_places(self) -> Places:
        """The row of targets in memory: places in y."""
        return self._in_memory([self.target_row])

    def starts(self, rows: list[Places]) -> list[int]:
        """Return where each of the rows begins in memory."""
        return [0, *accumulate(space(len(row), self._bytes) for row in rows)][:-1]

    @property
    def operations(self) -> int:
        """About how many operations on registers a step has: what compiling it costs grows with their number."""
        sizes, samples, total = self.net.sizes, self.net.samples, 0
        for layer in range(1, len(sizes)):
            units = self._registers(samples * self.widths[layer])
            weights = self._registers(sizes[layer - 1] * self.widths[layer])
            passed_back = self._registers(samples * self.widths[layer - 1]) * sizes[layer] if layer > 1 else 0
            total += units * (sizes[layer - 1] + _OPERATIONS_OF_A_FUNCTION) + weights * samples + passed_back
        return total

    def _registers(self, lanes: int) -> int:
        return space(lanes, self._bytes) // register_lanes(lanes, self._bytes)

    def _in_memory(self, rows: list[Places]) -> Places:
        """Return rows one after another, each with its last lane repeated until its registers are full."""
        full = [np.append(row, np.repeat(row[-1:], space(len(row), self._bytes) - len(row))) for row in rows]
        return np.concatenate(full)


def _padded(units: int, bytes_of_number: int) -> int:
    """Return how many lanes so many units take: a power of two, or a whole number of registers."""
    register = register_lanes(units, bytes_of_number)
    return -(-units // register) * register


@lru_cache(maxsize=64)
def layout_of(net: SmallNet, bytes_of_number: int) -> Layout:
    """Return the layout of a network."""
    return Layout(net, bytes_of_number)
