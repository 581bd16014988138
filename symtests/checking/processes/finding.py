"""Which implementations a person means by names and objects."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from symtests.checking.processes.assignment import Assignment
from symtests.checking.processes.in_process import assignment_of
from symtests.checking.results.plain import representable
from symtests.implementations.command_name import is_command
from symtests.implementations.process import Command
from symtests.implementations.process_pipe import TimeLimits
from symtests.validation import InvalidValue

__all__ = ["assignments_of"]


def assignments_of(implementations: object, start_limit: float = 60.0) -> list[Assignment]:
    """Return the candidates of names and objects, or of one of either; commands are started, and say their names.

    Parameters
    ----------
    implementations
        Names that `symtests.implementations.find` takes, and objects with a method ``train``; or one of either.
    start_limit
        Seconds that a command may take to say what it is.

    Raises
    ------
    InvalidValue
        Where there are none, one is no implementation, or two have one name.
    """
    if isinstance(implementations, str) or not isinstance(implementations, Iterable):
        implementations = [implementations]
    found = [_named(item, start_limit) if isinstance(item, str) else assignment_of(item) for item in implementations]
    if not found:
        raise InvalidValue("implementations=[]: must name at least one implementation, as in ['numba']")
    names = [assignment.name for assignment in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(f"implementations: two are called {name!r}; give one of them another 'name'")
    return found


def _named(name: str, start_limit: float) -> Assignment:
    """Return the candidate of a name; a command is started, as it is called what it calls itself."""
    if not is_command(name):
        shown = representable(name)
        return Assignment(name) if shown == name else Assignment(shown, location=name)
    with closing(Command(name, TimeLimits(start=start_limit))) as command:
        return Assignment(representable(command.name), location=command.location)
