"""INIT5: the numbers of a start are independent of each other, of other layers and of other seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from symtests.chance import mean_square_bounds
from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.initialization.start_cases import random_schemes, start_cases
from symtests.properties.initialization.start_sample import Sample, Tensor, judge_samples, starts_lines
from symtests.properties.initialization.within import Within, judge_within, told_together
from symtests.properties.judging.judging import Telling

__all__ = ["INIT5"]

_NUMBERS: Final = 60_000
_WIDTHS: Final = (24, 33, 64, 65)
_PROMISE: Final = 0.25
_ORDERS: Final = {
    "CC": "row by row",
    "FF": "column by column",
    "CF": "the rows of the one and the columns of the other",
}
"""In which order the numbers of two matrices are taken."""


def _cases(domain: Domain, _tier: Tier) -> st.SearchStrategy[Case]:
    return _asked(domain, _sizes(domain))


def _asked(domain: Domain, sizes: st.SearchStrategy[tuple[int, ...]], *, step: int = 1) -> st.SearchStrategy[Case]:
    schemes = random_schemes(domain)
    return start_cases(domain, schemes, numbers=_NUMBERS, least_starts=8, most_starts=64, sizes=sizes, step=step)


def _sizes(domain: Domain) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw sizes of networks with two layers of one shape, where so many layers can be."""
    can = domain.capabilities
    widths = sorted({min(width, can.max_width or width) for width in _WIDTHS})
    depth = 2 if can.max_hidden_layers is None else min(2, can.max_hidden_layers)
    drawn = st.sampled_from(widths[-1:] if can.few_shapes else widths)
    if depth < 2:
        return drawn.map(lambda width: (width,) * (depth + 2))
    first = st.tuples(drawn, drawn).map(lambda pair: (pair[0], pair[0], pair[0], pair[1]))
    return first | st.tuples(drawn, drawn).map(lambda pair: (pair[1], pair[0], pair[0], pair[0]))


def _judge(implementation: Checked, case: Case) -> Judgement:
    return judge_samples(implementation, case, _judge_sample, repeats=True)


def _judge_sample(sample: Sample) -> Judgement:
    tensors = sample.drawn
    judged = [
        each
        for kind in (_seeds_alike, _layers_alike, _units_alike, _positions_alike)
        for each in kind(sample, tensors, sample.miss / 4)
    ]
    judgement = told_together(judged)
    if judgement.outcome != "held":
        return judgement
    seen = min(each.judgement.detectable for each in judged)
    return Judgement("held", fraction=judgement.fraction, detectable=seen, tolerance="statistical")


def _bound(tensors: Sequence[Tensor], count: npt.ArrayLike, miss: float) -> Array:
    """Return what a mean of so many products of independent numbers, of variance 1, stays within.

    Given the one factors a, the sum of a b over strictly sub-Gaussian b of variance 1 stays within sqrt(2 t sum a^2),
    and the sum of a^2 within its own bound. Where a factor comes twice, as in a sum over a lag, this holds term by
    term: each b is fresh given all that came before it (a martingale).
    """
    n = np.asarray(count, np.float64)
    most = np.max(
        [mean_square_bounds(distribution, n, miss / 2)[1] for distribution in {tensor.standard for tensor in tensors}],
        axis=0,
    )
    return np.asarray(np.sqrt(2 * math.log(4 / miss) * most / n))


def _layers_alike(sample: Sample, tensors: Sequence[Tensor], miss: float) -> Iterator[Within]:
    """Judge every two tensors: number by number in both orders of a matrix, as far as the shorter one goes."""
    ways = [(one, other, order) for one, other in combinations(tensors, 2) for order in _ORDERS]
    for one, other, order in ways:
        a, b = _flat(one, order[0]), _flat(other, order[1])
        size = min(a.shape[1], b.shape[1])
        found = float(np.mean(a[:, :size] * b[:, :size]))
        bound = float(_bound((one, other), len(a) * size, miss / len(ways)))
        lines = tuple(
            f"{name} = np.array([each.ravel({way!r}) for each in {tensor.expression}])[:, :{size}]"
            for name, tensor, way in zip(("one", "other"), (one, other), order, strict=True)
        )
        yield _judge_one(sample, found, bound, f"{one.said} and {other.said}, {_ORDERS[order]},", lines)


