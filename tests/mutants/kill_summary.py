"""What all trials together say, and how it is told: a line a mutant, a summary, and a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from symtests.checking.profile import Profile
from symtests.properties import PROPERTIES
from tests.mutants.kill import FAULT_OF_SYMTESTS, MOST_HIDDEN_UNITS, MOST_SAMPLES, Trial, killers
from tests.mutants.listing import Mutant

__all__ = ["LEAST_SMALL_SHARE", "Summary", "line_of", "page", "summary_of"]

LEAST_SMALL_SHARE: Final = 0.75
"""Share of the mutants that a case of `MOST_HIDDEN_UNITS` and `MOST_SAMPLES` has to find."""


@dataclass(frozen=True)
class Summary:
    """What all trials together say.

    Parameters
    ----------
    mutants
        How many were tried.
    survivors
        Those that no property meant for them found.
    small
        Those that a counterexample found which can be followed by hand.
    missed
        Properties with the mutants that are meant for them and that they did not find, as in ``"EQV1 of
        DropoutLeftOn"``.
    idle
        Properties that found none of the mutants meant for them; those without any among the mutants that were tried.
    faults
        Properties that failed themselves.
    """

    mutants: int
    survivors: tuple[str, ...]
    small: tuple[str, ...]
    missed: tuple[str, ...]
    idle: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def small_share(self) -> float:
        """Share of the mutants that a small counterexample found."""
        return len(self.small) / self.mutants if self.mutants else 0.0

    def troubles(self) -> list[str]:
        """Return a sentence for each thing that is not as it should be."""
        found = []
        if self.survivors:
            found.append(f"no property meant for them finds {', '.join(self.survivors)}")
        if self.idle:
            found.append(f"idle, finding no mutant meant for them: {', '.join(self.idle)}")
        if self.faults:
            found.append(f"properties that failed themselves: {', '.join(self.faults)}")
        if self.small_share < LEAST_SMALL_SHARE:
            found.append(f"fewer than {LEAST_SMALL_SHARE:.0%} are found by a case that can be followed by hand")
        return found

    def text(self) -> str:
        """Return the summary in a few lines."""
        killed = self.mutants - len(self.survivors)
        found = f"{killed} of {self.mutants} mutants are found by a property that is meant to find them"
        small = (
            f"{len(self.small)} of {self.mutants} ({self.small_share:.0%}) by a counterexample of at most "
            f"{MOST_HIDDEN_UNITS} hidden units and {MOST_SAMPLES} samples"
        )
        lines = [found, small]
        if self.missed:
            lines.append(f"found by another property, but missed by one meant for them: {', '.join(self.missed)}")
        return "\n".join([*lines, *(f"TROUBLE: {trouble}" for trouble in self.troubles())])

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain JSON data."""
        return {**asdict(self), "small_share": self.small_share, "troubles": self.troubles()}


def summary_of(mutants: Sequence[Mutant], trials: Sequence[Trial]) -> Summary:
    """Return what the trials of these mutants say together."""
    meant = [trial for trial in trials if trial.meant]
    found = {trial.mutant for trial in meant if trial.killed}
    small = {trial.mutant for trial in trials if trial.small}
    busy = {trial.prop for trial in meant if trial.killed}
    # Where some mutants alone were chosen, a property has to be judged by those that are meant for it.
    asked = {trial.prop for trial in meant} if _is_a_part(mutants) else {prop.id for prop in PROPERTIES}
    return Summary(
        len(mutants),
        tuple(mutant.name for mutant in mutants if mutant.name not in found),
        tuple(mutant.name for mutant in mutants if mutant.name in small),
        tuple(f"{trial.prop} of {trial.mutant}" for trial in meant if not trial.killed and trial.mutant in found),
        tuple(prop.id for prop in PROPERTIES if prop.id in asked - busy),
        tuple(dict.fromkeys(trial.prop for trial in trials if trial.word == FAULT_OF_SYMTESTS)),
    )


