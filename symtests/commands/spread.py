"""Options of the commands whose work can be spread over machines, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from symtests.exit_status import INTERNAL_ERROR
from symtests.shown_text import shown

__all__ = ["Others", "Scheduler", "ShardOption", "told_where_lost"]

ShardOption = Annotated[str | None, typer.Option("--shard", help="do one share of the tasks, as in 2/8")]
Others = Annotated[
    list[Path] | None, typer.Option("--from", help="take over what was found in this folder; may be repeated")
]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", help="have a Dask cluster do it: tcp://host:8786, or local")
]


@contextmanager
def told_where_lost() -> Iterator[None]:
    """Tell in one sentence that a cluster was lost, and end with the exit status of a run that is not whole."""
    from symtests.spreading.place import ClusterLost

    try:
        yield
    except ClusterLost as error:
        typer.echo(shown(f"symtests: {error}; what was found is kept: ask the same again to go on"), err=True)
        raise typer.Exit(INTERNAL_ERROR) from None
