"""`symtests init`: an adapter, a baseline and a workflow, and the first verdict."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

from symtests.commands.arguments import Commands, Out
from symtests.commands.check import TYPED, check
from symtests.commands.init_files import adapter_of, calling_adapter, class_of, node_files, workflow_of
from symtests.commands.init_probe import found_by_trying
from symtests.implementations import BUILT_IN
from symtests.shown_text import shell_line, shown
from symtests.terminal_text import terminal
from symtests.terminal_waiting import said_while_it_lasts
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["init"]

KNOWN: Final = Path("symtests-known.toml")
WORKFLOW: Final = Path(".github") / "workflows" / "symtests.yml"
_LIBRARY: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_PACKAGE: Final = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
"""A name that npm knows, in lower case."""


def init(
    context: typer.Context,
    implementation: Annotated[
        str | None,
        typer.Argument(
            help="a library by the name under which it is imported, or what symtests check takes; it may be left out "
            "with --command"
        ),
    ] = None,
    commands: Commands = None,
    node: Annotated[
        bool, typer.Option("--node", help="the library is a package of Node, in the folder node_modules here")
    ] = False,
    profile: Annotated[str, typer.Option(help="of the first check: quick, default or nightly")] = "quick",
    out: Out = Path("symtests-results"),
) -> None:
    """Write an adapter, a baseline and a workflow into this folder, and give the first verdict."""
    if (implementation is None) == (not commands) or len(commands or []) > 1:
        raise InvalidValue(
            f"implementation={implementation!r}, command={commands or None}: name one library, as in symtests init "
            "my_package, or one --command"
        )
    files: dict[Path, str] = {}
    name, told, placeholder = implementation, "", node
    if node:
        name, commands, files = None, *_node_adapter(implementation)
        told = f"It computes without {implementation} until you call that in its function lossAndGradient."
    elif implementation is not None and ":" not in implementation and implementation not in BUILT_IN:
        name, files, told, placeholder = _adapter(implementation)
    words = [name] if name is not None else ["--command", *(commands or [])]
    files[WORKFLOW] = workflow_of(shown(implementation or " ".join(commands or [])), shell_line(words), str(KNOWN))
    taken = [str(path) for path in (*files, KNOWN) if path.exists()]
    if taken:
        raise InvalidValue(
            f"{taken[0]!r} is there already; remove it, or check with symtests check {shell_line(words)}"
        )
    for path, text in files.items():
        _write(path, text)
    typer.echo(shown(told)) if told else None
    typer.echo(shown(f"Known failures go to {KNOWN}. Again: symtests check {shell_line(words)} --known {KNOWN}"))
    context.meta[TYPED] = ["check", *words, "--profile", profile, "--out", str(out), "--write-known", str(KNOWN)]
    try:
        check(
            context, implementations=[name] if name is not None else None, commands=commands, profile=profile, out=out,
            write_known=KNOWN,
        )  # fmt: skip
    finally:
        if placeholder:
            typer.echo(shown(f"This is a verdict on what {next(iter(files))} computes, not on {implementation} yet."))


def _adapter(library: str) -> tuple[str, dict[Path, str], str, bool]:
    """Return the implementation's name, its adapter, what is to be said of it, and whether it leaves the library out.

    Raises
    ------
    InvalidValue
        Where the library cannot be imported.
    """
    try:
        is_there = bool(_LIBRARY.fullmatch(library)) and importlib.util.find_spec(library) is not None
    except (ImportError, ValueError):
        is_there = False
    if not is_there:
        raise InvalidValue(
            f"implementation={library!r}: must be the name of a library that can be imported here, one of "
            f"{', '.join(BUILT_IN)}, package.module:object or file.py:object; install the library first"
        )
    file = f"symtests_{library.replace('.', '_')}.py"
    name = f"{file}:{class_of(library)}"
    with said_while_it_lasts(terminal(stderr=True), f"trying how {library} is called"):
        found = found_by_trying(library)
    if found is None:
        said = f"It computes with NumPy until you call {library} in its function step: how, was not found by trying."
        return name, {Path(file): adapter_of(library, file)}, said, True
    calls, alike = found
    of_files = importlib.metadata.packages_distributions()
    distribution = of_files.get(library.split(".")[0], [library])[0]
    text = calling_adapter(library, file, calls, alike=alike, distribution=distribution)
    gave = "which NumPy gives too" if alike else "but not what NumPy gives: read it first"
    said = f"It calls {library}: how, was found by trying. A step of a small network gave a result, {gave}."
    return name, {Path(file): text}, said, False


def _node_adapter(package: str | None) -> tuple[list[str], dict[Path, str]]:
    """Return the command that asks a package of Node, and its adapter.

    Raises
    ------
    InvalidValue
        Where there is no such package here, or no Node.
    """
    if package is None or not _PACKAGE.fullmatch(package) or not (Path("node_modules") / package).is_dir():
        raise InvalidValue(
            f"implementation={package!r}: must be the name of a package in the folder node_modules here; "
            "run npm install with its name first"
        )
    if shutil.which("node") is None:
        raise InvalidValue("node=True: there is no node on the PATH; install Node.js")
    file = f"symtests_{re.sub(r'[^a-z0-9]+', '_', package).strip('_')}.mjs"
    return [f"node {file}"], {Path(name): text for name, text in node_files(package, file).items()}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise InvalidValue(f"{str(path)!r}: cannot be written ({error.strerror})") from None
    typer.echo(shown(f"wrote {path}"))
