"""What a check is asked, and what there is to do for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symtests.checking.cluster.luggage import Luggage
from symtests.checking.events import Planned
from symtests.checking.known.known_failure import KnownFailures
from symtests.checking.processes.assignment import Candidate
from symtests.checking.processes.fleet import Limits
from symtests.checking.profile import Profile
from symtests.checking.results.results_file import Results
from symtests.checking.resuming import Resumed
from symtests.checking.run_examples import RunExamples
from symtests.checking.sharding.dealing import Shard
from symtests.checking.sharding.share import keep_share, note_of
from symtests.network import DTYPES
from symtests.properties.base import Property

__all__ = ["Cluster", "Question", "plan"]


@dataclass(frozen=True)
class Cluster:
    """Where the checks are done, if not by processes of this machine: its scheduler, and the files that go along."""

    scheduler: str
    luggage: Luggage


@dataclass(frozen=True)
class Question:
    """All that is asked, checked."""

    candidates: Sequence[Candidate]
    properties: Mapping[str, Property]
    dtypes: tuple[str, ...] | None
    profile: Profile
    seed: int
    limits: Limits
    processes: int
    results: Path | None
    examples: RunExamples | Path | None
    stories: bool
    known: KnownFailures | None
    head: Mapping[str, Any]
    earlier: Results | None
    shard: Shard | None = None
    cluster: Cluster | None = None

    @property
    def database(self) -> Path | None:
        """Where failing cases are kept during the run."""
        return self.examples.folder if isinstance(self.examples, RunExamples) else self.examples


def plan(question: Question, goes_on: Resumed | None) -> Planned:
    """Set the tasks of each candidate; return how many checks there are and how many are done."""
    done = _done(goes_on)
    told = {story["implementation"] for story in goes_on.kept.stories} if goes_on else set()
    total = 0
    for candidate in question.candidates:
        offered = DTYPES if candidate.capabilities is None else candidate.capabilities.dtypes
        dtypes = candidate.record["dtypes"] if candidate.record else question.dtypes or offered
        at_its_end = candidate.record is not None and question.earlier is not None and question.earlier.complete
        story = question.stories and candidate.name not in told and not at_its_end
        candidate.plan(question.properties, dtypes, done, story=story)
        if question.known is not None:
            candidate.expect(question.known)
        total += len(question.properties) * len(dtypes)
    notes = (*(goes_on.notes if goes_on else ()), *_notes(question))
    if question.shard is None:
        return Planned(total, len(done), notes)
    share = keep_share(
        question.candidates, question.shard, [prop.id for prop in question.properties.values()], question.stories
    )
    return Planned(share, len(done), (*notes, note_of(question.shard, share, total)))


def _notes(question: Question) -> Iterator[str]:
    """Give what a person should know of the question: properties that are left out, entries that are not looked at."""
    left_out = question.head.get("left_out")
    if left_out and left_out["properties"]:
        yield (
            f"new, not counted: {', '.join(left_out['properties'])} came after symtests {left_out['properties_of']}, "
            "to whose properties "
            "this run is pinned"
        )
    for candidate in question.candidates:
        tried = question.profile if candidate.capabilities is None else question.profile.of(candidate.capabilities)
        if tried != question.profile:
            yield (
                f"{candidate.name}: {tried.small_examples} small and {tried.wide_examples} wide cases of each property "
                "in "
                f"place of {question.profile.small_examples} and {question.profile.wide_examples}, from few networks, "
                "because it says that a network of a new size is dear (few_shapes)"
            )
    if question.known is not None:
        implementations = {c.name: (c.version, c.location) for c in question.candidates}
        dtypes = {c.name: c.dtypes for c in question.candidates}
        yield from question.known.notes(implementations, dtypes, (prop.id for prop in question.properties.values()))


def _done(goes_on: Resumed | None) -> set[tuple[str, str, str]]:
    """Return implementation, property and dtype of what is judged already."""
    return {(v.implementation, v.property, v.dtype) for v in goes_on.kept.verdicts} if goes_on else set()
