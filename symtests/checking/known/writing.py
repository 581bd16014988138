"""Writes the file of known failures: what fails is entered, what is mended leaves, the author's words stay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from symtests import __version__
from symtests.checking.known.known_failure import FOUND, read_known
from symtests.checking.results.plain import plain
from symtests.checking.results.verdict import Counterexample, Verdict
from symtests.properties.base import Property
from symtests.shown_text import shown
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

if TYPE_CHECKING:  # takes longer to import than most checks need it
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT, Table

__all__ = ["Written", "write_known"]

_HEAD: Final = (
    "Known failures: symtests check --known replays each counterexample first.",
    "symtests check --write-known adds and removes entries; reasons, links, conditions and comments are yours.",
)
_UNEXPLAINED: Final = "not explained yet: "
_LONGEST_REASON: Final = 240


@dataclass(frozen=True)
class Written:
    """What has become of a file of known failures: how many entries were added, written again and removed.

    `left` are the verdicts of which it does not speak now: all but the failures that were entered and the entries that
    were removed.
    """

    path: Path
    added: int
    updated: int
    removed: int
    left: tuple[Verdict, ...] = ()


def write_known(path: Path, verdicts: Iterable[Verdict], properties: Iterable[Property] = ()) -> Written:
    """Bring a file of known failures up to what a run has found; what it was not asked about stays as it is.

    A check that fails gets an entry with its counterexample, under a reason that says what was seen until its author
    writes a better one. An entry that is ``fixed`` is removed, in the dtypes in which it is.

    Parameters
    ----------
    path
        The file; a new one is pinned to the properties of this release.
    verdicts
        What was found.
    properties
        Properties that the file may name besides those of symtests.

    Raises
    ------
    InvalidValue
        Where the file is there and is none, or cannot be written.
    """
    import tomlkit

    if path.exists():
        read_known(path, properties)
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    else:
        document = _new_document()
    entries = _entries(document)
    by_entry: dict[int, list[Verdict]] = {}
    found = list(verdicts)
    for verdict in found:
        by_entry.setdefault(verdict.known.entry if verdict.known else 0, []).append(verdict)
    fresh = [verdict for verdict in by_entry.pop(0, []) if _can_be_entered(verdict)]
    updated, stale = 0, []
    for number, about in sorted(by_entry.items()):
        if number > len(entries):
            raise InvalidValue(f"known={str(path)!r}: has changed during the run; check again")
        updated += _updated(entries[number - 1], about)
        if all(verdict.word == "fixed" for verdict in about):
            stale.append(number - 1)
    for index in reversed(stale):
        del entries[index]
    stood_there = len(entries) > 0
    for verdict in fresh:
        if stood_there and not entries[-1].as_string().endswith("\n\n"):
            entries[-1].add(tomlkit.nl())  # tomlkit keeps entries apart in a new list alone
        entries.append(_entry(verdict))
    _replace(path, tomlkit.dumps(document))
    left = tuple(verdict for verdict in found if verdict.word != "fixed" and not _can_be_entered(verdict))
    return Written(path, len(fresh), updated, len(stale), left)


def _new_document() -> TOMLDocument:
    import tomlkit

    document = tomlkit.document()
    for line in _HEAD:
        document.add(tomlkit.comment(line))
    release = ".".join(__version__.split(".")[:2])
    document.add(
        "properties", tomlkit.item(release).comment("properties that are newer than this release are not tried")
    )
    document.add(tomlkit.nl())
    return document


def _entries(document: TOMLDocument) -> AoT:
    import tomlkit

    if "known" not in document or not document["known"]:
        document["known"] = tomlkit.aot()
    found: Any = document["known"]
    entries: AoT = found
    return entries


def _can_be_entered(verdict: Verdict) -> bool:
    """Tell whether it is a failure with a case that can be asked again."""
    return verdict.counterexample is not None and (
        verdict.word == "violated"
        or (verdict.word == "errored" and verdict.failure is not None and verdict.failure.kind in FOUND)
    )


def _entry(verdict: Verdict) -> Table:
    import tomlkit

    table = tomlkit.table()
    table["property"] = _text(verdict.property)
    table["version"] = verdict.property_version
    table["implementation"] = _text(verdict.implementation)
    table["found"] = _found(verdict)
    table["reason"] = _text(_reason(verdict))
    when = tomlkit.inline_table()
    when["dtype"] = verdict.dtype
    table["when"] = when
    if _is_unsteady(verdict):
        table["unsteady"] = True
    table["counterexample"] = _case_text(verdict.counterexample)
    return table


def _updated(table: Any, about: Sequence[Verdict]) -> bool:
    """Change an entry where it is about something else now; tell whether it was."""
    import tomlkit

    failing = [verdict for verdict in about if _can_be_entered(verdict)]
    for verdict in failing[:1]:
        table["version"], table["found"] = verdict.property_version, _found(verdict)
        table["counterexample"] = _case_text(verdict.counterexample)
        if str(table["reason"]).startswith(_UNEXPLAINED):
            table["reason"] = _text(_reason(verdict))
    fixed = {verdict.dtype for verdict in about if verdict.word == "fixed"}
    narrower = bool(fixed) and len(fixed) < len(about)
    if narrower:
        if "when" not in table:
            table["when"] = tomlkit.inline_table()
        left = [verdict.dtype for verdict in about if verdict.dtype not in fixed]
        table["when"]["dtype"] = left[0] if len(left) == 1 else left
    outdated = [v for v in about if v.word == "known" and v.property_version != table.get("version", 1)]
    for verdict in outdated[:1]:
        table["version"] = verdict.property_version
    return bool(failing or narrower or outdated)


def _text(text: str) -> str:
    """Return a text that TOML can hold: one with halves of characters is shown as on a terminal."""
    return shown(text) if any("\ud800" <= character <= "\udfff" for character in text) else text


def _found(verdict: Verdict) -> str:
    return "violated" if verdict.failure is None else verdict.failure.kind


def _is_unsteady(verdict: Verdict) -> bool:
    return verdict.counterexample is not None and not verdict.counterexample.steady


def _reason(verdict: Verdict) -> str:
    diagnosis = "" if verdict.counterexample is None else verdict.counterexample.diagnosis
    said = " ".join((diagnosis or verdict.sentence).split()).split(". ")[0].rstrip(".")
    return _UNEXPLAINED + (said if len(said) <= _LONGEST_REASON else said[: _LONGEST_REASON - 1] + "…")


def _case_text(found: Counterexample | None) -> Any:
    """Return the case as one line of JSON, every bit kept, in a string in which nothing is escaped if possible."""
    import tomlkit

    assert found is not None
    text = json.dumps(plain(found.case), allow_nan=False)
    return tomlkit.string(text, literal="'" not in text)


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise InvalidValue(f"known={str(path)!r}: cannot be written ({error.strerror}); name another file") from None
