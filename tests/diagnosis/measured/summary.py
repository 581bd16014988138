"""What all answers together say, and how it is told: a line an answer, a summary, a record, and a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.diagnosis.measured.asking import Told
from tests.diagnosis.measured.grading import Grade, graded
from tests.diagnosis.measured.listing import fault_of
from tests.diagnosis.measured.measured_fault import MeasuredFault

__all__ = ["LEAST_OF_PAIRS", "LEAST_OF_SINGLES", "Answer", "Summary", "page"]

LEAST_OF_SINGLES: Final = 0.9
"""Share of the single faults that has to be named."""
LEAST_OF_PAIRS: Final = 0.75
"""Share of the pairs of which both faults have to be named."""
_GRADES: Final[tuple[Grade, ...]] = ("right", "partly", "none", "wrong")


@dataclass(frozen=True)
class Answer:
    """What was said of one implementation.

    Parameters
    ----------
    faults
        Names of its faults.
    grade, named, wrong
        As in `tests.diagnosis.measured.grading.Graded`.
    told
        The sentences, each once, with the properties after whose violation they were said.
    seconds
        How long all of them took.
    version
        Of the diagnosis that said them, as in `tests.diagnosis.measured.version`.
    """

    faults: tuple[str, ...]
    grade: Grade
    named: tuple[str, ...]
    wrong: tuple[str, ...]
    told: dict[str, str]
    seconds: float
    version: str = ""

    @classmethod
    def of(cls, faults: Sequence[MeasuredFault], told: Sequence[Told], seconds: float, version: str = "") -> Answer:
        """Return the answer that these sentences make."""
        by_sentence: dict[str, str] = {}
        for each in told:
            before = by_sentence.get(each.sentence, "")
            if each.prop not in before.split():
                by_sentence[each.sentence] = f"{before} {each.prop}".strip()
        result = graded(list(by_sentence), faults)
        names = tuple(fault.name for fault in faults)
        return cls(names, result.grade, result.named, result.wrong, by_sentence, round(seconds, 2), version)

    def line(self) -> str:
        """Tell in a few lines what was said and what it is worth."""
        said = "".join(f"\n    {properties}: {sentence or '(nothing)'}" for sentence, properties in self.told.items())
        return f"{self.grade.upper()} {' + '.join(self.faults)}{said or ' (no property is violated)'}"


@dataclass(frozen=True)
class Summary:
    """All answers.

    Parameters
    ----------
    singles, pairs
        What was said of single faults, and of two at a time.
    hidden
        Pairs that were left out, as one fault hides the other, each of two names.
    possible
        How many pairs there are, whether they were asked or not.
    """

    singles: tuple[Answer, ...]
    pairs: tuple[Answer, ...]
    hidden: tuple[tuple[str, ...], ...]
    possible: int

    def troubles(self) -> list[str]:
        """Return a sentence for each thing that is not as it should be."""
        found = []
        for answers, noun, least in (
            (self.singles, "single faults", LEAST_OF_SINGLES),
            (self.pairs, "pairs", LEAST_OF_PAIRS),
        ):
            count = _count(answers)
            if count["wrong"]:
                found.append(f"{count['wrong']} {noun} have a cause named that is not there")
            if answers and count["right"] < least * len(answers):
                found.append(f"fewer than {least:.0%} of the {noun} are named")
        return found

    def text(self) -> str:
        """Return the summary in a few lines."""
        lines = [_counted(self.singles, "single faults"), _counted(self.pairs, "pairs")]
        seconds = sorted(answer.seconds for answer in (*self.singles, *self.pairs))
        if seconds:
            lines.append(f"seconds an implementation: median {seconds[len(seconds) // 2]:.2f}, most {seconds[-1]:.2f}")
        lines.append(f"pairs of which one hides the other: {len(self.hidden)}; pairs that there are: {self.possible}")
        return "\n".join([*lines, *(f"TROUBLE: {trouble}" for trouble in self.troubles())])

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain JSON data, without times, which no two runs share."""
        return {
            "singles": [_record(answer) for answer in self.singles],
            "pairs": [_record(answer) for answer in self.pairs],
            "hidden": list(map(list, self.hidden)),
            "possible": self.possible,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Summary:
        """Rebuild it from `to_json`."""
        singles, pairs = (tuple(map(_answer, data[name])) for name in ("singles", "pairs"))
        return cls(singles, pairs, tuple(map(tuple, data["hidden"])), data["possible"])


def _answer(data: Mapping[str, Any]) -> Answer:
    lists = {name: tuple(data[name]) for name in ("faults", "named", "wrong")}
    return Answer(grade=data["grade"], told=dict(data["told"]), seconds=0.0, version=data["version"], **lists)


def _record(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in asdict(answer).items() if name != "seconds"}


def _count(answers: Sequence[Answer]) -> Counter[str]:
    return Counter(answer.grade for answer in answers)


def _counted(answers: Sequence[Answer], noun: str) -> str:
    count, total = _count(answers), max(len(answers), 1)
    grades = ", ".join(f"{grade} {count[grade]} ({count[grade] / total:.0%})" for grade in _GRADES)
    return f"{len(answers)} {noun}: {grades}"


def page(summary: Summary) -> str:
    """Return the Markdown page: how often causes are named, each fault with its sentence, and the pairs that are not.

    Parameters
    ----------
    summary
        What was said of all faults and pairs.
    """
    lines = [_HEAD, "| | right | partly | none | wrong |", "|---|--:|--:|--:|--:|"]
    for noun, answers in (("single faults", summary.singles), ("pairs", summary.pairs)):
        count, total = _count(answers), max(len(answers), 1)
        shares = " | ".join(f"{count[grade]} ({count[grade] / total:.0%})" for grade in _GRADES)
        lines.append(f"| {len(answers)} {noun} | {shares} |")
    lines += [
        "",
        f"In {len(summary.hidden)} other pairs one fault hides the other: without it, no answer is another.",
        *_sample(summary),
        "",
        "## Single faults",
        "",
        "| fault | in | what it does | | what is said |",
        "|---|---|---|---|---|",
    ]
    lines += [_single(answer) for answer in summary.singles]
    lines += ["", "## Pairs of which not both are named", "", "| faults | | what is said |", "|---|---|---|"]
    lines += [_pair(answer) for answer in summary.pairs if answer.grade != "right"]
    return "\n".join(lines) + "\n"


def _sample(summary: Summary) -> list[str]:
    asked = len(summary.pairs) + len(summary.hidden)
    found = [] if asked == summary.possible else [f"The pairs are a random sample of {asked} of {summary.possible}."]
    newest = {answer.version for answer in summary.singles}
    older = sum(answer.version not in newest for answer in summary.pairs)
    if older:
        found.append(f"{older} of them were asked before the diagnosis was last changed.")
    return found


_HEAD: Final = """# The diagnosis

After a violation, `symtests check` says what is wrong as far as it can tell. This page tells what that is worth. Each
fault below is put into an implementation that is right otherwise ([`tests/diagnosis/measured/`][measured]); the first
properties that it violates are asked for their diagnosis, as a check asks it. *Right*: the cause is named, of two
faults both, and nothing else. *Partly*: one of two. *None*: said to be not explained, or nothing. *Wrong*: a cause is
named that is not there. `python -m tests.diagnosis.measured.measure --write docs/diagnosis.md` writes this page and the
record `diagnosis.json`; with `--resume`, it asks what the record lacks, or has from an older version of the diagnosis.

[measured]: ../tests/diagnosis/measured
"""


def _single(answer: Answer) -> str:
    fault = fault_of(answer.faults[0])
    return f"| {fault.name} | {fault.place} | {_check(fault.fault)} | {answer.grade} | {_said(answer)} |"


def _pair(answer: Answer) -> str:
    return f"| {' + '.join(answer.faults)} | {answer.grade} | {_said(answer)} |"


def _said(answer: Answer) -> str:
    return "<br>".join(
        f"{properties}: {_check(sentence) or '(nothing)'}" for sentence, properties in answer.told.items()
    )


def _check(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")
