"""The losses and their error signals, computed from the linear outputs z.

The value of a loss is one sum: over the outputs of a sample in ascending order, each starting from 0,
then over samples in ascending order, total <- fma(s_i, sum of sample i, total), divided at the end by
`Samples.divisor`. An error signal is s_i / divisor times the derivative of the sample's own loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from symtests.float_json import Array
from symtests.kernels.arrays import Layers, Samples
from symtests.kernels.compiling.compile_policy import routine, scalar_function
from symtests.kernels.elementary.exponential import exponential
from symtests.kernels.elementary.logarithm import logarithm_of_one_plus, logarithm_of_one_plus_fraction
from symtests.kernels.elementary.logistic import logistic
from symtests.kernels.machine.intrinsics import absolute, at_least, at_most, fused_multiply_add, keep_apart
from symtests.network import LOSSES

__all__ = [
    "SIGNAL_BY_OUTPUT",
    "SIGNAL_BY_PROBABILITY",
    "error_signal_of_output",
    "loss_of_output",
    "loss_value",
    "output_error_signals",
]

# Compiled code knows a loss by its place in LOSSES.
_MSE = LOSSES.index("mse")
_BCE = LOSSES.index("bce")
_SOFTMAX_CROSS_ENTROPY = LOSSES.index("softmax_cross_entropy")
_LOGISTIC_MSE = LOSSES.index("logistic_mse")
_HUBER = LOSSES.index("huber")


@scalar_function
def squared_error(z: float, y: float) -> float:
    """Return (z - y)^2."""
    return (z - y) * (z - y)


@scalar_function
def squared_error_signal(z: float, y: float, scale: float) -> float:
    """Return scale times the derivative of (z - y)^2."""
    return scale * (type(z)(2.0) * (z - y))


@scalar_function
def binary_cross_entropy(z: float, y: float) -> float:
    """Return softplus(z) - y z = (max(z, 0) - y z) + log(1 + exp(-|z|)).

    In the second form the bracket is exactly 0 for a sure and right answer, and the rest keeps its digits.
    """
    bracket = fused_multiply_add(-y, z, at_least(z, type(z)(0.0)))
    return bracket + logarithm_of_one_plus_fraction(exponential(-absolute(z)))


@scalar_function
def binary_cross_entropy_signal(p: float, y: float, scale: float) -> float:
    """Return scale times the derivative of softplus(z) - y z with respect to z, where p = logistic(z)."""
    return scale * (p - y)


@scalar_function
def logistic_squared_error_signal(p: float, y: float, scale: float) -> float:
    """Return scale times the derivative of (p - y)^2 with respect to z, where p = logistic(z)."""
    return scale * (type(p)(2.0) * (p - y) * fused_multiply_add(-p, p, p))


@scalar_function
def _clipped_residual(z: float, y: float) -> float:
    """Return z - y, but at least -1 and at most 1."""
    one = type(z)(1.0)
    return at_most(at_least(z - y, -one), one)


@scalar_function
def huber(z: float, y: float) -> float:
    """Return r^2 / 2 for |r| <= 1, else |r| - 1/2, with r = z - y: c (r - c / 2) with r cut off at -1 and 1 for c."""
    c = _clipped_residual(z, y)
    return c * fused_multiply_add(c, type(z)(-0.5), z - y)


@scalar_function
def huber_signal(z: float, y: float, scale: float) -> float:
    """Return scale times the derivative of the Huber loss of z - y."""
    return scale * _clipped_residual(z, y)


@scalar_function
def loss_of_output(loss: int, z: float, y: float) -> float:
    """Return what one output adds to its sample's sum, for a loss that is a mean of such; NaN for another."""
    if loss == _MSE:
        return squared_error(z, y)
    if loss == _BCE:
        return binary_cross_entropy(z, y)
    if loss == _LOGISTIC_MSE:
        return squared_error(logistic(z), y)
    if loss == _HUBER:
        return huber(z, y)
    return z + type(z)(float("nan"))


@scalar_function
def error_signal_of_output(loss: int, z: float, y: float, scale: float) -> float:
    """Return scale times the derivative of `loss_of_output` with respect to z."""
    if loss == _MSE:
        return squared_error_signal(z, y, scale)
    if loss == _BCE:
        return binary_cross_entropy_signal(logistic(z), y, scale)
    if loss == _LOGISTIC_MSE:
        return logistic_squared_error_signal(logistic(z), y, scale)
    if loss == _HUBER:
        return huber_signal(z, y, scale)
    return z + type(z)(float("nan"))


# For code that is written operation by operation: of z, y and the scale, and of logistic(z), y and the scale.
Signal = Callable[[float, float, float], float]
SIGNAL_BY_OUTPUT: Final[dict[str, Signal]] = {"mse": squared_error_signal, "huber": huber_signal}
SIGNAL_BY_PROBABILITY: Final[dict[str, Signal]] = {
    "bce": binary_cross_entropy_signal, "logistic_mse": logistic_squared_error_signal
}  # fmt: skip


