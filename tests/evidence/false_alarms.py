"""Tries every property on every correct implementation at hand, seed after seed, and keeps a record of what came of it.

``python -m tests.evidence.false_alarms --help`` names the options. A run is one property, one implementation, one dtype
and one seed. What the record holds is not tried again, so that runs add up over days; it may be interrupted at any
time. The exit status is 1 where correct code was accused: the record has the counterexample.
"""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import Profile
from symtests.checking.results.verdict import Verdict
from symtests.implementations.checked import Checked
from symtests.implementations.one_thread import ONE_THREAD
from symtests.properties import PROPERTIES, find, select
from symtests.validation import InvalidValue
from tests.evidence.alarm_page import page
from tests.evidence.correct import CORRECT, available, is_asked
from tests.evidence.record import ALARMS, Check, Record, read, sources_of

__all__ = ["Task", "collect", "tasks_of", "try_check"]

Task = tuple[Check, int]
"""One run: what is tried, and its seed."""
_TOGETHER: Final = 12
"""Runs that a process makes before it reports."""
_SECONDS_BETWEEN: Final = 20.0
"""Between two writings of the record, and between two plain lines of progress."""


def tasks_of(
    record: Record, implementations: Sequence[str], properties: Sequence[str] | None, seeds: range
) -> list[Task]:
    """Return the runs that the record lacks, seed after seed and shuffled: an early end has tried all checks alike."""
    checks = []
    for name in implementations:
        implementation = CORRECT[name]()
        for dtype in Checked(implementation, "float64").capabilities.dtypes:
            version = Checked(implementation, dtype).version
            asked = [prop for prop in select(properties) if is_asked(name, prop.id)]
            checks += [Check(name, version, dtype, prop.id, prop.version, sources_of(prop.id, name)) for prop in asked]
    random.Random(0).shuffle(checks)
    return [(check, seed) for seed in seeds for check in checks if not record.has(check, seed)]


def try_check(check: Check, seed: int, profile: Profile) -> Verdict:
    """Make one run; what a property looks at besides its verdict is left out."""
    implementation = Checked(CORRECT[check.implementation](), check.dtype, check.implementation)
    return judge_check(implementation, replace(find(check.property), observe=None), profile, seed=seed)


def _try_some(tasks: Sequence[Task], profile: Profile) -> list[tuple[Check, Verdict]]:
    return [(check, try_check(check, seed, profile)) for check, seed in tasks]


def collect(
    tasks: Sequence[Task], profile: Profile, processes: int, seconds: float
) -> Iterator[list[tuple[Check, Verdict]]]:
    """Make the runs in parallel; yield verdicts as they come; begin none after so many seconds."""
    ends = time.monotonic() + seconds
    batches = iter([tasks[start : start + _TOGETHER] for start in range(0, len(tasks), _TOGETHER)])
    # Started afresh, as on every system: a process that is copied while threads run may hang.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running: set[Future[list[tuple[Check, Verdict]]]] = set()
        try:
            while True:
                # Few are under way at any time, so that little is lost when time is up.
                free = 2 * processes - len(running) if time.monotonic() < ends else 0
                running |= {pool.submit(_try_some, batch, profile) for batch in itertools.islice(batches, free)}
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            for future in running:
                future.cancel()


def _follow(
    tasks: Sequence[Task], record: Record, path: Path, profile: Profile, processes: int, minutes: float, out: Console
) -> None:
    """Make the runs and keep the record up to date; say how far it is."""
    columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
    begun = written = time.monotonic()
    made = 0
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        bar = progress.add_task("runs", total=len(tasks))
        try:
            for verdicts in collect(tasks, profile, processes, 60 * minutes):
                for check, verdict in verdicts:
                    record.add(check, verdict)
                    if verdict.word in ALARMS:
                        out.print(
                            f"ALARM {check} seed {verdict.seed}: {verdict.sentence}", markup=False, soft_wrap=True
                        )
                made += len(verdicts)
                progress.advance(bar, len(verdicts))
                if time.monotonic() > written + _SECONDS_BETWEEN:
                    written = time.monotonic()
                    record.write(path)
                    if not out.is_terminal:
                        left = (written - begun) / made * (len(tasks) - made) / 60
                        alarms = f"{record.total('alarms')} alarms"
                        out.print(f"{made:,} of {len(tasks):,} runs, {alarms}, about {left:.0f} min left", markup=False)
        finally:
            record.write(path)


