"""Tries the family INIT on correct starts, from random seeds, and keeps a record of what came of it.

``python -m tests.evidence.start_alarms --help`` names the options. A trial is one case of one law on one implementation
in one dtype; it draws a tenth of the starts that a check draws, so that many can be made: the bounds hold for any
number. The exit status is 1 where a correct start was accused.
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
from symtests.implementations.subject import Subject
from symtests.properties import select
from symtests.properties.base import Case, Domain, Property

__all__ = ["IMPLEMENTATIONS", "LAWS", "add", "page", "try_law"]

_NEEDS: Final = {"numpy": "numpy", "torch": "torch", "sklearn": "sklearn", "fann": None}
IMPLEMENTATIONS: Final[Mapping[str, Callable[[], object]]] = {name: partial(find, name) for name in _NEEDS}
"""What makes each: the named starts of NumPy and PyTorch, and the own starts of PyTorch and the others."""
LAWS: Final = select(["INIT"])
_PART: Final = 10
_LEAST_STARTS: Final = 4
_TRIALS: Final = 50
"""Trials between two looks at the clock."""


def try_law(implementation: object, law: Property, dtype: str, seed_number: int, trials: int) -> Counter[str]:
    """Make so many trials; return how often each outcome came; ``breached`` is an alarm."""
    subject, outcomes = Subject(implementation, dtype), Counter[str]()

    @settings(
        max_examples=trials, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @seed(seed_number)
    @given(law.cases(Domain.of(subject), law.tiers[-1]))
    def trial(case: Case) -> None:
        starts = max(case.details["starts"] // _PART, min(case.details["starts"], _LEAST_STARTS))
        try:
            judgement = law.judge(subject, replace(case, details={**case.details, "starts": starts}))
        except Unsupported:
            outcomes["unsupported"] += 1
            return
        outcomes[judgement.outcome] += 1
        if judgement.breach is not None:
            print(f"ALARM {law.id} {subject.name} {dtype}: {judgement.breach.sentence}", flush=True)

    trial()
    return outcomes


def _rounds(names: list[str]) -> Iterator[tuple[str, object, Property, str]]:
    """Yield what is tried, in turn and for ever."""
    made = {name: IMPLEMENTATIONS[name]() for name in names}
    while True:
        for name, implementation in made.items():
            for dtype in Subject(implementation, "float32").capabilities.dtypes:
                for law in LAWS:
                    yield name, implementation, law, dtype


def add(record: dict[str, Any], name: str, law: Property, dtype: str, outcomes: Mapping[str, int]) -> None:
    """Count the outcomes in the record: for each implementation, dtype and law a mapping from outcomes to numbers."""
    row = record.setdefault(f"{name}, {dtype}", {}).setdefault(law.id, {})
    for outcome, count in outcomes.items():
        row[outcome] = row.get(outcome, 0) + count


def _totals(rows: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    total = Counter[str]()
    for outcomes in rows.values():
        total.update(outcomes)
    return total


def page(record: Mapping[str, Any]) -> str:
    """Return the page in Markdown."""
    by_law = {law.id: _totals({name: rows.get(law.id, {}) for name, rows in record.items()}) for law in LAWS}
    total = _totals(by_law)
    made = total["held"] + total["breached"]
    alarms = {0: "no alarm", 1: "1 alarm"}.get(total["breached"], f"{total['breached']} alarms")
    lines = ["| law | trials | alarms |\n|---|--:|--:|"]
    lines += [f"| {name} | {of['held'] + of['breached']:,} | {of['breached']} |" for name, of in by_law.items()]
    others = ["| implementation | trials | alarms |\n|---|--:|--:|"]
    for name, rows in record.items():
        of = _totals(rows)
        others.append(f"| {name} | {of['held'] + of['breached']:,} | {of['breached']} |")
    laws, implementations = "\n".join(lines), "\n".join(others)
    return f"""# False alarms of the properties of starts

The family INIT judges random numbers, so that it may be wrong by chance: by its bounds, less than once in 10¹³ cases.
It was tried on correct starts from random seeds: the named starts of NumPy's implementation and of PyTorch, and the own
starts of PyTorch, scikit-learn and FANN, each by the law that its adapter declares. **{made:,} trials, {alarms}.**
A trial is one case with a tenth of the starts of a check; the bounds hold for any number of starts.

{laws}

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
    for name, implementation, law, dtype in _rounds(names):
        if time.monotonic() > ends:
            break
        try:
            outcomes = try_law(implementation, law, dtype, secrets.randbits(32), _TRIALS)
        except Unsupported:
            continue
        add(kept, name, law, dtype, outcomes)
        if time.monotonic() > written + 20:
            written = time.monotonic()
            record.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    record.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if write is not None:
        write.write_text(page(kept), encoding="utf-8")
    total = _totals({name: _totals(rows) for name, rows in kept.items()})
    typer.echo(f"{total['held'] + total['breached']:,} trials, {total['breached']} alarms; kept in {record}")
    raise typer.Exit(1 if total["breached"] else 0)


if __name__ == "__main__":
    typer.run(main)
