"""The kernels, as a suite of pytest-benchmark: what `symtests speed` compares from commit to commit.

Each is one call of the public interface, from the smallest network, where the price of a call shows, to one that fills
the cache of a core.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from symtests import kernels
from symtests.benchmarks.workloads import OPERATIONS, Workload, call, workloads
from symtests.datasets import load
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.initialization import initialize
from symtests.network import Network
from symtests.training import Training

WORKLOADS = workloads(quick=False)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: f"{workload.name}-{workload.dtype}")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation(benchmark: Any, operation: str, workload: Workload) -> None:
    """One forward pass, one gradient, one training."""
    benchmark(call(NumbaKernels(), operation, deepcopy(workload)))  # each time with its data elsewhere in memory


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_many_starts(benchmark: Any, dtype: str) -> None:
    """256 networks that learn the exclusive or, 50 steps each."""
    network, batch = Network((2, 2, 1), "tanh", "mse"), load("xor", dtype)
    starts = np.stack([initialize(network, "glorot_uniform", seed, dtype).vector for seed in range(256)])
    benchmark(kernels.train_many, network, starts, batch, Training("sgd", 0.1, 50))
