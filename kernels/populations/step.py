"""Many networks of one shape at once, compiled for the shape: one network a lane, plain gradient descent.

What `symtests.kernels.populations.training` does in loops over units and samples stands here operation by operation.
The operations of a lane, and the order in which every sum takes its terms, are the same, and so are the bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from symtests.float_json import Array
from symtests.kernels.activations import DERIVATIVE_BY_ACTIVATION, DERIVATIVE_BY_PRE_ACTIVATION, FUNCTIONS
from symtests.kernels.compiling.compile_policy import entry_point
from symtests.kernels.elementary.logistic import logistic
from symtests.kernels.elementary.rational_tanh import rational_logistic, rational_tanh
from symtests.kernels.losses import SIGNAL_BY_OUTPUT, SIGNAL_BY_PROBABILITY
from symtests.kernels.machine.lanes import BLOCK_BYTES, prefer_wide_vectors
from symtests.kernels.machine.registers import Row, Writer
from symtests.network import ACTIVATIONS, LOSSES

__all__ = ["LOSSES_OF_POPULATIONS", "PopulationShape", "compiled", "operations"]

LOSSES_OF_POPULATIONS: Final = (*SIGNAL_BY_OUTPUT, *SIGNAL_BY_PROBABILITY)
_FAST: Final = {"tanh": rational_tanh, "logistic": rational_logistic}
_OPERATIONS_OF_A_FUNCTION: Final = 40


class PopulationShape(NamedTuple):
    """What is fixed when it is compiled.

    Parameters
    ----------
    fast
        1 for the rational tanh and logistic, 0 for the accurate ones.
    samples
        N.
    bias
        1 with biases, 0 without.
    loss
        Its place in LOSSES, one of `LOSSES_OF_POPULATIONS`.
    activations
        For each hidden layer the place of its name in ACTIVATIONS.
    sizes
        n_0, ..., n_L.
    """

    fast: int
    samples: int
    bias: int
    loss: int
    activations: tuple[int, ...]
    sizes: tuple[int, ...]


def operations(shape: PopulationShape) -> int:
    """Return about how many operations on rows a step has: what compiling it costs grows with their number."""
    pairs = zip(shape.sizes[:-1], shape.sizes[1:], strict=True)
    return shape.samples * sum(fan_out * (3 * fan_in + _OPERATIONS_OF_A_FUNCTION) for fan_in, fan_out in pairs)


@cache
def compiled(shape: PopulationShape) -> Callable[[Array, Array, Array, int, int], None]:
    """Return the function for a shape; it is compiled, or read from disk, when it is called first.

    Its arguments: blocks of parameters as in `symtests.kernels.populations.training`, written; x, y and scales of
    `symtests.kernels.arrays.Samples` one behind the other; an array of -eta; steps; blocks.
    """
    # A tuple of nothing but whole numbers is part of what the cache on disk asks for.
    numbers = (shape.fast, shape.samples, shape.bias, shape.loss, *shape.activations, *shape.sizes)

    @entry_point
    def train(parameters: Array, data: Array, rate: Array, steps: int, blocks: int) -> None:
        prefer_wide_vectors()
        _train_blocks(numbers, parameters, data, rate, steps, blocks)

    return train


def _shape(numbers: Sequence[int]) -> PopulationShape:
    """Return the shape that the numbers in `compiled` stand for."""
    fast, samples, bias, loss, *rest = numbers
    hidden = len(rest) // 2 - 1
    return PopulationShape(fast, samples, bias, loss, tuple(rest[:hidden]), tuple(rest[hidden:]))


def _type_blocks(
    _typing_context: Any, numbers: Any, parameters: Any, data: Any, rate: Any, _steps: Any, _blocks: Any
) -> Any:
    if not all(isinstance(each, types.IntegerLiteral) for each in numbers):
        return None  # Numba asks once more with the literals forgotten
    shape = _shape([each.literal_value for each in numbers])

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        arrays = [
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args[1:4], values[1:4], strict=True)
        ]
        write = Writer(context, builder, parameters.dtype)
        index = ir.IntType(64)
        with cgutils.for_range(builder, values[5]) as block:
            step = _Step(write, shape, arrays[0], arrays[1], arrays[2])
            size = index(step.size)
            step.parameters = builder.gep(arrays[0], [builder.mul(builder.zext(block.index, index), size)])
            with cgutils.for_range(builder, values[4]):
                step.write_step()
        return context.get_dummy_value()

    return types.void(numbers, parameters, data, rate, types.int64, types.int64), generate


class _Step:
    """Writes one step of one block: a row holds one number of each network of the block."""

    def __init__(self, write: Writer, shape: PopulationShape, parameters: Any, data: Any, rate: Any) -> None:
        self._write, self._shape = write, shape
        self.parameters, self._data, self._rate = parameters, data, rate
        self._lanes = BLOCK_BYTES // write.bytes_of_number
        self._zero = write.constant(0.0, self._lanes)
        self._starts = [0]
        for fan_in, fan_out in zip(shape.sizes[:-1], shape.sizes[1:], strict=True):
            self._starts.append(self._starts[-1] + (fan_in + shape.bias) * fan_out)
        self.size = self._starts[-1] * self._lanes

    def write_step(self) -> None:
        """Write forward pass, backward pass and update."""
        shape, write = self._shape, self._write
        samples, layers = range(shape.samples), len(shape.sizes) - 1
        # a[l][i][k]: unit k of layer l for sample i; inputs are the same in all lanes.
        inputs = [[self._datum(i * shape.sizes[0] + k) for k in range(shape.sizes[0])] for i in samples]
        z: list[list[list[Row]]] = [[]]
        a = [inputs]
        for layer in range(1, layers + 1):
            z.append([[self._pre_activation(layer, j, a[-1][i]) for j in range(shape.sizes[layer])] for i in samples])
            if layer < layers:
                name = ACTIVATIONS[shape.activations[layer - 1]]
                a.append([[self._function(name, each) for each in row] for row in z[-1]])
        signals = self._output_signals(z[-1])
        for layer in range(layers, 0, -1):
            passed = []
            if layer > 1:
                passed = [
                    [self._passed(layer, k, signals[i], z[layer - 1][i][k], a[layer - 1][i][k])
                     for k in range(shape.sizes[layer - 1])]
                    for i in samples
                ]  # fmt: skip
            for j in range(shape.sizes[layer]):
                for k in range(shape.sizes[layer - 1]):
                    slope = self._zero
                    for i in samples:
                        slope = write.multiply_add(a[layer - 1][i][k], signals[i][j], slope)
                    self._move(self._place(layer, k, j), slope)
                if shape.bias:
                    slope = self._zero
                    for i in samples:
                        slope = write.add(slope, signals[i][j])
                    self._move(self._place(layer, shape.sizes[layer - 1], j), slope)
            signals = passed

    def _place(self, layer: int, k: int, j: int) -> int:
        """Return where the weight from unit k stands, or, behind the last unit, the bias."""
        return (self._starts[layer - 1] + k * self._shape.sizes[layer] + j) * self._lanes

    def _parameter(self, place: int) -> Row:
        return self._write.load(self.parameters, place, self._lanes)

    def _datum(self, place: int) -> Row:
        builder = self._write.builder
        number = builder.load(builder.gep(self._data, [ir.IntType(64)(place)]))
        return self._write.everywhere(number, self._lanes)

    def _pre_activation(self, layer: int, j: int, source: Sequence[Row]) -> Row:
        fan_in = self._shape.sizes[layer - 1]
        z = self._parameter(self._place(layer, fan_in, j)) if self._shape.bias else self._zero
        for k in range(fan_in):
            z = self._write.multiply_add(source[k], self._parameter(self._place(layer, k, j)), z)
        return z

    def _function(self, name: str, z: Row) -> Row:
        if name == "identity":
            return z
        known = {**FUNCTIONS, **_FAST} if self._shape.fast else FUNCTIONS
        return self._write.apply(known[name], z)

    def _output_signals(self, z: Sequence[Sequence[Row]]) -> list[list[Row]]:
        loss, outputs = LOSSES[self._shape.loss], self._shape.sizes[-1]
        targets = self._shape.samples * self._shape.sizes[0]
        scales = targets + self._shape.samples * outputs
        of_loss = SIGNAL_BY_OUTPUT.get(loss) or SIGNAL_BY_PROBABILITY[loss]
        probability = rational_logistic if self._shape.fast else logistic
        signals = []
        for i, row in enumerate(z):
            given = row if loss in SIGNAL_BY_OUTPUT else [self._write.apply(probability, each) for each in row]
            places = range(i * outputs, (i + 1) * outputs)
            signals.append([
                self._write.apply(of_loss, each, self._datum(targets + place), self._datum(scales + place))
                for each, place in zip(given, places, strict=True)
            ])  # fmt: skip
        return signals

    def _passed(self, layer: int, k: int, signals: Sequence[Row], z: Row, a: Row) -> Row:
        """Return the error signal of unit k of the layer before."""
        sum_ = self._zero
        for j, signal in enumerate(signals):
            sum_ = self._write.multiply_add(signal, self._parameter(self._place(layer, k, j)), sum_)
        name = ACTIVATIONS[self._shape.activations[layer - 2]]
        if name == "identity":
            return sum_
        if name in DERIVATIVE_BY_ACTIVATION:
            return self._write.multiply(sum_, self._write.apply(DERIVATIVE_BY_ACTIVATION[name], a))
        return self._write.multiply(sum_, self._write.apply(DERIVATIVE_BY_PRE_ACTIVATION[name], z))

    def _move(self, place: int, slope: Row) -> None:
        rate = self._write.everywhere(self._write.builder.load(self._rate), self._lanes)
        moved = self._write.multiply_add(rate, slope, self._parameter(place))
        self._write.store(moved, self.parameters, place)


_train_blocks = cast("Callable[[Any, Array, Array, Array, int, int], None]", intrinsic(_type_blocks))
"""``(numbers, parameters, data, rate, steps, blocks)``: so many steps of so many blocks of the shape."""
