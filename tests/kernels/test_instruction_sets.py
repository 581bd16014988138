"""The same bits from whatever instructions a processor has: vectors of any width, with or without a fused operation."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from symtests.kernels import predict
from symtests.network import ACTIVATIONS, Network
from symtests.parameters import Parameters


def outputs() -> str:
    """Every output of one network with all activations, exactly."""
    random = np.random.default_rng(0)
    network = Network((5, *(9 + place for place in range(len(ACTIVATIONS))), 3), ACTIVATIONS)
    parameters = Parameters(network, random.normal(size=network.parameter_count).astype(np.float32))
    z = predict(network, parameters, random.normal(size=(11, 5)).astype(np.float32))
    return " ".join(float(value).hex() for value in z.ravel())


def test_plainest_processor_computes_the_same_bits() -> None:
    """Numba compiles for a processor without extensions there; one product and sum at a time, fused in software."""
    run = subprocess.run(
        [sys.executable, __file__], capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    )
    assert run.stdout.split() == outputs().split()
    assert len(set(outputs().split())) > 30


if __name__ == "__main__":
    print(outputs())
