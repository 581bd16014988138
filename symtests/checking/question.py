"""What a check is asked, and what there is to do for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symtests.checking.events import Planned
from symtests.checking.known.known_failure import KnownFailures
from symtests.checking.processes.assignment import Assignment
from symtests.checking.processes.fleet import Limits
from symtests.checking.profile import Profile
from symtests.checking.results.results_file import Results
from symtests.checking.resuming import Resumed
from symtests.checking.run_examples import RunExamples
from symtests.checking.sharding.share import keep_share, note_of
from symtests.network import DTYPES
from symtests.properties.base import Property
from symtests.spreading.deal import Shard
from symtests.spreading.luggage import Luggage

__all__ = ["Cluster", "Question", "plan"]


@dataclass(frozen=True)
class Cluster:
    """Where the checks are done, if not by processes of this machine: its scheduler, and the files that go along."""

    scheduler: str
    luggage: Luggage


@dataclass(frozen=True)
class Question:
    """All that is asked, checked."""

    assignments: Sequence[Assignment]
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
    """Set the tasks of each assignment; return how many checks there are and how many are done."""
    done = _done(goes_on)
    told = {story["implementation"] for story in goes_on.kept.stories} if goes_on else set()
    total = 0
    for assignment in question.assignments:
        offered = DTYPES if assignment.capabilities is None else assignment.capabilities.dtypes
        dtypes = assignment.record["dtypes"] if assignment.record else question.dtypes or offered
        at_its_end = assignment.record is not None and question.earlier is not None and question.earlier.complete
        story = question.stories and assignment.name not in told and not at_its_end
        assignment.plan(question.properties, dtypes, done, story=story)
        if question.known is not None:
            assignment.expect(question.known)
        total += len(question.properties) * len(dtypes)
    notes = (*(goes_on.notes if goes_on else ()), *_notes(question))
    if question.shard is None:
        return Planned(total, len(done), notes)
    share = keep_share(
        question.assignments, question.shard, [prop.id for prop in question.properties.values()], question.stories
    )
    return Planned(share, len(done), (*notes, note_of(question.shard, share, total)))


def _notes(question: Question) -> Iterator[str]:
    """Give what a person should know of the question: properties that are left out, entries that are not looked at."""
    left_out = question.head.get("left_out")
    if left_out and left_out["properties"]:
        yield (
            f"new, not counted: {', '.join(left_out['properties'])} came after symtests {left_out['properties_of']}, "
            "to whose properties this run is pinned"
        )
    for assignment in question.assignments:
        tried = question.profile if assignment.capabilities is None else question.profile.of(assignment.capabilities)
        if tried != question.profile:
            yield (
                f"{assignment.name}: {tried.small_examples} small and {tried.wide_examples} wide cases of each "
                f"property in place of {question.profile.small_examples} and {question.profile.wide_examples}, from "
                "few networks, because it says that each new size is compiled (few_shapes)"
            )
    if question.known is not None:
        implementations = {c.name: (c.version, c.location) for c in question.assignments}
        dtypes = {c.name: c.dtypes for c in question.assignments}
        yield from question.known.notes(implementations, dtypes, (prop.id for prop in question.properties.values()))


def _done(goes_on: Resumed | None) -> set[tuple[str, str, str]]:
    """Return implementation, property and dtype of what is judged already."""
    return {(v.implementation, v.property, v.dtype) for v in goes_on.kept.verdicts} if goes_on else set()