@scalar_function
def _largest(z: Array) -> int:
    """Return the place of the first largest element; a NaN anywhere makes every sum below NaN."""
    place = 0
    for k in range(1, z.size):
        if z[k] > z[place]:
            place = k
    return place


@scalar_function
def _sum_of_others(z: Array, largest: int) -> float:
    """Return the sum of exp(z_k - z_largest) over all other k, ascending."""
    number = type(z[0])
    others = number(0.0)
    for k in range(z.size):
        if k != largest:
            others += exponential(z[k] - z[largest])
    return others


@scalar_function
def _softmax_cross_entropy(z: Array, y: Array) -> float:
    """Return sum_k y_k (logsumexp(z) - z_k).

    With M = z_largest and r the sum of exp(z_k - M) over all other k,
    logsumexp(z) - z_k = log(1 + r) - (z_k - M): nothing overflows, and a small r is not lost in 1 + r.
    """
    largest = _largest(z)
    logarithm = logarithm_of_one_plus(_sum_of_others(z, largest))
    sum_ = type(z[0])(0.0)
    for k in range(z.size):
        sum_ = fused_multiply_add(y[k], logarithm - (z[k] - z[largest]), sum_)
    return sum_


@scalar_function
def _subtract_largest(z: Array, differences: Array) -> None:
    """Write z_k - z_largest."""
    top = z[_largest(z)]
    for k in range(z.size):
        differences[k] = z[k] - top


@scalar_function
def _softmax_error_signals(z: Array, y: Array, scales: Array, error_signals: Array) -> None:
    """Write c (p sum_k y_k - y), where p_k = exp(z_k - M) / (1 + r) as above; the sums are ascending.

    The exponentials are read where the error signals are written.
    """
    number = type(z[0])
    largest = _largest(z)
    others, mass = number(0.0), number(0.0)
    for k in range(z.size):
        others += number(0.0) if k == largest else error_signals[k]  # adding 0 changes no sum of exponentials
        mass += y[k]
    sum_of_exponentials = number(1.0) + others
    for k in range(z.size):
        p = error_signals[k] / sum_of_exponentials
        error_signals[k] = scales[k] * fused_multiply_add(p, mass, -y[k])


@routine
def loss_value(layers: Layers, z: Array, samples: Samples) -> float:
    """Return the loss of the linear outputs z, flat, row after row."""
    keep_apart()
    y, outputs, loss = samples.y, layers.sizes[-1], layers.loss
    number = type(z[0])
    total = number(0.0)
    for i in range(samples.weights.size):
        sum_ = number(0.0)
        if loss == _SOFTMAX_CROSS_ENTROPY:
            start = i * outputs
            sum_ = _softmax_cross_entropy(z[start : start + outputs], y[start : start + outputs])
        else:
            for k in range(i * outputs, (i + 1) * outputs):
                sum_ += loss_of_output(loss, z[k], y[k])
        total = fused_multiply_add(samples.weights[i], sum_, total)
    return total / samples.divisor


@routine
def output_error_signals(layers: Layers, z: Array, samples: Samples, error_signals: Array) -> None:
    """Write dL/dz for the linear outputs z, both flat, row after row.

        mse                     c_i 2 (z - y)
        bce                     c_i (logistic(z) - y)
        softmax_cross_entropy   c_i (p sum_k y_k - y),              p = softmax(z)
        logistic_mse            c_i 2 (p - y) p (1 - p),            p = logistic(z)
        huber                   c_i min(max(z - y, -1), 1)

    with c_i = s_i / divisor.
    """
    keep_apart()
    y, scales, loss = samples.y, samples.scales, layers.loss
    if loss == _MSE:
        for k in range(z.size):
            error_signals[k] = squared_error_signal(z[k], y[k], scales[k])
    elif loss == _BCE:
        for k in range(z.size):
            error_signals[k] = binary_cross_entropy_signal(logistic(z[k]), y[k], scales[k])
    elif loss == _LOGISTIC_MSE:
        for k in range(z.size):
            error_signals[k] = logistic_squared_error_signal(logistic(z[k]), y[k], scales[k])
    elif loss == _HUBER:
        for k in range(z.size):
            error_signals[k] = huber_signal(z[k], y[k], scales[k])
    elif loss == _SOFTMAX_CROSS_ENTROPY:
        outputs = layers.sizes[-1]
        for start in range(0, z.size, outputs):
            _subtract_largest(z[start : start + outputs], error_signals[start : start + outputs])
        for k in range(z.size):  # of all samples at once: one alone has too few for vectors
            error_signals[k] = exponential(error_signals[k])
        for start in range(0, z.size, outputs):
            stop = start + outputs
            _softmax_error_signals(z[start:stop], y[start:stop], scales[start:stop], error_signals[start:stop])
