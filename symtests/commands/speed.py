"""`symtests speed`: whether a change made something slower."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand

from symtests.exit_status import ALL_AS_EXPECTED, NOT_JUDGED, VIOLATED
from symtests.terminal_text import terminal
from symtests.terminal_waiting import said_while_it_lasts
from symtests.validation import InvalidValue

if TYPE_CHECKING:
    from symtests.benchmarks.speed import Sides, Verdict

__all__ = ["SpeedCommand", "speed"]

_OWN_SUITE: Final = "benchmarks/bench_kernels.py"
_SUITE: Final = "symtests.speed.suite"


class SpeedCommand(TyperCommand):
    """A command of whose arguments those behind ``--`` are pytest's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep what stands behind ``--``, and read the rest."""
        if "--" in args:
            place = args.index("--")
            args, ctx.meta[_SUITE] = args[:place], args[place + 1 :]
        rest: list[str] = super().parse_args(ctx, args)
        return rest


def speed(
    context: typer.Context,
    base: Annotated[str | None, typer.Argument(help="a git revision, or file.py:function")] = None,
    head: Annotated[str | None, typer.Argument(help="what is compared with it; the commit HEAD unless given")] = None,
    base_with: Annotated[
        list[str] | None, typer.Option("--base-with", help="install this for base too, as in numba==0.61.2")
    ] = None,
    head_with: Annotated[list[str] | None, typer.Option("--head-with", help="install this for head too")] = None,
    base_python: Annotated[str | None, typer.Option("--base-python", help="interpreter for base")] = None,
    head_python: Annotated[str | None, typer.Option("--head-python", help="interpreter for head")] = None,
    fail_above: Annotated[
        str, typer.Option("--fail-above", help="a confirmed slowdown above this ends with status 1, as in 2%")
    ] = "0%",
    core: Annotated[int, typer.Option("--core", help="the processor on which all sides take turns; -1: any")] = -2,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdicts as JSON")] = False,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="write the table to this file too")] = None,
    self_check: Annotated[
        bool, typer.Option("--self-check", help="measure this command itself: identical code, and 0.5 to 5 % more work")
    ] = False,
    runs: Annotated[int, typer.Option("--runs", min=0, help="runs of the self-check to add; all unless given")] = 1000,
    record: Annotated[
        Path | None, typer.Option("--record", help="file of the self-check's runs, which a later one goes on from")
    ] = None,
) -> None:
    """Compare the speed of two revisions, environments or functions, in turns on one processor.

    Behind -- stands what pytest is to run: any suite of pytest-benchmark.
    """
    from symtests.benchmarks.speed import Gate, gate
    from symtests.benchmarks.speed.violations import with_violations
    from symtests.terminal_speed import speed_markdown, speed_table
    from symtests.whole_file import write_whole

    most = _share("fail_above", fail_above)
    with said_while_it_lasts(terminal(stderr=True), "preparing") as tell:
        if self_check:
            _self_check(record, runs, _core(core), tell)
            return
        if base is None:
            raise InvalidValue("base=None: name a git revision or a file.py:function to compare with")
        if ".py:" in base:
            sides = _of_functions(base, head, base_python, head_python)
        else:
            suite = list(context.meta.get(_SUITE, ()))
            pythons = base_python, head_python
            requirements = base_with or [], head_with or []
            tell("making the environments, once for each revision")
            sides = _of_revisions(base, head or "HEAD", suite, pythons, requirements)
        verdicts = gate(Gate(sides, core=_core(core), progress=tell))
        if _OWN_SUITE in sides.head.words:
            verdicts = with_violations(verdicts, sides.head)
    if as_json:
        typer.echo(json.dumps([verdict.to_json() for verdict in verdicts], indent=2))
    else:
        terminal().print(speed_table(verdicts))
    if markdown is not None:
        write_whole(markdown, speed_markdown(verdicts, f"{base} to {head or 'HEAD'}"))
    raise typer.Exit(_status(verdicts, most))


