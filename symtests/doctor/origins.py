"""Where in a user's own files something was made: file and line, for whoever reads a finding beside the code."""

from __future__ import annotations

import ast
import inspect
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

__all__ = ["Origin", "of_class", "of_function", "of_name", "where_called"]

_INSTALLED: Final = ("site-packages", "dist-packages")
_PACKAGE: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Origin:
    """A line of a file.

    Parameters
    ----------
    file
        Its whole path.
    line
        Its number, from 1.
    """

    file: str
    line: int


def where_called(frame: FrameType | None) -> Origin | None:
    """Return the line of a user's own file that is being run, seen from a frame inside of a library.

    Parameters
    ----------
    frame
        The innermost frame to look at.
    """
    while frame is not None:
        if _is_own(frame.f_code.co_filename):
            return Origin(str(Path(frame.f_code.co_filename).resolve()), frame.f_lineno)
        frame = frame.f_back
    return None


def of_class(kind: type) -> Origin | None:
    """Return where a class of a user's own is defined; None for one of a library."""
    return next(_defined(kind), None)


def of_function(function: Callable[..., Any]) -> Origin | None:
    """Return where a function of a user's own is defined; None for one of a library."""
    return next(_defined(inspect.unwrap(function)), None)


def of_name(file: Path, name: str) -> Origin:
    """Return the line of a Python file at which a name is first given; the first line where none is found.

    Parameters
    ----------
    file
        It is read and not run.
    name
        Of a function, a class or a variable.
    """
    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except (OSError, SyntaxError, ValueError, RecursionError):
        nodes = []
    lines = [
        node.lineno
        for node in nodes
        if (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == name)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name)
    ]
    return Origin(str(file.resolve()), min(lines, default=1))


def _defined(thing: Any) -> Iterator[Origin]:
    try:
        file = inspect.getsourcefile(thing)
        if file is not None and _is_own(file):
            yield Origin(str(Path(file).resolve()), max(1, inspect.getsourcelines(thing)[1]))
    except (OSError, TypeError):  # a class that was made while running, or whose file is gone
        return


def _is_own(file: str) -> bool:
    """Tell whether a file is neither of Python, nor installed, nor of symtests."""
    path = Path(file)
    if not path.is_file() or any(each in path.parts for each in _INSTALLED):
        return False
    resolved = path.resolve()
    return not any(resolved.is_relative_to(folder) for folder in (_PACKAGE, Path(sysconfig.get_path("stdlib"))))
