"""Tries the family INIT on correct starts, from random seeds, and keeps a record of what came of it.

``python -m tests.evidence.start_alarms --help`` names the options. A check is one property, judged on one scheme of one
implementation in one dtype, in a network and with seeds of its own. Most draw a tenth of the starts that `symtests
check` draws, so that many can be made, and one in `_WHOLE` draws them all: the bounds hold for any number. What the
record holds is added to, so that runs add up. The exit status is 1 where a correct start was accused.
"""

from __future__ import annotations

import json
import random
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
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process import Command
from symtests.properties import select
from symtests.properties.base import Case, Domain, Property
from tests.evidence.start_alarms_page import page, total_of

__all__ = ["IMPLEMENTATIONS", "NOT_CORRECT", "PROPERTIES", "add", "available", "try_property"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_JAVASCRIPT: Final = _ROOT / "examples" / "javascript"
_NEEDS: Final[Mapping[str, str | None]] = {
    "numpy": "numpy", "numba": "numba", "torch": "torch", "sklearn": "sklearn", "fann": None, "jax": "jax",
    "flax": "flax", "keras": "keras",
}  # fmt: skip
_SCRIPTS: Final = {"tfjs": ("tfjs.mjs", "@tensorflow/tfjs"), "brain.js": ("brain.mjs", "brain.js")}
IMPLEMENTATIONS: Final[Mapping[str, Callable[[], object]]] = {
    **{name: partial(find, name) for name in _NEEDS},
    **{name: partial(Command, ["node", str(_JAVASCRIPT / script)]) for name, (script, _) in _SCRIPTS.items()},
}
"""What makes each of those whose starts are right; OpenCV is none: whatever the seed, it starts from the same place."""
NOT_CORRECT: Final[Mapping[str, tuple[str, ...]]] = {"tfjs": ("default", "glorot_normal", "he_normal", "lecun_normal")}
"""Starts that are not what their manual says, by docs/findings.md, and not asked."""
PROPERTIES: Final = select(["INIT"])
_PART: Final = 10
_WHOLE: Final = 25
"""Of so many cases one draws all starts."""
_LEAST_STARTS: Final = 4
_LONG: Final = {"numpy": 6.0, "numba": 6.0}
"""Seconds of a turn of those that draw fast."""
_TURN: Final = 1.5
"""Seconds of a turn of the others."""
_MOST_CASES: Final = 200


def available() -> list[str]:
    """Return the names of those whose library is installed."""
    packages = [name for name, package in _NEEDS.items() if package is None or find_spec(package) is not None]
    return packages + [name for name, (_, of) in _SCRIPTS.items() if (_JAVASCRIPT / "node_modules" / of).is_dir()]


def try_property(
    implementation: object, prop: Property, dtype: str, seed_number: int, cases: int, omitted: tuple[str, ...] = ()
) -> dict[str, Counter[str]]:
    """Judge so many cases, scheme by scheme; return for each scheme how often each outcome came.

    ``violated`` is an alarm. ``whole`` counts the judged cases that drew all starts.

    Parameters
    ----------
    implementation, prop, dtype
        What is judged, by what.
    seed_number
        What the cases and the seeds of the starts are drawn from.
    cases
        How many; most of them ask for several schemes.
    omitted
        Schemes that are not asked.

    Raises
    ------
    Unsupported
        Where the implementation has no start of which the property speaks.
    """
    checked, outcomes, rng = Checked(implementation, dtype), dict[str, Counter[str]](), random.Random(seed_number)

    @settings(
        max_examples=cases, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @seed(seed_number)
    @given(prop.cases(Domain.of(checked), prop.tiers[-1]))
    def judge(case: Case) -> None:
        whole = not rng.randrange(_WHOLE)
        for one in _of_one_scheme(case, whole, rng):
            scheme = one.details["schemes"][0]
            if scheme not in omitted:
                _count(outcomes.setdefault(scheme, Counter()), checked, prop, one, whole)

    judge()
    return outcomes


def _of_one_scheme(case: Case, whole: bool, rng: random.Random) -> Iterator[Case]:
    """Yield the case for each of its schemes alone, with seeds that no other has but by chance."""
    details = case.details
    starts = details["starts"] if whole else max(details["starts"] // _PART, min(details["starts"], _LEAST_STARTS))
    for scheme, owed in zip(details["schemes"], details["owed"], strict=True):
        alone = {"schemes": [scheme], "owed": [owed], "starts": starts, "seed": rng.randrange(1, 2**30)}
        yield replace(case, details={**details, **alone})


def _count(outcomes: Counter[str], checked: Checked, prop: Property, case: Case, whole: bool) -> None:
    try:
        judgement = prop.judge(checked, case)
    except (Unsupported, Misbehaviour) as reason:
        outcomes["unsupported" if isinstance(reason, Unsupported) else "errored"] += 1
        return
    outcomes[judgement.outcome] += 1
    outcomes["whole"] += whole
    if judgement.violation is not None:
        print(f"ALARM {prop.id} {checked.name} {case.batch.x.dtype}: {judgement.violation.sentence}", flush=True)


def _rounds(names: list[str]) -> Iterator[tuple[str, object, Property, str]]:
    """Yield what is tried, in turn and for ever."""
    made = {name: IMPLEMENTATIONS[name]() for name in names}
    while True:
        for name, implementation in made.items():
            for dtype in Checked(implementation, "float32").capabilities.dtypes:
                for prop in PROPERTIES:
                    yield name, implementation, prop, dtype


def add(record: dict[str, Any], name: str, prop: Property, dtype: str, found: Mapping[str, Mapping[str, int]]) -> None:
    """Count the outcomes in the record: by implementation and dtype, property and scheme."""
    rows = record.setdefault(f"{name}, {dtype}", {}).setdefault(prop.id, {})
    for scheme, outcomes in found.items():
        row = rows.setdefault(scheme, {})
        for outcome, count in outcomes.items():
            row[outcome] = row.get(outcome, 0) + count


def main(
    implementation: Annotated[list[str] | None, typer.Argument(help="All that are installed unless named.")] = None,
    minutes: Annotated[float, typer.Option(min=0, help="Begin no turn after so many minutes.")] = 20.0,
    record: Annotated[Path, typer.Option(help="Where the record is; it is added to.")] = Path("start_alarms.json"),
    write: Annotated[Path | None, typer.Option(help="Write the page for people here.")] = None,
) -> None:
    """Try the family INIT on correct starts; keep a record; fail where one was accused."""
    kept = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    ends, speed = time.monotonic() + 60 * minutes, dict[tuple[str, str, str], float]()
    for name, made, prop, dtype in _rounds(implementation or available()):
        began = time.monotonic()
        if began > ends:
            break
        of = (name, prop.id, dtype)
        cases = min(max(int(_LONG.get(name, _TURN) * speed.get(of, 1.0)), 1), _MOST_CASES)
        try:
            found = try_property(made, prop, dtype, secrets.randbits(32), cases, NOT_CORRECT.get(name, ()))
        except Unsupported:
            continue
        speed[of] = cases / (time.monotonic() - began)
        add(kept, name, prop, dtype, found)
        record.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if write is not None:
        write.write_text(page(kept), encoding="utf-8")
    total = total_of(kept)
    typer.echo(f"{total['held'] + total['violated']:,} checks, {total['violated']} alarms; kept in {record}")
    raise typer.Exit(1 if total["violated"] else 0)


if __name__ == "__main__":
    typer.run(main)
