"""`symtests smoke`: tries adapters alone, and tells a wrong adapter from a wrong implementation."""

from __future__ import annotations

import typer

from symtests.commands.arguments import Commands, Implementations, TimeLimit, named
from symtests.shown_text import shown
from symtests.terminal_text import terminal
from symtests.terminal_waiting import said_between
from symtests.validation import InvalidValue

__all__ = ["smoke"]


def smoke(
    implementations: Implementations = None,
    commands: Commands = None,
    time_limit: TimeLimit = 30.0,
) -> None:
    """Try adapters alone: whether they can be asked, and answer in the right form."""
    from symtests.checking.adapter import try_adapter

    names = named(implementations, commands)
    if not names:
        raise InvalidValue("implementations=[]: must name one at least, as in symtests smoke --command 'node net.mjs'")
    wrong = 0
    for name in names:
        typer.echo(shown(name))
        for step in said_between(terminal(stderr=True), "asking", try_adapter(name, time_limit)):
            said = f"  ✗ {step.tried}\n    {step.wrong}" if step.wrong else f"  ✓ {step.tried}"
            typer.echo(shown(said, lines=True))
            wrong += bool(step.wrong)
    if wrong:
        typer.echo("Put the adapter right first: until then, no property can be tried.")
        raise typer.Exit(3)
    typer.echo("The adapter is right; symtests check tries the properties.")
