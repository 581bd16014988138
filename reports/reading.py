"""Reads a results file: one JSON object a line, strictly, even where the run was killed while it wrote."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Final

from symtests.reports.lines import end_from, implementation_from, run_from, story_from, verdict_from
from symtests.reports.record import Record, parsed
from symtests.reports.results import Cell, End, Implementation, Results, Story, Verdict
from symtests.validation import InvalidValue

__all__ = ["read_results"]

_TYPES: Final = ("run", "implementation", "verdict", "story", "end")


def read_results(path: Path) -> Results:
    """Return what a results file says.

    A last line that was cut in the middle is left out; everything else must be complete.

    Raises
    ------
    InvalidValue
        Where the file cannot be read or is no results file; the sentence names file, line and fault.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        fault = f"cannot be read ({error.strerror}); run symtests check first"
        raise InvalidValue(f"results={str(path)!r}: {fault}") from None
    lines, torn = _lines(path.name, content)
    return _gathered(path.name, lines, torn)


def _lines(name: str, content: bytes) -> tuple[list[Record], bool]:
    """Return the objects of all complete lines, and whether a torn one follows."""
    *complete, last = content.split(b"\n")
    records = [_parsed(line, f"{name}, line {number}") for number, line in enumerate(complete, 1) if line.strip()]
    if not last.strip():
        return records, False
    try:
        return [*records, _parsed(last, f"{name}, line {len(complete) + 1}")], False
    except InvalidValue:
        return records, True


def _parsed(line: bytes, place: str) -> Record:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise InvalidValue(f"{place}: is no UTF-8 text ({error.reason} at byte {error.start})") from None
    return parsed(text, place)


def _gathered(name: str, records: list[Record], torn: bool) -> Results:
    if not records or records[0].word("type", _TYPES) != "run":
        raise InvalidValue(f"{name}, line 1: must be a run line; is this a results.jsonl that symtests check wrote?")
    run = run_from(records[0])
    properties = {prop.id for prop in run.properties}
    implementations: dict[str, Implementation] = {}
    verdicts: dict[Cell, Verdict] = {}
    stories: list[Story] = []
    end: End | None = None
    for record in records[1:]:
        kind = record.word("type", _TYPES)
        if end is not None or kind == "run":
            raise InvalidValue(f"{record.place}: a line of type {kind!r} cannot stand here; report each run by itself")
        if kind == "implementation":
            found = implementation_from(record)
            _require_first(record, found.name, implementations)
            implementations[found.name] = found
        elif kind == "verdict":
            verdict = verdict_from(record)
            _require_known(record, "implementation", verdict.implementation, implementations)
            _require_known(record, "property", verdict.prop, properties)
            _require_first(record, verdict.cell, verdicts)
            verdicts[verdict.cell] = verdict
        elif kind == "story":
            stories.append(story_from(record))
        else:
            end = end_from(record)
    return Results(run, tuple(implementations.values()), tuple(verdicts.values()), tuple(stories), end, torn)


def _require_first(record: Record, key: object, seen: Container[object]) -> None:
    if key in seen:
        raise InvalidValue(f"{record.place}: a second line about {key!r}; there may be only one")


def _require_known(record: Record, name: str, value: str, known: Container[str]) -> None:
    if value not in known:
        raise InvalidValue(f"{record.place}: {name}={value!r}: must stand on a line before this one")
