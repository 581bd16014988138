"""A model without any library, through the small interface that every library is asked by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from symtests.doctor.model import Facts, Wiring
from symtests.model.groups import Group, Part, Values


class Simple:
    """Two layers with tanh between, by hand: y = V tanh(W x), a squared error, plain descent.

    `first` and `last` are the start.
    """

    unit_roundoff = 2.0**-53

    def __init__(self, first: Values, last: Values, rate: float = 0.1, *, noise: float = 0.0) -> None:
        self.start = {"first": first.astype(float), "last": last.astype(float)}
        self.rate, self.noise = rate, noise
        self.facts: Mapping[str, Facts] = {
            "first": Facts("first", first.shape, order=0), "last": Facts("last", last.shape, order=1)
        }  # fmt: skip
        self.wiring = Wiring()
        self.now = {name: value.copy() for name, value in self.start.items()}
        self.gradient: dict[str, Values | None] = dict.fromkeys(self.start)

    def batch(self, number: int) -> tuple[Values, Values]:
        random = np.random.default_rng(number)
        return random.standard_normal((16, self.start["first"].shape[1])), random.standard_normal(
            (16, len(self.start["last"]))
        )

    def inputs(self, number: int) -> Sequence[Values]:
        return self.batch(number)

    def target(self, number: int) -> Values | None:
        return self.batch(number)[1]

    def outputs(self, number: int) -> Values | None:
        return np.tanh(self.batch(number)[0] @ self.now["first"].T) @ self.now["last"].T

    def flat_operations(self, name: str) -> Sequence[str]:
        return []

    def values(self) -> Mapping[str, Values]:
        return self.now

    def gradients(self) -> Mapping[str, Values | None]:
        return self.gradient

    def put(self, values: Mapping[str, Values]) -> None:
        for name, value in values.items():
            self.now[name][...] = value

    def step(self, number: int, *, update: bool = True) -> float:
        x, y = self.batch(number)
        h = np.tanh(x @ self.now["first"].T)
        kept = np.random.default_rng(number).random(h.shape) >= self.noise
        h = h * kept
        error = h @ self.now["last"].T - y
        back = error @ self.now["last"] * (1 - h**2) * kept
        self.gradient = {"first": 2 * back.T @ x / error.size, "last": 2 * error.T @ h / error.size}
        if update:
            for name, gradient in self.gradient.items():
                assert gradient is not None
                self.now[name] -= self.rate * gradient
        return float(np.mean(error**2))

    def evaluate(self) -> float:
        outputs, target = self.outputs(0), self.target(0)
        assert outputs is not None
        assert target is not None
        return float(np.mean((outputs - target) ** 2))

    def candidates(self) -> Sequence[Group]:
        units = np.arange(len(self.start["first"]))[:, None]
        return [Group("first", "hidden units", len(units), (Part(("first",), 0, units), Part(("last",), 1, units)))]

    def code(self, name: str, how: str) -> str:
        return f"{name} = {how}"

    def restart(self) -> None:
        self.put(self.start)

    def generic(self, names: Sequence[str] | None = None, seed: int = 0) -> Mapping[str, Values]:
        random = np.random.default_rng(seed)
        found = {name: random.standard_normal(value.shape) for name, value in self.start.items()}
        return {name: value for name, value in found.items() if names is None or name in names}

    def precise(self) -> None:
        return None

    def quiet(self) -> Simple:
        return Simple(self.start["first"], self.start["last"], self.rate)


def random_simple(seed: int = 0, units: int = 4) -> Simple:
    """Return a model with a random start."""
    random = np.random.default_rng(seed)
    return Simple(random.standard_normal((units, 3)), random.standard_normal((2, units)))