def _opened(path: Path, profile: Profile, anew: bool, out: Console) -> Record:
    """Return the record to go on with, in which what was found of code that has been changed since is marked.

    Raises
    ------
    InvalidValue
        Where that in the file is one of other numbers of cases.
    """
    fresh = Record(profile.small_examples, profile.wide_examples)
    if anew or not path.exists():
        return fresh
    kept = read(path)
    if (kept.small, kept.wide) != (fresh.small, fresh.wide):
        raise InvalidValue(
            f"record={str(path)!r}: is of other numbers of cases; use --anew to begin another in its place"
        )
    outdated, _ = kept.compare(_is_outdated, _is_gone)
    if outdated:
        out.print(f"{outdated:,} runs are of code that has been changed; each is dropped once it has been made again")
    return kept


def _is_gone(check: Check) -> bool:
    return all(prop.id != check.property for prop in PROPERTIES) or check.implementation not in CORRECT


def _is_outdated(check: Check) -> bool:
    if _is_gone(check):
        return True
    prop = find(check.property)
    return (prop.version, sources_of(prop.id, check.implementation)) != (check.property_version, check.sources)


def main(
    implementation: Annotated[list[str] | None, typer.Argument(help="All that are installed unless named.")] = None,
    prop: Annotated[
        list[str] | None, typer.Option("--property", "-p", help="Only this property, family or group.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave this property out, as one that takes long.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 30,
    first_seed: Annotated[int, typer.Option(min=0, help="Begin with this seed.")] = 0,
    small: Annotated[int, typer.Option(min=1, help="Cases of the small tier in each run.")] = 8,
    wide: Annotated[int, typer.Option(min=1, help="Cases of the wide tier in each run.")] = 4,
    minutes: Annotated[float, typer.Option(min=0, help="Begin no run after so many minutes.")] = 600.0,
    processes: Annotated[int, typer.Option("-n", min=1, help="How many at once.")] = 2,
    record: Annotated[Path, typer.Option(help="Where the record is.")] = Path("false_alarms.json"),
    write: Annotated[Path | None, typer.Option(help="Write the page for people here.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin a new record, whatever is in the file.")] = False,
) -> None:
    """Try every property on every correct implementation; keep a record; fail where one was accused."""
    out = Console()
    profile = Profile("false alarms", small, wide, shrink_cases=200, seconds=60.0, effort=0.0)
    try:
        kept = _opened(record, profile, anew, out)
        wanted = list(implementation or available())
        for name in wanted:
            if name not in CORRECT:
                raise InvalidValue(f"implementation={name!r}: must be one of {', '.join(CORRECT)}")
        left_out = {each.id for each in select(without)} if without else set()
        chosen = [each.id for each in select(prop) if each.id not in left_out]
        tasks = tasks_of(kept, wanted, chosen, range(first_seed, first_seed + seeds))
    except InvalidValue as error:
        out.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    os.environ.update(ONE_THREAD)  # processes use all cores already
    interrupted = False
    try:
        _follow(tasks, kept, record, profile, processes, minutes, out)
    except KeyboardInterrupt:
        interrupted = True
    kept.compare(_is_outdated, _is_gone)
    kept.write(record)
    if write is not None:
        write.write_text(page(kept), encoding="utf-8")
    alarms, runs = kept.total("alarms"), kept.total("runs")
    cases = f"{kept.total('conclusive'):,} conclusive cases"
    out.print(f"{runs:,} runs, {cases}, {alarms} alarms; kept in {record}", markup=False, soft_wrap=True)
    raise typer.Exit(130 if interrupted else 1 if alarms else 0)


if __name__ == "__main__":
    typer.run(main)
