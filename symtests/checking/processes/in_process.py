"""Judges an implementation that was handed over as an object: in this process, and so without protection from it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from symtests.checking.diagnosis import with_diagnosis
from symtests.checking.events import Check, Doing, Event, Judged, Prepared, Preparing, Started, StoryTold
from symtests.checking.one_check.judge_check import errored, judge_check, location_of
from symtests.checking.one_check.wording import as_sentence
from symtests.checking.processes.assignment import Assignment
from symtests.checking.profile import Profile
from symtests.checking.results.plain import representable
from symtests.checking.smoke import smoke_check
from symtests.checking.story import tell_story
from symtests.diagnosis import Examination
from symtests.implementations.checked import Checked
from symtests.implementations.fingerprint import fingerprint_of_object
from symtests.validation import InvalidValue

__all__ = ["assignment_of", "judge_object"]


def assignment_of(implementation: object) -> Assignment:
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
        checked = Checked(implementation, "float64")
    except InvalidValue:
        raise
    except Exception as error:  # whatever a property of an object may raise
        raise InvalidValue(
            f"implementations=[{implementation!r}]: its capabilities cannot be read ({type(error).__name__}: {error})"
        ) from error
    return Assignment(
        representable(checked.name),
        implementation,
        representable(location_of(checked) or checked.name),
        representable(checked.version),
        checked.capabilities,
        fingerprint=fingerprint_of_object(implementation, sys.modules, Path.cwd()),
    )


def judge_object(assignment: Assignment, profile: Profile, seed: int, database: Path | None) -> Iterator[Event]:
    """Do all tasks of a candidate, one after the other."""
    yield Preparing(assignment.name)
    implementations = {dtype: Checked(assignment.implementation, dtype, assignment.name) for dtype in assignment.smoked}
    examinations = {
        dtype: Examination(checked, profile.diagnosis_seconds) for dtype, checked in implementations.items()
    }
    failures = (smoke_check(checked) for checked in implementations.values())
    assignment.failure = next((failure for failure in failures if failure is not None), None)
    if assignment.record is None:
        yield Prepared(assignment.name, assignment.prepared(assignment.failure))
    while assignment.tasks:
        task = assignment.tasks.popleft()
        failure, prop = assignment.failure, task.prop
        if prop is None:
            yield Doing(assignment.name, "draws its learning curves", profile.story_seconds)
            story = None if failure else tell_story(implementations[task.dtype], profile.story_seconds)
            if story is not None:
                yield StoryTold(story)
        elif failure is not None:
            sentence = as_sentence(failure.message)
            yield Judged(errored(assignment.name, prop, task.dtype, failure, sentence, seed))
        else:
            yield Started(Check(assignment.name, prop.id, task.dtype))
            checked = implementations[task.dtype]
            verdict = judge_check(checked, prop, profile, seed=seed, database=database, known=task.known)
            if verdict.word == "violated":
                what = f"{prop.id} {task.dtype}: explains the violation"
                yield Doing(assignment.name, what, profile.explaining_seconds)
            seconds = profile.explaining_seconds
            yield Judged(with_diagnosis(verdict, prop, checked, examinations[task.dtype], seconds))
