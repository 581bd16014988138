"""The record of trials on correct implementations, as a page for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from textwrap import fill
from typing import Final

from symtests.properties import PROPERTIES
from tests.evidence.correct import UNUSUAL
from tests.evidence.record import Check, Record, Row, seed_ranges

__all__ = ["page"]

_ORDER: Final = [prop.id for prop in PROPERTIES]


def page(record: Record) -> str:
    """Return the page in Markdown."""
    runs, alarms = record.total("runs"), record.total("alarms")
    seeds = seed_ranges(seed for row in record.rows.values() for seed in row.seeds)
    by_implementation = _table(
        record,
        "implementation",
        lambda check: f"{check.implementation}, {check.dtype}{_of(check)}",
        _place_of_implementation,
    )
    by_property = _table(
        record, "property", lambda check: f"{check.property} (version {check.property_version})", _place_of_property
    )
    return f"""# False alarms

What is correct must never be accused. So the properties were tried, as in every check, on implementations that are
known to be correct and that round in different ways: **{runs:,} runs, {_alarms(alarms)}**. A run is one property on one
implementation in one dtype with one seed, with {record.small} small and {record.wide} wide cases;
{record.total("conclusive"):,} of {record.total("cases"):,} cases were conclusive. Seeds: {seeds or "none"}.

{_age(record)}

{_meaning(record, alarms)}

The implementations called sums and mean are variants of one plain program; float16 and bfloat16 arithmetic round every
operation of both passes to 11 and 8 digits and declare the unit roundoff 2⁻¹¹ and 2⁻⁸. Where that is too coarse to see
the fault that a property promises to see, the run is inconclusive: it is no alarm, and no evidence.

{_of_unusual(record)}

## By implementation

{by_implementation}

## By property

{by_property}

[false_alarms.json](false_alarms.json) holds the counts of each property on each implementation, and the counterexample
of any alarm. `tox -e false-alarms -- --seeds 60` goes on with further seeds; what is on record is not tried again.
"""


def _age(record: Record) -> str:
    """Tell how much of the record is of the code as it is."""
    older = sum(row.runs for row in record.rows.values() if row.outdated)
    return fill(
        f"{record.total('runs') - older:,} of these runs are of the code as it was when this page was written. The "
        f"others, {older:,}, are of older code, and each is replaced when it is made again: a run counts as older once "
        "anything that its property or its implementation imports has changed, be it a name.",
        120,
    )


def _of_unusual(record: Record) -> str:
    """Tell of the implementations that do what few others do, each with its runs."""
    names = [kind.name for kind in UNUSUAL]
    runs = Counter[str]()
    for check, row in record.rows.items():
        runs[check.implementation] += row.runs
    told = ", ".join(f"{name} ({runs[name]:,})" for name in names)
    return fill(
        f"Correct implementations that do what few others do are among them, each with so many runs: {told}.", 120
    )


def _of(check: Check) -> str:
    return f" ({check.version})" if check.version else ""


def _alarms(count: int) -> str:
    return {0: "no alarm", 1: "1 alarm"}.get(count, f"{count} alarms")


def _meaning(record: Record, alarms: int) -> str:
    if alarms:
        return "Each alarm is a fault of symtests or of the implementation, and has to be found."
    return (
        "If runs were independent, no alarm in n of them would bound the rate of alarms by 3/n with 95 % confidence\n"
        f"(the rule of three): here {record.most_alarms:.1g} a run."
    )


def _table(
    record: Record, head: str, name: Callable[[Check], str], place: Callable[[Check], tuple[int | str, ...]]
) -> str:
    groups: dict[str, list[Row]] = {}
    for check, row in sorted(record.rows.items(), key=lambda item: place(item[0])):
        groups.setdefault(name(check), []).append(row)
    lines = [f"| {head} | runs | conclusive cases | inconclusive runs | alarms |", "|---|---|---|---|---|"]
    for title, rows in groups.items():
        counts = (_sum(rows, what) for what in ("runs", "conclusive", "inconclusive", "alarms"))
        lines.append(f"| {title} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    return "\n".join(lines)


def _place_of_property(check: Check) -> tuple[int, int]:
    return (_ORDER.index(check.property) if check.property in _ORDER else len(_ORDER), check.property_version)


def _place_of_implementation(check: Check) -> tuple[str, str, str]:
    return (check.implementation, check.dtype, check.version)


def _sum(rows: Iterable[Row], name: str) -> int:
    return sum(getattr(row, name) for row in rows)
