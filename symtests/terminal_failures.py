"""What a person sees of failures in a terminal: one block for each cause, with its smallest counterexample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from symtests.cause_text import same_cause
from symtests.checking.events import Check, Finished
from symtests.checking.results.verdict import Verdict
from symtests.shown_text import shell_line, shown
from symtests.terminal_matrix import GLYPHS
from symtests.terminal_text import line_of, line_to_type, lines_of, typed

__all__ = ["asides", "blocks", "by_cause"]


def by_cause(verdicts: Iterable[Verdict]) -> list[list[Verdict]]:
    """Return what failed, cause by cause, the smallest counterexample of each first; violations before all else.

    Violations of one implementation with one diagnosis have one cause; all else stands together by its sentence.
    """
    groups: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.word in ("violated", "fixed", "errored", "inconclusive"):
            told = "" if verdict.counterexample is None else verdict.counterexample.diagnosis
            alike = ("cause", same_cause(told)) if told and verdict.word == "violated" else (verdict.sentence,)
            groups.setdefault((verdict.implementation, verdict.word, *alike), []).append(verdict)
    found = [sorted(group, key=_size) for group in groups.values()]
    ranks = list(reversed(GLYPHS))
    return sorted(found, key=lambda group: (ranks.index(group[0].word), -len(group)))


def _size(verdict: Verdict) -> tuple[int, int, int]:
    found = verdict.counterexample
    return (0, 0, 0) if found is None else (found.hidden_units, found.samples, len(found.script))


def blocks(verdicts: Sequence[Verdict], finished: Finished, encoding: str) -> Iterable[RenderableType]:
    """Give one block for each cause of trouble, with all properties that show it."""
    for alike in by_cause(verdicts):
        first = alike[0]
        yield _trouble(first, alike)
        script = finished.scripts.get(Check(first.implementation, first.property, first.dtype))
        yield from _lines_to_type(first, script, encoding)


def asides(verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    """Give what is no new failure: known ones, and observations."""
    yield from _known(verdicts)
    seen = _merged(f"{v.implementation}: {o['sentence']}" for v in verdicts for o in v.observations)
    if seen:
        yield Text("\nworth knowing", style="bold")
        for sentence in seen:
            yield Padding(lines_of(sentence), (0, 0, 0, 2))


def _known(verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    """Give a line for each reason of known failures, with its checks."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for verdict in verdicts:
        if verdict.word == "known" and verdict.known is not None:
            entry = verdict.known
            checks = alike.setdefault((verdict.implementation, entry.reason, entry.link), [])
            checks.append(f"{verdict.property} {verdict.dtype}")
    if alike:
        yield Text("\nknown failures, still failing as listed", style="bold")
    for (implementation, reason, link), checks in alike.items():
        where = f" ({link})" if link else ""
        yield Padding(lines_of(f"{implementation}: {', '.join(checks)}: {reason}{where}"), (0, 0, 0, 2))


def _merged(sentences: Iterable[str]) -> list[str]:
    """Say once what differs only in the last parenthesis: ``it held (a)``, ``it held (b)`` as ``it held (a; b)``."""
    circumstances: dict[str, list[str]] = {}
    for sentence in sentences:
        said, _, where = sentence.rstrip(")").rpartition(" (") if sentence.endswith(")") else (sentence, "", "")
        circumstances.setdefault(said, []).append(where)
    return [f"{said} ({'; '.join(where)})" if where[0] else said for said, where in circumstances.items()]


def _trouble(verdict: Verdict, alike: Sequence[Verdict]) -> RenderableType:
    glyph, colour = GLYPHS[verdict.word]
    names: dict[str, list[str]] = {}
    for each in alike:
        names.setdefault(each.property, []).append(each.dtype)
    by_dtypes: dict[str, list[str]] = {}
    for name, found_in in names.items():
        by_dtypes.setdefault(" and ".join(sorted(found_in)), []).append(name)
    where = "; ".join(f"{', '.join(of_dtypes)} in {dtypes}" for dtypes, of_dtypes in by_dtypes.items())
    if len(by_dtypes) == 1:
        title = f"{glyph} {', '.join(names)} {verdict.word} by {verdict.implementation} in {next(iter(by_dtypes))}"
    else:
        title = f"{glyph} {verdict.word} by {verdict.implementation}: {where}"
    lines: list[RenderableType] = [Text(f"\n{shown(title)}", style=f"bold {colour}")]
    if len(names) > 1 and verdict.counterexample is not None:
        lines.append(line_of(f"smallest: {verdict.property} in {verdict.dtype}", "dim"))
    lines.append(lines_of(verdict.sentence))
    found = verdict.counterexample
    if found is not None:
        if found.diagnosis:
            lines.append(lines_of(f"diagnosis: {found.diagnosis}"))
        lines.append(line_of(f"counterexample: {found.size}", "dim"))
    if verdict.failure is not None and verdict.failure.output:
        lines.append(Padding(lines_of(_end_of(verdict.failure.output), "dim"), (0, 0, 0, 2)))
    return Group(*lines)


def _lines_to_type(verdict: Verdict, script: Path | None, encoding: str) -> Iterator[RenderableType]:
    """Give the lines that repeat the check of a counterexample, and that show it without symtests' engine."""
    if verdict.counterexample is None:
        return
    if verdict.counterexample.command:
        yield line_to_type(f"again: {typed(verdict.counterexample.command, encoding)}", "dim")
    if script is not None:
        yield line_to_type(f"alone: {typed(shell_line(['python', str(script)]), encoding)}", "dim")


def _end_of(output: str, lines: int = 6) -> str:
    return "\n".join(output.strip().splitlines()[-lines:])
