"""Hypothesis at work: draws the cases of one property and one tier, and shrinks the first that fails."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import Flaky, HypothesisException, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from symtests.checking.one_check.not_finite import violation_of_finiteness
from symtests.checking.profile import Profile
from symtests.checking.results.verdict import Tally
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Call, Checked
from symtests.implementations.misbehaviour import LOST, Misbehaviour, OutOfTime
from symtests.properties.base import Case, Domain, Judgement, Property, Tier, Violation

__all__ = ["Evidence", "Finding", "PropertyFault", "search"]

_ROUNDS: Final = 4
"""Searches that share the cases of a tier: within each, Hypothesis likes to vary what it has drawn before."""
_LEAST_OF_A_ROUND: Final = 8
"""Cases for which a round of their own pays."""
_SECONDS_FOR_LOST: Final = 10.0
"""For shrinking a case that ends the process of the implementation."""
_REPEATS: Final = 2
"""How often the smallest failing case is asked again: it is steady if it fails each time."""


class PropertyFault(Exception):
    """A property raised something of its own: a fault of the property, and not of the implementation."""


class _CaseFailed(Exception):
    """Tells Hypothesis that a case failed. One class, raised in one place: Hypothesis tells failures apart by both."""


class _SearchEnded(BaseException):
    """Ends a search at once; no `Exception`, because Hypothesis would take that for a failing case."""


@dataclass(frozen=True, eq=False)
class Finding:
    """The smallest case found that breaks a property, or on which the implementation misbehaves: one of the two.

    `call` is the question that the implementation was asked last; `steady` tells whether the case fails
    each time that it is asked.
    """

    case: Case
    problem: Violation | Misbehaviour
    call: Call | None
    steady: bool = True

    @property
    def kind(self) -> str:
        """Kind of the misbehaviour, or ``violation``."""
        return self.problem.kind if isinstance(self.problem, Misbehaviour) else "violation"


@dataclass
class Evidence:
    """What the cases of a check have shown, those of shrinking left out; it grows as cases are tried."""

    outcomes: Counter[str] = field(default_factory=Counter)
    bitwise: int = 0
    worst_fraction: float = 0.0
    detectable: list[float] = field(default_factory=list)
    tolerances: set[str] = field(default_factory=set)
    unsupported_because: str = ""
    cut_short: bool = False

    def add(self, judgement: Judgement, promise: float) -> None:
        """Count one case; where it would not have shown the fault that the property promises to see, as too wide."""
        outcome: str = judgement.outcome
        if outcome == "held" and judgement.detectable > promise:
            outcome = "too_wide"
        if outcome == "held":
            self.bitwise += judgement.bitwise
            self.worst_fraction = max(self.worst_fraction, judgement.fraction)
            self.detectable.append(judgement.detectable)
            self.tolerances.add(judgement.tolerance)
        self.outcomes["conclusive" if outcome in ("held", "violated") else outcome] += 1

    @property
    def tally(self) -> Tally:
        """The counts."""
        return Tally(**{name: self.outcomes[name] for name in Tally.__dataclass_fields__})

    @property
    def median_detectable(self) -> float | None:
        """Relative fault that half of the cases that held would have shown; None without such a case."""
        return statistics.median(self.detectable) if self.detectable else None

    @property
    def tolerance(self) -> str:
        """The weakest kind of tolerance that any case was judged with."""
        return next((kind for kind in ("statistical", "stage-local", "certified") if kind in self.tolerances), "exact")


def search(
    prop: Property,
    implementation: Checked,
    tier: Tier,
    profile: Profile,
    evidence: Evidence,
    *,
    seed_number: int,
    deadline: float,
    database: Path | None = None,
    on_case: Callable[[Case], None] | None = None,
) -> Finding | None:
    """Try cases of one tier; return the smallest that fails, or None.

    The cases are drawn in several rounds, each with a seed and with activations of its own, so that none is left out.
    Those that the property asks each time come last: what a drawn case shows as well is shown by one that has been
    shrunk.

    Parameters
    ----------
    prop, implementation, tier, profile
        What is tried, on what, with which cases and how many.
    evidence
        Grows by every case tried before one fails.
    seed_number
        Decides which cases are drawn.
    deadline
        Reading of `time.monotonic` after which no case is begun; shrinking may take as much time again.
    database
        Folder that keeps failing cases; those kept are tried first.
    on_case
        Told of each case before it is tried.

    Raises
    ------
    Unsupported
        Where the property has no case that the implementation can do.
    PropertyFault
        Where the property itself raises.
    """
    hunt = _Hunt(prop, implementation, evidence, profile, deadline, on_case)
    cases = profile.small_examples if tier == "small" else profile.wide_examples
    rounds = min(max(cases // _LEAST_OF_A_ROUND, 1), _ROUNDS)
    domain = Domain.of(implementation, nightly=profile.effort == 1, reach=profile.reach)
    strategies = _rounds(prop, domain, tier, rounds)
    steady = True
    for number, strategy in enumerate(strategies[:cases]):
        examples = max((cases + number) // len(strategies), 1)
        steady = _draw(hunt, strategy, examples, seed_number + number, database)
        if hunt.fault is not None:
            raise _fault(hunt.fault) from hunt.fault
        if hunt.finding is not None or hunt.evidence.cut_short:
            break
    if hunt.finding is None and not hunt.evidence.cut_short:
        _try_those_of_always(hunt, prop, domain, tier)
    if hunt.finding is None or not steady:
        return None if hunt.finding is None else replace(hunt.finding, steady=False)
    return hunt.asked_again(hunt.finding)


def _try_those_of_always(hunt: _Hunt, prop: Property, domain: Domain, tier: Tier) -> None:
    """Try the cases that a property asks each time, the first that fails being the last.

    They are there for what is altogether wrong at one place. That a bound is wide there, as far out in a tail, says
    nothing of the promise of the property, and is not counted.
    """
    if prop.always is None:
        return
    hunt.promises = False
    try:
        for case in filter(domain.offers, prop.always(domain, tier)):
            hunt.try_case(case)
    except (_CaseFailed, _SearchEnded):
        pass  # what was found is kept
    except Exception as error:
        raise _fault(error) from error
    finally:
        hunt.promises = True
    if hunt.fault is not None:
        raise _fault(hunt.fault) from hunt.fault


def _rounds(prop: Property, domain: Domain, tier: Tier, rounds: int) -> list[SearchStrategy[Case]]:
    """Return a strategy for each round in which the property has cases.

    Raises
    ------
    Unsupported
        Where it has none.
    PropertyFault
        Where the property raises something else.
    """
    names = domain.capabilities.activations
    strategies, reason = [], None
    for number in range(min(rounds, len(names))):
        part = replace(domain, capabilities=replace(domain.capabilities, activations=names[number::rounds]))
        try:
            strategies.append(prop.cases(part, tier))
        except Unsupported as error:
            reason = reason or error
        except Exception as error:
            raise _fault(error) from error
    if not strategies:
        raise reason or Unsupported("the property has no cases")
    return strategies


def _draw(hunt: _Hunt, strategy: SearchStrategy[Case], examples: int, seed_number: int, database: Path | None) -> bool:
    """Try so many cases of one round; return whether Hypothesis saw the same each time that it asked again."""
    asked = settings(
        max_examples=examples,
        database=None if database is None else DirectoryBasedExampleDatabase(database),
        phases=(Phase.reuse, Phase.generate, Phase.target, Phase.shrink),
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )

    # Short, and decorated further down: Hypothesis reads the source of what it is given, each time.
    def try_case(case: Case) -> None:
        hunt.try_case(case)

    try_cases = asked(seed(seed_number)(given(strategy)(try_case)))
    try:
        try_cases()
    except Unsupported:
        raise
    except (_CaseFailed, _SearchEnded, Unsatisfiable):
        pass  # what was found is kept
    except Exception as error:
        if hunt.finding is None:
            raise _fault(error) from error
        return not isinstance(error, Flaky)  # flaky: it did not fail again when Hypothesis asked again
    return True


def _fault(error: Exception) -> PropertyFault:
    return PropertyFault(f"{type(error).__name__}: {error}")


class _Hunt:
    """Tries case after case; after the first failure, only another of the same kind counts as one."""

    def __init__(
        self,
        prop: Property,
        implementation: Checked,
        evidence: Evidence,
        profile: Profile,
        deadline: float,
        on_case: Callable[[Case], None] | None,
    ) -> None:
        self.prop = prop
        self.implementation = implementation
        self.evidence = evidence
        self.deadline = deadline
        self.on_case = on_case
        self.shrinks_left = profile.shrink_cases
        self.seconds_for_a_case = profile.seconds_for_a_case
        self.seconds_for_shrinking = max(deadline - time.monotonic(), 1.0)
        self.finding: Finding | None = None
        self.fault: Exception | None = None
        self.promises = True

    def try_case(self, case: Case) -> None:
        """Try a case; raise `_CaseFailed` where it fails, and `_SearchEnded` when it is time to stop."""
        self._stop_in_time()
        found = self._ask(case)
        if found is None or (self.finding is not None and found.kind != self.finding.kind):
            return
        if self.finding is None:
            self.deadline = time.monotonic() + self.seconds_for_shrinking
        self.finding = found
        if found.kind == "hung":  # each smaller case would take the whole time limit again
            self.shrinks_left = 0
        elif found.kind in LOST:  # each costs a process, which has to be started again
            self.deadline = min(self.deadline, time.monotonic() + _SECONDS_FOR_LOST)
        raise _CaseFailed

    def asked_again(self, finding: Finding) -> Finding:
        """Ask the case again; return what it shows then, or an unsteady finding where it does not fail each time."""
        latest = finding
        if finding.kind == "hung":  # it would take the whole time limit again
            return finding
        for _ in range(_REPEATS):
            try:
                again = self._ask(finding.case)
            except (HypothesisException, _SearchEnded):  # Hypothesis has asked the case again already, or time is up
                return finding
            if again is None or again.kind != finding.kind:
                return replace(finding, steady=False)
            latest = again
        return latest

    def _stop_in_time(self) -> None:
        late = time.monotonic() > self.deadline
        if self.finding is None:
            self.evidence.cut_short = late
        else:
            self.shrinks_left -= 1
        if late or self.shrinks_left < 0:
            raise _SearchEnded

    def _is_too_wide(self, judgement: Judgement) -> bool:
        return judgement.outcome == "too_wide" or judgement.detectable > self.prop.promise

    def _ask(self, case: Case) -> Finding | None:
        if self.on_case is not None:
            self.on_case(case)
        counts = self.finding is None
        try:
            with self.implementation.within(self.seconds_for_a_case):
                judgement = self.prop.judge(self.implementation, case)
        except OutOfTime:
            self.evidence.cut_short = self.evidence.cut_short or counts
            raise _SearchEnded from None
        except Misbehaviour as misbehaviour:
            call = self.implementation.latest_call
            if (
                misbehaviour.kind == "not finite"
                and violation_of_finiteness(self.implementation, misbehaviour, call) is None
            ):
                self.evidence.outcomes["rejected"] += counts  # no finite number is due
                return None
            return Finding(case, misbehaviour, call)
        except Unsupported as reason:
            self.evidence.outcomes["unsupported"] += counts
            self.evidence.unsupported_because = str(reason)
            return None
        except HypothesisException:  # how a property tells Hypothesis that a case will not do
            self.evidence.outcomes["rejected"] += counts
            raise
        except Exception as error:
            if not counts:
                return None  # a case of shrinking on which the property itself fails is no smaller case
            self.fault = error
            raise _SearchEnded from error
        if counts and (self.promises or not self._is_too_wide(judgement)):
            self.evidence.add(judgement, self.prop.promise)
        if judgement.outcome != "violated":
            return None
        return Finding(
            case, judgement.violation or Violation("the property is broken"), self.implementation.latest_call
        )
