"""The `symtests` command: a thin front on the engine."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from symtests.validation import InvalidValue

if TYPE_CHECKING:  # the engine loads Hypothesis, which `symtests --help` does not need
    from symtests.checking.verdict import Verdict

__all__ = ["app", "main"]

app = typer.Typer(
    name="symtests",
    help="The conformance suite for backpropagation: which laws does an implementation obey?",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit status: 0 all as expected; 1 a law is violated; 2 wrong usage; 3 something could not be judged.",
)

OUT = Path("symtests-results")
DATABASE = Path(".symtests") / "examples"

Implementations = Annotated[
    list[str] | None,
    typer.Argument(help="numba, numpy, torch, package.module:object or file.py:object; the Numba kernels unless given"),
]
Out = Annotated[Path, typer.Option("--out", help="folder for the results and the report")]


@app.callback(invoke_without_command=True)
def _root(context: typer.Context, version: Annotated[bool, typer.Option("--version", help="print it")] = False) -> None:
    if version:
        from symtests import __version__

        typer.echo(__version__)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def check(
    implementations: Implementations = None,
    laws: Annotated[
        list[str] | None, typer.Option("--property", "-p", help="only this law or group, as in GRAD1; may be repeated")
    ] = None,
    dtypes: Annotated[list[str] | None, typer.Option("--dtype", help="float32 or float64; both unless given")] = None,
    profile: Annotated[str, typer.Option(help="quick, default or nightly")] = "default",
    seed: Annotated[int | None, typer.Option(min=0, help="another number, other cases; 0 unless given")] = None,
    examples: Annotated[int | None, typer.Option(min=1, help="cases of each law and tier")] = None,
    processes: Annotated[int | None, typer.Option("-n", min=1, help="processes; as many as cores unless given")] = None,
    time_limit: Annotated[float, typer.Option(min=0.1, help="seconds that one call may take")] = 30.0,
    out: Out = OUT,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the run in the folder of --out")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print each verdict as a line of JSON")] = False,
) -> None:
    """Check implementations and write the report."""
    from symtests.checking import check as run_check
    from symtests.checking.results import RESULTS_FILE
    from symtests.terminal import follow

    results = out / RESULTS_FILE
    events = run_check(
        implementations or ["numba"],
        properties=laws or None,
        dtypes=dtypes or None,
        profile=profile,
        seed=seed,
        examples=examples,
        processes=processes,
        call_limit=time_limit,
        out=out,
        resume=results if resume else None,
        database=DATABASE,
        command="symtests " + shlex.join(sys.argv[1:]),
    )
    console = Console(stderr=as_json)
    try:
        finished = follow(events, console, on_verdict=_print_json if as_json else None)
    except KeyboardInterrupt:
        again = "symtests check --resume" + ("" if out == OUT else f" --out {out}")
        console.print(f"Stopped; what was judged is kept. Go on with: {again}", soft_wrap=True, markup=False)
        raise typer.Exit(130) from None
    from symtests.reports import write_report  # loads the charts, which wrong usage does not need

    page, _ = write_report(results, out, _benchmarks(out))
    console.print(f"Report: {page}", soft_wrap=True, highlight=False)
    raise typer.Exit(finished.exit_status)


@app.command("list")
def list_laws(
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON, with the claims")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="print them with their mathematics")] = False,
) -> None:
    """List the laws, with what each one catches and the claims that it checks."""
    from symtests.checking.results import claim_to_json, law_to_json
    from symtests.claims import CLAIMS
    from symtests.law_page import law_page
    from symtests.properties import PROPERTIES
    from symtests.terminal import law_table

    if as_json and as_markdown:
        raise InvalidValue("markdown=True: cannot go with --json; leave one of them out")
    if as_json:
        laws, claims = [law_to_json(law) for law in PROPERTIES], [claim_to_json(claim) for claim in CLAIMS]
        typer.echo(json.dumps({"laws": laws, "claims": claims}, indent=2, ensure_ascii=False))
    elif as_markdown:
        typer.echo(law_page(), nl=False)
    else:
        Console().print(law_table(PROPERTIES))


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="a results file, or the folder of one")] = OUT,
    out: Annotated[Path | None, typer.Option("--out", help="folder of the report; the results' unless given")] = None,
) -> None:
    """Write the report again from a results file, of a run that was cut short too."""
    from symtests.checking.results import RESULTS_FILE
    from symtests.reports import write_report

    path = results / RESULTS_FILE if results.is_dir() else results
    if not path.is_file():
        raise InvalidValue(f"results={str(results)!r}: must be a results file or its folder; run symtests check first")
    folder = out or path.parent
    for page in write_report(path, folder, _benchmarks(path.parent)):
        typer.echo(f"Report: {page}")


@app.command()
def bench(
    implementations: Implementations = None,
    quick: Annotated[bool, typer.Option("--quick", help="few rounds and small networks, to see that it runs")] = False,
    out: Out = OUT,
) -> None:
    """Measure forward pass, gradient and training step beside their peers."""
    from symtests.benchmarks import BenchmarksFailed, run_benchmarks
    from symtests.terminal import benchmark_table

    try:
        path = run_benchmarks(implementations or [], out, quick)
    except BenchmarksFailed as error:
        typer.echo(f"symtests: {error}", err=True)
        raise typer.Exit(3) from None
    Console().print(benchmark_table(json.loads(path.read_text(encoding="utf-8"))))
    typer.echo(f"Figures: {out / path.name}")


def _benchmarks(folder: Path) -> Path | None:
    path = folder / "benchmarks.json"
    return path if path.is_file() else None


def _print_json(verdict: Verdict) -> None:
    typer.echo(json.dumps(verdict.to_json(), ensure_ascii=False))


def main() -> None:
    """Run the command line; a user's mistake costs one sentence and exit status 2."""
    try:
        status = app(standalone_mode=False, prog_name="symtests")
    except InvalidValue as error:
        _refuse(str(error))
    except (KeyboardInterrupt, typer.Abort):
        raise SystemExit(130) from None
    except BrokenPipeError:  # the reader went away, as in `symtests list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None
    except Exception as error:
        message = getattr(error, "format_message", None)
        if not callable(message):
            raise
        _refuse(str(message()))
    raise SystemExit(status if isinstance(status, int) else 0)


def _refuse(sentence: str) -> None:
    typer.echo(f"symtests: {' '.join(sentence.split())}", err=True)
    raise SystemExit(2)
