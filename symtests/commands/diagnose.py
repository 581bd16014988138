"""`symtests diagnose`: examines a real model's start and first steps."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from symtests.commands.arguments import Processes
from symtests.commands.spread import Others, Scheduler, ShardOption, told_where_lost
from symtests.exit_status import VIOLATED
from symtests.float_json import in_words
from symtests.terminal_text import terminal
from symtests.terminal_waiting import said_while_it_lasts
from symtests.validation import InvalidValue, integer_at_least
from symtests.whole_file import write_whole

if TYPE_CHECKING:
    from symtests.doctor.starts import Starts

__all__ = ["diagnose"]

OUT: Final = Path("symtests-diagnosis")
"""Folder in which starts that were tried are kept unless another is given."""


def diagnose(
    model: Annotated[str, typer.Argument(help="a file with build(), batch(), loss() and optimizer(), or FILE:NAME")],
    steps: Annotated[int, typer.Option("--steps", help="real steps of training that are taken")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="of building the model and of the noise in each step")] = 0,
    starts: Annotated[int, typer.Option("--starts", help="build it so often with other seeds, and count")] = 0,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", help="PATTERN=REASON: a finding that is meant; may be repeated")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print everything as JSON")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="print Markdown, for an issue")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="also write a page with drawings to this file")] = None,
    sarif: Annotated[
        Path | None,
        typer.Option("--sarif", help="also write the findings to this file as SARIF, for the lines of a pull request"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="also leave the findings in this folder of results, for the report"),
    ] = None,
    shard: ShardOption = None,
    others: Others = None,
    scheduler: Scheduler = None,
    processes: Processes = None,
) -> None:
    """Examine a model of PyTorch, JAX or Keras: take real steps, and say what keeps it from learning, worst first."""
    from symtests.doctor.diagnosis_file import diagnosis_record, file_name
    from symtests.doctor.loading import handed_in

    integer_at_least("steps", steps, 1)
    integer_at_least("starts", starts, 0)
    if as_json and as_markdown:
        raise InvalidValue("markdown=True: and json=True exclude each other; leave one out")
    spread = shard is not None or scheduler is not None or processes is not None or bool(others)
    if spread and not starts:
        raise InvalidValue("starts=0: shard, from, scheduler and n are about many starts; add --starts, as in 100")
    reasons = dict(map(_reason, accept or []))
    import symtests.doctor as doctor
    from symtests.doctor.fronts import installed

    if not installed():
        raise InvalidValue(f"model={model!r}: torch is not installed; run pip install 'symtests[torch]'")

    # What the user's code prints belongs beside the report, not into it.
    console = terminal(stderr=True)
    with said_while_it_lasts(console, "taking real steps with a copy of the model"), redirect_stdout(sys.stderr):
        handed = handed_in(model)
        result = doctor.diagnose(
            handed.model, handed.batch, handed.loss, handed.optimizer,
            steps=steps, seed=seed, starts=0 if spread else starts, accept=reasons,
        )  # fmt: skip
        if spread:
            shown = _tried(model, steps, seed, starts, shard, others or [], scheduler, processes, out or OUT)
            result = replace(result, starts=shown)
    if html is not None:
        _write("html", html, result.to_html())
    if sarif is not None:
        document = json.dumps(result.to_sarif(handed.place, _root()), indent=2)
        _write("sarif", sarif, f"{document}\n")
    if out is not None:
        record = json.dumps(diagnosis_record(result, model), ensure_ascii=False, indent=2)
        _write("out", out / file_name(model), f"{record}\n", folder=True)
    if as_json:
        typer.echo(json.dumps(in_words(result.to_json()), indent=2))
    elif as_markdown:
        typer.echo(result.to_markdown())
    else:
        from symtests.doctor.telling import for_terminal

        terminal().print(for_terminal(result))
    if result.fatal:
        raise typer.Exit(VIOLATED)


def _root() -> Path:
    """Return the folder of the repository around the current folder, or else that one: paths of SARIF begin there."""
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _tried(
    place: str,
    steps: int,
    seed: int,
    starts: int,
    shard: str | None,
    others: list[Path],
    scheduler: str | None,
    processes: int | None,
    out: Path,
) -> Starts:
    """Try many starts where it was asked for, or a share of them."""
    from symtests.checking.results.machine import core_count
    from symtests.doctor.spread_starts import BLOCK, question_of, tried
    from symtests.spreading.block import blocks_of, share_of
    from symtests.spreading.deal import shard_of
    from symtests.spreading.luggage import luggage_of
    from symtests.spreading.place import Place

    question, blocks = question_of(place, steps, seed), blocks_of(starts, BLOCK)
    if shard is not None:
        blocks = share_of(blocks, shard_of(shard))
    own = None if scheduler is None else luggage_of([question.place], Path.cwd())
    with told_where_lost():
        counts = tried(question, blocks, Place(processes or core_count(), scheduler, own), out, others)
    return counts.shares(steps)


def _write(name: str, path: Path, text: str, *, folder: bool = False) -> None:
    try:
        if folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise InvalidValue(f"{name}={str(path)!r}: cannot be written ({error.strerror}); name another file") from None


def _reason(text: str) -> tuple[str, str]:
    pattern, equals, reason = text.partition("=")
    if not equals or not pattern.strip() or not reason.strip():
        raise InvalidValue(f"accept={text!r}: must be PATTERN=REASON, as in 'head.*=meant: it starts as 0'")
    return pattern.strip(), reason.strip()
