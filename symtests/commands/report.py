"""`symtests report`: writes the report again from a results file, or one report on the results of many runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from symtests.commands.arguments import OUT, beside, diagnoses_beside, results_file
from symtests.shown_text import shown
from symtests.terminal_text import terminal
from symtests.terminal_waiting import said_while_it_lasts
from symtests.validation import InvalidValue

__all__ = ["report"]


def report(
    results: Annotated[
        list[str] | None, typer.Argument(help="a results file, its folder or its https address; several for one matrix")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="folder of the report; the results' unless given")] = None,
) -> None:
    """Write the report again from a results file, of a run that was cut short too; or join those of many runs."""
    from symtests.checking.results.changes import CHANGES_FILE
    from symtests.checking.shared_record import is_address
    from symtests.reports import write_report

    given = results or [str(OUT)]
    if len(given) > 1 or is_address(given[0]):
        _report_many(given, out)
        return
    path = results_file("results", Path(given[0]))
    benchmarks, changes = beside(path, "benchmarks.json"), beside(path, CHANGES_FILE)
    with said_while_it_lasts(terminal(stderr=True), "writing the report"):
        pages = write_report(path, out or path.parent, benchmarks, changes, diagnoses_beside(path))
    for page in pages:
        typer.echo(shown(f"Report: {page}"))


def _report_many(given: Sequence[str], out: Path | None) -> None:
    """Write one results file, the report on it, and the history of each implementation."""
    from symtests.checking.results.results_file import RESULTS_FILE
    from symtests.checking.shared_record import HISTORY_FILE, fetched, gathered, history_page, is_address, published
    from symtests.reports import write_report
    from symtests.whole_file import write_whole

    if out is None:
        raise InvalidValue("out: must be given where the results of several runs are joined")
    places = []
    for number, place in enumerate(given):
        fetch = is_address(place)
        path = fetched(place, out / "fetched" / str(number)) if fetch else results_file("results", Path(place))
        if path.parent.resolve() == out.resolve():
            raise InvalidValue(f"out={str(out)!r}: is the folder of one of the runs; name another folder")
        places.append((place, path))
    runs = published(places)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in gathered(runs))
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / RESULTS_FILE, text)
        write_whole(out / HISTORY_FILE, history_page(runs))
    except OSError as error:
        raise InvalidValue(f"out={str(out)!r}: cannot be written ({error.strerror}); name another folder") from None
    for page in (*write_report(out / RESULTS_FILE, out), out / HISTORY_FILE):
        typer.echo(shown(f"Report: {page}"))
