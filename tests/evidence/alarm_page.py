"""The record of trials on correct implementations, as a page for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from textwrap import fill
from typing import Final

from symtests.properties import PROPERTIES
from tests.evidence.correct import UNUSUAL
from tests.evidence.record import Cell, Record, Row, seed_ranges

__all__ = ["page"]

_ORDER: Final = [law.id for law in PROPERTIES]


def page(record: Record) -> str:
    """Return the page in Markdown."""
    runs, alarms = record.total("runs"), record.total("alarms")
    seeds = seed_ranges(seed for row in record.rows.values() for seed in row.seeds)
    by_implementation = _table(
        record,
        "implementation",
        lambda cell: f"{cell.implementation}, {cell.dtype}{_of(cell)}",
        _place_of_implementation,
    )
    by_law = _table(record, "law", lambda cell: f"{cell.law} (version {cell.law_version})", _place_of_law)
    return f"""# False alarms

What is correct must never be accused. So the laws were tried, as in every check, on implementations that are known to
be correct and that round in different ways: **{runs:,} runs, {_alarms(alarms)}**. A run is one law on one
implementation in one dtype with one seed, with {record.small} small and {record.wide} wide cases;
{record.total("decisive"):,} of {record.total("cases"):,} cases were decisive. Seeds: {seeds or "none"}.

{_meaning(record, alarms)}

The implementations called sums and mean are variants of one plain program; float16 and bfloat16 arithmetic round every
operation of both passes to 11 and 8 digits and declare the unit roundoff 2⁻¹¹ and 2⁻⁸. Where that is too coarse to see
the fault that a law promises to see, the run is inconclusive: it is no alarm, and no evidence.

{_of_unusual(record)}

## By implementation

{by_implementation}

## By law

{by_law}

[false_alarms.json](false_alarms.json) holds the counts of each law on each implementation, and the counterexample of
any alarm. `tox -e false-alarms -- --seeds 60` goes on with further seeds; what is on record is not tried again.
"""


def _of_unusual(record: Record) -> str:
    """Tell of the implementations that do what few others do, each with its runs."""
    names = [kind.name for kind in UNUSUAL]
    runs = Counter[str]()
    for cell, row in record.rows.items():
        runs[cell.implementation] += row.runs
    told = ", ".join(f"{name} ({runs[name]:,})" for name in names)
    return fill(
        f"Correct implementations that do what few others do are among them, each with so many runs: {told}.", 120
    )


def _of(cell: Cell) -> str:
    return f" ({cell.version})" if cell.version else ""


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
    record: Record, head: str, name: Callable[[Cell], str], place: Callable[[Cell], tuple[int | str, ...]]
) -> str:
    groups: dict[str, list[Row]] = {}
    for cell, row in sorted(record.rows.items(), key=lambda item: place(item[0])):
        groups.setdefault(name(cell), []).append(row)
    lines = [f"| {head} | runs | decisive cases | inconclusive runs | alarms |", "|---|---|---|---|---|"]
    for title, rows in groups.items():
        counts = (_sum(rows, what) for what in ("runs", "decisive", "inconclusive", "alarms"))
        lines.append(f"| {title} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    return "\n".join(lines)


def _place_of_law(cell: Cell) -> tuple[int, int]:
    return (_ORDER.index(cell.law) if cell.law in _ORDER else len(_ORDER), cell.law_version)


def _place_of_implementation(cell: Cell) -> tuple[str, str, str]:
    return (cell.implementation, cell.dtype, cell.version)


def _sum(rows: Iterable[Row], name: str) -> int:
    return sum(getattr(row, name) for row in rows)
