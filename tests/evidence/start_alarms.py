"""Tries the family INIT on correct starts, from random seeds, and keeps a record of what came of it.

``python -m tests.evidence.start_alarms --help`` names the options. A trial is one case of one property on one
implementation in one dtype; it draws a tenth of the starts that a check draws, so that many can be made: the bounds
hold for any number. The exit status is 1 where a correct start was accused.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from hypothesis import HealthCheck, Phase, given, seed, settings

from symtests.implementations import find
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.properties import select
from symtests.properties.base import Case, Domain, Property

__all__ = ["IMPLEMENTATIONS", "PROPERTIES", "add", "page", "try_property"]

_NEEDS: Final = {"numpy": "numpy", "torch": "torch", "sklearn": "sklearn", "fann": None}
IMPLEMENTATIONS: Final[Mapping[str, Callable[[], object]]] = {name: partial(find, name) for name in _NEEDS}
"""What makes each: the named starts of NumPy and PyTorch, and the own starts of PyTorch and the others."""
PROPERTIES: Final = select(["INIT"])
_PART: Final = 10
_LEAST_STARTS: Final = 4
_TRIALS: Final = 50
"""Trials between two looks at the clock."""


def try_property(implementation: object, prop: Property, dtype: str, seed_number: int, trials: int) -> Counter[str]:
    """Make so many trials; return how often each outcome came; ``violated`` is an alarm."""
    checked, outcomes = Checked(implementation, dtype), Counter[str]()

    @settings(
        max_examples=trials, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @seed(seed_number)
    @given(prop.cases(Domain.of(checked), prop.tiers[-1]))
    def trial(case: Case) -> None:
        starts = max(case.details["starts"] // _PART, min(case.details["starts"], _LEAST_STARTS))
        try:
            judgement = prop.judge(checked, replace(case, details={**case.details, "starts": starts}))
        except Unsupported:
            outcomes["unsupported"] += 1
            return
        outcomes[judgement.outcome] += 1
        if judgement.violation is not None:
            print(f"ALARM {prop.id} {checked.name} {dtype}: {judgement.violation.sentence}", flush=True)

    trial()
    return outcomes


def _rounds(names: list[str]) -> Iterator[tuple[str, object, Property, str]]:
    """Yield what is tried, in turn and for ever."""
    made = {name: IMPLEMENTATIONS[name]() for name in names}
    while True:
        for name, implementation in made.items():
            for dtype in Checked(implementation, "float32").capabilities.dtypes:
                for prop in PROPERTIES:
                    yield name, implementation, prop, dtype


def add(record: dict[str, Any], name: str, prop: Property, dtype: str, outcomes: Mapping[str, int]) -> None:
    """Count the outcomes in the record: for each implementation, dtype and property the numbers by outcome."""
    row = record.setdefault(f"{name}, {dtype}", {}).setdefault(prop.id, {})
    for outcome, count in outcomes.items():
        row[outcome] = row.get(outcome, 0) + count


def _totals(rows: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    total = Counter[str]()
    for outcomes in rows.values():
        total.update(outcomes)
    return total


def page(record: Mapping[str, Any]) -> str:
    """Return the page in Markdown."""
    by_property = {
        prop.id: _totals({name: rows.get(prop.id, {}) for name, rows in record.items()}) for prop in PROPERTIES
    }
    total = _totals(by_property)
    made = total["held"] + total["violated"]
    alarms = {0: "no alarm", 1: "1 alarm"}.get(total["violated"], f"{total['violated']} alarms")
    lines = ["| property | trials | alarms |\n|---|--:|--:|"]
    lines += [f"| {name} | {of['held'] + of['violated']:,} | {of['violated']} |" for name, of in by_property.items()]
    others = ["| implementation | trials | alarms |\n|---|--:|--:|"]
    for name, rows in record.items():
        of = _totals(rows)
        others.append(f"| {name} | {of['held'] + of['violated']:,} | {of['violated']} |")
    properties, implementations = "\n".join(lines), "\n".join(others)
    return f"""# False alarms of the properties of starts

The family INIT judges random numbers, so that it may be wrong by chance: by its bounds, less than once in 10¹³ cases.
It was tried on correct starts from random seeds: the named starts of NumPy's implementation and of PyTorch, and the own
starts of PyTorch, scikit-learn and FANN, each by the property that its adapter declares. **{made:,} trials, {alarms}.**
A trial is one case with a tenth of the starts of a check; the bounds hold for any number of starts.

{properties}

{implementations}

[start_alarms.json](start_alarms.json) holds the counts, and `python -m tests.evidence.start_alarms` adds to them.
"""


def main(
    minutes: Annotated[float, typer.Option(min=0, help="Begin no trial after so many minutes.")] = 20.0,
    record: Annotated[Path, typer.Option(help="Where the record is; it is added to.")] = Path("start_alarms.json"),
    write: Annotated[Path | None, typer.Option(help="Write the page for people here.")] = None,
) -> None:
    """Try the family INIT on correct starts; keep a record; fail where one was accused."""
    kept = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    names = [name for name, package in _NEEDS.items() if package is None or find_spec(package) is not None]
    ends, written = time.monotonic() + 60 * minutes, time.monotonic()
    for name, implementation, prop, dtype in _rounds(names):
        if time.monotonic() > ends:
            break
        try:
            outcomes = try_property(implementation, prop, dtype, secrets.randbits(32), _TRIALS)
        except Unsupported:
            continue
        add(kept, name, prop, dtype, outcomes)
        if time.monotonic() > written + 20:
            written = time.monotonic()
            record.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    record.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if write is not None:
        write.write_text(page(kept), encoding="utf-8")
    total = _totals({name: _totals(rows) for name, rows in kept.items()})
    typer.echo(f"{total['held'] + total['violated']:,} trials, {total['violated']} alarms; kept in {record}")
    raise typer.Exit(1 if total["violated"] else 0)


if __name__ == "__main__":
    typer.run(main)
