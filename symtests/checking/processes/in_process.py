"""Judges an implementation that was handed over as an object: in this process, and so without protection from it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from symtests.checking.cells.cell import errored, judge_cell, location_of
from symtests.checking.cells.wording import as_sentence
from symtests.checking.diagnosis import with_diagnosis
from symtests.checking.events import Cell, Doing, Event, Judged, Prepared, Preparing, Started, StoryTold
from symtests.checking.processes.candidate import Candidate
from symtests.checking.profile import Profile
from symtests.checking.results.plain import representable
from symtests.checking.smoke import smoke_check
from symtests.checking.story import tell_story
from symtests.diagnosis import Examination
from symtests.implementations.fingerprint import fingerprint_of_object
from symtests.implementations.subject import Subject
from symtests.validation import InvalidValue

__all__ = ["candidate_of", "judge_object"]


def candidate_of(implementation: object) -> Candidate:
    """Return the candidate that an object is.

    Raises
    ------
    InvalidValue
        Where it is no implementation, or says something of itself that cannot be.
    """
    if isinstance(implementation, type) or not callable(getattr(implementation, "train", None)):
        raise InvalidValue(
            f"implementations=[{implementation!r}]: must be names, or objects with a method "
            "train(network, parameters, batch, training); of a class, hand over an instance"
        )
    try:
        subject = Subject(implementation, "float64")
    except InvalidValue:
        raise
    except Exception as error:  # whatever a property of an object may raise
        raise InvalidValue(
            f"implementations=[{implementation!r}]: its capabilities cannot be read ({type(error).__name__}: {error})"
        ) from error
    return Candidate(
        representable(subject.name),
        implementation,
        representable(location_of(subject) or subject.name),
        representable(subject.version),
        subject.capabilities,
        fingerprint=fingerprint_of_object(implementation, sys.modules, Path.cwd()),
    )


def judge_object(candidate: Candidate, profile: Profile, seed: int, database: Path | None) -> Iterator[Event]:
    """Do all tasks of a candidate, one after the other."""
    yield Preparing(candidate.name)
    subjects = {dtype: Subject(candidate.implementation, dtype, candidate.name) for dtype in candidate.smoked}
    examinations = {dtype: Examination(subject, profile.diagnosis_seconds) for dtype, subject in subjects.items()}
    failures = (smoke_check(subject) for subject in subjects.values())
    candidate.failure = next((failure for failure in failures if failure is not None), None)
    if candidate.record is None:
        yield Prepared(candidate.name, candidate.prepared(candidate.failure))
    while candidate.tasks:
        task = candidate.tasks.popleft()
        failure, law = candidate.failure, task.law
        if law is None:
            yield Doing(candidate.name, "draws its learning curves", profile.story_seconds)
            story = None if failure else tell_story(subjects[task.dtype], profile.story_seconds)
            if story is not None:
                yield StoryTold(story)
        elif failure is not None:
            sentence = as_sentence(failure.message)
            yield Judged(errored(candidate.name, law, task.dtype, failure, sentence, seed))
        else:
            yield Started(Cell(candidate.name, law.id, task.dtype))
            subject = subjects[task.dtype]
            verdict = judge_cell(subject, law, profile, seed=seed, database=database, known=task.known)
            if verdict.word == "violated":
                what = f"{law.id} {task.dtype}: explains the violation"
                yield Doing(candidate.name, what, profile.explaining_seconds)
            seconds = profile.explaining_seconds
            yield Judged(with_diagnosis(verdict, law, subject, examinations[task.dtype], seconds))
