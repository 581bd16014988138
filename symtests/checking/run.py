"""The engine: tries laws on implementations and tells what happens as it happens."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symtests.checking.events import Event, Judged, Planned, Prepared
from symtests.checking.known.known_failure import KnownFailures, read_known
from symtests.checking.processes.candidate import Candidate
from symtests.checking.processes.fleet import Fleet, Limits
from symtests.checking.processes.in_process import candidate_of, judge_object
from symtests.checking.profile import Profile, find_profile
from symtests.checking.recording import Recorder, head_of_run, results_of_same_run
from symtests.checking.results.machine import core_count
from symtests.checking.results.results_file import RESULTS_FILE, Results, read_results
from symtests.checking.results.verdict import Verdict
from symtests.checking.selection import laws_of_release, reference_to, selected_laws
from symtests.implementations.command_name import is_command
from symtests.implementations.process import Command
from symtests.network import DTYPES
from symtests.properties.base import Property
from symtests.validation import InvalidValue, integer_at_least, one_of, positive

__all__ = ["check", "verdicts"]


def check(
    implementations: object,
    *,
    properties: Iterable[str | Property] | None = None,
    dtypes: Sequence[str] | None = None,
    profile: str | Profile = "default",
    seed: int | None = None,
    examples: int | None = None,
    processes: int | None = None,
    out: Path | str | None = None,
    resume: Path | str | None = None,
    database: Path | str | None = None,
    known: Path | str | None = None,
    laws_of: str | None = None,
    call_limit: float = 30.0,
    first_call_limit: float | None = None,
    stories: bool = True,
    command: str = "",
) -> Generator[Event, None, None]:
    """Try laws on implementations; give events as they happen.

    Implementations that are named are judged in child processes, several at a time: whatever they do there, they
    spoil nothing but their own verdicts. Objects are judged in this process, one after the other. What is wrong with
    the arguments is raised at once; that a named implementation cannot be found, with the first event. To stop early,
    close the generator: that ends the child processes, and what was found is kept.

    Parameters
    ----------
    implementations
        Names that `symtests.implementations.find` takes, and objects with a method ``train``; or one of either.
    properties
        Laws and groups by name, laws of one's own as ``package.module:object`` or as objects; all laws unless given.
    dtypes
        Dtypes to judge in; all that an implementation offers unless given.
    profile, examples
        How many cases are tried: a name or a `Profile`, and another number of cases for each tier.
    seed
        At least 0; decides which cases are drawn. 0 unless given, and a random one in a randomized profile.
    processes
        Most child processes at a time; as many as there are cores unless given.
    out
        Folder for ``results.jsonl`` and the scripts of counterexamples; nothing is written unless given.
    resume
        Results file of a run that was cut short, or its folder: what it has judged is not judged again, and the rest
        is added to it.
    database
        Folder in which failing cases are kept, to be tried first in the next check.
    known
        File of known failures: their cases are asked first, and no others while they still fail
        (`symtests.checking.known.known_failure`).
    laws_of
        Release of symtests whose laws are tried; newer ones, and newer versions of old ones, are left out and counted.
        What the file of known failures says unless given, and otherwise all.
    call_limit, first_call_limit
        Seconds that one call of a named implementation may take, and the first calls, which may compile; four times
        as long unless given.
    stories
        Whether each implementation is watched while it learns the exclusive or.
    command
        What the results file says of how it was made.

    Raises
    ------
    InvalidValue
        Where an argument is none of these, or `resume` names the results of another question.
    """
    laws = selected_laws(properties)
    listed = None if known is None else read_known(Path(known), laws.values())
    release = laws_of if laws_of is not None or listed is None else listed.laws
    laws, left_out = (laws, []) if release is None else laws_of_release(laws, release)
    wanted = None if dtypes is None else tuple(dict.fromkeys(one_of("dtypes", dtype, DTYPES) for dtype in dtypes))
    candidates = _candidates(implementations)
    if any(candidate.isolated for candidate in candidates):
        laws = {reference_to(reference, law): law for reference, law in laws.items()}
    chosen = _profile(profile, examples)
    results = _results_path(out, resume)
    chosen_seed = _seed(seed, chosen, results if resume is not None else None)
    head = head_of_run([c.name for c in candidates], wanted, tuple(laws.values()), chosen, chosen_seed, command)
    if release is not None:
        head["left_out"] = {"laws_of": release, "laws": left_out}
    limit = positive("call_limit", call_limit)
    first = 4 * limit if first_call_limit is None else positive("first_call_limit", first_call_limit)
    question = _Question(
        candidates,
        laws,
        wanted,
        chosen,
        chosen_seed,
        Limits(limit, max(limit, first)),
        core_count() if processes is None else integer_at_least("processes", processes, 1),
        results,
        None if database is None else Path(database),
        stories,
        listed,
        head,
        None if results is None or resume is None else results_of_same_run(results, head),
    )
    return _events(question)


def verdicts(implementations: object, **options: Any) -> Iterator[Verdict]:
    """Try laws on implementations; give verdicts as they come. Takes what `check` takes, and tells no story."""
    for event in check(implementations, **{"stories": False, **options}):
        if isinstance(event, Judged):
            yield event.verdict


@dataclass(frozen=True)
class _Question:
    """All that is asked, checked."""

    candidates: Sequence[Candidate]
    laws: Mapping[str, Property]
    dtypes: tuple[str, ...] | None
    profile: Profile
    seed: int
    limits: Limits
    processes: int
    results: Path | None
    database: Path | None
    stories: bool
    known: KnownFailures | None
    head: Mapping[str, Any]
    earlier: Results | None


def _events(question: _Question) -> Generator[Event, None, None]:
    if question.earlier is not None:
        for candidate in question.candidates:
            candidate.record = dict(question.earlier.implementations.get(candidate.name, {})) or None
    fleet = _fleet(question)
    recorder: Recorder | None = None
    try:
        fleet.survey()
        planned = _plan(question)
        recorder = Recorder(question.results, _head(question, planned), question.earlier)
        yield planned
        for event in _judged(question, fleet):
            recorder.note(event)
            yield event
        yield recorder.finish()
    finally:
        fleet.close()
        if recorder is not None:
            recorder.close()


def _head(question: _Question, planned: Planned) -> dict[str, Any]:
    """Return the first line of the results file."""
    notes = {"notes": list(planned.notes)} if planned.notes else {}
    return {**question.head, "cells": planned.total, **notes}


def _judged(question: _Question, fleet: Fleet) -> Iterator[Event]:
    """Do all tasks; those in dtypes that an implementation does not offer come last."""
    refused = [(candidate, candidate.refused(question.seed)) for candidate in question.candidates]
    for candidate in question.candidates:
        if not candidate.isolated and candidate.tasks:
            yield from judge_object(candidate, question.profile, question.seed, question.database)
    yield from fleet.judge()
    for candidate, verdicts_of_it in refused:
        if verdicts_of_it and candidate.record is None:
            yield Prepared(candidate.name, candidate.prepared(None))
        yield from map(Judged, verdicts_of_it)


def _fleet(question: _Question) -> Fleet:
    """Return the child processes for the named implementations of which something remains to be judged."""
    setup = {
        "profile": question.profile.to_json(),
        "seed": question.seed,
        "database": None if question.database is None else str(question.database.resolve()),
    }
    done = _done(question.earlier)
    remaining = [
        candidate
        for candidate in question.candidates
        if candidate.isolated
        and not (
            candidate.record
            and all(
                (candidate.name, law.id, dtype) in done
                for law in question.laws.values()
                for dtype in candidate.record["dtypes"]
            )
        )
    ]
    return Fleet(remaining, setup, question.limits, question.processes)


def _plan(question: _Question) -> Planned:
    """Set the tasks of each candidate; return how many cells there are and how many are done."""
    done = _done(question.earlier)
    told = {story["implementation"] for story in question.earlier.stories} if question.earlier else set()
    total = 0
    for candidate in question.candidates:
        offered = DTYPES if candidate.capabilities is None else candidate.capabilities.dtypes
        dtypes = candidate.record["dtypes"] if candidate.record else question.dtypes or offered
        story = question.stories and candidate.name not in told
        candidate.plan(question.laws, dtypes, done, story=story)
        if question.known is not None:
            candidate.expect(question.known)
        total += len(question.laws) * len(dtypes)
    return Planned(total, len(done), tuple(_notes(question)))


def _notes(question: _Question) -> Iterator[str]:
    """Give what a person should know of the question: laws that are left out, entries that are not looked at."""
    left_out = question.head.get("left_out")
    if left_out and left_out["laws"]:
        yield (
            f"new, not counted: {', '.join(left_out['laws'])} came after symtests {left_out['laws_of']}, to whose laws "
            "this run is pinned"
        )
    for candidate in question.candidates:
        tried = question.profile if candidate.capabilities is None else question.profile.of(candidate.capabilities)
        if tried != question.profile:
            yield (
                f"{candidate.name}: {tried.small_examples} small and {tried.wide_examples} wide cases of each law in "
                f"place of {question.profile.small_examples} and {question.profile.wide_examples}, from few networks, "
                "because it says that a network of a new size is dear (few_shapes)"
            )
    if question.known is not None:
        subjects = {c.name: (c.version, c.location) for c in question.candidates}
        dtypes = {c.name: c.dtypes for c in question.candidates}
        yield from question.known.notes(subjects, dtypes, (law.id for law in question.laws.values()))


def _done(earlier: Results | None) -> set[tuple[str, str, str]]:
    """Return implementation, law and dtype of what is judged already."""
    return {(v.implementation, v.property, v.dtype) for v in earlier.verdicts} if earlier else set()


def _candidates(implementations: object) -> list[Candidate]:
    if isinstance(implementations, str) or not isinstance(implementations, Iterable):
        implementations = [implementations]
    found = [_named(item) if isinstance(item, str) else candidate_of(item) for item in implementations]
    if not found:
        raise InvalidValue("implementations=[]: must name at least one implementation, as in ['numba']")
    names = [candidate.name for candidate in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(f"implementations: two are called {name!r}; give one of them another 'name'")
    return found


def _named(name: str) -> Candidate:
    """Return the candidate of a name; a command is started, as it is called what it calls itself."""
    if not is_command(name):
        return Candidate(name)
    with closing(Command(name)) as command:
        return Candidate(command.name, location=command.location)


def _profile(profile: str | Profile, examples: int | None) -> Profile:
    if isinstance(profile, Profile):
        return profile if examples is None else profile.with_examples(examples)
    return find_profile(profile, examples=examples)


def _results_path(out: Path | str | None, resume: Path | str | None) -> Path | None:
    """Return the results file that is written, if one is."""
    if resume is None:
        return None if out is None else Path(out) / RESULTS_FILE
    path = Path(resume) / RESULTS_FILE if Path(resume).is_dir() else Path(resume)
    if out is not None and Path(out).resolve() != path.parent.resolve():
        raise InvalidValue(f"out={str(out)!r}: must be the folder of the run that is resumed, {str(path.parent)!r}")
    return path


def _seed(seed: int | None, profile: Profile, resumed: Path | None) -> int:
    if seed is not None:
        return integer_at_least("seed", seed, 0)
    if resumed is not None:
        return int(read_results(resumed).run["seed"])
    return secrets.randbelow(2**32) if profile.randomized else 0
