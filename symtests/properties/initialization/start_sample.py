"""What an implementation draws for one scheme from seeds in a row, by tensor, beside the distribution that is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from symtests.chance import Standard
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.properties.base import Case, Judgement
from symtests.properties.initialization.start_cases import MISS
from symtests.properties.judging.judging import together
from symtests.start_distributions import Drawn, StartDistribution

__all__ = ["Sample", "Tensor", "judge_samples", "starts_lines"]

_SECONDS: Final = 20.0
"""What the starts of one case may take in all; a slow implementation is asked for fewer, and its verdict sees less."""
_LEAST_STARTS: Final = 8


@dataclass(frozen=True, eq=False)
class Tensor:
    """The numbers of one weight matrix, or of one vector of biases, in all starts.

    Parameters
    ----------
    name
        ``W1`` or ``b1``.
    values
        Shape (starts, fan-in, units), or (starts, units).
    drawn
        The distribution that they owe.
    variance
        That of one number; 0 for constant ones.
    fans
        Units below and units of the layer.
    """

    name: str
    values: Array
    drawn: Drawn
    variance: float
    fans: tuple[int, int]

    @property
    def standard(self) -> Standard:
        """The distribution that the numbers owe, divided by their standard deviation."""
        name = self.drawn.distribution
        return Standard(name, self.drawn.cut) if name == "truncated_normal" else Standard(name)

    @property
    def standardized(self) -> Array:
        """The numbers divided by the standard deviation that they owe, in float64."""
        return np.asarray(self.values / np.sqrt(self.variance), np.float64)

    @property
    def said(self) -> str:
        """What it is, as in "W1 (24 x 33)"."""
        return f"{self.name} ({' x '.join(map(str, self.values.shape[1:]))})"

    @property
    def expression(self) -> str:
        """Its numbers in a script that begins with `starts_lines`."""
        layer = int(self.name[1:]) - 1
        what = "weight" if self.name[0] == "W" else "bias"
        return f"np.array([start.{what}({layer}) for start in starts], float)"


@dataclass(frozen=True, eq=False)
class Sample:
    """All starts of one scheme.

    Parameters
    ----------
    scheme
        Its name.
    distribution
        What it owes.
    network
        The network that was started.
    vectors
        The starts as they came, shape (starts, parameters).
    case
        The question.
    """

    scheme: str
    distribution: StartDistribution
    network: Network
    vectors: Array
    case: Case

    def tensors(self) -> Iterator[Tensor]:
        """Yield each tensor of which the distribution says something, layer by layer, weights first."""
        network, layers, factor = self.network, self.network.layer_count, self.distribution.factor(self.network)
        for layer, fans in enumerate(pairwise(network.sizes)):
            parts: list[tuple[str, Drawn | None, slice, tuple[int, ...]]] = [
                ("W", self.distribution.of_weights(layer, layers), network.weight_slice(layer), fans)
            ]
            if network.bias:
                parts.append(("b", self.distribution.of_biases(layer, layers), network.bias_slice(layer), fans[1:]))
            for letter, drawn, place, shape in parts:
                if drawn is None:
                    continue
                values = self.vectors[:, place].reshape(-1, *shape)
                variance = factor * drawn.variance(*fans) if drawn.independent else 0.0
                yield Tensor(f"{letter}{layer + 1}", values, drawn, variance, fans)

    @property
    def drawn(self) -> list[Tensor]:
        """The tensors in which each number is drawn by itself."""
        return [tensor for tensor in self.tensors() if tensor.drawn.independent]

    @property
    def asked(self) -> str:
        """How it was asked for, as in "he_normal with seeds 0 to 11"."""
        seed, count, step = self.seed_of(0), len(self.vectors), self.case.details["step"]
        if count == 1:
            return f"{self.scheme} with seed {seed}"
        last = seed + step * (count - 1)
        return (
            f"{self.scheme} with seeds {seed} to {last}" if step else f"{self.scheme} with seed {seed}, {count} times"
        )

    def seed_of(self, start: int) -> int:
        """Return the seed of a start, 0 being the first."""
        return int(self.case.details["seed"] + self.case.details["step"] * start)

    @property
    def repeats(self) -> bool:
        """Whether two starts are the same, which is for other properties to judge."""
        return len({vector.tobytes() for vector in self.vectors}) < len(self.vectors)

    @property
    def miss(self) -> float:
        """How often the tests of this scheme may accuse what is right, all together."""
        return MISS / len(self.case.details["schemes"])


def judge_samples(
    implementation: Checked, case: Case, judge: Callable[[Sample], Judgement], *, repeats: bool = False
) -> Judgement:
    """Judge each scheme of a case by what it draws; one that the implementation has not is left out.

    Parameters
    ----------
    implementation, case
        What is asked, and how.
    judge
        Judges one scheme.
    repeats
        Whether starts that repeat each other are judged; otherwise they are left out, as the statistics speak of
        independent ones.

    Raises
    ------
    Unsupported
        Where it has none of the schemes, or other seeds give the same starts.
    """
    details, found = case.details, []
    seconds = _SECONDS / len(details["schemes"])
    seeds = [details["seed"] + details["step"] * k for k in range(details["starts"])]
    reason: Unsupported | None = None
    for scheme, owed in zip(details["schemes"], details["owed"], strict=True):
        try:
            vectors = _drawn(implementation, case.network, scheme, seeds, seconds)
        except Unsupported as error:
            reason = reason or error
            continue
        sample = Sample(scheme, implementation.capabilities.distribution_of_start(owed), case.network, vectors, case)
        if sample.repeats and not repeats:
            reason = reason or Unsupported("other seeds give the same start, of which INIT5 tells")
        else:
            found.append(judge(sample))
    if not found:
        raise reason or Unsupported("it has none of the schemes")
    return together(*found)


def _drawn(implementation: Checked, network: Network, scheme: str, seeds: Sequence[int], seconds: float) -> Array:
    """Return a start for each seed, or for as many as there is time for: the bounds hold for any number of starts."""
    vectors, ends = [], time.perf_counter() + seconds
    for seed in seeds:
        vectors.append(implementation.initialize(network, scheme, seed).vector)
        if time.perf_counter() > ends and len(vectors) >= _LEAST_STARTS:
            break
    return np.stack(vectors)


def starts_lines(sample: Sample) -> tuple[str, ...]:
    """Return lines of a script that define ``starts``, a list of `Parameters`."""
    seed, count, step = sample.seed_of(0), len(sample.vectors), sample.case.details["step"]
    seeds = f"range({seed}, {seed + step * count}, {step})" if step else f"[{seed}] * {count}"
    dtype = str(sample.case.batch.x.dtype)
    return (
        "starts = []",
        f"for seed in {seeds}:",
        f"    start = implementation.initialize(network, {sample.scheme!r}, seed)",
        f'    start = np.array(getattr(start, "vector", start), {dtype!r})',
        "    starts.append(Parameters(network, start))",
    )
