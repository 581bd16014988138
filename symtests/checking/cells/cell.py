"""Judges one cell: one law, one implementation, one dtype."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from symtests.checking.cells.failure import failure_of
from symtests.checking.cells.not_finite import breach_of_finiteness
from symtests.checking.cells.replay import outdated, replayed
from symtests.checking.cells.search import Evidence, Finding, LawFault, search
from symtests.checking.cells.wording import (
    fault_sentence,
    found_sentence,
    misbehaviour_sentence,
    unsteady_sentence,
)
from symtests.checking.counterexamples.counterexample import Origin, of_breach, of_call, of_number, of_unsteady_breach
from symtests.checking.known.known_failure import KnownFailure
from symtests.checking.profile import SHARE_FOR_A_SMALLER_CASE, Profile
from symtests.checking.results.verdict import OWN_FAULT, Failure, Verdict, Word
from symtests.implementations import BUILT_IN
from symtests.implementations.base import Unsupported
from symtests.implementations.command_name import is_command
from symtests.implementations.direct import traceback_of
from symtests.implementations.misbehaviour import LOST, Misbehaviour, OutOfTime
from symtests.implementations.python_process import PythonProcess
from symtests.implementations.subject import Subject
from symtests.properties.base import Case, Property

__all__ = ["case_seed", "errored", "examples_folder", "judge_cell", "location_of", "origin_of", "unsupported"]

_MORE_CASES: Final = 4
"""How many times the cases of the small tier are tried again in search of a small one that fails."""


def judge_cell(
    subject: Subject,
    law: Property,
    profile: Profile,
    *,
    seed: int = 0,
    database: Path | None = None,
    on_case: Callable[[Case], None] | None = None,
    on_doing: Callable[[str, float | None], None] | None = None,
    known: KnownFailure | None = None,
    reference: str = "",
) -> Verdict:
    """Try a law on an implementation in one dtype: the small tier, then the wide one, up to the first failure.

    A verdict is ``exact`` where every decisive case held bit for bit, and ``inconclusive`` where no case was decisive
    or the bound hid the promised fault in more cases than were decisive. Only an implementation that lives in this
    process, and kills or blocks it, keeps this from returning a verdict.

    Parameters
    ----------
    subject, law, profile
        What is judged, by which law, on how many cases.
    seed
        Decides which cases are drawn; each law and dtype has cases of its own, the same for every implementation.
    database
        Folder for the failing cases of all cells, which are tried first next time; none are kept unless given.
    on_case
        Told of each case before it is tried.
    on_doing
        Told what is done that may take a while, and how many seconds at most.
    known
        How it is known to fail: that case is asked first, and no other is drawn while it still fails so.
    reference
        What finds the law by name, where that is not its id.
    """
    started, profile = time.monotonic(), profile.of(subject.capabilities)
    origin = replace(origin_of(subject, law, profile, seed), reference=reference)
    again = None
    if known is not None:
        again = _replayed(subject, law, origin, known, profile, on_case)
        if again is not None and again.word == "known":
            return replace(again, seconds=time.monotonic() - started)
    verdict = _judged(subject, origin, database, on_case, on_doing)
    if again is not None and verdict.word not in ("violated", "errored"):
        verdict = again  # the listed case fails in another way than it did, and no other was found
    if verdict.word not in ("errored", "unsupported") and law.observe is not None:
        if on_doing is not None:
            on_doing("takes a closer look", profile.observation_seconds)
        verdict = replace(verdict, observations=_observations(subject, law, profile))
    if known is not None:
        verdict = outdated(verdict, known)
    return replace(verdict, seconds=time.monotonic() - started)


def case_seed(seed: int, law: str, dtype: str, tier: str) -> int:
    """Return the seed of Hypothesis for one law, dtype and tier of a run; the implementation has no say in it."""
    digest = hashlib.sha256(f"{seed} {law} {dtype} {tier}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def examples_folder(implementation: str, law: Property, dtype: str, tier: str) -> str:
    """Return the name of the folder of the failing cases of a cell and a tier, one that any file system takes."""
    key = hashlib.sha256(f"{implementation} {law.version}".encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return f"{law.id}-{dtype}-{tier}-{key}"


def location_of(subject: Subject) -> str | None:
    """Return what `symtests.implementations.find` takes to find this implementation again, or None."""
    given = getattr(subject.implementation, "location", None)
    if isinstance(given, str) and is_command(given):
        return given
    if isinstance(subject.implementation, PythonProcess):
        return subject.implementation.location
    kind = type(subject.implementation)
    location = f"{kind.__module__}:{kind.__qualname__}"
    known = BUILT_IN.get(subject.name)
    # A variant of a class is found at "module:Class.variant".
    if ":" in subject.name or (known is not None and f"{known.location}.".startswith(f"{location}.")):
        return subject.name
    reachable = "<" not in location and kind.__module__ not in ("__main__", "builtins")
    return location if reachable else None


def origin_of(subject: Subject, law: Property, profile: Profile, seed: int) -> Origin:
    """Return where the counterexamples of a cell come from."""
    capabilities, location = subject.capabilities, location_of(subject)
    found = Origin(subject.name, location, capabilities, subject.dtype, law, profile, seed, Path.cwd())
    return replace(found, call_limit=subject.call_limit)


def errored(implementation: str, law: Property, dtype: str, failure: Failure, sentence: str, seed: int = 0) -> Verdict:
    """Return the verdict of a cell that could not be judged."""
    return Verdict(
        implementation, law.id, dtype, "errored", sentence, property_version=law.version, failure=failure, seed=seed
    )


def unsupported(implementation: str, law: Property, dtype: str, reason: str, seed: int = 0) -> Verdict:
    """Return the verdict of a cell in which the implementation cannot do what the law needs."""
    sentence = f"Not tried: {reason}."
    return Verdict(implementation, law.id, dtype, "unsupported", sentence, property_version=law.version, seed=seed)


def _judged(
    subject: Subject,
    origin: Origin,
    database: Path | None,
    on_case: Callable[[Case], None] | None,
    on_doing: Callable[[str, float | None], None] | None,
) -> Verdict:
    law, profile, seed = origin.law, origin.profile, origin.seed
    missing = [operation for operation in law.needs if not subject.offers(operation)]
    if missing:
        return unsupported(subject.name, law, subject.dtype, f"it does not offer {' or '.join(missing)}", seed)
    evidence, reasons = Evidence(), []
    started = time.monotonic()
    for number, tier in enumerate(law.tiers, 1):
        try:
            finding = search(
                law,
                subject,
                tier,
                profile,
                evidence,
                seed_number=case_seed(seed, law.id, subject.dtype, tier),
                deadline=started + profile.seconds * number / len(law.tiers),
                database=database and database / examples_folder(subject.name, law, subject.dtype, tier),
                on_case=on_case,
            )
        except Unsupported as reason:
            reasons.append(str(reason))
            continue
        except LawFault as fault:
            return _law_fault(subject, law, fault, evidence, seed)
        if finding is not None:
            if tier != law.tiers[0]:
                if on_doing is not None:
                    on_doing("looks for a smaller counterexample", 2 * SHARE_FOR_A_SMALLER_CASE * profile.seconds)
                finding = _smaller(subject, law, profile, finding, seed, on_case) or finding
            return _failed(subject, origin, finding, evidence)
    if len(reasons) == len(law.tiers):
        return unsupported(subject.name, law, subject.dtype, reasons[0], seed)
    tally = evidence.tally
    if tally.unsupported and tally.unsupported == tally.tried:
        return replace(unsupported(subject.name, law, subject.dtype, evidence.unsupported_because, seed), tally=tally)
    return _verdict(subject, law, _word(evidence), found_sentence(law, evidence), evidence, seed)


def _smaller(
    subject: Subject,
    law: Property,
    profile: Profile,
    found: Finding,
    seed: int,
    on_case: Callable[[Case], None] | None,
) -> Finding | None:
    """Return a case of the small tier that fails as one of the wide tier did, which no shrinking makes as small.

    The fault is known to be there, so that it pays to try more cases than before.
    """
    if found.kind in LOST or not found.steady:
        return None
    more = replace(profile, small_examples=_MORE_CASES * profile.small_examples)
    tier = law.tiers[0]
    try:
        again = search(
            law,
            subject,
            tier,
            more,
            Evidence(),
            seed_number=case_seed(seed, law.id, subject.dtype, f"{tier} again"),
            deadline=time.monotonic() + SHARE_FOR_A_SMALLER_CASE * profile.seconds,
            on_case=on_case,
        )
    except (Unsupported, LawFault):
        return None
    return again if again is not None and again.kind == found.kind and again.steady else None


def _word(evidence: Evidence) -> Word:
    tally = evidence.tally
    if not tally.decisive or tally.too_wide > tally.decisive:
        return "inconclusive"
    return "exact" if evidence.bitwise == tally.decisive else "holds"


def _failed(subject: Subject, origin: Origin, finding: Finding, evidence: Evidence) -> Verdict:
    """Return the verdict where a case broke the law or made the implementation misbehave."""
    law, seed, problem, call = origin.law, origin.seed, finding.problem, finding.call
    breach = breach_of_finiteness(subject, problem, call) if isinstance(problem, Misbehaviour) else problem
    if breach is None:
        assert isinstance(problem, Misbehaviour)
        sentence = misbehaviour_sentence(problem, finding)
        verdict = _verdict(subject, law, "errored", sentence, evidence, seed)
        counterexample = replace(of_call(origin, finding.case, call, str(problem)), steady=finding.steady)
        return replace(verdict, counterexample=counterexample, failure=failure_of(problem))
    sentence = breach.sentence if finding.steady else unsteady_sentence(breach)
    if isinstance(problem, Misbehaviour):
        counterexample = of_number(origin, finding.case, call, breach, sentence, steady=finding.steady)
    elif finding.steady:
        counterexample = of_breach(origin, finding.case, breach)
    else:
        counterexample = of_unsteady_breach(origin, finding.case, breach, sentence)
    verdict = _verdict(subject, law, "violated", sentence, evidence, seed)
    return replace(verdict, counterexample=counterexample)


def _law_fault(subject: Subject, law: Property, fault: LawFault, evidence: Evidence, seed: int) -> Verdict:
    verdict = _verdict(subject, law, "errored", fault_sentence(law, subject.name, fault), evidence, seed)
    return replace(verdict, failure=Failure(OWN_FAULT, str(fault), traceback_of(fault.__cause__)))


def _verdict(subject: Subject, law: Property, word: Word, sentence: str, evidence: Evidence, seed: int) -> Verdict:
    judged = bool(evidence.detectable)
    return Verdict(
        subject.name,
        law.id,
        subject.dtype,
        word,
        sentence,
        property_version=law.version,
        tally=evidence.tally,
        worst_fraction=evidence.worst_fraction if judged else None,
        detectable=evidence.median_detectable,
        tolerance=evidence.tolerance,
        bitwise_cases=evidence.bitwise,
        seed=seed,
    )


def _replayed(
    subject: Subject,
    law: Property,
    origin: Origin,
    known: KnownFailure,
    profile: Profile,
    on_case: Callable[[Case], None] | None,
) -> Verdict | None:
    """Ask the case of an entry, as long as one case may take; what takes longer is left to the search."""
    try:
        with subject.within(profile.seconds_for_a_case):
            return replayed(subject, law, origin, known, on_case)
    except OutOfTime:
        return None


def _observations(subject: Subject, law: Property, profile: Profile) -> tuple[Mapping[str, Any], ...]:
    """Return what the law sees besides its verdict; that the look failed is worth knowing too."""
    assert law.observe is not None
    try:
        with subject.within(profile.observation_seconds):
            seen = law.observe(subject, profile.effort)
        return tuple({"sentence": observation.sentence, "data": dict(observation.data)} for observation in seen)
    except Unsupported:
        return ()
    except OutOfTime:
        limit = f"{profile.observation_seconds:g} s"
        sentence = f"A closer look, which is no part of the law, ended early: it may take {limit}."
    except Misbehaviour as problem:
        sentence = f"A closer look, which is no part of the law, ended early: {problem}."
    except Exception as error:
        sentence = f"A closer look failed by a fault of symtests: {type(error).__name__}: {error}."
    return ({"sentence": sentence, "data": {}},)