def _flat(tensor: Tensor, way: str) -> Array:
    z = tensor.standardized
    return (z if way == "C" or z.ndim < 3 else z.transpose(0, 2, 1)).reshape(len(z), -1)


def _units_alike(sample: Sample, tensors: Sequence[Tensor], miss: float) -> Iterator[Within]:
    """Judge every two units and every two rows of a layer, in all starts together and in each by itself."""
    matrices = [tensor for tensor in tensors if tensor.values.ndim == 3]
    for tensor in matrices:
        for what in ("units", "rows"):
            yield from _pairs_alike(sample, tensor, what, miss / (2 * len(matrices)))


def _pairs_alike(sample: Sample, tensor: Tensor, what: str, miss: float) -> Iterator[Within]:
    z = tensor.standardized if what == "units" else tensor.standardized.transpose(0, 2, 1)
    starts, terms, size = z.shape
    if size < 2:
        return
    left, right = np.triu_indices(size, 1)
    each = np.matmul(z.transpose(0, 2, 1), z)[:, left, right] / terms
    for found, count in ((each.mean(axis=0, keepdims=True), starts * terms), (each, terms)):
        bound = float(_bound((tensor,), count, miss / (2 * found.size)))

        def tell(k: int, *, found: Array = found, bound: float = bound) -> Telling:
            start, pair = divmod(k, len(left))
            alone = len(found) > 1
            at = f"{start}" if alone else ":"
            names = {"one": int(left[pair]), "other": int(right[pair])}
            lines = tuple(
                f"{name} = {tensor.expression}[{at}, {':, ' if what == 'units' else ''}{index}]"
                for name, index in names.items()
            )
            where = f" in the start of seed {sample.seed_of(start)}" if alone else ""
            said = f"{what} {names['one']} and {names['other']} of {tensor.said}{where}"
            return _telling(sample, float(found.ravel()[k]), bound, said, lines)

        yield judge_within(found, 0.0, (-bound, bound), tell, detectable=2 * bound)


def _seeds_alike(sample: Sample, tensors: Sequence[Tensor], miss: float) -> Iterator[Within]:
    """Judge every two starts, number by number."""
    rows = _row_of_numbers(tensors)
    starts, size = rows.shape
    pairs = np.triu_indices(starts, 1)
    found = (rows @ rows.T)[pairs] / size
    bound = float(_bound(tensors, size, miss / len(pairs[0])))

    def tell(k: int) -> Telling:
        i, j = int(pairs[0][k]), int(pairs[1][k])
        seeds = [sample.seed_of(index) for index in (i, j)]
        lines = (*_rows_lines(tensors), f"one, other = rows[{i}], rows[{j}]")
        return _telling(sample, float(found[k]), bound, f"the starts of the seeds {seeds[0]} and {seeds[1]}", lines)

    yield judge_within(found, 0.0, (-bound, bound), tell, detectable=2 * bound)


