"""The folder of one shard, read strictly: what it did of its share, and what it did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NoReturn

from symtests import __version__
from symtests.checking.results.results_file import RESULTS_FILE, Results, read_results
from symtests.checking.results.verdict import Verdict
from symtests.checking.sharding.costs import STORY, shipped_costs
from symtests.checking.sharding.dealing import Dealt, checks_of, deal
from symtests.checking.sharding.share import note_of
from symtests.spreading.deal import Shard
from symtests.validation import InvalidValue

__all__ = ["Part", "checks_in", "read_part", "words_of_check"]


@dataclass(frozen=True)
class Part:
    """One shard.

    Parameters
    ----------
    path
        Its results file.
    shard
        Which one it is; 1/1 for a run that was not dealt out.
    results
        What it found.
    shares
        What each shard of its run was to do; empty for a run that was not dealt out.
    """

    path: Path
    shard: Shard
    results: Results
    shares: tuple[frozenset[Dealt], ...]

    @cached_property
    def verdicts(self) -> dict[Dealt, Verdict]:
        """What it judged."""
        return {dealt_of(verdict): verdict for verdict in self.results.verdicts}

    @property
    def share(self) -> int:
        """How many checks it was to do."""
        return int(self.results.run["checks"])

    @property
    def total(self) -> int:
        """How many checks the whole run has."""
        return checks_in(self.shares) if self.shares else self.share

    @property
    def notes(self) -> list[str]:
        """What it notes of the question, but for the note that it is a shard."""
        own = note_of(self.shard, self.share, self.total)
        return [note for note in self.results.run.get("notes", ()) if note != own]


def checks_in(shares: tuple[frozenset[Dealt], ...]) -> int:
    """Return how many checks some shares have, without the learning curves."""
    return sum(each.property != STORY for share in shares for each in share)


def dealt_of(verdict: Verdict) -> Dealt:
    """Return what a verdict is about."""
    return Dealt(verdict.implementation, verdict.property, verdict.dtype)


def read_part(folder: Path) -> Part:
    """Read the folder of a shard, or its results file.

    Parameters
    ----------
    folder
        As `symtests check --shard` has written it; a run that was cut short is read as far as it goes.

    Raises
    ------
    InvalidValue
        Where it is no such folder, its lines contradict each other, or this symtests deals otherwise.
    """
    path = folder / RESULTS_FILE if folder.is_dir() else folder
    results = read_results(path)
    if "joined" in results.run:
        _refuse(path, "is joined already; name the folders of the shards themselves")
    found = results.run.get("shard")
    if found is None:
        part = Part(path, Shard(1, 1), results, ())
    else:
        shard = Shard(found["number"], found["of"])
        if shard.number > shard.of:
            _refuse(path, f"says that it is shard {shard}, which there cannot be")
        part = Part(path, shard, results, _shares(path, results, found))
    _require_consistent(part)
    return part


def _shares(path: Path, results: Results, entry: Mapping[str, Any]) -> tuple[frozenset[Dealt], ...]:
    """Return what each shard of the run was to do, dealt out once more."""
    version = results.run["symtests"]
    if version != __version__:
        _refuse(path, f"was written by symtests {version}; this is {__version__}, which may deal otherwise")
    if entry["costs"] != shipped_costs().digest:
        _refuse(path, "was dealt out by another table of costs; join it with the symtests that made it")
    dealt: Mapping[str, list[str]] = entry["dealt"]
    if set(dealt) != set(results.run["implementations"]):
        _refuse(path, "was dealt out for other implementations than those it names")
    ids = tuple(prop["id"] for prop in results.run["properties"])
    of_each = tuple(sorted((name, tuple(dtypes)) for name, dtypes in dealt.items()))
    return _dealt_out(ids, of_each, tuple(entry["stories"]), entry["of"])


@lru_cache(maxsize=64)
def _dealt_out(
    properties: tuple[str, ...], dtypes: tuple[tuple[str, tuple[str, ...]], ...], stories: tuple[str, ...], of: int
) -> tuple[frozenset[Dealt], ...]:
    """Return what each shard of a run was to do; all shards of one run say the same of it."""
    return deal(checks_of(properties, dict(dtypes), stories), of, shipped_costs())


def _require_consistent(part: Part) -> None:
    """See that the lines of a part do not contradict each other."""
    path, results = part.path, part.results
    if len(part.verdicts) < len(results.verdicts):
        again = next(each for each, count in Counter(map(dealt_of, results.verdicts)).items() if count > 1)
        _refuse(path, f"has two verdicts on {words_of_check(again)}")
    stories = Counter(story["implementation"] for story in results.stories)
    for name, count in stories.items():
        if count > 1:
            _refuse(path, f"has two learning curves of {name}")
    for name in {*stories, *(verdict.implementation for verdict in results.verdicts)}:
        if name not in results.implementations:
            _refuse(path, f"has no line on the implementation {name}, which it judges")
    if results.end is not None:
        said, counted = results.end["counts"], Counter(verdict.word for verdict in results.verdicts)
        judged = sum(counted.values())
        if said != dict(counted):
            _refuse(
                path, f"has {judged} verdicts, and not those that its last line counts, {sum(said.values())} of them"
            )
        lines = 2 + len(results.implementations) + judged + len(results.stories)
        if results.end.get("lines", lines) != lines:
            _refuse(path, f"has a line twice, and lacks another: {lines} differ, and it had {results.end['lines']}")
        if judged != part.share:
            _refuse(path, f"ends after {judged} verdicts, though it was to give {part.share}")
    if part.shares:
        _require_own(part)


def _require_own(part: Part) -> None:
    """See that a shard did its own share and nothing else."""
    mine = part.shares[part.shard.number - 1]
    if checks_in((mine,)) != part.share:
        _refuse(
            part.path, f"was to do {part.share} checks, and shard {part.shard} of this run has {checks_in((mine,))}"
        )
    strange = sorted({*part.verdicts, *(Dealt(s["implementation"], STORY, "") for s in part.results.stories)} - mine)
    if strange:
        _refuse(part.path, f"has judged {words_of_check(strange[0])}, which does not belong to shard {part.shard}")


def words_of_check(check: Dealt) -> str:
    """Return what is dealt in words, as in "GRAD1 of numba in float32"."""
    if check.property == STORY:
        return f"the learning curves of {check.implementation}"
    return f"{check.property} of {check.implementation} in {check.dtype}"


def _refuse(path: Path, reason: str) -> NoReturn:
    raise InvalidValue(f"shard={str(path)!r}: {reason}")
