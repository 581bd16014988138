"""What was found of one property, one implementation and one dtype: the check of the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from symtests.checking.results.plain import plain
from symtests.exit_status import ALL_AS_EXPECTED, INTERNAL_ERROR, NOT_JUDGED, VIOLATED, worst

__all__ = [
    "EXIT_STATUS", "OWN_FAULT", "WORDS", "Counterexample", "Failure", "Listed", "Tally", "Verdict", "Word",
    "exit_status",
]  # fmt: skip

Word = Literal["exact", "holds", "violated", "known", "fixed", "inconclusive", "unsupported", "errored"]
WORDS: dict[Word, str] = {
    "exact": "held bit for bit in every case",
    "holds": "held within the derived bound",
    "violated": "broken, with the smallest counterexample; so is NaN where a number is due",
    "known": "violated as the baseline says",
    "fixed": "the baseline is stale: remove the entry",
    "inconclusive": "the tolerance hides the fault that the property promises to see, or no case was conclusive",
    "unsupported": "the implementation cannot do what the property needs",
    "errored": "the implementation crashed, hung or gave what is no answer",
}

EXIT_STATUS: dict[Word, int] = {
    "exact": ALL_AS_EXPECTED,
    "holds": ALL_AS_EXPECTED,
    "known": ALL_AS_EXPECTED,
    "unsupported": ALL_AS_EXPECTED,
    "violated": VIOLATED,
    "fixed": VIOLATED,
    "inconclusive": NOT_JUDGED,
    "errored": NOT_JUDGED,
}
OWN_FAULT: Final = "fault of symtests"
"""Kind of a failure that is no fault of the implementation."""


@dataclass(frozen=True)
class Tally:
    """How many cases were tried, and what became of them."""

    conclusive: int = 0
    trivial: int = 0
    rejected: int = 0
    too_wide: int = 0
    unsupported: int = 0

    @property
    def tried(self) -> int:
        """Number of cases of any kind."""
        return self.conclusive + self.trivial + self.rejected + self.too_wide + self.unsupported


@dataclass(frozen=True)
class Counterexample:
    """The smallest case that shows a violation or a crash.

    `case` is the JSON form of a `symtests.properties.base.Case`; `script` runs alone; `command`
    repeats the search; `expected`, `found` and `bound` are None where the violation is not about numbers;
    `diagnosis` says what is wrong with the implementation, as far as further questions show it, or
    nothing; `steady` tells whether the case fails each time that it is asked.
    """

    sentence: str
    case: Mapping[str, Any]
    hidden_units: int
    samples: int
    command: str
    script: str
    quantity: str = ""
    expected: float | None = None
    found: float | None = None
    bound: float | None = None
    diagnosis: str = ""
    steady: bool = True

    @property
    def size(self) -> str:
        """How large the case is, as in "a network of sizes 2-3-1 with 1 sample"."""
        sizes = self.case.get("network", {}).get("sizes", ())
        hidden = f"{self.hidden_units} hidden unit{'' if self.hidden_units == 1 else 's'}"
        network = f"a network of sizes {'-'.join(map(str, sizes))}" if sizes else hidden
        return f"{network} with {self.samples} sample{'' if self.samples == 1 else 's'}"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Counterexample:
        """Rebuild a counterexample from its fields as plain JSON data."""
        return cls(**_with_numbers(data, "expected", "found", "bound"))


@dataclass(frozen=True)
class Failure:
    """Why an implementation could not be judged.

    `kind` is one of ``raised``, ``wrong type``, ``wrong shape``, ``wrong dtype``, ``wrong answer``
    (to a trivial question), ``hung``, ``exited``, ``killed``, ``broken protocol`` (of a command that
    writes what is no answer), and ``fault of symtests`` where a property itself failed; in files of earlier
    versions also ``not finite``, which is a violation now. `output` is a traceback, or the end of what
    was written to the outputs.
    """

    kind: str
    message: str
    output: str = ""


@dataclass(frozen=True)
class Listed:
    """The entry of a list of known failures that is about a check: why and where, and where the entry stands."""

    reason: str
    link: str
    file: str
    entry: int


@dataclass(frozen=True)
class Verdict:
    """One check: what was found, on how much evidence.

    Parameters
    ----------
    implementation, property, property_version, dtype
        The check.
    word, sentence
        What was found.
    tally
        The cases tried, those of shrinking left out; the case that failed counts as conclusive.
    worst_fraction
        Worst error as a fraction of its bound, over the cases that held; None without such a case.
    detectable
        Median, over the cases that held, of the smallest relative fault in one component that the case
        would have shown: in half of the cases this fault would have been seen. None without such a case.
    tolerance
        The weakest kind that any case was judged with: ``exact``, ``certified``, ``stage-local`` or
        ``statistical``.
    bitwise_cases
        How many cases held bit for bit.
    counterexample, failure
        Of what was violated, and of what could not be judged.
    observations
        What was seen besides, each with a sentence and its data.
    known
        The entry of a list of known failures that is about this check, or None.
    seconds, seed
        How long it took, and the seed of the run.
    """

    implementation: str
    property: str
    dtype: str
    word: Word
    sentence: str
    property_version: int = 1
    tally: Tally = field(default_factory=Tally)
    worst_fraction: float | None = None
    detectable: float | None = None
    tolerance: str = "exact"
    bitwise_cases: int = 0
    counterexample: Counterexample | None = None
    failure: Failure | None = None
    observations: tuple[Mapping[str, Any], ...] = ()
    seconds: float = 0.0
    seed: int = 0
    known: Listed | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON data (`type` is "verdict"); NaN and infinities become words."""
        data: dict[str, Any] = plain({"type": "verdict", **asdict(self)})
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Rebuild a verdict from `to_json`."""
        values = _with_numbers(data, "worst_fraction", "detectable")
        del values["type"]
        values["tally"] = Tally(**values["tally"])
        values["observations"] = tuple(values["observations"])
        if values["counterexample"] is not None:
            values["counterexample"] = Counterexample.from_json(values["counterexample"])
        if values["failure"] is not None:
            values["failure"] = Failure(**values["failure"])
        if values.get("known") is not None:
            values["known"] = Listed(**values["known"])
        return cls(**values)


def _with_numbers(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return `data` with the words for NaN and infinities, in the fields of these names, as numbers again."""
    return {key: float(value) if key in names and isinstance(value, str) else value for key, value in data.items()}


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """Return the exit status of a check: 4 beats 1, which beats 3, which beats 0; nothing judged at all is 3.

    Parameters
    ----------
    verdicts
        All of its verdicts; one that says that symtests itself failed makes it 4.
    """
    statuses, judged = set(), False
    for verdict in verdicts:
        own_fault = verdict.failure is not None and verdict.failure.kind == OWN_FAULT
        statuses.add(INTERNAL_ERROR if own_fault else EXIT_STATUS[verdict.word])
        judged = judged or verdict.word != "unsupported"
    if not judged:
        statuses.add(NOT_JUDGED)
    return worst(statuses)
