"""The page for people that the record of false alarms of the family INIT makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

__all__ = ["page", "total_of"]


def total_of(record: Mapping[str, Any]) -> Counter[str]:
    """Return how often each outcome came: the sum of all numbers that lie in it, at whatever depth."""
    total = Counter[str]()
    for key, value in record.items():
        if isinstance(value, Mapping):
            total.update(total_of(value))
        else:
            total[key] += value
    return total


def _by(record: Mapping[str, Any], depth: int) -> dict[str, Counter[str]]:
    """Return the totals by the keys at a depth: 0 implementations, 1 properties, 2 schemes."""
    if depth == 0:
        return {name: total_of(rows) for name, rows in record.items()}
    found: dict[str, Counter[str]] = {}
    for rows in record.values():
        for name, of in _by(rows, depth - 1).items():
            found.setdefault(name, Counter()).update(of)
    return found


def _table(noun: str, rows: Mapping[str, Counter[str]]) -> str:
    lines = [f"| {noun} | checks | of them with all starts | alarms |\n|---|--:|--:|--:|"]
    lines += [
        f"| {name} | {of['held'] + of['violated']:,} | {of['whole']:,} | {of['violated']} |"
        for name, of in rows.items()
    ]
    return "\n".join(lines)


def page(record: Mapping[str, Any]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    record
        By implementation and dtype, property and scheme: how often each outcome came.
    """
    total = total_of(record)
    made = total["held"] + total["violated"]
    alarms = {0: "no alarm", 1: "1 alarm"}.get(total["violated"], f"{total['violated']} alarms")
    unused = total["unsupported"] + total["errored"]
    nothing = f" {unused:,} questions more were not answered, and count for nothing." if unused else ""
    schemes = dict(sorted(_by(record, 2).items(), key=lambda row: (row[0] == "default", row[0])))
    return f"""# False alarms of the properties of starts

The family INIT judges random numbers, so that it may be wrong by chance: by its bounds, less than once in 10¹³ cases.
It was tried on correct starts from random seeds: the named starts of each implementation below, and, as `default`, the
own start of each library, by the distribution that its adapter declares after its manual.
**{made:,} checks, {alarms}.**

A check here is one property, judged on one scheme of one implementation in one dtype, in a network of its own and with
seeds of its own. It has all of the false-positive rate of a case. `symtests check` makes many such for a verdict, of up
to three schemes at a time, and with ten times as many starts as most of these: the bounds hold for any number of
starts, and one in 25 of the checks here drew all of them.{nothing} What is *not* right by
[findings.md](findings.md) is left out: TensorFlow.js's scaled normal starts with its default, which is one of them, and
OpenCV, which starts from the same place whatever the seed.

{_table("property", dict(sorted(_by(record, 1).items())))}

{_table("scheme", schemes)}

{_table("implementation", _by(record, 0))}

[start_alarms.json](start_alarms.json) holds the counts, and `python -m tests.evidence.start_alarms --record
docs/start_alarms.json --write docs/start_alarms.md` adds to them.
"""