def _self_check(record: Path | None, runs: int, core: int, tell: Callable[[str], None]) -> None:
    """Add runs to the record, and print what it holds."""
    import tempfile

    from symtests.benchmarks.speed.power import power_table
    from symtests.benchmarks.speed.self_check import self_check

    with tempfile.TemporaryDirectory() as folder:
        found = self_check(record or Path(folder) / "record.json", runs, core, _environment(), tell)
    typer.echo(power_table(found))


def _status(verdicts: Sequence[Verdict], most: float) -> int:
    measured = [verdict for verdict in verdicts if verdict.estimate is not None]
    slower = [v for v in measured if v.outcome == "slower" and v.confirmed and v.estimate and v.estimate.change > most]
    if slower or any(verdict.outcome == "refused" for verdict in verdicts):
        return VIOLATED
    return ALL_AS_EXPECTED if measured else NOT_JUDGED


def _of_functions(base: str, head: str | None, base_python: str | None, head_python: str | None) -> Sides:
    from symtests.benchmarks.speed import Sides
    from symtests.benchmarks.speed.arm import Task

    if head is None or ".py:" not in head:
        raise InvalidValue(f"head={head!r}: must be a function too, as in new.py:function")
    tasks = []
    for name, place, python in (("base", base, base_python), ("head", head, head_python)):
        path = Path(place.rpartition(":")[0])
        if not path.is_file():
            raise InvalidValue(f"{name}={place!r}: there is no file {path}; write file.py:function")
        words = ("function", f"{path.resolve()}:{place.rpartition(':')[2]}", head)
        tasks.append(Task(python or sys.executable, words, Path.cwd(), _environment()))
    return Sides(*tasks)


def _of_revisions(
    base: str,
    head: str,
    suite: Sequence[str],
    pythons: tuple[str | None, str | None],
    requirements: tuple[Sequence[str], Sequence[str]],
) -> Sides:
    from symtests.benchmarks.speed import Sides
    from symtests.benchmarks.speed.arm import Task
    from symtests.benchmarks.speed.environment import cache_folder, checkout_of, environment_of

    cache = cache_folder()
    checkouts = [checkout_of(Path.cwd(), revision, cache) for revision in (base, head)]
    arguments = list(suite)
    if not arguments:
        if not (checkouts[1].folder / _OWN_SUITE).is_file():
            raise InvalidValue(
                "suite=[]: name one of pytest-benchmark behind --, as in symtests speed main -- benchmarks/"
            )
        arguments = [_OWN_SUITE]
    folder = checkouts[1].folder  # the benchmarks of head are run on both sides
    tasks = []
    for checkout, python, wanted in zip(checkouts, pythons, requirements, strict=True):
        interpreter = environment_of(checkout, python or sys.executable, cache, wanted)
        words = ("suite", "WANTED", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *arguments)
        tasks.append(Task(interpreter, words, folder, _environment()))
    return Sides(*tasks)


def _environment() -> dict[str, str]:
    """Return the environment of a side: one thread, and nothing of a pytest around this process."""
    from symtests.implementations.one_thread import ONE_THREAD

    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    return {**kept, **dict.fromkeys((*ONE_THREAD, "NUMBA_NUM_THREADS"), "1"), "PYTHONHASHSEED": "0"}


def _core(wanted: int) -> int:
    """Return the processor that is wanted, and the last of those that may be used unless one is named."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if wanted == -2:
        return usable[-1] if usable else -1
    if wanted != -1 and wanted not in usable:
        raise InvalidValue(f"core={wanted}: must be one of {', '.join(map(str, usable))}, or -1 for any")
    return wanted


def _share(name: str, text: str) -> float:
    """Return a share, written as 0.02 or 2%."""
    number, percent = (text.removesuffix("%"), True) if text.endswith("%") else (text, False)
    try:
        value = float(number) / (100 if percent else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value < 100:
        raise InvalidValue(f"{name}={text!r}: must be a share of at least 0, as in 2% or 0.02")
    return value
