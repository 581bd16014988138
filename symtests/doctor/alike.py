"""Units that are alike, and units that are never active: what the steps showed of each group."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from symtests.doctor.findings import COSTLY, FATAL, HARMLESS, TO_KNOW, Finding, listed
from symtests.doctor.model import Examined
from symtests.doctor.parting import redraw, with_cure
from symtests.doctor.ties import Tie
from symtests.doctor.watching import GroupRecord, Record, watch
from symtests.model.groups import Group

__all__ = ["Twins", "judge_groups"]

_SHOWN: Final = 6
_CURED: Final = 8
"""Groups of which a cure is tried."""


@dataclass
class Twins:
    """The same steps in float64, and in float64 without dropout: by what a tie grows apart.

    Parameters
    ----------
    model
        At its end; its twins start at its start.
    groups, steps
        What is followed, and for how long.
    """

    model: Examined
    groups: Sequence[Group]
    steps: int
    _precise: dict[str, float] = field(default_factory=dict)
    _quiet: dict[str, float] = field(default_factory=dict)

    def cause(self, tie: Tie) -> str:
        """Return by what a tie grows apart: "nothing", "rounding", "noise", or "training"."""
        if tie.exact:
            return "nothing"
        if not self._precise:
            self._run()
        key = _key(tie)
        # Rounding scales with the unit roundoff, everything else does not: half of the digits lie between.
        if self._precise.get(key, math.inf) <= tie.apart[-1] * math.sqrt(2.0**-29):
            return "rounding"
        quiet = self._quiet.get(key, math.inf)
        if self._is_rounded(tie, quiet):
            return "rounding"
        if quiet <= tie.apart[-1] * math.sqrt(2.0**-29):
            return "noise"
        return "training"

    def _is_rounded(self, tie: Tie, quiet: float) -> bool:
        """Tell whether, without float64 and without noise, units of a whole group differ by rounding alone.

        The exchange of these units changes no loss, so that exact steps could not part them; half of the digits are
        left for what rounding has become. Experts that are alike but for the router are no whole group.
        """
        if list(self._precise) != [""] or not any(tie.group is each for each in self.groups):
            return False
        return quiet <= math.sqrt(self.model.unit_roundoff) and tie.apart[-1] <= 2 * math.sqrt(self.model.unit_roundoff)

    def _run(self) -> None:
        precise = self.model.precise()
        base = precise if precise is not None else self.model
        if precise is not None:
            self._precise = _distances(watch(precise, self.groups, self.steps))
        self._quiet = _distances(watch(base.quiet(), self.groups, self.steps))
        self._precise.setdefault("", 0.0)


def _key(tie: Tie) -> str:
    return f"{tie.group.title} {tie.group.size} {tie.group.tensors} {tie.members}"


def _distances(record: Record) -> dict[str, float]:
    return {_key(tie): tie.apart[-1] for each in record.groups for tie in each.ties}


def judge_groups(model: Examined, record: Record) -> Iterator[Finding]:
    """Yield the groups with units that are alike or never active.

    Parameters
    ----------
    model
        After its steps.
    record
        What they showed.
    """
    twins = Twins(model, [each.group for each in record.groups if each.ties], record.steps)
    found: list[Finding] = []
    for each in record.groups:
        found += _alike(each, record, twins)
        yield from _dead(model, each, record)
    for number, finding in enumerate(found):
        group = next(each.group for each in record.groups if each.group.title == finding.numbers["group"])
        yield with_cure(model, group, finding, record) if finding.kind == "tied" and number < _CURED else finding


def _alike(each: GroupRecord, record: Record, twins: Twins) -> Iterator[Finding]:
    """Say of the ties of a group whether they last; of those that no gradient ever reached nothing is said here."""
    causes = [(tie, twins.cause(tie)) for tie in each.ties if tie.gradient]
    lasting = [(tie, cause) for tie, cause in causes if cause in ("nothing", "rounding")]
    each.tied_at_end = [tie.members for tie, _ in lasting] + [tie.members for tie in each.ties if not tie.gradient]
    if lasting:
        yield _tied(each, record, lasting)
    noisy = [tie for tie, cause in causes if cause == "noise"]
    if noisy:
        tie = max(noisy, key=lambda one: len(one.members))
        yield Finding(
            "tied but for noise", COSTLY,
            f"{each.group.size} {each.group.title}: {_members(tie)} alike at the start, and parted by noise alone "
            f"(dropout): {tie.apart[-1]:.1g} of their size after {record.steps} steps; without it they stay alike",
            each.group.tensors, redraw(twins.model, each.group.parts[0].tensors),
            {"apart": tie.apart[-1], "units": len(tie.members), "group": each.group.title},
        )  # fmt: skip
    parted = [tie for tie, cause in causes if cause == "training"]
    if parted:
        tie = max(parted, key=lambda one: len(one.members))
        step = next((place for place, apart in enumerate(tie.apart) if apart > 0), record.steps)
        yield Finding(
            "parted", HARMLESS,
            f"{each.group.size} {each.group.title}: {_members(tie)} alike at the start and different from step {step} "
            f"on ({tie.apart[-1]:.1g} of their size after {record.steps} steps)",
            each.group.tensors, "", {"apart": tie.apart[-1], "step": step, "group": each.group.title},
        )  # fmt: skip


def _tied(each: GroupRecord, record: Record, lasting: Sequence[tuple[Tie, str]]) -> Finding:
    group = each.group
    width = each.width
    largest = max((tie for tie, _ in lasting), key=lambda tie: len(tie.members))
    rounded = [tie for tie, cause in lasting if cause == "rounding"]
    classes = f" and {len(lasting) - 1} more such classes" if len(lasting) > 1 else ""
    how = f"to the last bit at the start and after each of {record.steps} steps"
    if rounded:
        how = f"within rounding: {_growth(max(rounded, key=lambda tie: tie.apart[-1]), record.steps)}"
    return Finding(
        "tied", FATAL if 2 * width <= group.size else COSTLY,
        f"{group.size} {group.title}, effectively {width}: {_members(largest)}{classes} alike in "
        f"{listed(group.tensors)} together, {how}",
        group.tensors, "",
        {"size": group.size, "width": width, "apart": max(tie.apart[-1] for tie, _ in lasting), "group": group.title},
    )  # fmt: skip


def _members(tie: Tie) -> str:
    """Return the members as a set, and the verb."""
    shown = ", ".join(map(str, tie.members[:_SHOWN])) + (", ..." if len(tie.members) > _SHOWN else "")
    return f"{{{shown}}} are"


def _growth(tie: Tie, steps: int) -> str:
    """Return how far apart rounding has brought units, at which rate, and how long it takes at that rate."""
    first = next(place for place, apart in enumerate(tie.apart) if apart > 0)
    said = f"after {steps} steps they differ by {tie.apart[-1]:.1g} of their size"
    rate = (tie.apart[-1] / tie.apart[first]) ** (1 / (steps - first)) if steps > first else 1.0
    if rate <= 1:
        return f"{said}, which does not grow"
    more = math.log(0.1 / tie.apart[-1]) / math.log(rate)
    return f"{said}, {rate:.3g} times more at each (at that rate {max(0, more):,.0f} more steps to a tenth; not tried)"


def _dead(model: Examined, each: GroupRecord, record: Record) -> Iterator[Finding]:
    group, dead = each.group, each.dead
    asked = [name for name in group.tensors if name in model.facts and model.facts[name].trainable]
    reached = [name for name in asked if not record.tensors[name].without]
    if not dead or len(dead) == group.size or not reached:
        return
    shown = ", ".join(map(str, dead[:_SHOWN])) + (", ..." if len(dead) > _SHOWN else "")
    chosen = group.kind == "experts"
    yield Finding(
        "dead units", COSTLY if 2 * len(dead) > group.size and not chosen else TO_KNOW,
        f"{len(dead)} of {group.size} {group.title} got no gradient in {record.steps} steps ({{{shown}}}): "
        + ("no sample chose them" if chosen else "never active on these batches, as behind a ReLU that is 0 for all")
        + "; other samples may reach them, which was not tried",
        group.tensors, "" if chosen else _without_bias(model, group),
        {"dead": len(dead), "size": group.size},
    )  # fmt: skip


def _without_bias(model: Examined, group: Group) -> str:
    bias = next((name for name in group.tensors if name.endswith("bias") and name in model.facts), "")
    return f"{model.code(bias, 'zeros')}  # or a smaller learning rate" if bias else ""
