"""What of an earlier run still holds when it goes on: its verdicts on code that has not changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from symtests.checking.processes.assignment import Assignment
from symtests.checking.results.results_file import Results, read_results
from symtests.checking.results.verdict import Verdict
from symtests.validation import InvalidValue

__all__ = ["Resumed", "results_of_same_run", "resumed"]

_ASKED: Final = ("profile", "seed", "examples", "implementations", "dtypes")


@dataclass(frozen=True)
class Resumed:
    """An earlier run that goes on.

    Parameters
    ----------
    kept
        What of it still holds.
    dropped
        The verdicts that do not, and are judged anew.
    notes
        One sentence for each reason.
    """

    kept: Results
    dropped: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()


def results_of_same_run(path: Path, head: Mapping[str, Any]) -> Results:
    """Return what an earlier run has judged, if it asked what this one asks.

    Raises
    ------
    InvalidValue
        Where the file cannot be read, or its run asked something else.
    """
    earlier = read_results(path)
    for name in _ASKED:
        if earlier.run[name] != head[name]:
            raise InvalidValue(
                f"resume={str(path)!r}: its run had {name}={earlier.run[name]!r}, this one has {name}={head[name]!r}; "
                "ask the same again, or begin a new run"
            )
    if _shard(earlier.run) != _shard(head):
        raise InvalidValue(
            f"resume={str(path)!r}: its run was {_shard_words(earlier.run)}, this one is {_shard_words(head)}; "
            "ask the same again, or begin a new run"
        )
    before, now = ({prop["id"]: prop["version"] for prop in run["properties"]} for run in (earlier.run, head))
    if before != now:
        differing = sorted(f"{prop} {version}" for prop, version in set(before.items()) ^ set(now.items()))
        raise InvalidValue(
            f"resume={str(path)!r}: its run tried other properties, or other versions of them "
            f"({', '.join(differing)}); "
            "begin a new run"
        )
    return earlier


def _shard(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a head says of its shard, but for what was dealt, which the implementations have a say in."""
    return {name: value for name, value in run.get("shard", {}).items() if name not in ("dealt", "stories")}


def _shard_words(run: Mapping[str, Any]) -> str:
    shard = run.get("shard")
    return "no shard" if shard is None else f"shard {shard['number']}/{shard['of']} (asked {shard['asked']})"


def resumed(earlier: Results, head: Mapping[str, Any], assignments: Iterable[Assignment]) -> Resumed:
    """Return what of an earlier run still holds.

    A verdict holds where symtests is the same, and the implementation has the same version and the same code.

    Parameters
    ----------
    earlier
        The earlier run.
    head
        The first line of this one.
    assignments
        Its implementations, after they have said what they are.
    """
    changed = _change_of_symtests(earlier.run, head)
    if changed is not None:
        notes = (f"judged anew: {changed}",) if earlier.verdicts else ()
        return Resumed(Results(head, {}, (), (), None), earlier.verdicts, notes)
    reasons: dict[str, str] = {}
    for assignment in assignments:
        record = earlier.implementations.get(assignment.name)
        reason = None if record is None else _change_of(assignment, record)
        if reason is not None:
            reasons[assignment.name] = reason
    dropped = tuple(verdict for verdict in earlier.verdicts if verdict.implementation in reasons)
    judged = {verdict.implementation for verdict in dropped}
    kept = replace(
        earlier,
        run={name: value for name, value in earlier.run.items() if name != "notes"},
        implementations={name: r for name, r in earlier.implementations.items() if name not in reasons},
        verdicts=tuple(verdict for verdict in earlier.verdicts if verdict.implementation not in reasons),
        stories=tuple(story for story in earlier.stories if story["implementation"] not in reasons),
        end=None,
        torn=False,
    )
    return Resumed(kept, dropped, tuple(_notes(reasons, judged)))


def _notes(reasons: Mapping[str, str], judged: Iterable[str]) -> Iterator[str]:
    for name, reason in reasons.items():
        if name in judged:
            yield f"judged anew: {reason}"


def _change_of_symtests(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Return how symtests differs from the one that began the run, or None."""
    if before["symtests"] != now["symtests"]:
        return f"everything, as symtests is {_version(now['symtests'])} now and was {_version(before['symtests'])}"
    if "fingerprint" not in before:
        return "everything, as the results do not say which code they are about"
    if before["fingerprint"] != now["fingerprint"]:
        return "everything, as the code of symtests, or of a library that it computes with, has changed"
    return None


def _change_of(assignment: Assignment, record: Mapping[str, Any]) -> str | None:
    """Return how an implementation differs from the one of an earlier run, or None."""
    if assignment.version != record["version"]:
        return f"{assignment.name} is {_version(assignment.version)} now and was {_version(record['version'])}"
    before = record.get("fingerprint")
    if not before:
        return f"{assignment.name}, as the results do not say which code of it was judged"
    if before != assignment.fingerprint:
        return f"{assignment.name}: its code has changed"
    return None


def _version(version: str) -> str:
    return f"version {version}" if version else "without a version"
