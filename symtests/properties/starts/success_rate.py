"""MST3: how many starts it takes."""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.binomial import interval
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.limits import outside
from symtests.network import Network
from symtests.oracle import predict
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Observation, Property, Tier, Violation
from symtests.properties.drawing.strategies import supported
from symtests.properties.judging.judging import together
from symtests.properties.starts.multi_start import ends_lines
from symtests.training import Training

__all__ = ["MST3"]

_MISS: Final = 1e-11
"""How often each interval may miss. A run has two for each size of a set, in two dtypes: fewer than 10^-9 in all."""
_PROMISE: Final = 0.5
"""Relative fault of a share that the property promises to see: twelve equal starts in place of different ones lower it
from 1 - (1 - p)^12 to p, by more than half for the p of these trainings, which is below 1/2."""
_SCHEME: Final = "normal"
_SLICE: Final = 16
"""Starts between two looks at the clock."""
_Statistic = tuple[Training, dict[str, Any]]
_BY_DAY: Final[_Statistic] = Training("sgd", 4.0, 40), {"alone": 384, "sets": {"12": 40}, "seconds": 30.0}
_AT_NIGHT: Final[_Statistic] = (
    Training("sgd", 0.5, 3000), {"alone": 4096, "sets": {"2": 2048, "4": 1024, "8": 512}, "seconds": 600.0}
)  # fmt: skip
"""The training, the starts asked for alone, how many sets of each size, and the seconds that all this may take."""
_OBSERVED_SECONDS: Final = 10.0


