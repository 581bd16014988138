"""Trains a 2-4-1 network on XOR, plainly, for the story of a synthetic results file."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([0.0, 1.0, 1.0, 0.0])


def story_line(implementation: str = "numba", dtype: str = "float64", steps: int = 1500) -> dict[str, Any]:
    """A story line in which tied units stay tied: tanh units, logistic output, squared error."""
    random = np.random.default_rng(8)
    starts = {
        "constant": (np.full((3, 4), 0.5), np.full(5, 0.5)),
        "zero": (np.zeros((3, 4)), np.zeros(5)),
        "random": (random.normal(size=(3, 4)), random.normal(size=5)),
    }
    return {
        "type": "story",
        "implementation": implementation,
        "dtype": dtype,
        "network": {"sizes": [2, 4, 1], "activations": ["tanh"], "loss": "logistic_mse", "bias": True},
        "training": {"optimizer": "sgd", "learning_rate": 2.0, "steps": steps},
        "starts": [train(name, *weights, steps) for name, weights in starts.items()],
    }


def train(start: str, incoming: Numbers, outgoing: Numbers, steps: int, every: int = 25) -> dict[str, Any]:
    """Incoming weights (3, units) hold the biases in their last row; the output bias is outgoing[-1]."""
    incoming, outgoing = incoming.copy(), outgoing.copy()
    inputs = np.column_stack([X, np.ones(4)])
    told: dict[str, Any] = {
        "start": start,
        "steps": [],
        "loss": [],
        "units": [{"incoming": [], "outgoing": []} for _ in range(incoming.shape[1])],
    }
    for step in range(steps + 1):
        hidden = np.tanh(np.stack([(inputs * unit).sum(axis=1) for unit in incoming.T], axis=1))
        output = 1 / (1 + np.exp(-(sum(hidden[:, k] * v for k, v in enumerate(outgoing[:-1])) + outgoing[-1])))
        if step % every == 0:
            told["steps"].append(step)
            told["loss"].append(float(((output - Y) ** 2).mean()))
            for unit, weights, v in zip(told["units"], incoming.T, outgoing, strict=False):
                unit["incoming"].append([float(w) for w in weights])
                unit["outgoing"].append(float(v))
        signal = (output - Y) / 2 * output * (1 - output)
        back = signal[:, None] * outgoing[:-1] * (1 - hidden**2)
        outgoing -= 2.0 * np.append([(hidden[:, k] * signal).sum() for k in range(len(outgoing) - 1)], signal.sum())
        incoming -= 2.0 * np.stack([(inputs * unit[:, None]).sum(axis=0) for unit in back.T], axis=1)
    return told
