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
        operations, cases = _asked(subject, law, case)
        told = examination.diagnosis_of(case, operations, cases)
    except Exception:
        return verdict
    return replace(verdict, counterexample=replace(found, diagnosis=told))


def _asked(subject: Subject, law: Property, case: Case) -> tuple[frozenset[str], list[Case]]:
    """Return what the law asks of the implementation in this case: which operations, and where for a gradient."""
    operations: set[str] = set()
    cases: list[Case] = []
    told_before = subject.on_call

    def note(call: Call) -> None:
        operations.add(call.operation)
        if call.operation == "loss_and_gradient":
            network, parameters, batch = call.arguments
            cases.append(replace(case, network=network, parameters=parameters, batch=batch))
        if told_before is not None:
            told_before(call)

    subject.on_call = note
    try:
        law.judge(subject, case)
    except Exception:  # it may raise in one run and not in another; what was asked until then is known
        pass
    finally:
        subject.on_call = told_before
    return frozenset(operations), cases