@dataclass(frozen=True)
class _Share:
    """How many of some trials have succeeded, and between which numbers the probability of a success lies."""

    successes: int
    trials: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.successes / self.trials

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds of the probability, exact."""
        return interval(self.successes, self.trials, _MISS)


def _statistic_cases(domain: Domain, _tier: Tier, *, equal_seeds: bool = False) -> st.SearchStrategy[Case]:
    """Return the only case, or the only two: exclusive or, two tanh units, its logistic output, starts from N(0, 1)."""
    can = domain.capabilities
    supported("activations", ("tanh",), can.activations)
    supported("losses", ("bce",), can.losses)
    supported("optimizers", ("sgd",), can.optimizers)
    chosen = (_BY_DAY, _AT_NIGHT) if domain.nightly else (_BY_DAY,)
    found = [_case(domain.dtype, training, {**details, "equal_seeds": equal_seeds}) for training, details in chosen]
    if outside(can, found[0].network, found[0].batch, found[0].training):
        raise Unsupported("the property trains two hidden units with biases on four samples at once")
    return st.sampled_from(found)


def _case(dtype: str, training: Training, details: dict[str, Any]) -> Case:
    network = Network((2, 2, 1), "tanh", "bce")
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    batch = Batch(x, np.array([[0.0], [1.0], [1.0], [0.0]])).astype(dtype)
    return Case(network, Parameters.zeros(network, dtype), batch, training, details)


def _judge(implementation: Checked, case: Case) -> Judgement:
    """Judge whether the interval of p and that of each share of sets leave room for the formula."""
    if not (implementation.offers("train_many") or implementation.offers("initialize")):
        raise Unsupported("it offers neither initialize nor train_many")
    sets = {int(size): count for size, count in case.details["sets"].items()}
    budget = _Budget(implementation, case, case.details["alone"] + sum(size * count for size, count in sets.items()))
    first = budget.part_of(case.details["alone"])
    alone = _share(implementation, case, [[seed] for seed in range(first)])
    judged = []
    for size, count in sets.items():
        seeds = [list(range(first + k * size, first + (k + 1) * size)) for k in range(budget.part_of(count))]
        first += size * len(seeds)
        if case.details["equal_seeds"]:
            seeds = [[chosen[0]] * size for chosen in seeds]
        judged.append(_judge_sets(implementation, case, alone, size, seeds))
    judgement = together(*judged)
    if judgement.outcome == "too_wide" and budget.part < 1:
        raise Unsupported(f"there is no time for enough trainings: {budget.said}")
    return judgement


def _judge_sets(
    implementation: Checked, case: Case, alone: _Share, size: int, seeds: Sequence[Sequence[int]]
) -> Judgement:
    found = _share(implementation, case, seeds)
    low, high = found.bounds
    least, expected, most = (_of_set(p, size) for p in (alone.bounds[0], alone.value, alone.bounds[1]))
    above = found.value > expected
    room = (found.value - low) + (most - expected) if above else (high - found.value) + (expected - least)
    if low > most or high < least:
        violation = _violation(implementation, alone, found, seeds, expected, room)
        return Judgement("violated", tolerance="statistical", violation=violation)
    detectable = _detectable(found.trials, least, expected)
    return Judgement(
        "held" if detectable <= _PROMISE else "too_wide",
        fraction=abs(found.value - expected) / room if room else 0.0,
        detectable=detectable,
        tolerance="statistical",
    )


def _detectable(trials: int, least: float, expected: float) -> float:
    """Return by how much of itself the share of so many sets would have to be lower to be seen as too low."""
    # The more successes, the higher the upper bound: how many have one below `least`?
    seen = bisect_left(range(trials + 1), least, key=lambda successes: interval(successes, trials, _MISS)[1])
    return 1 - (seen - 1) / trials / expected if seen else math.inf


def _of_set(p: float, size: int) -> float:
    """Return 1 - (1 - p)^n."""
    return -math.expm1(size * math.log1p(-p)) if p < 1 else 1.0


def _share(implementation: Checked, case: Case, sets: Sequence[Sequence[int]]) -> _Share:
    """Return in how many sets some start succeeds."""
    successes = 0
    for seeds in sets:
        ends = implementation.train_many(case.network, _SCHEME, seeds, case.batch, case.training)
        successes += any(_solves(case, end) for end in ends)
    return _Share(successes, len(sets))


def _solves(case: Case, end: Parameters) -> bool:
    """Tell whether all four outputs lie on the side of 1/2 on which their targets lie."""
    z = predict(case.network, end, case.batch.x)
    return bool(((z > 0) == (case.batch.y > 0.5)).all())


class _Budget:
    """How many of the starts that are wanted can be had in the time: measured on a few, whatever comes of them."""

    def __init__(self, implementation: Checked, case: Case, wanted: int) -> None:
        seconds = case.details["seconds"]
        _share(implementation, case, [[0]])  # which may compile
        began = time.perf_counter()
        _share(implementation, case, [[seed] for seed in range(_SLICE)])
        taken = (time.perf_counter() - began) / _SLICE * wanted
        self.part = min(1.0, seconds / taken)
        steps = case.training.steps
        self.said = f"{wanted} of {steps} steps take about {taken:.0f} s here, and may take {seconds:.0f} s"

    def part_of(self, count: int) -> int:
        """Return how many of `count` trials there is time for, at least one."""
        return max(1, int(count * self.part))


def _violation(
    implementation: Checked, alone: _Share, found: _Share, seeds: Sequence[Sequence[int]], expected: float, room: float
) -> Violation:
    size = len(seeds[0])
    return Violation(
        f"of {alone.trials} starts alone {alone.value:.3f} learn exclusive or, so that {expected:.3f} of the sets of "
        f"{size} should have one that does; of {found.trials} sets it is {found.value:.3f}, and chance explains a "
        f"difference of {room:.3f} less than once in 10^10 times",
        f"share of sets of {size} starts with a success",
        expected,
        found.value,
        room,
        (
            *ends_lines(implementation, _SCHEME),
            "def solves(vector):",
            "    at = Parameters(network, vector)",
            "    z = np.tanh(batch.x @ at.weight(0) + at.bias(0)) @ at.weight(1) + at.bias(1)",
            "    return ((z > 0) == (batch.y > 0.5)).all()",
            "",
            f"p = np.mean([solves(ends([seed])[0]) for seed in range({alone.trials})])",
            f"sets = {_sets_in_words(seeds)}",
            "share = np.mean([any(solves(end) for end in ends(seeds)) for seeds in sets])",
            f"assert abs(share - (1 - (1 - p) ** {size})) <= {room!r}, (p, share)",
        ),
    )


def _sets_in_words(seeds: Sequence[Sequence[int]]) -> str:
    size, first, last = len(seeds[0]), seeds[0][0], seeds[-1][0]
    if seeds[0][0] == seeds[0][-1]:
        return f"[[seed] * {size} for seed in range({first}, {last + 1}, {size})]"
    return f"[list(range(seed, seed + {size})) for seed in range({first}, {last + 1}, {size})]"


def _observe(implementation: Checked, effort: float) -> list[Observation]:
    """Return the share of starts that succeed, and how many it takes to be sure but for one time in a thousand."""
    training, details = _AT_NIGHT if effort >= 1 else _BY_DAY
    case = _case(implementation.dtype, training, {**details, "seconds": _OBSERVED_SECONDS * effort})
    trials = max(_SLICE, int(details["alone"] * min(1.0, effort)))
    trials = _Budget(implementation, case, trials).part_of(trials)
    share = _share(implementation, case, [[seed] for seed in range(trials)])
    low, high = interval(share.successes, trials, 0.01)
    takes = f"; {math.ceil(math.log(1e-3) / math.log1p(-low))} starts are enough in 999 of 1000 cases" if low else ""
    data = {"successes": share.successes, "trials": trials, "low": low, "high": high, "confidence": 0.99}
    return [
        Observation(
            f"{share.successes} of {trials} starts from N(0, 1) learn exclusive or with two tanh units in "
            f"{training.steps} steps at rate {training.learning_rate:g} (all four outputs on the right side of 1/2): "
            f"p lies between {low:.3f} and {high:.3f} with 99 % confidence{takes}.",
            {**data, "steps": training.steps, "learning_rate": training.learning_rate},
        )
    ]


MST3 = Property(
    id="MST3",
    group="multi_start",
    title="how many starts it takes",
    statement="Of the sets of n independent starts, the share 1 − (1 − p)ⁿ has one that learns exclusive or (all four "
    "outputs on the right side of ½), where p is the share of the starts that do so alone.",
    formula="P(n) = 1 − (1 − p)ⁿ",
    precondition="the starts of a set are independent: no seed comes twice; two tanh units, bce, starts from N(0, 1)",
    exactness=Exactness.LOGICAL,
    catches="starts of a set that share their random numbers, all of them or (seen at night) some",
    source="Independence of the starts. Both shares count different starts and have exact intervals, which must leave "
    "room for the formula; a run is wrong about that less than once in 10^9 times. By day, 384 starts alone and 40 "
    "sets of 12 are trained for 40 steps at rate 4; at night, 4096 alone and 2048, 1024 and 512 sets of 2, 4 and 8 for "
    "3000 steps at rate 1/2 as well. What takes longer than half a minute by day, or ten minutes at night, is tried on "
    "fewer. The intervals: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), 404-413.",
    claims=("S7", "S8"),
    cases=_statistic_cases,
    judge=_judge,
    tiers=("small",),
    promise=_PROMISE,
    without_precondition=lambda domain: _statistic_cases(domain, "small", equal_seeds=True),
    observe=_observe,
)
