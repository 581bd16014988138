"""The success rate at one point: so many random starts, each trained by the kernels, and how many have learned."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, Final

import numpy as np

from symtests import kernels
from symtests.batch import Batch
from symtests.datasets import load
from symtests.float_json import Array
from symtests.initialization import INITIALIZATIONS, initialize
from symtests.network import ACTIVATIONS, Network
from symtests.training import Training
from symtests.validation import InvalidValue, integer_at_least, one_of, positive

__all__ = ["TASKS", "Point", "Rate", "grid", "measured"]

TASKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "xor": {},
    "parity": {"bits": 3},
    "spirals": {"samples": 20},
}
"""The tasks by name, with what makes them as small as the kernels train fastest."""
_DTYPE: Final = "float32"
_MISS: Final = 0.05


@dataclass(frozen=True, order=True)
class Point:
    """A task, and the network that is to learn it.

    Parameters
    ----------
    task
        One of `TASKS`.
    width
        Units of the hidden layer.
    activation, start
        Of the hidden units, and of their parameters (`symtests.initialization`).
    rate, steps
        Of gradient descent over all samples at once.
    starts, seed
        How many starts are tried, and the seed of the first; the next one has the next seed.
    """

    task: str
    width: int
    activation: str
    start: str
    rate: float
    steps: int = 3000
    starts: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        one_of("task", self.task, TASKS)
        one_of("activation", self.activation, ACTIVATIONS)
        one_of("start", self.start, INITIALIZATIONS)
        for name, least in (("width", 1), ("steps", 1), ("starts", 1), ("seed", 0)):
            object.__setattr__(self, name, integer_at_least(name, getattr(self, name), least))
        object.__setattr__(self, "rate", positive("rate", self.rate))

    @property
    def cost(self) -> int:
        """What it costs to measure, relative to other points."""
        return self.width * self.steps * self.starts

    def to_json(self) -> dict[str, Any]:
        """Return the point as plain JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class Rate:
    """How many of the starts at a point have learned their task."""

    point: Point
    learned: int

    @property
    def share(self) -> float:
        """The share of the starts."""
        return self.learned / self.point.starts

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval for the probability, which misses it in at most 5 % of cases.

            I_low(k, n - k + 1) = 0.025,  I_high(k + 1, n - k) = 0.975

        with I the regularized incomplete beta function (C. Clopper, E. Pearson, "The use of confidence or fiducial
        limits illustrated in the case of the binomial", Biometrika 26, 1934).
        """
        from scipy.special import betaincinv  # loads SciPy, which nothing else here needs

        k, n = self.learned, self.point.starts
        low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, _MISS / 2))
        high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - _MISS / 2))
        return low, high

    def to_json(self) -> dict[str, Any]:
        """Return the rate as plain JSON data."""
        return {"type": "rate", **self.point.to_json(), "learned": self.learned}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rate:
        """Rebuild a rate from `to_json`.

        Raises
        ------
        InvalidValue
            Where it is none.
        """
        values = {name: value for name, value in data.items() if name not in ("type", "learned")}
        try:
            rate = cls(Point(**values), integer_at_least("learned", data["learned"], 0))
        except (TypeError, KeyError) as error:
            raise InvalidValue(f"rate: lacks or adds a field ({error})") from None
        if rate.learned > rate.point.starts:
            raise InvalidValue(f"learned={rate.learned}: must be at most starts={rate.point.starts}")
        return rate


def grid(
    task: str,
    widths: Iterable[int],
    activations: Iterable[str],
    starts_from: Iterable[str],
    rates: Iterable[float],
    **settings: int,
) -> Iterator[Point]:
    """Give every combination, the last list fastest; `settings` are those of all points."""
    for width, activation, start, rate in product(widths, activations, starts_from, rates):
        yield Point(task, width, activation, start, rate, **settings)


def measured(point: Point, threads: int = 1) -> Rate:
    """Train from each start, and count those that have learned.

    A start has learned its task where the mean loss comes down to log(2) / m for m samples: then the loss of no sample
    is above log(2), so that every output is on the right side of 1/2.

    Parameters
    ----------
    point
        What is tried.
    threads
        How many threads train; they make no difference to the result.
    """
    batch = _batch(point)
    network = Network((batch.x.shape[1], point.width, 1), point.activation, "bce")
    training = Training("sgd", point.rate, point.steps)
    ends = kernels.train_many(network, _starts(network, point), batch, training, threads=threads)
    return Rate(point, int((ends.losses <= math.log(2) / len(batch)).sum()))


def _batch(point: Point) -> Batch:
    return load(point.task, **TASKS[point.task]).astype(_DTYPE)


def _starts(network: Network, point: Point) -> Array:
    rows = [initialize(network, point.start, point.seed + i, _DTYPE).vector for i in range(point.starts)]
    return np.stack(rows)
