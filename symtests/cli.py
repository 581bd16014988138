"""The `symtests` command: a thin front on the engine. Each of its commands is a file of `symtests.commands`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from symtests.commands.bench import bench
from symtests.commands.check import check
from symtests.commands.compare import compare
from symtests.commands.list_laws import list_laws
from symtests.commands.report import report
from symtests.commands.smoke import smoke
from symtests.commands.vectors import app as vectors
from symtests.shown_text import shown
from symtests.validation import InvalidValue

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
app.command()(check)
app.command()(smoke)
app.command("list")(list_laws)
app.command()(report)
app.command()(compare)
app.command()(bench)
app.add_typer(vectors, name="vectors")


@app.callback(invoke_without_command=True)
def _root(context: typer.Context, version: Annotated[bool, typer.Option("--version", help="print it")] = False) -> None:
    if version:
        from symtests import __version__

        typer.echo(__version__)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


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
        _refuse(_of_a_number(error) or str(message()))
    raise SystemExit(status if isinstance(status, int) else 0)


def _of_a_number(error: Exception) -> str | None:
    """Return the sentence for what is no number, with what was given; typer's own leaves that out."""
    faults = getattr(error.__cause__, "errors", None)
    fault = faults()[0] if callable(faults) else {}
    wanted = {"int_parsing": "a whole number", "float_parsing": "a number"}.get(fault.get("type", ""))
    if wanted is None:
        return None
    name = str(getattr(getattr(error, "param", None), "name", None) or "argument").replace("-", "_")
    return f"{name}={fault['input']!r}: must be {wanted}"


def _refuse(sentence: str) -> None:
    typer.echo(shown(f"symtests: {' '.join(sentence.split())}"), err=True)
    raise SystemExit(2)
