"""What is asked of every library: all activations and losses in eight pairs, and the starts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symtests.network import ACTIVATIONS, LOSSES, Network

PAIRS = [(name, LOSSES[k % len(LOSSES)], k % 3 == 0) for k, name in enumerate(ACTIVATIONS)]
"""Activation, loss, and whether samples have weights; each pair would be compiled."""


def assert_starts(implementation: Any) -> None:
    """Assert mean and variance of the weights, and which biases are 0: fan-in 60, fan-out 40; and that seeds count."""
    network, count = Network((60, 40), bias=True), 60 * 40
    for scheme, variance in {
        "zeros": 0.0, "constant": 0.0, "uniform": 1 / 12, "normal": 1.0,
        "glorot_uniform": 2 / 100, "glorot_normal": 2 / 100, "he_uniform": 2 / 60, "he_normal": 2 / 60,
        "lecun_uniform": 1 / 60, "lecun_normal": 1 / 60, "orthogonal": 1 / 60,
    }.items():  # fmt: skip
        start = implementation.initialize(network, scheme, 3)
        weight, mean = start.weight(0), 0.5 if scheme == "constant" else 0.0
        # Five standard deviations of a mean and of a mean square; a fourth moment of 3 variance^2 is the normal one.
        assert abs(weight.mean() - mean) <= 5 * math.sqrt(variance / count), scheme
        assert abs(((weight - mean) ** 2).mean() - variance) <= 5 * variance * math.sqrt(2 / count), scheme
        assert bool(start.bias(0).any()) == (scheme in ("constant", "uniform", "normal")), scheme
        assert start.vector.dtype == np.float64
        if variance:
            assert (weight != implementation.initialize(network, scheme, 4).weight(0)).any(), scheme
            assert (weight == implementation.initialize(network, scheme, 3).weight(0)).all(), scheme
