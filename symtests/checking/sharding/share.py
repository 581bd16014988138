"""One shard of a run while it is planned, and what its results file says of it."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from symtests.checking.processes.assignment import Assignment, Task
from symtests.checking.processes.fleet import Limits
from symtests.checking.profile import Profile
from symtests.checking.sharding.costs import STORY, shipped_costs
from symtests.checking.sharding.dealing import Dealt, checks_of, deal
from symtests.spreading.deal import Shard

__all__ = ["dealt_entry", "keep_share", "note_of", "shard_entry"]


def keep_share(assignments: Iterable[Assignment], shard: Shard, properties: Sequence[str], stories: bool) -> int:
    """Take out the tasks of all assignments that belong to other shards; return how many checks this one has.

    Parameters
    ----------
    assignments
        They have said what they are, and have their tasks.
    shard
        The shard that is kept.
    properties
        Ids of the properties of the run.
    stories
        Whether the learning curves of each implementation are drawn.
    """
    assignments = list(assignments)
    said = dealt_entry(assignments, stories)
    checks = checks_of(properties, said["dealt"], said["stories"])
    share = deal(checks, shard.of, shipped_costs())[shard.number - 1]
    for assignment in assignments:
        kept = [task for task in assignment.tasks if _dealt(assignment, task) in share]
        assignment.tasks = deque(kept)
    return sum(check.property != STORY for check in share)


def _dealt(assignment: Assignment, task: Task) -> Dealt:
    if task.prop is None:
        return Dealt(assignment.name, STORY, "")
    return Dealt(assignment.name, task.prop.id, task.dtype)


def dealt_entry(assignments: Iterable[Assignment], stories: bool) -> dict[str, Any]:
    """Return what the head of a results file says of what was dealt: it depends on what implementations offer.

    Parameters
    ----------
    assignments
        They have said what they are.
    stories
        Whether the learning curves of each implementation are drawn.
    """
    assignments = list(assignments)
    return {
        "dealt": {assignment.name: list(assignment.dtypes) for assignment in assignments},
        "stories": sorted(assignment.name for assignment in assignments if stories and assignment.smoked),
    }


def note_of(shard: Shard, share: int, total: int) -> str:
    """Return the note of a run that does a share of the checks."""
    return f"this is shard {shard}: {share} of {total} checks"


def shard_entry(
    shard: Shard, profile: Profile, limits: Limits, known: Path | str | None, stories: bool
) -> dict[str, Any]:
    """Return what the head of a results file says of a shard, all but what was dealt.

    Parameters
    ----------
    shard
        The shard.
    profile, limits, known, stories
        What decides, besides the rest of the head, what is found: shards that differ there are no parts of one run.
    """
    asked = {"profile": profile.to_json(), "limits": asdict(limits), "stories": stories}
    listed = b"" if known is None else Path(known).read_bytes()
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode() + listed).hexdigest()[:16]
    return {
        "number": shard.number,
        "of": shard.of,
        "costs": shipped_costs().digest,
        "asked": digest,
        "stories": stories,
    }
