"""MST1 and MST2: each of many starts ends where it ends alone, and so the best of more is never worse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import DEFAULT_START, Unsupported
from symtests.implementations.checked import Checked
from symtests.network import OPTIMIZERS, Network
from symtests.oracle import loss, step_tolerance
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.few_shapes import choices_of_network
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.strategies import cases, trainings
from symtests.properties.judging.judging import Telling, expectation, judge_equal, number, together, violated
from symtests.properties.judging.telling import assertion, explained

__all__ = ["MST1", "MST2", "drawn_scheme", "ends_lines"]

_SCHEMES: Final = ("normal", "uniform", "glorot_uniform", "he_normal")
"""Starts from a continuous distribution in which every weight is drawn by itself."""
_SET_SIZES: Final[dict[Tier, tuple[int, ...]]] = {"small": (2, 3, 4, 9), "wide": (2, 3, 8, 9, 17)}
_BITS_THAT_DIFFER: Final = 40
"""Two starts with so many random bits are equal by chance less than once in 10^9 sets."""
_SOURCE: Final = "Determinism of each training as a function of its own start."


# The questions.


def drawn_scheme(domain: Domain, network: Network) -> st.SearchStrategy[str]:
    """Draw the name of a start from which trainings begin: one that the implementation offers, as far as it says so."""
    can = domain.capabilities
    offered = tuple(name for name in (*_SCHEMES, DEFAULT_START) if name in can.own_starts) or _SCHEMES
    return choices_of_network(domain, network, offered)


def _set_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases with a set of starts: a scheme and seeds, all different or the last the same as the first.

    Where results need not be the same bit for bit, one step is asked, after which they can be judged within rounding.
    """
    drawn = cases(domain, tier, hidden_if_possible(domain, tier), samples=(1, 2 if tier == "small" else 9))
    training = trainings(domain, OPTIMIZERS, steps=(1, 3 if domain.capabilities.index_independent else 1))

    @st.composite
    def set_of_starts(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        count, first = draw(st.sampled_from(_SET_SIZES[tier])), draw(st.integers(0, 2**30))
        chosen = list(range(first, first + count))
        if draw(st.sampled_from((False, False, True))):
            chosen[-1] = chosen[0]
        details = {"scheme": draw(drawn_scheme(domain, case.network)), "seeds": chosen}
        at = Parameters.zeros(case.network, domain.dtype)  # the starts are the implementation's own
        return replace(case, parameters=at, training=draw(training), details=details)

    return set_of_starts()


def _turned_cases(domain: Domain, tier: Tier, *, same_seed: bool = True) -> st.SearchStrategy[Case]:
    """Draw a set, another order of it (it begins with number ``turn``), and one start to be asked for alone."""

    @st.composite
    def turned(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        chosen = case.details["seeds"]
        turn, alone = draw(st.integers(1, len(chosen) - 1)), draw(st.integers(0, len(chosen) - 1))
        seed = chosen[alone] if same_seed else chosen[alone] + 1
        further = {"turn": turn, "alone": alone, "alone_seed": seed}
        return replace(case, details={**case.details, **further})

    drawn = _set_cases(domain, tier)
    return turned()


def _parted_cases(domain: Domain, tier: Tier, *, same_seeds: bool = True) -> st.SearchStrategy[Case]:
    """Draw a set, and where it is parted in two sets: the ``first`` and the others."""

    @st.composite
    def parted(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        chosen = case.details["seeds"]
        first = chosen[: draw(st.integers(1, len(chosen) - 1))]
        if not same_seeds:
            first = [seed + 1000 for seed in first]
        return replace(case, details={**case.details, "first": first})

    drawn = _set_cases(domain, tier)
    return parted()


# The answers.


@dataclass(frozen=True, eq=False)
class _End:
    """Where the training from one start of a set ends: the seeds of the set, its place among them, the parameters."""

    seeds: Sequence[int]
    place: int
    parameters: Parameters

    @property
    def seed(self) -> int:
        """Seed of this start."""
        return self.seeds[self.place]

    @property
    def asked(self) -> str:
        """How it was asked for."""
        return "alone" if len(self.seeds) == 1 else f"as number {self.place + 1} of {len(self.seeds)}"


def _ends(implementation: Checked, case: Case, chosen: Sequence[int]) -> list[_End]:
    if not (implementation.offers("train_many") or implementation.offers("initialize")):
        raise Unsupported("it offers neither initialize nor train_many")
    found = implementation.train_many(case.network, case.details["scheme"], chosen, case.batch, case.training)
    return [_End(chosen, place, parameters) for place, parameters in enumerate(found)]


def _judge_end(implementation: Checked, case: Case, found: _End, expected: _End, why: str = "") -> Judgement:
    """Judge whether a start ends where it ends in another set, bit for bit or within the rounding of two single steps.

    Without a claim of bits, sums may run in another order each time, of which NUM4 tells.
    """
    bound: Array | None = None

    def tell(k: int) -> Telling:
        name, largest = found.parameters.name_of(k), 0.0 if bound is None else float(bound[k])
        one, other = number(expected.parameters.vector[k]), number(found.parameters.vector[k])
        return Telling(
            f"{why}the start with seed {found.seed} ends at {name} = {one} {expected.asked}, and at {other} "
            f"{found.asked}{explained(largest)}",
            f"{name} from seed {found.seed}",
            (
                *ends_lines(implementation, case.details["scheme"]),
                f"expected = ends({list(expected.seeds)})[{expected.place}]",
                f"found = ends({list(found.seeds)})[{found.place}]",
                assertion(f"found[{k}]", f"expected[{k}]", largest),
            ),
        )

    one, other = found.parameters.vector, expected.parameters.vector
    same = judge_equal(one, other, tell)
    if same.outcome != "violated" or implementation.capabilities.index_independent:
        return same
    start = _start(implementation, case, expected.seed)
    of_start = expectation(implementation, replace(case, parameters=start))
    bound = 2 * step_tolerance(of_start, start, case.training, implementation.unit_roundoff)
    return judge_equal(one, other, tell, bound=bound, tolerance=of_start.form)


def _start(implementation: Checked, case: Case, seed: int) -> Parameters:
    scheme: str = case.details["scheme"]
    if implementation.offers("initialize"):
        return implementation.initialize(case.network, scheme, seed)
    return implementation.train_many(case.network, scheme, (seed,), case.batch, case.training.with_steps(0))[0]


def ends_lines(implementation: Checked, scheme: str) -> tuple[str, ...]:
    """Return lines of a script that define ``ends(seeds)``, a list of flat vectors."""
    if implementation.offers("train_many"):
        return (
            "",
            "def ends(seeds):",
            f"    found = implementation.train_many(network, {scheme!r}, seeds, batch, training)",
            '    return [np.asarray(getattr(end, "vector", end)) for end in found]',
            "",
        )
    return (
        "",
        "def ends(seeds):",
        "    found = []",
        "    for seed in seeds:",
        f"        start = implementation.initialize(network, {scheme!r}, seed)",
        '        start = np.array(getattr(start, "vector", start), batch.x.dtype)',
        "        end = implementation.train(network, Parameters(network, start), batch, training)",
        '        found.append(np.asarray(getattr(end, "vector", end)))',
        "    return found",
        "",
    )


# MST1: a start in a set.


def _judge_set(implementation: Checked, case: Case) -> Judgement:
    chosen, turn, place = case.details["seeds"], case.details["turn"], case.details["alone"]
    ends = _ends(implementation, case, chosen)
    turned = _ends(implementation, case, chosen[turn:] + chosen[:turn])
    alone = _ends(implementation, case, [case.details["alone_seed"]])[0]
    judgements = [_judge_end(implementation, case, ends[place], alone)]
    judgements += [_judge_end(implementation, case, turned[end.place - turn], end) for end in ends]
    return together(*judgements, _judge_seeds(implementation, case, ends))


def _judge_seeds(implementation: Checked, case: Case, ends: Sequence[_End]) -> Judgement:
    """Judge whether equal seeds end alike, and others do not, where chance cannot make them."""
    by_seed: dict[int, _End] = {}
    judgements = []
    for end in ends:
        twin = by_seed.setdefault(end.seed, end)
        if twin is not end:
            judgements.append(_judge_end(implementation, case, end, twin))
    weights = case.network.parameter_count - case.network.bias * sum(case.network.sizes[1:])  # a bias may start at 0
    by_end: dict[bytes, _End] = {}
    for end in by_seed.values() if -math.log2(implementation.unit_roundoff) * weights >= _BITS_THAT_DIFFER else ():
        twin = by_end.setdefault(end.parameters.vector.tobytes(), end)
        if twin is not end:
            return _alike(implementation, case, twin, end)
    return together(Judgement("held", bitwise=True), *judgements)


def _alike(implementation: Checked, case: Case, one: _End, other: _End) -> Judgement:
    scheme, size = case.details["scheme"], len(one.seeds)
    return violated(
        f"the {scheme} starts with seeds {one.seed} and {other.seed}, numbers {one.place + 1} and {other.place + 1} of "
        f"{size}, end at the same parameters",
        f"parameters from seeds {one.seed} and {other.seed}",
        (
            *ends_lines(implementation, case.details["scheme"]),
            f"found = ends({list(one.seeds)})",
            f"assert (found[{one.place}] != found[{other.place}]).any()",
        ),
    )


# MST2: the best of a set.


def _judge_best(implementation: Checked, case: Case) -> Judgement:
    """Judge whether the best of all is the best of the first or of the others, whichever is better."""
    chosen, first = case.details["seeds"], case.details["first"]
    of_all = _ends(implementation, case, chosen)
    parts = _ends(implementation, case, first) + _ends(implementation, case, chosen[len(first) :])
    losses, of_parts = ([_loss_at(case, end) for end in ends] for ends in (of_all, parts))
    best, best_of_parts = min(losses), min(of_parts)
    why = (
        f"the best of {len(chosen)} starts has the loss {best:.6g}, and the better of the best of the first "
        f"{len(first)} and of the others {best_of_parts:.6g}: "
    )
    places = {losses.index(best), of_parts.index(best_of_parts)}
    return together(*(_judge_end(implementation, case, of_all[place], parts[place], why) for place in sorted(places)))


def _loss_at(case: Case, end: _End) -> float:
    return loss(case.network, end.parameters, case.batch)


MST1 = Property(
    id="MST1",
    group="multi_start",
    title="a start does not see the others",
    statement="A training from one of many starts ends where it ends alone, and in whatever order the starts come; "
    "equal seeds end alike, and different seeds do not.",
    formula="θᵢ = θ(sᵢ), the start from seed sᵢ trained alone;  sᵢ ≠ sⱼ  ⇒  θ(sᵢ) ≠ θ(sⱼ)",
    precondition="a start is a function of its seed, and each training begins with a fresh optimizer state",
    exactness=Exactness.BITWISE,
    catches="the same seed for every start, results in another order, the best result in place of all, an optimizer "
    "state or a random generator carried from start to start, the last starts of a block left out or repeated",
    source=_SOURCE,
    claims=("S8",),
    cases=_turned_cases,
    judge=_judge_set,
    without_precondition=lambda domain: _turned_cases(domain, "small", same_seed=False),
)
MST2 = Property(
    id="MST2",
    group="multi_start",
    title="more starts are never worse",
    statement="The best of n starts is the better of the best of the first m and of the others: its loss never rises "
    "with n.",
    formula="best(n) = min over i ≤ n of L(θ(sᵢ)) = min(best(m), min over m < i ≤ n of L(θ(sᵢ))) ≤ best(m)",
    precondition="the m starts are among the n",
    exactness=Exactness.BITWISE,
    catches="the same seed for every start, starts left out or repeated where their number is no multiple of a block, "
    "starts that depend on how many there are",
    source=_SOURCE,
    claims=("S7", "S8"),
    cases=_parted_cases,
    judge=_judge_best,
    without_precondition=lambda domain: _parted_cases(domain, "small", same_seeds=False),
)
