"""Adds to a violation what is wrong with the implementation, as far as further questions show it."""

from __future__ import annotations

from dataclasses import replace

from symtests.checking.results.verdict import Verdict
from symtests.diagnosis import Examination
from symtests.implementations.subject import Call, Subject
from symtests.properties.base import Case, Property

__all__ = ["with_diagnosis"]


def with_diagnosis(verdict: Verdict, law: Property, subject: Subject, examination: Examination) -> Verdict:
    """Return a verdict whose counterexample, if it is a violation, says what is wrong.

    Whatever goes wrong here, the verdict stays: a diagnosis is worth less than what it is about.

    Parameters
    ----------
    verdict, law
        What was found of which law.
    subject
        The implementation in the dtype of the cell.
    examination
        What is known of it already; one serves all cells of a dtype.
    """
    found = verdict.counterexample
    if verdict.word != "violated" or found is None:
        return verdict
    try:
        case = Case.from_json(found.case)
        told = examination.diagnosis_of(case, _operations(subject, law, case))
    except Exception:
        return verdict
    return replace(verdict, counterexample=replace(found, diagnosis=told))


def _operations(subject: Subject, law: Property, case: Case) -> frozenset[str]:
    """Return what the law asks of the implementation in this case."""
    asked: set[str] = set()
    told_before = subject.on_call

    def note(call: Call) -> None:
        asked.add(call.operation)
        if told_before is not None:
            told_before(call)

    subject.on_call = note
    try:
        law.judge(subject, case)
    except Exception:  # it may raise in one run and not in another; what was asked until then is known
        pass
    finally:
        subject.on_call = told_before
    return frozenset(asked)
