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
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from symtests.checking.profile import Profile
from symtests.checking.results.verdict import Verdict
from symtests.checking.sharding.costs import shipped_costs
from symtests.implementations.checked import Checked
from symtests.implementations.one_thread import ONE_THREAD
from symtests.properties import PROPERTIES, find, select
from symtests.spreading.deal import Shard, deal, shard_of
from symtests.spreading.luggage import luggage_of
from symtests.spreading.place import Place, results_of
from symtests.validation import InvalidValue
from tests.evidence.alarm_page import page
from tests.evidence.correct import CORRECT, available, is_asked
from tests.evidence.record import ALARMS, Check, Record, read, sources_of
from tests.evidence.trying import Task, try_some

__all__ = ["collect", "share_of", "tasks_of"]

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


def collect(
    tasks: Sequence[Task], profile: Profile, place: Place, seconds: float
) -> Iterator[list[tuple[Check, Verdict]]]:
    """Make the runs in parallel; yield verdicts as they come; begin none after so many seconds."""
    ends = time.monotonic() + seconds
    batches = (tasks[start : start + _TOGETHER] for start in range(0, len(tasks), _TOGETHER))
    in_time = itertools.takewhile(lambda _: time.monotonic() < ends, batches)
    yield from results_of(partial(try_some, profile=profile), in_time, place)


def share_of(tasks: Sequence[Task], shard: Shard) -> list[Task]:
    """Return the runs of one of several shares: all seeds of a check are in one, dealt out by what they cost."""
    seeds = Counter(check for check, _ in tasks)
    by_name = {(check.implementation, check.dtype, check.property): check for check in seeds}
    costs = shipped_costs()
    dealt = deal(by_name, shard.of, lambda name: costs.of(name[-1]) * seeds[by_name[name]])[shard.number - 1]
    mine = {by_name[name] for name in dealt}
    return [(check, seed) for check, seed in tasks if check in mine]


def _follow(
    tasks: Sequence[Task], record: Record, path: Path, profile: Profile, place: Place, minutes: float, out: Console
) -> None:
    """Make the runs and keep the record up to date; say how far it is."""
    columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
    begun = written = time.monotonic()
    made = 0
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        bar = progress.add_task("runs", total=len(tasks))
        try:
            for verdicts in collect(tasks, profile, place, 60 * minutes):
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
    outdated = kept.mark_outdated(_is_outdated, _is_gone)
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
    shard: Annotated[str | None, typer.Option(help="Make one share of the runs, as in 2/8.")] = None,
    others: Annotated[list[Path] | None, typer.Option("--from", help="Take over the runs of this record.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Have a Dask cluster make them: tcp://host:8786, or local.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin a new record, whatever is in the file.")] = False,
) -> None:
    """Try every property on every correct implementation; keep a record; fail where one was accused."""
    out = Console()
    profile = Profile("false alarms", small, wide, shrink_cases=200, seconds=60.0, effort=0.0)
    try:
        kept = _opened(record, profile, anew, out)
        for other in others or ():
            kept.take_over(other)
        wanted = list(implementation or available())
        for name in wanted:
            if name not in CORRECT:
                raise InvalidValue(f"implementation={name!r}: must be one of {', '.join(CORRECT)}")
        left_out = {each.id for each in select(without)} if without else set()
        chosen = [each.id for each in select(prop) if each.id not in left_out]
        tasks = tasks_of(kept, wanted, chosen, range(first_seed, first_seed + seeds))
        tasks = tasks if shard is None else share_of(tasks, shard_of(shard))
    except InvalidValue as error:
        out.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    os.environ.update(ONE_THREAD)  # processes use all cores already
    interrupted = False
    folders = [Path("tests", name) for name in ("evidence", "mutants")]
    own = None if scheduler is None else luggage_of([], Path(__file__).resolve().parents[2], folders)
    try:
        _follow(tasks, kept, record, profile, Place(processes, scheduler, own), minutes, out)
    except InvalidValue as error:
        out.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        interrupted = True
    kept.mark_outdated(_is_outdated, _is_gone)
    kept.write(record)
    if write is not None:
        write.write_text(page(kept), encoding="utf-8")
    alarms, runs = kept.total("alarms"), kept.total("runs")
    cases = f"{kept.total('conclusive'):,} conclusive cases"
    out.print(f"{runs:,} runs, {cases}, {alarms} alarms; kept in {record}", markup=False, soft_wrap=True)
    raise typer.Exit(130 if interrupted else 1 if alarms else 0)


if __name__ == "__main__":
    typer.run(main)
