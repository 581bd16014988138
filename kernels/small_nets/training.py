"""Training of small networks: sizes, batch and functions are fixed when it is compiled.

Nothing is left of loops over units and samples, of choices between functions, and of memory: all units of a layer, for
all samples, stand side by side in vector registers, and the parameters stay there from the first step to the last.
Each training of another shape is compiled once, which takes about a second, and then kept on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, cast

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.kernels.compiling.compile_policy import entry_point
from symtests.kernels.machine.lanes import prefer_wide_vectors
from symtests.kernels.machine.registers import Writer
from symtests.kernels.small_nets.layout import SmallNet, layout_of
from symtests.kernels.small_nets.step import Data, Settings, write_step
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS, Network
from symtests.training import Training

__all__ = ["OPTIMIZERS_OF_SMALL_NETS", "compiled", "small_net_of", "train_small_net"]

OPTIMIZERS_OF_SMALL_NETS: Final = ("sgd", "momentum", "nesterov")


def small_net_of(network: Network, samples: int, training: Training) -> SmallNet:
    """Return what is fixed when such a training is compiled."""
    return SmallNet(
        samples,
        int(network.bias),
        LOSSES.index(network.loss),
        OPTIMIZERS.index(training.optimizer),
        tuple(ACTIVATIONS.index(name) for name in network.activations),
        network.sizes,
    )


def train_small_net(network: Network, vector: Array, batch: Batch, training: Training) -> Array:
    """Return the parameters after full-batch steps from a fresh optimizer state.

    Parameters
    ----------
    network
        The network.
    vector
        Its parameters, float32 or float64.
    batch
        All samples, of the same dtype.
    training
        The optimizer, one of `OPTIMIZERS_OF_SMALL_NETS`, its settings and the number of steps.
    """
    dtype = vector.dtype
    net = small_net_of(network, len(batch), training)
    layout = layout_of(net, dtype.itemsize)
    places, targets = layout.parameter_places, layout.target_places
    state = vector[places]
    scales = _scales(network, batch, dtype)
    data = np.concatenate([batch.x.flat[layout.input_places], batch.y.flat[targets], scales[targets]], dtype=dtype)
    settings = np.array([-training.learning_rate, training.momentum], dtype)
    compiled(net)(state, data, settings, training.steps)
    trained = np.empty_like(vector)
    trained[places] = state
    return trained


def _scales(network: Network, batch: Batch, dtype: np.dtype[Any]) -> Array:
    """Return s_i / divisor for each target, as `symtests.kernels.losses` defines it."""
    outputs = network.sizes[-1]
    given = np.ones(len(batch)) if batch.sample_weights is None else batch.sample_weights
    weights = np.asarray(given, dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # infinite weights make NaN, as they should
        total = np.cumsum(weights)[-1]  # one after another, which a sum in pairs would not be
        divisor = total if network.loss == "softmax_cross_entropy" else total * dtype.type(outputs)
        return np.repeat(weights / divisor, outputs)


@cache
def compiled(net: SmallNet) -> Callable[[Array, Array, Array, int], None]:
    """Return the function for a network; it is compiled, or read from disk, when it is called first."""
    # A tuple of nothing but whole numbers is part of what the cache on disk asks for.
    numbers = (net.samples, net.bias, net.loss, net.optimizer, *net.activations, *net.sizes)

    @entry_point
    def train(state: Array, data: Array, settings: Array, steps: int) -> None:
        prefer_wide_vectors()
        _take_steps(numbers, state, data, settings, steps)

    return train


def _small_net(numbers: Sequence[int]) -> SmallNet:
    """Return the network that the numbers in `compiled` stand for."""
    samples, bias, loss, optimizer, *rest = numbers
    hidden = len(rest) // 2 - 1
    return SmallNet(samples, bias, loss, optimizer, tuple(rest[:hidden]), tuple(rest[hidden:]))


def _type_steps(_typing_context: Any, numbers: Any, state: Any, data: Any, settings: Any, _steps: Any) -> Any:
    if not all(isinstance(each, types.IntegerLiteral) for each in numbers):
        return None  # Numba asks once more with the literals forgotten
    net = _small_net([each.literal_value for each in numbers])

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        at_state, at_data, at_settings = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args[1:4], values[1:4], strict=True)
        )
        _write_steps(net, Writer(context, builder, state.dtype), at_state, at_data, at_settings, values[4])
        return context.get_dummy_value()

    return types.void(numbers, state, data, settings, types.int64), generate


def _write_steps(
    net: SmallNet, write: Writer, state: ir.Value, data: ir.Value, settings: ir.Value, steps: ir.Value
) -> None:
    """Write the loop over steps, and what reads the state before and stores it behind."""
    layout, builder = layout_of(net, write.bytes_of_number), write.builder
    # Registers that find no room are kept on the stack: there each has to lie in one cache line, not across two.
    # llvmlite refuses what it does not know in its own `add`; what stands in the set is written as it is.
    set.add(builder.function.attributes, '"stackrealign"')
    rows = layout.parameter_rows
    starts = layout.starts(rows)
    parameters = [write.variable(write.load(state, start, len(row))) for start, row in zip(starts, rows, strict=False)]
    velocities = []
    if OPTIMIZERS[net.optimizer] != "sgd":
        velocities = [write.variable(write.constant(0.0, len(row))) for row in rows]
    inputs = [*layout.input_rows, *layout.slope_rows, layout.target_row, layout.target_row]
    loaded = [write.load(data, start, len(row)) for start, row in zip(layout.starts(inputs), inputs, strict=False)]
    constants = Data(loaded[: net.sizes[0]], loaded[net.sizes[0] : -2], *loaded[-2:])
    rate, momentum = (builder.load(builder.gep(settings, [ir.IntType(64)(place)])) for place in (0, 1))
    of_optimizer = Settings(
        lambda lanes: write.everywhere(rate, lanes), lambda lanes: write.everywhere(momentum, lanes)
    )
    with cgutils.for_range(builder, steps):
        write_step(write, layout, constants, of_optimizer, parameters, velocities)
    for variable, start in zip(parameters, starts, strict=False):
        write.store(variable.row, state, start)


_take_steps = cast("Callable[[Any, Array, Array, Array, int], None]", intrinsic(_type_steps))
"""``(numbers, state, data, settings, steps)``: so many steps of the network that the numbers stand for."""
