"""Correct implementations that round in other ways than plain NumPy does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.stages import Stages
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct

__all__ = ["BFLOAT16", "FLOAT16", "BFloat16", "DividedLast", "Float16", "OrderByUnit", "RandomOrder"]

FLOAT16: Final = 2.0**-11
BFLOAT16: Final = 2.0**-8


class RandomOrder(Correct):
    """Sums run through their terms in an order that is drawn for each inner length."""

    name = "sums in random order"
    capabilities = Capabilities(dtypes=DTYPES)

    def product(self, a: Array, b: Array) -> Array:
        order = np.random.default_rng(a.shape[1]).permutation(a.shape[1])
        return super().product(a[:, order], b[order])


class OrderByUnit(Correct):
    """Each unit's sum begins with another term, so that equal units differ in the last bits."""

    name = "sums in an order of each unit's own"
    capabilities = Capabilities(dtypes=DTYPES)

    def product(self, a: Array, b: Array) -> Array:
        total = np.zeros((a.shape[0], b.shape[1]), a.dtype)
        units = np.arange(b.shape[1])
        for k in range(len(b)):
            terms = (units + k) % len(b)
            total += a[:, terms] * b[terms, units]
        return total


class DividedLast(Correct):
    """The mean is taken last: error signals and gradient are those of a sum until they are handed out."""

    name = "mean taken last"
    capabilities = Capabilities(dtypes=DTYPES)

    def shares(self, batch: Batch) -> Array:
        super().shares(batch)  # refuses an empty batch
        return np.ones(len(batch), batch.x.dtype) if batch.sample_weights is None else batch.sample_weights

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        summed = Correct.stages(self, network, parameters, batch)
        gradient, total = self.gradient(network, batch, summed), self.shares(batch).sum()
        loss = self.loss(network, summed.pre_activations[-1], batch) / float(total)
        return loss, Parameters(network, gradient.vector / total)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        found, total = super().stages(network, parameters, batch), self.shares(batch).sum()
        return found._replace(error_signals=tuple(delta / total for delta in found.error_signals))


class _Coarse(Correct):
    """Float32 numbers, every operation of both passes rounded to fewer digits; optimizers work in float32."""

    round: Callable[[Array], Array]

    def product(self, a: Array, b: Array) -> Array:
        total = np.zeros((a.shape[0], b.shape[1]), a.dtype)
        for k in range(a.shape[1]):
            total = self.rounded(total + self.rounded(a[:, k, np.newaxis] * b[k]))
        return total

    def rounded(self, array: Array) -> Array:
        return type(self).round(array)

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return self.rounded(super().pre_activation(below, weight, bias))

    def activate(self, name: str, z: Array) -> Array:
        return self.rounded(super().activate(name, z))

    def slope(self, name: str, z: Array) -> Array:
        return self.rounded(super().slope(name, z))

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        return self.rounded(super().output_error_signals(network, z, batch))

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return self.rounded(super().hidden_error_signals(name, z, above, weight_above))


class Float16(_Coarse):
    """The digits of float16."""

    name = "float16 arithmetic"
    capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": FLOAT16})

    @staticmethod
    def round(array: Array) -> Array:
        return array.astype(np.float16).astype(array.dtype)


class BFloat16(_Coarse):
    """The digits of bfloat16, rounded to nearest, ties to even."""

    name = "bfloat16 arithmetic"
    capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": BFLOAT16})

    @staticmethod
    def round(array: Array) -> Array:
        bits = np.ascontiguousarray(array).view(np.uint32)
        nearest = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
        return np.where(np.isfinite(array), nearest.view(np.float32), array)