def _is_a_part(mutants: Sequence[Mutant]) -> bool:
    from tests.mutants.listing import MUTANTS

    return len(mutants) < len(MUTANTS)


def line_of(trials: Sequence[Trial]) -> str:
    """Tell in a line which properties found a mutant, and after how many cases."""
    name = f"{trials[0].mutant:32s}"
    found = "; ".join(f"{_mark(trial)}{trial.prop} {_proof(trial)}" for trial in killers(trials))
    missed = ", ".join(f"{trial.prop} ({trial.word})" for trial in trials if trial.meant and not trial.killed)
    return f"{name} {found or 'SURVIVES'}" + (f"; missed by {missed}" if missed else "")


def _mark(trial: Trial) -> str:
    return "" if trial.meant else "also "


def _proof(trial: Trial) -> str:
    return f"case {trial.cases}: {_count(trial.hidden_units, 'unit')}, {_count(trial.samples, 'sample')}"


def _count(number: int | None, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def page(mutants: Sequence[Mutant], trials: Sequence[Trial], profile: Profile) -> str:
    """Return the Markdown page: mutants with what found them, what survived, and properties with what they found."""
    summary = summary_of(mutants, trials)
    of_mutant = {mutant.name: [trial for trial in trials if trial.mutant == mutant.name] for mutant in mutants}
    lines = _head(summary, profile).splitlines()
    for family in dict.fromkeys(mutant.family for mutant in mutants):
        of_family = [mutant for mutant in mutants if mutant.family == family]
        lines += [
            f"## {family.capitalize()}",
            "",
            "| mutant | its fault | found by | cases | smallest counterexample |",
            "|---|---|---|--:|---|",
            *(_row(mutant, killers(of_mutant[mutant.name]), of_mutant[mutant.name]) for mutant in of_family),
            "",
        ]
    return "\n".join([*lines, *_properties(trials)]) + "\n"


def _head(summary: Summary, profile: Profile) -> str:
    survivors = f"**Not found: {', '.join(summary.survivors)}.**" if summary.survivors else "None survives."
    return f"""# The mutants

A property is worth what it finds. Each of these implementations is correct but for one fault, most of them known from
real libraries; they lie in [`tests/mutants/`](../tests/mutants). `tox -e mutants` searches, with the cases of
`symtests check --profile {profile.name}`, for one that proves the fault, by the properties that are meant to find it,
and fails where there is none. `tox -e mutants -- --write docs/mutants.md` writes this page.

- {summary.mutants - len(summary.survivors)} of {summary.mutants} mutants are found. {survivors}
- {len(summary.small)} of {summary.mutants} ({summary.small_share:.0%}) are found by a counterexample that can be
  followed by hand: at most {MOST_HIDDEN_UNITS} hidden units and {MOST_SAMPLES} samples. Most others show in wider
  layers or larger batches alone.
- {_no_idle(summary)}

"""


def _no_idle(summary: Summary) -> str:
    if summary.idle:
        return f"**Properties that find no mutant: {', '.join(summary.idle)}.**"
    return "Every property finds a mutant that it is meant to find."


def _row(mutant: Mutant, found: Sequence[Trial], trials: Iterable[Trial]) -> str:
    fault = mutant.fault.replace("|", r"\|").replace("<", "&lt;")
    properties = ", ".join(trial.prop for trial in trials if trial.killed)
    if not found:
        return f"| {mutant.name} | {fault} | **none** | | |"
    first = found[0]
    size = f"{_count(first.hidden_units, 'hidden unit')}, {_count(first.samples, 'sample')} ({first.prop})"
    return f"| {mutant.name} | {fault} | {properties} | {first.cases} | {size} |"


def _properties(trials: Sequence[Trial]) -> list[str]:
    """Return the matrix the other way round: what each property finds."""
    rows = ["## Properties", "", "| property | finds |", "|---|---|"]
    for prop in PROPERTIES:
        names = ", ".join(trial.mutant for trial in trials if trial.prop == prop.id and trial.killed)
        rows.append(f"| {prop.id}: {prop.title} | {names or '**none**'} |")
    return rows
