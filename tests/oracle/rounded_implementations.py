"""Correct implementations of backpropagation that round in as many ways as real ones do.

None of them shares a line with the oracle. Each stays in its dtype from beginning to end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from symtests.batch import Batch
from symtests.network import Network
from symtests.parameters import Parameters

Numbers = npt.NDArray[Any]
Function = Callable[[Numbers], Numbers]

# Products: the order of the sum.


def blas(a: Numbers, b: Numbers) -> Numbers:
    return a @ b


def ascending(a: Numbers, b: Numbers) -> Numbers:
    """Each product and each partial sum is rounded, first term first."""
    return _one_by_one(a, b, range(a.shape[1]))


def random_order(a: Numbers, b: Numbers) -> Numbers:
    return _one_by_one(a, b, np.random.default_rng(a.size).permutation(a.shape[1]).tolist())


def _one_by_one(a: Numbers, b: Numbers, order: Any) -> Numbers:
    total = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in order:
        total += a[:, k, np.newaxis] * b[k]
    return total


def upwards(unit_roundoff: float) -> Callable[[Numbers, Numbers], Numbers]:
    """Return a product in which each operation errs by a full unit roundoff away from 0: the worst there is."""
    off = 1 + unit_roundoff

    def product(a: Numbers, b: Numbers) -> Numbers:
        total = np.zeros((a.shape[0], b.shape[1]))
        for k in range(a.shape[1]):
            total = (total + a[:, k, np.newaxis] * b[k] * off) * off
        return total

    return product


# Activations sigma(z), and slopes from z and the activation a = sigma(z).


def stable_logistic(z: Numbers) -> Numbers:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, z.dtype.type(1), e) / (1 + e)


def naive_logistic(z: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-z))


def stable_softplus(z: Numbers) -> Numbers:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def naive_tanh(z: Numbers) -> Numbers:
    """The quotient of the textbook, its argument held where nothing overflows."""
    held = np.clip(z, -20, 20)
    up, down = np.exp(held), np.exp(-held)
    return (up - down) / (up + down)


_erf, _erfc = np.frompyfunc(math.erf, 1, 1), np.frompyfunc(math.erfc, 1, 1)


def below(z: Numbers) -> Numbers:
    """The normal distribution, without cancellation; its function is rounded once, its argument in the dtype of z."""
    return np.asarray(_erfc(z * -math.sqrt(0.5))).astype(z.dtype) / 2


def naive_below(z: Numbers) -> Numbers:
    return (1 + np.asarray(_erf(z * math.sqrt(0.5))).astype(z.dtype)) / 2


def density(z: Numbers) -> Numbers:
    return np.exp(-(z * z) / 2) * (1 / math.sqrt(2 * math.pi))


def leaky(z: Numbers) -> Numbers:
    return np.where(z > 0, z, z.dtype.type(0.01) * z)


def leaky_slope(z: Numbers, a: Numbers) -> Numbers:
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(0.01))


def mish_slope(z: Numbers, a: Numbers) -> Numbers:
    inner = np.tanh(stable_softplus(z))
    return inner + z * stable_logistic(z) * (1 - inner * inner)


def mish_slope_by_exponentials(z: Numbers, a: Numbers) -> Numbers:
    """With w = (1 + e^z)^2 + 1 it is 1 - 2 / w + 4 z e^z (1 + e^z) / w^2, its argument held where nothing overflows."""
    e = np.exp(np.minimum(z, z.dtype.type(4)))
    inner = e * (e + 2) / (e * (e + 2) + 2)
    near = inner + z * 4 * e * (1 + e) / (e * (e + 2) + 2) ** 2
    return np.where(z > 4, mish_slope(z, a), near)


def selu(z: Numbers) -> Numbers:
    below = z.dtype.type(1.7580993408473766) * np.expm1(np.minimum(z, 0))
    return np.where(z > 0, z.dtype.type(1.0507009873554805) * z, below)


def naive_selu(z: Numbers) -> Numbers:
    below = z.dtype.type(1.6732632423543772) * (np.exp(np.minimum(z, 0)) - 1)
    return z.dtype.type(1.0507009873554805) * np.where(z > 0, z, below)


def selu_slope(z: Numbers, a: Numbers) -> Numbers:
    below = z.dtype.type(1.7580993408473766) * np.exp(np.minimum(z, 0))
    return np.where(z > 0, z.dtype.type(1.0507009873554805), below)


def selu_slope_of_a(z: Numbers, a: Numbers) -> Numbers:
    return np.where(z > 0, z.dtype.type(1.0507009873554805), a + z.dtype.type(1.7580993408473766))


STABLE: Final[dict[str, Function]] = {
    "identity": lambda z: z,
    "logistic": stable_logistic,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": leaky,
    "softplus": stable_softplus,
    "gelu": lambda z: z * below(z),
    "silu": lambda z: z * stable_logistic(z),
    "mish": lambda z: z * np.tanh(stable_softplus(z)),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": selu,
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "hard_sigmoid": lambda z: np.clip(z + 3, 0, 6) / 6,
}
NAIVE: Final[dict[str, Function]] = STABLE | {
    "logistic": naive_logistic,
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "gelu": lambda z: z / 2 * (1 + (2 * naive_below(z) - 1)),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "selu": naive_selu,
    "hard_sigmoid": lambda z: np.clip(z / 6 + z.dtype.type(0.5), 0, 1),
}
Slope = Callable[[Numbers, Numbers], Numbers]
FROM_ACTIVATION: Final[dict[str, Slope]] = {
    "identity": lambda z, a: np.ones_like(z),
    "logistic": lambda z, a: a * (1 - a),
    "tanh": lambda z, a: 1 - a * a,
    "relu": lambda z, a: (z > 0).astype(z.dtype),
    "leaky_relu": leaky_slope,
    "softplus": lambda z, a: 1 - np.exp(-a),
    "gelu": lambda z, a: naive_below(z) + z * density(z),
    "mish": mish_slope,
    "elu": lambda z, a: np.where(z > 0, z.dtype.type(1), a + 1),
    "selu": selu_slope_of_a,
    "softsign": lambda z, a: (1 - np.abs(a)) ** 2,
    "hard_tanh": lambda z, a: (np.abs(a) < 1).astype(z.dtype),
    "hard_sigmoid": lambda z, a: ((a > 0) & (a < 1)) / z.dtype.type(6),
    "silu": lambda z, a: a + naive_logistic(z) * (1 - a),
}
FROM_PRE_ACTIVATION: Final[dict[str, Slope]] = FROM_ACTIVATION | {
    "logistic": lambda z, a: stable_logistic(z) * stable_logistic(-z),
    "tanh": lambda z, a: (1 / np.cosh(z)) ** 2,
    "softplus": lambda z, a: stable_logistic(z),
    "gelu": lambda z, a: below(z) + z * density(z),
    "silu": lambda z, a: stable_logistic(z) * (1 + z * (1 - stable_logistic(z))),
    "mish": mish_slope_by_exponentials,
    "elu": lambda z, a: np.exp(np.minimum(z, 0)),
    "selu": selu_slope,
    "softsign": lambda z, a: 1 / (1 + np.abs(z)) ** 2,
    "hard_tanh": lambda z, a: (np.abs(z) < 1).astype(z.dtype),
    "hard_sigmoid": lambda z, a: (np.abs(z) < 3) * z.dtype.type(1 / 6),
}
DIFFERENTIATED: Final[dict[str, Slope]] = FROM_ACTIVATION | {  # what automatic differentiation makes of usual programs
    "softplus": lambda z, a: np.exp(z - np.logaddexp(z, z.dtype.type(0))),
    "silu": lambda z, a: stable_logistic(z) + z * (stable_logistic(z) * (1 - stable_logistic(z))),
    "gelu": lambda z, a: naive_below(z) + z / 2 * (np.exp(-(z * z) / 2) * (2 / math.sqrt(2 * math.pi))),
}

# Derivatives of each output's own part of the loss, before the mean.


def softmax(z: Numbers) -> Numbers:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_sum_exp(z: Numbers) -> Numbers:
    top = z.max(axis=1, keepdims=True)
    return top + np.log(np.exp(z - top).sum(axis=1, keepdims=True))


def residuals(loss: str, z: Numbers, y: Numbers, logistic: Function) -> Numbers:
    match loss:
        case "mse":
            return 2 * (z - y)
        case "logistic_mse":
            a = logistic(z)
            return 2 * (a - y) * (a * (1 - a))
        case "huber":
            return np.clip(z - y, -1, 1)
        case "bce":
            return logistic(z) - y
    return softmax(z) - y  # targets sum to 1


def differentiated_residuals(loss: str, z: Numbers, y: Numbers, logistic: Function) -> Numbers:
    """What automatic differentiation makes of softplus, log-sigmoid and log-softmax."""
    zero = z.dtype.type(0)
    if loss == "bce":  # -y log s(z) - (1 - y) log s(-z), log s(z) = -logaddexp(-z, 0)
        return (1 - y) * np.exp(z - np.logaddexp(z, zero)) - y * np.exp(-z - np.logaddexp(-z, zero))
    if loss == "softmax_cross_entropy":
        return np.exp(z - log_sum_exp(z)) * y.sum(axis=1, keepdims=True) - y
    return residuals(loss, z, y, logistic)


def loss_terms(loss: str, z: Numbers, y: Numbers, logistic: Function) -> Numbers:
    match loss:
        case "mse":
            return (z - y) ** 2
        case "logistic_mse":
            return (logistic(z) - y) ** 2
        case "huber":
            size = np.abs(z - y)
            return np.where(size <= 1, size * size / 2, size - z.dtype.type(0.5))
        case "bce":
            return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))
    return y * (log_sum_exp(z) - z)


@dataclass(frozen=True)
class Rounded:
    """One way to round: what implementations differ in."""

    name: str
    dtype: npt.DTypeLike
    unit_roundoff: float
    product: Callable[[Numbers, Numbers], Numbers] = blas
    activations: Any = None  # name -> sigma
    slopes: Any = None  # name -> sigma'
    residuals: Callable[[str, Numbers, Numbers, Function], Numbers] = residuals
    late_scaling: bool = False


@dataclass(frozen=True)
class Answer:
    """What an implementation answers; `error_signals` are None where it scales by 1/N at the very end."""

    loss: float
    gradient: Numbers
    pre_activations: list[Numbers]
    activations: list[Numbers]
    error_signals: list[Numbers] | None

    @property
    def is_finite(self) -> bool:
        """Whether nothing overflowed."""
        arrays = (self.gradient, *self.pre_activations, *self.activations, *(self.error_signals or ()))
        return math.isfinite(self.loss) and all(np.isfinite(array).all() for array in arrays)


FLOAT32: Final = Rounded("BLAS", np.float32, 2.0**-24, blas, STABLE, FROM_ACTIVATION)
NAIVE32: Final = Rounded("textbook formulas", np.float32, 2.0**-24, ascending, NAIVE, FROM_ACTIVATION)
IMPLEMENTATIONS: Final = (
    FLOAT32,
    replace(FLOAT32, name="random order", product=random_order),
    replace(
        FLOAT32, name="ascending, from z, scaled late", product=ascending, slopes=FROM_PRE_ACTIVATION, late_scaling=True
    ),
    NAIVE32,
    replace(FLOAT32, name="differentiated", slopes=DIFFERENTIATED, residuals=differentiated_residuals),
)
HALF: Final = Rounded("half precision", np.float16, 2.0**-11, ascending, STABLE, FROM_ACTIVATION)
BIASED: Final = Rounded("always upwards", np.float64, 2.0**-11, upwards(2.0**-11), STABLE, FROM_PRE_ACTIVATION)
DOUBLE: Final = (
    *(
        replace(each, name=f"{each.name}, float64", dtype=np.float64, unit_roundoff=2.0**-53)
        for each in IMPLEMENTATIONS
    ),
    replace(
        NAIVE32,
        name="textbook tanh, float64",
        dtype=np.float64,
        unit_roundoff=2.0**-53,
        activations=NAIVE | {"tanh": naive_tanh},
    ),
)


def answer(how: Rounded, network: Network, parameters: Parameters, batch: Batch, relu_at_zero: float = 0.0) -> Answer:
    """Return what this implementation computes; the numbers must be exact in its dtype."""
    with np.errstate(all="ignore"):
        return _answer(how, network, parameters.astype(how.dtype), batch.astype(how.dtype), relu_at_zero)


def _answer(how: Rounded, network: Network, parameters: Parameters, batch: Batch, relu_at_zero: float) -> Answer:
    z, a = [], [batch.x]
    for layer in range(network.layer_count):
        sums = how.product(a[-1], parameters.weight(layer))
        z.append(sums + parameters.bias(layer) if network.bias else sums)
        if layer < network.layer_count - 1:
            a.append(how.activations[network.activations[layer]](z[-1]))
    samples, outputs = batch.y.shape
    weights = np.ones(samples, batch.x.dtype) if batch.sample_weights is None else batch.sample_weights
    terms = 1 if network.loss == "softmax_cross_entropy" else outputs
    logistic = how.activations["logistic"]
    total = weights.sum()
    losses = weights @ loss_terms(network.loss, z[-1], batch.y, logistic).sum(axis=1)
    signal = weights[:, np.newaxis] * how.residuals(network.loss, z[-1], batch.y, logistic)
    scale = batch.x.dtype.type(1) / (total * batch.x.dtype.type(terms))
    delta = [signal if how.late_scaling else signal * scale]
    for layer in reversed(range(network.layer_count - 1)):
        name = network.activations[layer]
        slope = how.slopes[name](z[layer], a[layer + 1])
        if name == "relu":
            slope = np.where(z[layer] == 0, slope.dtype.type(relu_at_zero), slope)
        delta.insert(0, how.product(delta[0], parameters.weight(layer + 1).T) * slope)
    gradient = Parameters.zeros(network, batch.x.dtype)
    for layer in range(network.layer_count):
        gradient.weight(layer)[...] = how.product(a[layer].T, delta[layer])
        gradient.bias(layer)[...] = delta[layer].sum(axis=0) if network.bias else 0
    if how.late_scaling:
        gradient.vector[...] *= scale
    return Answer(float(losses * scale), gradient.vector, z, a, None if how.late_scaling else delta)
