"""The losses of many networks at once and their error signals, one network a lane; see `symtests.kernels.losses`."""

from __future__ import annotations

from symtests.float_json import Array
from symtests.kernels.arrays import Layers, Samples
from symtests.kernels.compiling.compile_policy import routine, scalar_function
from symtests.kernels.elementary.exponential import exponential
from symtests.kernels.elementary.logarithm import logarithm_of_one_plus
from symtests.kernels.losses import error_signal_of_output, loss_of_output
from symtests.kernels.machine.intrinsics import at_least, fused_multiply_add, where_less, where_nan
from symtests.kernels.machine.lanes import lanes_of, load_block, prefer_wide_vectors, store
from symtests.network import LOSSES

__all__ = ["error_signals", "losses"]

_SOFTMAX_CROSS_ENTROPY = LOSSES.index("softmax_cross_entropy")


@scalar_function
def _largest(z: Array, outputs: int) -> float:
    """Return the largest output of each lane; a NaN anywhere makes every sum below NaN."""
    largest = load_block(z, 0)
    lanes = lanes_of(largest)
    for k in range(1, outputs):
        largest = at_least(largest, load_block(z, k * lanes))
    return largest


@scalar_function
def _sum_of_others(z: Array, outputs: int, largest: float) -> float:
    """Return the sum of exp(z_k - z_largest) over all k but the first largest, ascending."""
    zero, one = type(largest)(0.0), type(largest)(1.0)
    lanes = lanes_of(largest)
    sum_, passed = zero, zero  # passed is 1 in a lane whose first largest output has been left out
    for k in range(outputs):
        z_k = load_block(z, k * lanes)
        term = exponential(z_k - largest)
        at_largest = where_less(zero, passed, term, where_nan(z_k, z_k, zero))
        sum_ = sum_ + where_less(z_k, largest, term, at_largest)
        passed = where_less(z_k, largest, passed, one)
    return sum_


@scalar_function
def _softmax_cross_entropy(z: Array, y: Array, first: int, outputs: int) -> float:
    """Return sum_k y_k (logsumexp(z) - z_k) of one sample, whose targets begin at ``first``."""
    largest = _largest(z, outputs)
    lanes = lanes_of(largest)
    logarithm = logarithm_of_one_plus(_sum_of_others(z, outputs, largest))
    sum_ = type(largest)(0.0)
    for k in range(outputs):
        sum_ = fused_multiply_add(y[first + k], logarithm - (load_block(z, k * lanes) - largest), sum_)
    return sum_


@scalar_function
def _softmax_error_signals(z: Array, samples: Samples, first: int, outputs: int, signals: Array) -> None:
    """Write c (p sum_k y_k - y) of one sample, whose targets begin at ``first``."""
    largest = _largest(z, outputs)
    lanes = lanes_of(largest)
    sum_of_exponentials = type(largest)(1.0) + _sum_of_others(z, outputs, largest)
    mass = type(z[0])(0.0)
    for k in range(outputs):
        mass += samples.y[first + k]
    for k in range(outputs):
        p = exponential(load_block(z, k * lanes) - largest) / sum_of_exponentials
        signal = samples.scales[first + k] * fused_multiply_add(p, mass, -samples.y[first + k])
        store(signals, k * lanes, signal)


@routine
def error_signals(layers: Layers, z: Array, samples: Samples, signals: Array) -> None:
    """Write dL/dz of a block for its linear outputs z, both laid out as (sample, output, lane)."""
    prefer_wide_vectors()
    lanes = lanes_of(load_block(z, 0))
    y, scales, loss, outputs = samples.y, samples.scales, layers.loss, layers.sizes[-1]
    if loss == _SOFTMAX_CROSS_ENTROPY:
        for first in range(0, y.size, outputs):
            part = slice(first * lanes, (first + outputs) * lanes)
            _softmax_error_signals(z[part], samples, first, outputs, signals[part])
    else:
        for k in range(y.size):
            store(signals, k * lanes, error_signal_of_output(loss, load_block(z, k * lanes), y[k], scales[k]))


@routine
def losses(layers: Layers, z: Array, samples: Samples, found: Array) -> None:
    """Write the loss of each lane for the linear outputs z of a block, laid out as (sample, output, lane)."""
    prefer_wide_vectors()
    zero = type(load_block(z, 0))(0.0)
    lanes = lanes_of(zero)
    y, loss, outputs = samples.y, layers.loss, layers.sizes[-1]
    total = zero
    for i in range(samples.weights.size):
        first = i * outputs
        sum_ = zero
        if loss == _SOFTMAX_CROSS_ENTROPY:
            sum_ = _softmax_cross_entropy(z[first * lanes : (first + outputs) * lanes], y, first, outputs)
        else:
            for k in range(first, first + outputs):
                sum_ = sum_ + loss_of_output(loss, load_block(z, k * lanes), y[k])
        total = fused_multiply_add(samples.weights[i], sum_, total)
    store(found, 0, total / samples.divisor)
