"""Judges one check: one property, one implementation, one dtype."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from symtests.checking.counterexamples.counterexample import (
    Origin,
    of_call,
    of_number,
    of_unsteady_violation,
    of_violation,
)
from symtests.checking.known.known_failure import KnownFailure
from symtests.checking.one_check.failure import failure_of
from symtests.checking.one_check.not_finite import violation_of_finiteness
from symtests.checking.one_check.replay import outdated, replayed
from symtests.checking.one_check.search import Evidence, Finding, PropertyFault, search
from symtests.checking.one_check.wording import (
    fault_sentence,
    found_sentence,
    misbehaviour_sentence,
    unsteady_sentence,
)
from symtests.checking.profile import SHARE_FOR_A_SMALLER_CASE, Profile
from symtests.checking.results.verdict import OWN_FAULT, Failure, Verdict, Word
from symtests.implementations import BUILT_IN
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.command_name import is_command
from symtests.implementations.direct import traceback_of
from symtests.implementations.misbehaviour import LOST, Misbehaviour, OutOfTime
from symtests.implementations.python_process import PythonProcess
from symtests.properties.base import Case, Property

__all__ = ["case_seed", "errored", "examples_folder", "judge_check", "location_of", "origin_of", "unsupported"]

_MORE_CASES: Final = 4
"""How many times the cases of the small tier are tried again in search of a small one that fails."""


def judge_check(
    implementation: Checked,
    prop: Property,
    profile: Profile,
    *,
    seed: int = 0,
    database: Path | None = None,
    on_case: Callable[[Case], None] | None = None,
    on_doing: Callable[[str, float | None], None] | None = None,
    known: KnownFailure | None = None,
    reference: str = "",
) -> Verdict:
    """Try a property on an implementation in one dtype: the small tier, then the wide one, up to the first failure.

    A verdict is ``exact`` where every conclusive case held bit for bit, and ``inconclusive`` where no case was
    conclusive or the bound hid the promised fault in more cases than were conclusive. Only an implementation that lives
    in this process, and kills or blocks it, keeps this from returning a verdict.

    Parameters
    ----------
    implementation, prop, profile
        What is judged, by which property, on how many cases.
    seed
        Decides which cases are drawn; each property and dtype has cases of its own, the same for every implementation.
    database
        Folder for the failing cases of all checks, which are tried first next time; none are kept unless given.
    on_case
        Told of each case before it is tried.
    on_doing
        Told what is done that may take a while, and how many seconds at most.
    known
        How it is known to fail: that case is asked first, and no other is drawn while it still fails so.
    reference
        What finds the property by name, where that is not its id.
    """
    started, profile = time.monotonic(), profile.of(implementation.capabilities)
    origin = replace(origin_of(implementation, prop, profile, seed), reference=reference)
    again = None
    if known is not None:
        again = _replayed(implementation, prop, origin, known, profile, on_case)
        if again is not None and again.word == "known":
            return replace(again, seconds=time.monotonic() - started)
    verdict = _judged(implementation, origin, database, on_case, on_doing)
    if again is not None and verdict.word not in ("violated", "errored"):
        verdict = again  # the listed case fails in another way than it did, and no other was found
    if verdict.word not in ("errored", "unsupported") and prop.observe is not None:
        if on_doing is not None:
            on_doing("takes a closer look", profile.observation_seconds)
        verdict = replace(verdict, observations=_observations(implementation, prop, profile))
    if known is not None:
        verdict = outdated(verdict, known)
    return replace(verdict, seconds=time.monotonic() - started)


def case_seed(seed: int, prop: str, dtype: str, tier: str) -> int:
    """Return the seed of Hypothesis for one property, dtype and tier of a run; the implementation has no say in it."""
    digest = hashlib.sha256(f"{seed} {prop} {dtype} {tier}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def examples_folder(implementation: str, prop: Property, dtype: str, tier: str) -> str:
    """Return the name of the folder of the failing cases of a check and a tier, one that any file system takes."""
    key = hashlib.sha256(f"{implementation} {prop.version}".encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return f"{prop.id}-{dtype}-{tier}-{key}"


def location_of(implementation: Checked) -> str | None:
    """Return what `symtests.implementations.find` takes to find this implementation again, or None."""
    given = getattr(implementation.implementation, "location", None)
    if isinstance(given, str) and is_command(given):
        return given
    if isinstance(implementation.implementation, PythonProcess):
        return implementation.implementation.location
    kind = type(implementation.implementation)
    location = f"{kind.__module__}:{kind.__qualname__}"
    known = BUILT_IN.get(implementation.name)
    # A variant of a class is found at "module:Class.variant".
    if ":" in implementation.name or (known is not None and f"{known.location}.".startswith(f"{location}.")):
        return implementation.name
    reachable = "<" not in location and kind.__module__ not in ("__main__", "builtins")
    return location if reachable else None


def origin_of(implementation: Checked, prop: Property, profile: Profile, seed: int) -> Origin:
    """Return where the counterexamples of a check come from."""
    capabilities, location = implementation.capabilities, location_of(implementation)
    found = Origin(implementation.name, location, capabilities, implementation.dtype, prop, profile, seed, Path.cwd())
    return replace(found, call_limit=implementation.call_limit)


def errored(implementation: str, prop: Property, dtype: str, failure: Failure, sentence: str, seed: int = 0) -> Verdict:
    """Return the verdict of a check that could not be judged."""
    return Verdict(
        implementation, prop.id, dtype, "errored", sentence, property_version=prop.version, failure=failure, seed=seed
    )


def unsupported(implementation: str, prop: Property, dtype: str, reason: str, seed: int = 0) -> Verdict:
    """Return the verdict of a check in which the implementation cannot do what the property needs."""
    sentence = f"Not tried: {reason}."
    return Verdict(implementation, prop.id, dtype, "unsupported", sentence, property_version=prop.version, seed=seed)


def _judged(
    implementation: Checked,
    origin: Origin,
    database: Path | None,
    on_case: Callable[[Case], None] | None,
    on_doing: Callable[[str, float | None], None] | None,
) -> Verdict:
    prop, profile, seed = origin.prop, origin.profile, origin.seed
    missing = [operation for operation in prop.needs if not implementation.offers(operation)]
    if missing:
        return unsupported(
            implementation.name, prop, implementation.dtype, f"it does not offer {' or '.join(missing)}", seed
        )
    evidence, reasons = Evidence(), []
    started = time.monotonic()
    for number, tier in enumerate(prop.tiers, 1):
        try:
            finding = search(
                prop,
                implementation,
                tier,
                profile,
                evidence,
                seed_number=case_seed(seed, prop.id, implementation.dtype, tier),
                deadline=started + profile.seconds * number / len(prop.tiers),
                database=database and database / examples_folder(implementation.name, prop, implementation.dtype, tier),
                on_case=on_case,
            )
        except Unsupported as reason:
            reasons.append(str(reason))
            continue
        except PropertyFault as fault:
            return _property_fault(implementation, prop, fault, evidence, seed)
        if finding is not None:
            if tier != prop.tiers[0]:
                if on_doing is not None:
                    on_doing("looks for a smaller counterexample", 2 * SHARE_FOR_A_SMALLER_CASE * profile.seconds)
                finding = _smaller(implementation, prop, profile, finding, seed, on_case) or finding
            return _failed(implementation, origin, finding, evidence)
    if len(reasons) == len(prop.tiers):
        return unsupported(implementation.name, prop, implementation.dtype, reasons[0], seed)
    tally = evidence.tally
    if tally.unsupported and tally.unsupported == tally.tried:
        return replace(
            unsupported(implementation.name, prop, implementation.dtype, evidence.unsupported_because, seed),
            tally=tally,
        )
    return _verdict(implementation, prop, _word(evidence), found_sentence(prop, evidence), evidence, seed)


def _smaller(
    implementation: Checked,
    prop: Property,
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
    tier = prop.tiers[0]
    try:
        again = search(
            prop,
            implementation,
            tier,
            more,
            Evidence(),
            seed_number=case_seed(seed, prop.id, implementation.dtype, f"{tier} again"),
            deadline=time.monotonic() + SHARE_FOR_A_SMALLER_CASE * profile.seconds,
            on_case=on_case,
        )
    except (Unsupported, PropertyFault):
        return None
    return again if again is not None and again.kind == found.kind and again.steady else None


def _word(evidence: Evidence) -> Word:
    tally = evidence.tally
    if not tally.conclusive or tally.too_wide > tally.conclusive:
        return "inconclusive"
    return "exact" if evidence.bitwise == tally.conclusive else "holds"


def _failed(implementation: Checked, origin: Origin, finding: Finding, evidence: Evidence) -> Verdict:
    """Return the verdict where a case broke the property or made the implementation misbehave."""
    prop, seed, problem, call = origin.prop, origin.seed, finding.problem, finding.call
    violation = violation_of_finiteness(implementation, problem, call) if isinstance(problem, Misbehaviour) else problem
    if violation is None:
        assert isinstance(problem, Misbehaviour)
        sentence = misbehaviour_sentence(problem, finding)
        verdict = _verdict(implementation, prop, "errored", sentence, evidence, seed)
        counterexample = replace(of_call(origin, finding.case, call, str(problem)), steady=finding.steady)
        return replace(verdict, counterexample=counterexample, failure=failure_of(problem))
    sentence = violation.sentence if finding.steady else unsteady_sentence(violation)
    if isinstance(problem, Misbehaviour):
        counterexample = of_number(origin, finding.case, call, violation, sentence, steady=finding.steady)
    elif finding.steady:
        counterexample = of_violation(origin, finding.case, violation)
    else:
        counterexample = of_unsteady_violation(origin, finding.case, violation, sentence)
    verdict = _verdict(implementation, prop, "violated", sentence, evidence, seed)
    return replace(verdict, counterexample=counterexample)


def _property_fault(
    implementation: Checked, prop: Property, fault: PropertyFault, evidence: Evidence, seed: int
) -> Verdict:
    verdict = _verdict(
        implementation, prop, "errored", fault_sentence(prop, implementation.name, fault), evidence, seed
    )
    return replace(verdict, failure=Failure(OWN_FAULT, str(fault), traceback_of(fault.__cause__)))


def _verdict(
    implementation: Checked, prop: Property, word: Word, sentence: str, evidence: Evidence, seed: int
) -> Verdict:
    judged = bool(evidence.detectable)
    return Verdict(
        implementation.name,
        prop.id,
        implementation.dtype,
        word,
        sentence,
        property_version=prop.version,
        tally=evidence.tally,
        worst_fraction=evidence.worst_fraction if judged else None,
        detectable=evidence.median_detectable,
        tolerance=evidence.tolerance,
        bitwise_cases=evidence.bitwise,
        seed=seed,
    )


def _replayed(
    implementation: Checked,
    prop: Property,
    origin: Origin,
    known: KnownFailure,
    profile: Profile,
    on_case: Callable[[Case], None] | None,
) -> Verdict | None:
    """Ask the case of an entry, as long as one case may take; what takes longer is left to the search."""
    try:
        with implementation.within(profile.seconds_for_a_case):
            return replayed(implementation, prop, origin, known, on_case)
    except OutOfTime:
        return None


def _observations(implementation: Checked, prop: Property, profile: Profile) -> tuple[Mapping[str, Any], ...]:
    """Return what the property sees besides its verdict; that the look failed is worth knowing too."""
    assert prop.observe is not None
    try:
        with implementation.within(profile.observation_seconds):
            seen = prop.observe(implementation, profile.effort)
        return tuple({"sentence": observation.sentence, "data": dict(observation.data)} for observation in seen)
    except Unsupported:
        return ()
    except OutOfTime:
        limit = f"{profile.observation_seconds:g} s"
        sentence = f"A closer look, which is no part of the property, ended early: it may take {limit}."
    except Misbehaviour as problem:
        sentence = f"A closer look, which is no part of the property, ended early: {problem}."
    except Exception as error:
        sentence = f"A closer look failed by a fault of symtests: {type(error).__name__}: {error}."
    return ({"sentence": sentence, "data": {}},)
