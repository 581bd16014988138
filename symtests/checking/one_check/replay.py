"""Asks the case of a known failure again, before anything new is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hypothesis.errors import HypothesisException

from symtests.checking.counterexamples.counterexample import Origin, of_call, of_number, of_violation
from symtests.checking.known.known_failure import KnownFailure
from symtests.checking.one_check.failure import failure_of
from symtests.checking.one_check.not_finite import violation_of_finiteness
from symtests.checking.one_check.wording import as_sentence
from symtests.checking.results.verdict import Listed, Tally, Verdict, Word
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.properties.base import Case, Property, Violation

__all__ = ["listed_as", "outdated", "replayed"]

_REPEATS: Final = 20
"""How often a case is asked that fails in one run and not in the next."""


def replayed(
    implementation: Checked, prop: Property, origin: Origin, known: KnownFailure, on_case: Callable[[Case], None] | None
) -> Verdict | None:
    """Ask the case of an entry; return the verdict ``known`` where it fails as the entry says, None if it does not.

    Where it fails in another way, the verdict is ``violated`` or ``errored``.

    Parameters
    ----------
    implementation, prop
        What is asked about.
    origin
        Where the counterexample of the verdict is to come from.
    known
        The entry.
    on_case
        Told of the case before it is asked.
    """
    case = _in_dtype(Case.from_json(known.case), implementation.dtype)
    for _ in range(_REPEATS if known.unsteady else 1):
        if on_case is not None:
            on_case(case)
        problem = _problem(implementation, prop, case)
        if problem is None:
            continue
        if isinstance(problem, Violation):
            found, failure = of_violation(origin, case, problem), None
        else:
            call = implementation.latest_call
            number = violation_of_finiteness(implementation, problem, call)
            if number is not None:
                found = of_number(origin, case, call, number, number.sentence, steady=not known.unsteady)
                failure = None
            elif problem.kind == "not finite":  # no finite number is due
                continue
            else:
                found, failure = of_call(origin, case, call, str(problem)), failure_of(problem)
        verdict = _known_verdict(implementation.name, prop, implementation.dtype, known, origin.seed)
        if ("violated" if failure is None else failure.kind) != known.found:
            word: Word = "violated" if failure is None else "errored"
            verdict = replace(verdict, word=word, sentence=found.sentence, known=None)
        return replace(verdict, counterexample=found, failure=failure)
    return None


def outdated(verdict: Verdict, known: KnownFailure) -> Verdict:
    """Return the verdict of a check whose entry no longer describes it: ``fixed``, unless it fails in another way."""
    verdict = replace(verdict, known=listed_as(known))
    if verdict.word in ("violated", "errored"):
        advice = f"This is not what {known.place} shows: write the entry again with --write-known."
        return replace(verdict, sentence=f"{as_sentence(verdict.sentence)} {advice}")
    same_property = verdict.property_version == known.version
    changed = "" if same_property else f" The property has version {verdict.property_version} now."
    sentence = f"fixed: remove this entry: {known.place}. Its counterexample is as it should be.{changed}"
    if verdict.word not in ("exact", "holds"):
        sentence += f" {verdict.sentence}"
    return replace(verdict, word="fixed", sentence=sentence)


def listed_as(known: KnownFailure) -> Listed:
    """Return what a verdict says of its entry."""
    return Listed(known.reason, known.link, known.file, known.number)


def _known_verdict(implementation: str, prop: Property, dtype: str, known: KnownFailure, seed: int) -> Verdict:
    how = "broken" if known.found == "violated" else known.found
    return Verdict(
        implementation,
        prop.id,
        dtype,
        "known",
        as_sentence(f"{how} as {known.place} says: {known.reason}"),
        property_version=prop.version,
        tally=Tally(conclusive=1),
        seed=seed,
        known=listed_as(known),
    )


def _problem(implementation: Checked, prop: Property, case: Case) -> Violation | Misbehaviour | None:
    """Return what is wrong with the answer to a case, if anything is."""
    try:
        judgement = prop.judge(implementation, case)
    except Misbehaviour as misbehaviour:
        return misbehaviour
    except (Unsupported, HypothesisException):  # it is no case of the property any more
        return None
    except Exception:  # a fault of the property, which the search will meet and tell
        return None
    return (judgement.violation or Violation("the property is broken")) if judgement.outcome == "violated" else None


def _in_dtype(case: Case, dtype: str) -> Case:
    """Return a case in the dtype of the check, which differs where an entry stands for all dtypes."""
    return replace(case, parameters=case.parameters.astype(dtype), batch=case.batch.astype(dtype))
