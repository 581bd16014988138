"""`symtests init`: an adapter, a baseline and a workflow, and the first verdict."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from symtests.commands.arguments import Commands, Out, named
from symtests.commands.check import check
from symtests.commands.init_files import adapter_of, class_of, workflow_of
from symtests.implementations import BUILT_IN
from symtests.shown_text import shell_line, shown
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["init"]

KNOWN: Final = Path("symtests-known.toml")
WORKFLOW: Final = Path(".github") / "workflows" / "symtests.yml"
_LIBRARY: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def init(
    implementation: Annotated[
        str | None,
        typer.Argument(
            help="a library by the name under which it is imported, or what symtests check takes; it may be left out "
            "with --command"
        ),
    ] = None,
    commands: Commands = None,
    profile: Annotated[str, typer.Option(help="of the first check: quick, default or nightly")] = "quick",
    out: Out = Path("symtests-results"),
) -> None:
    """Write an adapter, a baseline and a workflow into this folder, and give the first verdict."""
    if (implementation is None) == (not commands) or len(commands or []) > 1:
        raise InvalidValue("implementation=None: name one library, as in symtests init my_package, or one --command")
    files: dict[Path, str] = {}
    name = implementation
    if implementation is not None and ":" not in implementation and implementation not in BUILT_IN:
        name, files = _adapter(implementation)
    words = [name] if name is not None else ["--command", *(commands or [])]
    files[WORKFLOW] = workflow_of(shown(named([name] if name else [], commands)[0]), shell_line(words), str(KNOWN))
    taken = [str(path) for path in (*files, KNOWN) if path.exists()]
    if taken:
        raise InvalidValue(
            f"{taken[0]!r} is there already; remove it, or check with symtests check {shell_line(words)}"
        )
    for path, text in files.items():
        _write(path, text)
    _next(implementation, files, words)
    check(
        implementations=[name] if name is not None else None, commands=commands, profile=profile, out=out,
        write_known=KNOWN,
    )  # fmt: skip


def _adapter(library: str) -> tuple[str, dict[Path, str]]:
    """Return the implementation's name, and its adapter.

    Raises
    ------
    InvalidValue
        Where the library cannot be imported.
    """
    try:
        found = bool(_LIBRARY.fullmatch(library)) and importlib.util.find_spec(library) is not None
    except (ImportError, ValueError):
        found = False
    if not found:
        raise InvalidValue(
            f"implementation={library!r}: must be the name of a library that can be imported here, one of "
            f"{', '.join(BUILT_IN)}, package.module:object or file.py:object; install the library first"
        )
    file = f"symtests_{library.replace('.', '_')}.py"
    return f"{file}:{class_of(library)}", {Path(file): adapter_of(library, file)}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise InvalidValue(f"{str(path)!r}: cannot be written ({error.strerror})") from None
    typer.echo(shown(f"wrote {path}"))


def _next(library: str | None, files: dict[Path, str], words: list[str]) -> None:
    """Say what is left to do before the verdict, which stands last."""
    adapters = [path for path in files if path.suffix == ".py"]
    if adapters:
        typer.echo(shown(f"{adapters[0]} computes with NumPy until you call {library} in its function step."))
    typer.echo(shown(f"Known failures go to {KNOWN}. Again: symtests check {shell_line(words)} --known {KNOWN}"))
