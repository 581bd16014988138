"""Several shards of one run, joined to what one machine would have found; or why they are no parts of one run."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from symtests.checking.results.verdict import Verdict, exit_status
from symtests.checking.sharding.dealing import Dealt, checks_of
from symtests.checking.sharding.parts import Part, checks_in, read_part, words_of_check
from symtests.exit_status import NOT_JUDGED, worst
from symtests.shown_text import shell_line
from symtests.validation import InvalidValue

__all__ = ["Joined", "join"]

_SAME: Final = ("symtests", "fingerprint", "profile", "seed", "examples", "dtypes", "left_out")
"""Fields of the head in which all shards must agree."""
_OF_THE_SHARD: Final = ("costs", "asked", "dealt", "stories")
"""Likewise of what it says of the shard."""
_WORDS: Final = {"asked": "what decides its results (profile, time limits, known failures)", "costs": "table of costs"}
_WHERE: Final = ("--shard", "--out", "-n", "--scheduler", "--send")
"""Options that say where and how a run is made, and not what it asks; each is followed by its value."""


@dataclass(frozen=True)
class Joined:
    """What several shards found together.

    Parameters
    ----------
    head
        The first line of the results file.
    implementations, verdicts, stories
        The further lines, in the order in which the implementations, properties and dtypes were asked for.
    end
        The last line; None where something is missing, so that `symtests check --resume` goes on with it.
    told
        One sentence for each thing that a person should know: what is missing, what was given twice.
    """

    head: Mapping[str, Any]
    implementations: tuple[Mapping[str, Any], ...]
    verdicts: tuple[Verdict, ...]
    stories: tuple[Mapping[str, Any], ...]
    end: Mapping[str, Any] | None
    told: tuple[str, ...]

    @property
    def missing(self) -> int:
        """How many checks are not judged."""
        return int(self.head["checks"]) - len(self.verdicts)

    @property
    def exit_status(self) -> int:
        """What a check of all of it ends with; what is missing is not judged."""
        status = exit_status(self.verdicts)
        return status if self.end is not None else worst([status, NOT_JUDGED])

    @property
    def lines(self) -> Iterator[Mapping[str, Any]]:
        """The lines of the results file."""
        yield self.head
        yield from self.implementations
        yield from (verdict.to_json() for verdict in self.verdicts)
        yield from self.stories
        if self.end is not None:
            yield self.end


def join(folders: Iterable[Path]) -> Joined:
    """Join the folders of shards.

    The lines come in the order of the question, whatever the order of the folders and of the lines in them. So the
    shards of a run give, byte for byte but for times and machines, what the folder of the whole run gives, which may be
    joined alone. What is there twice must say the same.

    Parameters
    ----------
    folders
        Folders of `symtests check --shard`, or their results files.

    Raises
    ------
    InvalidValue
        Where they are no parts of one run: another version, other code, another question, contradicting verdicts.
    """
    given = sorted((read_part(Path(folder)) for folder in folders), key=lambda part: part.shard.number)
    if not given:
        raise InvalidValue("shards: must name at least one folder")
    first = given[0]
    for part in given[1:]:
        _require_same_run(first, part)
    implementations = _implementations(given)
    names, properties = first.results.run["implementations"], [prop["id"] for prop in first.results.run["properties"]]
    dtypes = {name: record["dtypes"] for name, record in implementations.items()}
    verdicts = _verdicts(given)
    order = [
        check
        for check in checks_of(properties, {name: dtypes.get(name, ()) for name in names}, ())
        if check in verdicts
    ]
    if len(order) < len(verdicts):
        strange = min(set(verdicts) - set(order))
        raise InvalidValue(f"shards: {words_of_check(strange)} was judged, and is no part of the run")
    stories = _stories(given)
    judged = tuple(verdicts[check] for check in order)
    missing = list(_missing(given))
    return Joined(
        _head(given, missing),
        tuple(implementations[name] for name in names if name in implementations),
        judged,
        tuple(stories[name] for name in names if name in stories),
        None if missing else _end(given, judged, len(implementations) + len(stories)),
        (*missing, *_twice(given)),
    )


def _require_same_run(first: Part, part: Part) -> None:
    """Raise `InvalidValue` where two shards are no parts of one run."""
    if not (first.shares and part.shares):
        whole = first if not first.shares else part
        if first.path.resolve() != part.path.resolve():
            raise InvalidValue(
                f"shards: {str(whole.path)!r} holds a whole run, and is joined with no other; name the folders of "
                "symtests check --shard, or report several runs with symtests report"
            )
    if first.shard.of != part.shard.of:
        _refuse(first, part, "its number of shards", str(first.shard.of), str(part.shard.of))
    heads = first.results.run, part.results.run
    if sorted(heads[0]["implementations"]) != sorted(heads[1]["implementations"]):
        _refuse(first, part, "implementations", *(", ".join(sorted(head["implementations"])) for head in heads))
    for name in _SAME:
        if heads[0].get(name) != heads[1].get(name):
            _refuse(first, part, name, *(str(head.get(name)) for head in heads))
    properties = [{prop["id"]: prop["version"] for prop in head["properties"]} for head in heads]
    if properties[0] != properties[1]:
        differing = sorted(set(properties[0].items()) ^ set(properties[1].items()))
        raise InvalidValue(
            f"shards: {str(first.path)!r} and {str(part.path)!r} tried other properties, or other versions of them "
            f"({', '.join(f'{property} {version}' for prop, version in differing)}); join the shards of one run"
        )
    for name in _OF_THE_SHARD if first.shares else ():
        if heads[0]["shard"][name] != heads[1]["shard"][name]:
            said = [str(head["shard"][name]) for head in heads]
            _refuse(first, part, _WORDS.get(name, name), *said)


def _refuse(first: Part, part: Part, what: str, before: str, now: str) -> NoReturn:
    raise InvalidValue(
        f"shards: {str(first.path)!r} has {what}={_short(before)}, and {str(part.path)!r} has {what}={_short(now)}; "
        "join the shards of one run"
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:40]}…{text[-19:]}"


def _implementations(given: Sequence[Part]) -> dict[str, Mapping[str, Any]]:
    """Return the line of each implementation, which all shards must write alike."""
    found: dict[str, tuple[Part, Mapping[str, Any]]] = {}
    for part in given:
        for name, record in part.results.implementations.items():
            before, said = found.setdefault(name, (part, record))
            for key in sorted({*said, *record}):
                if said.get(key) != record.get(key):
                    what = f"{name}: {key}"
                    _refuse(before, part, what, *(_text(each.get(key)) for each in (said, record)))
    return {name: record for name, (_, record) in found.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _verdicts(given: Sequence[Part]) -> dict[Dealt, Verdict]:
    """Return the verdict on each check; shards that judged the same one must say the same of it, but for the time."""
    found: dict[Dealt, tuple[Part, Verdict]] = {}
    for part in given:
        for check, verdict in part.verdicts.items():
            before, said = found.setdefault(check, (part, verdict))
            if said is not verdict and _timeless(said) != _timeless(verdict):
                raise InvalidValue(
                    f"shards: {words_of_check(check)} is {said.word} in {str(before.path)!r} and {verdict.word} in "
                    f"{str(part.path)!r}, with other findings; leave one of them out, or run the shard again"
                )
    return {check: verdict for check, (_, verdict) in found.items()}


def _timeless(verdict: Verdict) -> dict[str, Any]:
    return {**verdict.to_json(), "seconds": 0.0}


def _stories(given: Sequence[Part]) -> dict[str, Mapping[str, Any]]:
    """Return the learning curves of each implementation."""
    found: dict[str, Mapping[str, Any]] = {}
    for part in given:
        for story in part.results.stories:
            name = story["implementation"]
            if found.setdefault(name, story) != story:
                raise InvalidValue(
                    f"shards: the learning curves of {name} in {str(part.path)!r} are not those of the shard before; "
                    "leave one of them out, or run the shard again"
                )
    return found


def _missing(given: Sequence[Part]) -> Iterator[str]:
    """Give a sentence for each shard that is not there, or not whole."""
    first = given[0]
    for number in range(1, first.shard.of + 1):
        parts = [part for part in given if part.shard.number == number]
        name = f"shard {number}/{first.shard.of}" if first.shares else "the run"
        if not parts:
            checks = checks_in((first.shares[number - 1],))
            yield f"{name} is missing: {_counted(checks)} not judged"
        elif not any(part.results.complete for part in parts):
            judged = {check for part in parts for check in part.verdicts}
            left = parts[0].share - len(judged)
            torn = ", in the middle of a line" if any(part.results.torn for part in parts) else ""
            unjudged = f"{left} of {_counted(parts[0].share)} not judged" if left else "all of its checks are judged"
            yield f"{name} was cut short{torn}: {unjudged}"


def _counted(checks: int) -> str:
    return "its 1 check is" if checks == 1 else f"its {checks} checks are"


def _twice(given: Sequence[Part]) -> Iterator[str]:
    for number, count in Counter(part.shard.number for part in given).items():
        if count > 1:
            yield f"shard {number}/{given[0].shard.of} was given {count} times, which say the same"


def _head(given: Sequence[Part], missing: Sequence[str]) -> dict[str, Any]:
    """Return the head of the whole run: that of the first shard, but for what is about one shard."""
    first = given[0].results.run
    notes = list(dict.fromkeys(note for part in given for note in (*part.notes, *missing)))
    notes = [*(note for note in notes if note not in missing), *missing]
    kept = {name: value for name, value in first.items() if name not in ("shard", "notes")}
    return {
        **kept,
        "started": min(part.results.run["started"] for part in given),
        "command": _command(first["command"]),
        "checks": given[0].total,
        **({"notes": notes} if notes else {}),
        "joined": [_joined(part) for part in given],
    }


def _joined(part: Part) -> dict[str, Any]:
    end = part.results.end or {}
    return {
        "shard": str(part.shard),
        "started": part.results.run["started"],
        "finished": end.get("finished"),
        "seconds": end.get("seconds"),
        "machine": part.results.run["machine"],
    }


def _command(command: str) -> str:
    """Return the command without what says where and how the run was made."""
    try:
        words = iter(shlex.split(command))
    except ValueError:
        return command
    kept = []
    for word in words:
        if word in _WHERE:
            next(words, None)
        elif word != "--resume" and not word.startswith(tuple(f"{option}=" for option in _WHERE)):
            kept.append(word)
    return shell_line(kept) if kept else ""


def _end(given: Sequence[Part], verdicts: Sequence[Verdict], others: int) -> dict[str, Any]:
    ends = [part.results.end for part in given if part.results.end is not None]
    return {
        "type": "end",
        "finished": max(end["finished"] for end in ends),
        "seconds": sum(end["seconds"] for end in ends),
        "counts": dict(Counter(verdict.word for verdict in verdicts)),
        "exit_status": exit_status(verdicts),
        "lines": 2 + len(verdicts) + others,
    }
