"""Looks for the causes of wrong gradients: one that gives all answers, or two that do together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from symtests.diagnosis.clock import Clock
from symtests.diagnosis.combination import Combination, FaultModel, combined, composed, predicted
from symtests.diagnosis.condition import Condition, separating, separating_pair
from symtests.diagnosis.factors import factors, ratios_of
from symtests.diagnosis.fault_models import fault_models, named_fault_models
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Answered
from symtests.float_json import Array

__all__ = ["chains", "combinations", "partial_combinations", "promising", "with_another"]

_PROBES: Final = 14
"""Wrong answers, as different as they are, from which it is seen what explains some of them."""
_MEASURED: Final = 4
"""Of how many of them constants are found."""
_FEWEST: Final = 3
"""Wrong answers that what does not explain all has to explain."""
_MOST: Final = 4
"""How many causes are tried at once."""
_CHAINS: Final = 3
"""How many fault models are taken for the first of several causes."""
_ALIKE: Final = 3
"""How many fault models are kept that the probes do not tell from each other."""
_FIRST: Final = 12
"""How many fault models that explain something are combined with all others."""


def combinations(
    answers: Sequence[Answered], clock: Clock, firsts: Callable[[], Sequence[FaultModel]] | None = None
) -> Iterator[Combination]:
    """Yield what explains all answers, one cause first; nothing where none is wrong.

    Parameters
    ----------
    answers
        Right and wrong ones.
    clock
        When to end.
    firsts
        Asked for the fault models that may be one of two causes; without it, there is one cause only.
    """
    ordered = _ordered(answers)
    wrong = [answered for answered in ordered if answered.is_wrong]
    if not wrong:
        return
    with np.errstate(all="ignore"):
        for fault_model in fault_models(wrong, clock):
            yield from filter(None, [combined([fault_model], ordered)])
        if firsts is None:
            return
        for scaled in _scaled(wrong, clock):
            yield from filter(None, [combined(scaled, ordered)])
        for first in firsts():
            yield from with_another([first], ordered, clock)
            if clock.is_over:
                return


def _ordered(answers: Sequence[Answered]) -> list[Answered]:
    """Return the wrong ones first, and of these the smallest, which refute most fault models at the least cost."""
    return sorted(answers, key=lambda a: (not a.is_wrong, a.question.network.parameter_count * a.question.samples))


def _scaled(wrong: Sequence[Answered], clock: Clock) -> Iterator[list[FaultModel]]:
    """Yield the faults without a constant that give the smallest wrong answer but for a factor, with such factors."""
    for fault_model in named_fault_models(wrong[0].question.network):
        expected = fault_model.predict(wrong[0])
        ratios = ratios_of(wrong[0], expected) if wrong[0].differs(expected) else {"": np.nan}
        if not any(np.isnan(ratio) for ratio in ratios.values()):
            for factor in factors(wrong, fault_model, alone=False):
                yield [fault_model, factor]
        if clock.is_over:
            return


def with_another(known: Sequence[FaultModel], answers: Sequence[Answered], clock: Clock) -> Iterator[Combination]:
    """Yield what explains all answers: some fault models with another one, before them or after them."""
    ordered, way = _ordered(answers), composed([fault_model.gradient for fault_model in known])
    rest = [a for a in ordered if a.is_wrong and not a.agrees(predicted(way, a.question))]
    if way is None or not rest:  # they explain all wrong answers, and right ones speak against them
        return
    over = FaultModel("", "", way)
    # Best is an answer in which the other cause is to be seen alone.
    lone = next((answered for answered in rest if not answered.differs(over.predict(answered))), None)
    rest.sort(key=lambda answered: answered is not lone)
    sharp = [rest[0], *(answered for answered in ordered if answered is not rest[0])]
    with np.errstate(all="ignore"):
        others = fault_models(rest, clock, over if lone is None else None)
        if lone is None:  # what is known may have a condition that does not hold there
            others = itertools.chain(others, fault_models(rest, clock, of_measures=True))
        for another in others:
            for several in _orders(known, another):
                together = composed([fault_model.gradient for fault_model in several])
                alone = rest[0].agrees(another.predict(rest[0]))
                found = (
                    combined(several, sharp) if alone or rest[0].agrees(predicted(together, rest[0].question)) else None
                )
                if found is not None:
                    yield found
                    break


def chains(answers: Sequence[Answered], firsts: Sequence[FaultModel], clock: Clock) -> Iterator[Combination]:
    """Yield what explains all answers: three causes or four, each of which explains most of what those before leave."""
    ordered = _ordered(answers)
    wrong = [answered for answered in ordered if answered.is_wrong]
    with np.errstate(all="ignore"):
        for first in firsts[:_CHAINS]:
            known, left = [first], _unexplained([first], wrong)
            while left and len(known) < _MOST and not clock.is_over:
                another = _best_addition(known, left, clock)
                if another is None:
                    break
                known.append(another)
                left = _unexplained(known, left)
            found = None if left or len(known) < 3 else combined(known, ordered)
            if found is not None:
                yield found


def _best_addition(known: Sequence[FaultModel], left: Sequence[Answered], clock: Clock) -> FaultModel | None:
    """Return the fault model that explains most of what is left, the first of which it does explain."""
    found: list[tuple[int, int, FaultModel]] = []
    for another in fault_models(left[:1], clock):
        together = composed([fault_model.gradient for fault_model in [*known, another]])
        if not any(left[0].agrees(predicted(way, left[0].question)) for way in (another.gradient, together)):
            continue
        still = _unexplained([*known, another], left)
        found.append((len(still), len(found), another))
    return min(found)[2] if found else None


def _unexplained(known: Sequence[FaultModel], wrong: Sequence[Answered]) -> list[Answered]:
    """Return the wrong answers that no subset of some fault models gives."""
    subsets = [some for size in range(1, len(known) + 1) for some in itertools.combinations(known, size)]
    ways = [composed([fault_model.gradient for fault_model in some]) for some in subsets]
    return [a for a in wrong if not any(a.agrees(predicted(way, a.question)) for way in ways)]


def _orders(known: Sequence[FaultModel], another: FaultModel) -> list[list[FaultModel]]:
    """Return the orders in which causes may be had: faults of the passes have none.

    What may come about at the outputs already is had there too, as the others then see what came of it.
    """
    orders = [[*known, another]]
    of_passes = isinstance(another.gradient, FaultyPass) or all(isinstance(t.gradient, FaultyPass) for t in known)
    if not of_passes:
        orders.append([another, *known])
    if any(fault_model.from_outputs is not None for fault_model in orders[0]):
        orders.append([fault_model.alternative for fault_model in orders[0]])
    return orders


def promising(answers: Sequence[Answered], clock: Clock) -> list[FaultModel]:
    """Return some fault models that explain some wrong answers, those first that explain more."""
    wrong = [answered for answered in _ordered(answers) if answered.is_wrong]
    if not wrong:
        return []
    probes = _different(wrong)
    found: dict[bytes, list[tuple[frozenset[int], FaultModel]]] = {}

    def try_out(fault_model: FaultModel) -> None:
        predictions = [fault_model.predict(probe) for probe in probes]
        agreed = frozenset(
            at
            for at, (probe, expected) in enumerate(zip(probes, predictions, strict=True))
            if probe.agrees(expected) and probe.is_conclusive(expected)
        )
        if agreed:
            key = b"".join(expected.astype(np.float32).tobytes() for expected in predictions)
            found.setdefault(key, []).append((agreed, fault_model))

    for fault_model in fault_models(probes, clock):
        try_out(fault_model)
    for at in range(1, len(probes)):
        measured = (
            fault_models(probes[at : at + 1], clock, of_measures=True) if at < _MEASURED else factors(probes[at:])
        )
        for fault_model in measured:
            if probes[at].agrees(fault_model.predict(probes[at])):
                try_out(fault_model)
    return _covering(list(found.values()))[:_FIRST]


def _covering(kinds: list[list[tuple[frozenset[int], FaultModel]]]) -> list[FaultModel]:
    """Return fault models, that one next which explains most probes that those before do not, or else most.

    Fault models that the probes do not tell from each other come one after the other.
    """
    ordered: list[FaultModel] = []
    covered: frozenset[int] = frozenset()
    while kinds:
        best = max(kinds, key=lambda alike: (len(alike[0][0] - covered), len(alike[0][0])))
        kinds.remove(best)
        covered |= best[0][0]
        ordered += [fault_model for _, fault_model in best[:_ALIKE]]
    return ordered


def partial_combinations(
    answers: Sequence[Answered], firsts: Sequence[FaultModel]
) -> Iterator[tuple[Combination, Condition]]:
    """Yield which of some fault models explains half of the wrong answers or more, with where it does not."""
    ordered = _ordered(answers)
    wrong = [answered for answered in ordered if answered.is_wrong]
    if not wrong:
        return
    with np.errstate(all="ignore"):
        for fault_model in firsts:
            explained = [answered for answered in wrong if answered.agrees(fault_model.predict(answered))]
            left = [answered for answered in wrong if answered not in explained]
            if fault_model.is_convention or not left or len(explained) < max(_FEWEST, len(left)):
                continue
            where = separating(left, explained) or separating_pair(left, explained)
            if where is None:
                continue
            found = combined([fault_model], [answered for answered in ordered if not where.holds(answered)])
            if found is not None:
                yield found, where


def _different(wrong: Sequence[Answered]) -> list[Answered]:
    """Return wrong answers, each the one that has most that those before have not."""
    left, found, seen = list(wrong), list[Answered](), set[object]()
    while left and len(found) < _PROBES:
        newest = max(left, key=lambda a: (a.question.network.loss not in seen, len(_traits(a) - seen)))
        left.remove(newest)
        found.append(newest)
        seen |= _traits(newest)
    return found


def _traits(answered: Answered) -> set[object]:
    q = answered.question
    few = (("samples", min(q.samples, 3)), ("outputs", min(q.outputs, 3)), ("layers", q.network.layer_count))
    residuals = answered.stages.pre_activations[-1] - q.batch.y
    sizes = (("inputs", _magnitude(q.batch.x)), ("residuals", _magnitude(residuals)))
    kinds = (("bias", q.network.bias), ("weights", q.batch.sample_weights is None))
    return {q.network.loss, *q.network.activations, *few, *sizes, *kinds}


def _magnitude(numbers: Array) -> int:
    """Return which power of 4 the largest number is near: what is clipped is not where numbers are small."""
    largest = float(np.abs(numbers).max(initial=0.0))
    return round(math.log(largest, 4)) if 0 < largest < math.inf else 0
