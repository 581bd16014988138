"""Many starts of a model in a file, in blocks that any process or machine can try."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from symtests.doctor.counted_starts import counted_starts
from symtests.doctor.diagnosis_file import file_name
from symtests.doctor.loading import handed_in
from symtests.doctor.starts import Counts
from symtests.spreading.block import Block
from symtests.spreading.hosts import host
from symtests.spreading.place import Place, results_of
from symtests.spreading.record import TaskRecord
from symtests.validation import InvalidValue

__all__ = ["BLOCK", "Question", "question_of", "tried", "try_block"]

BLOCK: Final = 10
"""Starts of a block, for which the file is loaded once."""


@dataclass(frozen=True)
class Question:
    """What is asked of each start.

    Parameters
    ----------
    place
        Of the model, as for `handed_in`; below the current folder where the file may travel.
    digest
        Of the file.
    steps, seed
        As for `symtests.diagnose`.
    """

    place: str
    digest: str
    steps: int
    seed: int


def question_of(place: str, steps: int, seed: int) -> Question:
    """Return what is asked of each start of a model in a file.

    Raises
    ------
    InvalidValue
        Where there is no such file.
    """
    path, name = _parts(place)
    if not path.is_file():
        raise InvalidValue(f"model={place!r}: no file {path}; name a Python file with a function 'build'")
    if path.is_absolute() and path.resolve().is_relative_to(Path.cwd().resolve()):
        path = path.resolve().relative_to(Path.cwd().resolve())
    return Question(f"{path}{name}", _digest(path), steps, seed)


def tried(question: Question, blocks: Sequence[Block], place: Place, out: Path, others: Iterable[Path] = ()) -> Counts:
    """Return what the starts of some blocks show, together with what is on record of them.

    Parameters
    ----------
    question
        What is asked of each start.
    blocks
        Which starts.
    place
        Where they are tried.
    out, others
        Folder of the record, in which each block is as soon as it is tried, and folders of others that are taken over.
    """
    place_of = {"model": f"{_parts(question.place)[0].name} {question.digest}{_parts(question.place)[1]}"}
    asked = {"symtests": host().fingerprint, **place_of, "steps": question.steps, "seed": question.seed}
    record = TaskRecord(out, _file(question), asked, ["starts", "stays"], others)
    left = [block for block in blocks if block.name not in record]
    for block, counts in results_of(partial(try_block, question), left, place) if left else ():
        record.add(block.name, counts.to_json())
    return sum((Counts.from_json(record[block.name]) for block in blocks), Counts())


def try_block(question: Question, block: Block) -> tuple[Block, Counts]:
    """Try the starts of a block; the file is loaded anew, so that a stream of batches begins again."""
    with redirect_stdout(sys.stderr):  # what the user's code prints belongs beside the report
        handed = handed_in(_found(question))
        counts = counted_starts(
            handed.model, handed.batch, handed.loss, handed.optimizer,
            steps=question.steps, seed=question.seed, numbers=block.numbers,
        )  # fmt: skip
    return block, counts


def _found(question: Question) -> str:
    """Return the place of the model in this process: in the current folder, or where files of a cluster are."""
    path, name = _parts(question.place)
    for folder in (".", *sys.path):
        found = Path(folder) / path
        if found.is_file() and _digest(found) == question.digest:
            return f"{found}{name}"
    raise InvalidValue(f"model={question.place!r}: is not there, or has been changed; start again")


def _file(question: Question) -> str:
    """Return the name of the record of a model, as ``starts-net.jsonl`` beside ``diagnosis-net.json``."""
    return f"starts-{file_name(question.place).removeprefix('diagnosis-').removesuffix('.json')}.jsonl"


def _parts(place: str) -> tuple[Path, str]:
    """Return the file of a place, and what stands behind it: nothing, or a colon and a name."""
    file, colon, name = place.rpartition(":")
    return (Path(file), f":{name}") if colon and name.isidentifier() else (Path(place), "")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
