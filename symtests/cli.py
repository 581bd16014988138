"""The `symtests` command: a thin front on the engine. Each of its commands is a file of `symtests.commands`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Annotated

import typer

from symtests.ascii_forms import never_fails
from symtests.commands.bench import bench
from symtests.commands.check import check
from symtests.commands.compare import compare
from symtests.commands.diagnose import diagnose
from symtests.commands.explain_check import app as explain_check
from symtests.commands.init import init
from symtests.commands.list_properties import list_properties, show_property
from symtests.commands.merge import merge
from symtests.commands.report import report
from symtests.commands.smoke import smoke
from symtests.commands.speed import SpeedCommand, speed
from symtests.commands.starts import starts
from symtests.commands.vectors import app as vectors
from symtests.exit_status import ALL_AS_EXPECTED, INTERNAL_ERROR, INTERRUPTED, MEANINGS, READER_GONE, WRONG_USAGE
from symtests.internal_error import told
from symtests.shown_text import shown
from symtests.validation import InvalidValue

__all__ = ["app", "main"]

app = typer.Typer(
    name="symtests",
    help="The conformance suite for backpropagation: which properties does an implementation obey?",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit status: " + "; ".join(f"{status} {meaning.replace(';', ',')}" for status, meaning in MEANINGS.items()),
)
app.command()(init)
app.command()(check)
app.command()(smoke)
app.command()(diagnose)
app.command("list")(list_properties)
app.command("show")(show_property)
app.command()(merge)
app.command()(report)
app.command()(starts)
app.command()(compare)
app.command()(bench)
app.command(cls=SpeedCommand)(speed)
app.add_typer(vectors, name="vectors")
app.add_typer(explain_check, name="explain-check")


@app.callback(invoke_without_command=True)
def _root(context: typer.Context, version: Annotated[bool, typer.Option("--version", help="print it")] = False) -> None:
    if version:
        from symtests import __version__

        typer.echo(__version__)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line: a user's mistake costs one sentence and status 2, an error of symtests two and status 4."""
    for stream in (sys.stdout, sys.stderr):
        never_fails(stream)  # a terminal may not know a character, and no text is lost
    raise SystemExit(_flushed(_status()))


def _status() -> int:
    try:
        status = app(standalone_mode=False, prog_name="symtests")
    except InvalidValue as error:
        return _refused(str(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:  # the reader went away, as in `symtests list | head`
        return READER_GONE
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes a 1 of that, which is a violation here
            return READER_GONE
        raise
    except Exception as error:
        message = getattr(error, "format_message", None)
        if callable(message):
            if type(error).__name__ == "NoArgsIsHelpError":  # typer takes a question for help for a mistake
                typer.echo(message())
                return ALL_AS_EXPECTED
            return _refused(_of_a_number(error) or str(message()))
        with suppress(OSError):
            typer.echo(shown(f"symtests: {told(error, None)}"), err=True)
        return INTERNAL_ERROR
    return status if isinstance(status, int) else ALL_AS_EXPECTED


def _flushed(status: int) -> int:
    """Write out what was printed; return the exit status, which is another where that is not possible."""
    try:
        sys.stdout.flush()
    except OSError as error:
        status = READER_GONE if isinstance(error, BrokenPipeError) else INTERNAL_ERROR
    if status in (READER_GONE, INTERNAL_ERROR):
        with suppress(OSError, ValueError):  # what is left must not fail again at the end of the process
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def _of_a_number(error: Exception) -> str | None:
    """Return the sentence for what is no number, with what was given; typer's own leaves that out."""
    faults = getattr(error.__cause__, "errors", None)
    fault = faults()[0] if callable(faults) else {}
    wanted = {"int_parsing": "a whole number", "float_parsing": "a number"}.get(fault.get("type", ""))
    if wanted is None:
        return None
    name = str(getattr(getattr(error, "param", None), "name", None) or "argument").replace("-", "_")
    return f"{name}={fault['input']!r}: must be {wanted}"


def _refused(sentence: str) -> int:
    with suppress(OSError):
        typer.echo(shown(f"symtests: {' '.join(sentence.split())}"), err=True)
    return WRONG_USAGE
