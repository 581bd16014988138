"""Faults of running in another way: the answer is right, and its last bits are others."""

import itertools

import numpy as np

from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.network import DTYPES
from tests.mutants.base import Correct


class RunsAnywhere(Correct):
    """Runs in every way as in any other, and does it right."""

    capabilities = Capabilities(dtypes=DTYPES, same_bits=("strided", "threads=2", "cpu=haswell"))

    def run_as(self, way: str) -> Correct:
        return self


class SumsSplitByThreads(Correct):
    """Gives each thread a part of a sum, and adds what they come to."""

    capabilities = Capabilities(dtypes=DTYPES, same_bits=("threads=2",))

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def run_as(self, way: str) -> Correct:
        return type(self)(int(way.removeprefix("threads=")))

    def product(self, a: Array, b: Array) -> Array:
        edges = [a.shape[1] * thread // self.threads for thread in range(self.threads + 1)]
        total = super().product(a[:, : edges[1]], b[: edges[1]])
        for begin, end in itertools.pairwise(edges[1:]):
            total = total + super().product(a[:, begin:end], b[begin:end])
        return total


class FusedOnOneProcessor(Correct):
    """Fuses a product and a sum where the processor can."""

    capabilities = Capabilities(dtypes=("float32",), same_bits=("cpu=haswell",))

    def __init__(self, *, fused: bool = False) -> None:
        self.fused = fused

    def run_as(self, way: str) -> Correct:
        return type(self)(fused=way == "cpu=haswell")

    def product(self, a: Array, b: Array) -> Array:
        if not self.fused:
            return super().product(a, b)
        total = np.zeros((a.shape[0], b.shape[1]), a.dtype)
        for k in range(a.shape[1]):  # the product is exact in twice as many bits
            total = (a[:, k, np.newaxis].astype(np.float64) * b[k] + total).astype(a.dtype)
        return total


class GapsSummedBackwards(Correct):
    """Has another loop for weights with gaps, which begins at the end."""

    capabilities = Capabilities(dtypes=DTYPES, same_bits=("strided",))

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        if weight.flags.c_contiguous:
            return super().pre_activation(below, weight, bias)
        z = self.product(below[:, ::-1], weight[::-1])
        return z if bias is None else bias + z


class OtherTanhOnOneProcessor(FusedOnOneProcessor):
    """Takes the hyperbolic tangent from another library where the processor has one."""

    def product(self, a: Array, b: Array) -> Array:
        return Correct.product(self, a, b)

    def activate(self, name: str, z: Array) -> Array:
        if self.fused and name == "tanh":
            return np.tanh(z.astype(np.float64)).astype(z.dtype) * np.nextafter(z.dtype.type(1), z.dtype.type(0))
        return super().activate(name, z)
