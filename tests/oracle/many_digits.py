"""The loss of a tiny network in 50 digits, straight from the definitions, and its derivatives by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt

from symtests.batch import Batch
from symtests.model.activations import ACTIVATION_TABLE, LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from symtests.network import Network
from symtests.parameters import Parameters

DIGITS = 50
Number = Any  # mpmath's numbers have no types

ACTIVATIONS: dict[str, Callable[[Number], Number]] = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: z if z.real > 0 else z * 0,
    "leaky_relu": lambda z: z if z.real > 0 else LEAKY_SLOPE * z,
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "gelu": lambda z: z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2,
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "elu": lambda z: z if z.real > 0 else mpmath.expm1(z),
    "selu": lambda z: SELU_SCALE * (z if z.real > 0 else SELU_ALPHA * mpmath.expm1(z)),
    "softsign": lambda z: z / (1 + z) if z.real > 0 else z / (1 - z),
    "hard_tanh": lambda z: mpmath.mpf(-1) if z.real <= -1 else mpmath.mpf(1) if z.real > 1 else z,
    "hard_sigmoid": lambda z: mpmath.mpf(0) if z.real <= -3 else mpmath.mpf(1) if z.real > 3 else (z + 3) / 6,
    "mish": lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
}


def breaks(name: str) -> list[float]:
    """Return where sigma' or sigma'' jumps."""
    entry = ACTIVATION_TABLE[name]
    return [*(kink.at for kink in entry.kinks), *entry.bends]


def derivative(name: str, z: float, order: int = 1) -> Number:
    """Return the derivative of an activation of this order; where it jumps, the one from below."""
    if order > 1 and ACTIVATION_TABLE[name].is_straight:
        return mpmath.mpf(0)
    near = [at for at in breaks(name) if abs(z - at) < 1e-20]  # within the step of the differences
    side = {"direction": 1 if z > near[0] else -1} if near else {}
    with mpmath.workdps(100):
        return mpmath.diff(ACTIVATIONS[name], mpmath.mpf(z), order, **side)


def numbers(array: npt.NDArray[Any]) -> list[Number]:
    """Return the floats as exact numbers of many digits."""
    return [mpmath.mpf(float(value)) for value in array.ravel()]


def outputs(network: Network, theta: list[Number], x: list[Number]) -> list[Number]:
    """Return z_L of one sample."""
    a = x
    for layer in range(network.layer_count):
        fan_in, fan_out = network.sizes[layer : layer + 2]
        start, bias = network.weight_slice(layer).start, network.bias_slice(layer).start
        z = [
            mpmath.fsum(a[i] * theta[start + i * fan_out + k] for i in range(fan_in))
            + (theta[bias + k] if network.bias else 0)
            for k in range(fan_out)
        ]
        a = [ACTIVATIONS[network.activations[layer]](value) for value in z] if layer < network.layer_count - 1 else z
    return a


def sample_loss(name: str, z: list[Number], y: list[Number]) -> Number:
    """Return the loss of one sample, before the mean over samples."""
    logistic = ACTIVATIONS["logistic"]
    match name:
        case "mse":
            return mpmath.fsum((z_k - y_k) ** 2 for z_k, y_k in zip(z, y, strict=True)) / len(z)
        case "logistic_mse":
            return mpmath.fsum((logistic(z_k) - y_k) ** 2 for z_k, y_k in zip(z, y, strict=True)) / len(z)
        case "huber":
            sizes = [abs(z_k - y_k) for z_k, y_k in zip(z, y, strict=True)]
            return mpmath.fsum(r * r / 2 if r <= 1 else r - mpmath.mpf(1) / 2 for r in sizes) / len(z)
        case "bce":
            return -mpmath.fsum(
                y_k * mpmath.log(logistic(z_k)) + (1 - y_k) * mpmath.log(logistic(-z_k))
                for z_k, y_k in zip(z, y, strict=True)
            ) / len(z)
    total = mpmath.fsum(mpmath.exp(z_k) for z_k in z)
    return -mpmath.fsum(y_k * mpmath.log(mpmath.exp(z_k) / total) for z_k, y_k in zip(z, y, strict=True))


def loss(network: Network, theta: list[Number], batch: Batch) -> Number:
    """Return the loss as a number of many digits."""
    weights = np.ones(len(batch)) if batch.sample_weights is None else batch.sample_weights
    shares = numbers(weights)
    terms = [
        share * sample_loss(network.loss, outputs(network, theta, numbers(x)), numbers(y))
        for share, x, y in zip(shares, batch.x, batch.y, strict=True)
        if share
    ]
    return mpmath.fsum(terms) / mpmath.fsum(shares)


def gradient(network: Network, parameters: Parameters, batch: Batch) -> npt.NDArray[np.float64]:
    """Return the gradient by central differences of step 1e-16: the error is of order 1e-32."""
    with mpmath.workdps(DIGITS):
        theta, step = numbers(parameters.vector), mpmath.mpf(10) ** -16
        slopes = []
        for index in range(len(theta)):
            up, down = list(theta), list(theta)
            up[index] += step
            down[index] -= step
            slopes.append(float((loss(network, up, batch) - loss(network, down, batch)) / (2 * step)))
        return np.array(slopes)