def _positions_alike(sample: Sample, tensors: Sequence[Tensor], miss: float) -> Iterator[Within]:
    """Judge numbers that lie any number of places apart in one start, and in the starts of two neighbouring seeds."""
    rows = _row_of_numbers(tensors)
    starts, size = rows.shape
    spectra = np.fft.rfft(rows, 2 * size, axis=1)
    within = np.fft.irfft((np.abs(spectra) ** 2).sum(axis=0))[1:size]
    between = np.fft.irfft((np.conj(spectra[:-1]) * spectra[1:]).sum(axis=0))
    lags = np.arange(1, size - size // 8)  # the few products at larger lags say nothing
    both = np.concatenate([[0], lags, -lags])
    for sums, count, shifts, same in (
        (within[lags - 1], starts * (size - lags), lags, True),
        (between[both], (starts - 1) * (size - np.abs(both)), both, False),
    ):
        found = sums / count
        bounds = _bound(tensors, count, miss / (2 * len(found)))

        def tell(
            k: int, *, found: Array = found, bounds: Array = bounds, shifts: Array = shifts, same: bool = same
        ) -> Telling:
            lag = int(shifts[k])
            starts_of = (":", ":") if same else (":-1", "1:")
            first = f"rows[{starts_of[0]}, {max(-lag, 0)}:{size - max(lag, 0)}]"
            second = f"rows[{starts_of[1]}, {max(lag, 0)}:{size + min(lag, 0)}]"
            where = "the same start" if same else "the starts of neighbouring seeds"
            name = f"numbers {abs(lag)} places apart in {where}"
            lines = (*_rows_lines(tensors), f"one, other = {first}, {second}")
            return _telling(sample, float(found[k]), float(bounds[k]), name, lines)

        yield judge_within(found, 0.0, (-bounds, bounds), tell, detectable=2 * float(bounds.min()))


def _row_of_numbers(tensors: Sequence[Tensor]) -> Array:
    return np.concatenate([_flat(tensor, "C") for tensor in tensors], axis=1)


def _rows_lines(tensors: Sequence[Tensor]) -> tuple[str, ...]:
    return (
        "rows = np.concatenate([",
        *(f"    {tensor.expression}.reshape(len(starts), -1) / {math.sqrt(tensor.variance)!r}," for tensor in tensors),
        "], axis=1)",
    )


def _judge_one(sample: Sample, found: float, bound: float, what: str, lines: tuple[str, ...]) -> Within:
    return judge_within(
        found, 0.0, (-bound, bound), lambda _: _telling(sample, found, bound, what, lines), detectable=2 * bound
    )


def _telling(sample: Sample, found: float, bound: float, what: str, lines: tuple[str, ...]) -> Telling:
    """Tell of two sets of numbers that are correlated; the script takes their correlation coefficient."""
    kind = "equal or nearly so" if found > 0.9 else "of opposite sign" if found < -0.9 else "not independent"
    return Telling(
        f"{sample.asked}: {what} are {kind}: the mean of their products, each divided by the standard deviations that "
        f"it owes, is {found:.4f} and should be 0; chance explains {bound:.4f}, but for once in 10^13 cases",
        f"correlation of {what}",
        (
            *starts_lines(sample),
            *lines,
            "correlation = (one * other).mean() / np.sqrt((one ** 2).mean() * (other ** 2).mean())",
            f"assert abs(correlation) <= {0.9 * min(bound, abs(found))!r}, correlation",
        ),
    )


INIT5: Final = Property(
    id="INIT5",
    group="initialization",
    title="independent across units, layers, positions and seeds",
    statement="No two units, rows, layers or starts, and no numbers so many places apart in a start or in those of "
    "neighbouring seeds, are correlated, neither positively nor negatively.",
    formula="|mean of w w′ / (σ σ′)| ≤ √(2 ln(4/miss) E₊ / n) for any n pairs of different numbers, E₊ the largest "
    "mean square",
    precondition="a scheme that draws each number by itself; different seeds",
    exactness=Exactness.LOGICAL,
    catches="units in opposite pairs, layers that are equal or nearly equal, rows that repeat, a generator that is "
    "seeded anew for each layer, a seed that a layer ignores, neighbouring seeds that overlap or depend on each other",
    source="Given one factor, a sum of products is sub-Gaussian in the other (J. Arbel, O. Marchal, H. D. Nguyen "
    "2020): a case accuses what is right less than once in 10^13 times, all its pairs together. The smallest deviation "
    "that it sees is that of the correlation of most pairs.",
    claims=("S6", "S8"),
    cases=_cases,
    judge=_judge,
    tiers=("wide",),
    needs=("initialize",),
    promise=_PROMISE,
    without_precondition=lambda domain: _asked(domain, st.just((24, 24)), step=0),
)
