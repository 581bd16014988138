"""Correct implementations that do what few others do: each is right, and nothing may accuse it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.stages import Stages
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct

__all__ = [
    "Float64Inside",
    "LazyAnswers",
    "LogisticByTanh",
    "LongDoubleInside",
    "LossesByLog1p",
    "OrderOfTheMoment",
    "PlainRowsOnly",
    "RoundsOnceMore",
]

_CLAIMS_NOTHING: Final = Capabilities(dtypes=DTYPES)


class PlainRowsOnly(Correct):
    """Refuses arrays that do not lie row after row in memory, by an error that says so."""

    name = "plain rows only"

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        for name, array in (("parameters", parameters.vector), ("x", x)):
            _require_plain(name, array)
        return super().forward(network, parameters, x)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        _require_plain("y", batch.y)
        return super().stages(network, parameters, batch)


def _require_plain(name: str, array: Array) -> None:
    if not (array.flags.c_contiguous and array.flags.aligned):
        raise ValueError(f"{name}=<strides {array.strides}>: must lie row after row; use numpy.ascontiguousarray")


class RoundsOnceMore(Correct):
    """Its elementary functions round once more than they had to, as 0.5 + 2^-53 for logistic(0)."""

    name = "elementary functions round once more"
    capabilities = _CLAIMS_NOTHING

    def activate(self, name: str, z: Array) -> Array:
        return _next_but_zero(super().activate(name, z)) if name in _ELEMENTARY else super().activate(name, z)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss == "mse":
            return super().output_error_signals(network, z, batch)
        share = self.shares(batch)[:, np.newaxis]
        if network.loss == "softmax_cross_entropy":
            exponentials = _next_but_zero(np.exp(z - z.max(axis=1, keepdims=True)))
            totals = exponentials.sum(axis=1, keepdims=True)
            return (exponentials / totals * batch.y.sum(axis=1, keepdims=True) - batch.y) * share
        p, outputs = self.activate("logistic", z), z.dtype.type(z.shape[1])
        if network.loss == "bce":
            return (p - batch.y) / outputs * share
        return 2 * (p - batch.y) * self.slope("logistic", z) / outputs * share


_ELEMENTARY: Final = ("logistic", "tanh", "softplus", "silu")


def _next_but_zero(values: Array) -> Array:
    """Return the next number up of each, but of 0 and of what is not finite."""
    return np.where(values == 0, values, np.nextafter(values, values.dtype.type(np.inf)))


class OrderOfTheMoment(Correct):
    """Adds up each sum in another order every time, as atomic additions of a graphics processor do."""

    name = "sums in another order each time"
    capabilities = _CLAIMS_NOTHING

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def product(self, a: Array, b: Array) -> Array:
        order = self._random.permutation(a.shape[1])
        return super().product(a[:, order], b[order])


class LogisticByTanh(Correct):
    """Takes (1 + tanh(z / 2)) / 2 for the logistic function wherever there is one, as compilers do."""

    name = "logistic by tanh"
    capabilities = _CLAIMS_NOTHING

    def activate(self, name: str, z: Array) -> Array:
        if name == "logistic":
            return (1 + np.tanh(z / 2)) / 2
        return z * self.activate("logistic", z) if name == "silu" else super().activate(name, z)

    def slope(self, name: str, z: Array) -> Array:
        if name == "logistic":
            return (1 - np.tanh(z / 2) ** 2) / 4
        if name == "silu":
            return self.activate("logistic", z) + z * self.slope("logistic", z)
        return self.activate("logistic", z) if name == "softplus" else super().slope(name, z)

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        if network.loss != "logistic_mse":
            return super().loss(network, z, batch)
        return float((self.shares(batch) * ((self.activate("logistic", z) - batch.y) ** 2).mean(axis=1)).sum())

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss not in ("bce", "logistic_mse"):
            return super().output_error_signals(network, z, batch)
        signals = (self.activate("logistic", z) - batch.y) / z.dtype.type(z.shape[1])
        if network.loss == "logistic_mse":
            signals = 2 * signals * self.slope("logistic", z)
        return signals * self.shares(batch)[:, np.newaxis]


class LossesByLog1p(Correct):
    """Forms losses and softplus from log1p alone, term by term, and differentiates them in the same way."""

    name = "losses by log1p"
    capabilities = _CLAIMS_NOTHING

    def activate(self, name: str, z: Array) -> Array:
        if name != "softplus":
            return super().activate(name, z)
        with np.errstate(over="ignore"):
            answer: Array = np.where(z > 0, z + np.log1p(np.exp(-z)), np.log1p(np.exp(z)))
        return answer

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        if network.loss == "bce":  # y log(1 + exp(-z)) + (1 - y) log(1 + exp(z))
            terms = batch.y * self.activate("softplus", -z) + (1 - batch.y) * self.activate("softplus", z)
            return float((self.shares(batch) * terms.mean(axis=1)).sum())
        if network.loss == "softmax_cross_entropy":  # max + log(1 + the other exponentials)
            top = z.argmax(axis=1)[:, np.newaxis]
            largest = np.take_along_axis(z, top, axis=1)
            others = np.exp(z - largest)
            np.put_along_axis(others, top, 0, axis=1)
            terms = batch.y * (np.log1p(others.sum(axis=1, keepdims=True)) + (largest - z))
            return float((self.shares(batch) * terms.sum(axis=1)).sum())
        return super().loss(network, z, batch)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "bce":
            return super().output_error_signals(network, z, batch)
        signals = (1 - batch.y) * self.activate("logistic", z) - batch.y * self.activate("logistic", -z)
        return signals / z.dtype.type(z.shape[1]) * self.shares(batch)[:, np.newaxis]


class _Wider(Correct):
    """Computes in a wider arithmetic than that of its numbers, and rounds what it hands out: once, and last."""

    capabilities = _CLAIMS_NOTHING
    wide: type[np.floating[Any]]

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        after = super().train(network, self._widened(parameters), self._wide_batch(batch), training)
        return after.astype(parameters.dtype)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, self._widened(parameters), self._wide_batch(batch))
        return loss, gradient.astype(parameters.dtype)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        found: Array = super().predict(network, self._widened(parameters), x.astype(self.wide)).astype(x.dtype)
        return found

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        found = super().stages(network, self._widened(parameters), self._wide_batch(batch))
        if parameters.dtype == self.wide:
            return found
        dtype = parameters.dtype
        return Stages(*(tuple(array.astype(dtype) for array in arrays) for arrays in found))

    def _widened(self, parameters: Parameters) -> Parameters:
        return parameters.astype(self.wide)

    def _wide_batch(self, batch: Batch) -> Batch:
        return batch.astype(self.wide)


class Float64Inside(_Wider):
    """Computes in float64, also what a training of float32 numbers keeps from step to step."""

    name = "float64 inside"
    wide = np.float64


class LongDoubleInside(_Wider):
    """Computes in long double, also what a training keeps from step to step."""

    name = "long double inside"
    wide = np.longdouble


class LazyAnswers(Correct):
    """Hands out what is computed only when it is read, and again each time."""

    name = "lazily evaluated"

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Any:
        return _Later(lambda: Correct.train(self, network, parameters, batch, training).vector)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        answer = _Once(lambda: Correct.loss_and_gradient(self, network, parameters, batch))
        return (part for part in (_Later(lambda: answer.value[0]), _Later(lambda: answer.value[1].vector)))

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        return Correct.loss_and_gradient(self, network, theta, batch)[1].vector

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Any:
        return _Later(lambda: Correct.predict(self, network, parameters, x))


class _Once:
    """A number or an array that is computed when it is first asked for."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self._compute = compute

    @cached_property
    def value(self) -> Any:
        return self._compute()


class _Later:
    """A number or an array that is computed each time that it is read."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self._compute = compute

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        found: Array = np.asarray(self._compute(), dtype)
        return found

    def __float__(self) -> float:
        return float(self._compute())
