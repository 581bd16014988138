"""The engine: tries properties on implementations and tells what happens as it happens."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symtests.checking.events import Event, Judged, Planned, Prepared
from symtests.checking.known.known_failure import read_known
from symtests.checking.one_check.judge_check import examples_folder
from symtests.checking.processes.assignment import Assignment
from symtests.checking.processes.finding import assignments_of
from symtests.checking.processes.fleet import Fleet, Limits
from symtests.checking.processes.in_process import judge_object
from symtests.checking.profile import DEFAULT_CALL_LIMIT, Profile, find_profile
from symtests.checking.question import Cluster, Question, plan
from symtests.checking.recording import Recorder, head_of_run
from symtests.checking.results.machine import core_count
from symtests.checking.results.results_file import RESULTS_FILE, read_results
from symtests.checking.results.verdict import Verdict
from symtests.checking.resuming import Resumed, results_of_same_run, resumed
from symtests.checking.run_examples import RunExamples
from symtests.checking.run_folder import RunFolder, own_folder, require_free
from symtests.checking.selection import properties_of_release, reference_to, selected_properties
from symtests.checking.sharding.share import dealt_entry, shard_entry
from symtests.network import DTYPES
from symtests.properties.base import Property
from symtests.spreading.deal import shard_of
from symtests.spreading.luggage import luggage_of
from symtests.spreading.place import require_dask
from symtests.validation import InvalidValue, integer_at_least, one_of, positive

if TYPE_CHECKING:
    from symtests.checking.cluster.fleet import ClusterFleet

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
    shard: str | None = None,
    scheduler: str | None = None,
    send: Iterable[Path | str] = (),
    database: Path | str | None = None,
    known: Path | str | None = None,
    properties_of: str | None = None,
    call_limit: float = DEFAULT_CALL_LIMIT,
    first_call_limit: float | None = None,
    stories: bool = True,
    diagnosis: bool = True,
    command: str = "",
) -> Generator[Event, None, None]:
    """Try properties on implementations; give events as they happen.

    Implementations that are named are judged in child processes, several at a time: whatever they do there, they
    spoil nothing but their own verdicts. Objects are judged in this process, one after the other. What is wrong with
    the arguments is raised at once; that a named implementation cannot be found, with the first event. To stop early,
    close the generator: that ends the child processes, and what was found is kept.

    Parameters
    ----------
    implementations
        Names that `symtests.implementations.find` takes, and objects with a method ``train``; or one of either.
    properties
        Properties and groups by name, properties of one's own as ``package.module:object`` or as objects; all
        properties unless given.
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
    shard
        Which of several shares of the checks is done, as in ``2/8`` (`symtests.checking.sharding`); all unless given.
    scheduler
        Of a Dask cluster whose workers judge, as in ``tcp://host:8786``, or ``local`` for one of `processes` workers on
        this machine; processes of this machine unless given. Failing cases are not kept then.
    send
        Files and folders below the current folder that go along to a cluster, besides those of the implementations.
    database
        Folder in which failing cases are kept, to be tried first in the next check.
    known
        File of known failures: their cases are asked first, and no others while they still fail
        (`symtests.checking.known.known_failure`).
    properties_of
        Release of symtests whose properties are tried; newer ones, and newer versions of old ones, are left out and
        counted. What the file of known failures says unless given, and otherwise all.
    call_limit, first_call_limit
        Seconds that one call of a named implementation may take, and the first calls, which may compile; four times
        as long unless given.
    stories
        Whether each implementation is watched while it learns the exclusive or.
    diagnosis
        Whether an implementation that has broken a property is asked further what is wrong with it.
    command
        What the results file says of how it was made.

    Raises
    ------
    InvalidValue
        Where an argument is none of these, or `resume` names the results of another question.
    """
    selected = selected_properties(properties)
    listed = None if known is None else read_known(Path(known), selected.values())
    release = properties_of if properties_of is not None or listed is None else listed.properties
    selected, left_out = (selected, []) if release is None else properties_of_release(selected, release)
    wanted = None if dtypes is None else tuple(dict.fromkeys(one_of("dtypes", dtype, DTYPES) for dtype in dtypes))
    limit = positive("call_limit", call_limit)
    first = 4 * limit if first_call_limit is None else positive("first_call_limit", first_call_limit)
    limits = Limits(limit, max(limit, first))
    assignments = assignments_of(implementations, limits.first_call)
    if any(assignment.isolated for assignment in assignments):
        selected = {reference_to(reference, prop): prop for reference, prop in selected.items()}
    chosen = _profile(profile, examples)
    if not diagnosis:
        chosen = chosen.without_diagnosis()
    results = _results_path(out, resume)
    if results is not None:
        require_free("out" if resume is None else "resume", results.parent)
    share = None if shard is None else shard_of(shard)
    chosen_seed = _seed(seed, chosen, results if resume is not None else None)
    head = head_of_run([c.name for c in assignments], wanted, tuple(selected.values()), chosen, chosen_seed, command)
    if release is not None:
        head["left_out"] = {"properties_of": release, "properties": left_out}
    cluster = None if scheduler is None else _cluster(scheduler, assignments, selected, send)
    if cluster is not None:
        database = None
    if share is not None:
        head["shard"] = shard_entry(share, chosen, limits, known, stories)
    question = Question(
        assignments,
        selected,
        wanted,
        chosen,
        chosen_seed,
        limits,
        core_count() if processes is None else integer_at_least("processes", processes, 1),
        results,
        _examples(database, results),
        stories,
        listed,
        head,
        None if results is None or resume is None else results_of_same_run(results, head),
        share,
        cluster,
    )
    return _events(question)


def verdicts(implementations: object, **options: Any) -> Iterator[Verdict]:
    """Try properties on implementations; give verdicts as they come. Takes what `check` takes, and tells no story."""
    for event in check(implementations, **{"stories": False, **options}):
        if isinstance(event, Judged):
            yield event.verdict


def _events(question: Question) -> Generator[Event, None, None]:
    fleet = _fleet(question)
    folder: RunFolder | None = None
    recorder: Recorder | None = None
    try:
        fleet.survey()
        goes_on = _resumed(question)
        planned = plan(question, goes_on)
        folder = None if question.results is None else RunFolder(question.results.parent)
        recorder = Recorder(folder, _head(question, planned, goes_on), goes_on)
        if isinstance(question.examples, RunExamples):
            _set_out_examples(question, question.examples, goes_on)
        yield _with_note_of(planned, recorder.set_aside)
        for event in _judged(question, fleet):
            warning = recorder.note(event)
            yield event
            if warning is not None:
                yield warning
        finished = recorder.finish()
        if isinstance(question.examples, RunExamples):
            question.examples.end()
        yield finished
    finally:
        fleet.close()
        if recorder is not None:
            recorder.close()
        if folder is not None:
            folder.close()


def _with_note_of(planned: Planned, earlier: Path | None) -> Planned:
    """Return the plan with a note of where the run is that was in the folder before."""
    if earlier is None:
        return planned
    return replace(planned, notes=(*planned.notes, f"the run that was there before is now in {earlier}"))


def _head(question: Question, planned: Planned, goes_on: Resumed | None) -> dict[str, Any]:
    """Return the first line of the results file."""
    head = question.head if goes_on is None else goes_on.kept.run
    notes = {"notes": list(planned.notes)} if planned.notes else {}
    dealt = {} if question.shard is None else dealt_entry(question.assignments, question.stories)
    shard = {"shard": {**head["shard"], **dealt}} if dealt else {}
    return {**head, "checks": planned.total, **notes, **shard}


def _resumed(question: Question) -> Resumed | None:
    """Return what of an earlier run still holds, and give its assignments the lines that do."""
    if question.earlier is None:
        return None
    found = resumed(question.earlier, question.head, question.assignments)
    for assignment in question.assignments:
        assignment.record = dict(found.kept.implementations.get(assignment.name, {})) or None
    return found


def _set_out_examples(question: Question, examples: RunExamples, goes_on: Resumed | None) -> None:
    """Bring the failing cases of all that is to be judged to where they were when the run began."""
    folders = [
        examples_folder(assignment.name, task.prop, task.dtype, tier)
        for assignment in question.assignments
        for task in assignment.tasks
        if task.prop is not None
        for tier in task.prop.tiers
    ]
    if goes_on is None:
        examples.begin(folders)
    else:
        examples.go_on(folders)


def _examples(database: Path | str | None, results: Path | None) -> RunExamples | Path | None:
    """Return where failing cases are kept: during a run that can go on, in a copy of its own."""
    if database is None or results is None:
        return None if database is None else Path(database)
    return RunExamples(Path(database), own_folder(results.parent) / "run")


def _judged(question: Question, fleet: Fleet | ClusterFleet) -> Iterator[Event]:
    """Do all tasks; those in dtypes that an implementation does not offer come last."""
    refused = [(assignment, assignment.refused(question.seed)) for assignment in question.assignments]
    for assignment in question.assignments:
        if not assignment.isolated and assignment.tasks:
            yield from judge_object(assignment, question.profile, question.seed, question.database)
    yield from fleet.judge()
    for assignment, verdicts_of_it in refused:
        if verdicts_of_it and assignment.record is None:
            yield Prepared(assignment.name, assignment.prepared(None))
        yield from map(Judged, verdicts_of_it)


def _cluster(
    scheduler: str, assignments: Iterable[Assignment], properties: Mapping[str, Property], send: Iterable[Path | str]
) -> Cluster:
    """Return the cluster that is meant, with the files that go along."""
    require_dask(scheduler)
    assignments = list(assignments)
    if not all(assignment.isolated for assignment in assignments):
        raise InvalidValue(f"scheduler={scheduler!r}: takes implementations by name; an object stays on this machine")
    names = [*(assignment.location or assignment.name for assignment in assignments), *properties]
    return Cluster(scheduler, luggage_of(names, Path.cwd(), map(Path, send)))


def _fleet(question: Question) -> Fleet | ClusterFleet:
    """Return what judges the named implementations; what they are now, only a process that imports them knows."""
    setup = {
        "profile": question.profile.to_json(),
        "seed": question.seed,
        "database": None if question.database is None else str(question.database.resolve()),
    }
    isolated = [assignment for assignment in question.assignments if assignment.isolated]
    if question.cluster is None:
        return Fleet(isolated, setup, question.limits, question.processes)
    from symtests.checking.cluster.fleet import ClusterFleet  # loads Dask

    cluster = question.cluster
    return ClusterFleet(isolated, setup, question.limits, cluster.scheduler, question.processes, cluster.luggage)


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
