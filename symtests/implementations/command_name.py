"""How a command is named where an implementation is named: ``command:node my_net.mjs``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from symtests.validation import InvalidValue

__all__ = ["PREFIX", "is_command", "name_of_command", "words_of"]

PREFIX: Final = "command:"
"""What stands before the command."""


def is_command(name: str) -> bool:
    """Tell whether a name of an implementation is a command."""
    return name.startswith(PREFIX)


def name_of_command(words: Sequence[str]) -> str:
    """Return the name by which a command is found again."""
    return PREFIX + shlex.join(words)


def words_of(name: str) -> list[str]:
    """Return the program and the arguments of a command, with or without the prefix, split as a shell would.

    Raises
    ------
    InvalidValue
        Where there are none, or a quotation does not end.
    """
    command = name.removeprefix(PREFIX)
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InvalidValue(f"command={command!r}: cannot be split into words ({error}); close the quotation") from None
    if not words or "\0" in command:
        raise InvalidValue(f"command={command!r}: must be a program with its arguments, as in 'node my_net.mjs'")
    return words
