"""Measures the diagnosis: what is said of each of many faults, and of all pairs of them.

``python -m tests.diagnosis.measured.measure --help`` names the options. Its exit status is 1 where a cause is named
that is not there, or too few are named.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from symtests.checking.profile import PROFILES
from tests.diagnosis.measured.asking import Found, are_all_seen, found_by_properties, told_of
from tests.diagnosis.measured.cases import read_cases, write_cases
from tests.diagnosis.measured.listing import FAULTS, PAIRED, fault_of
from tests.diagnosis.measured.measured_fault import MeasuredFault
from tests.diagnosis.measured.summary import Answer, Summary, page
from tests.diagnosis.measured.version import version

__all__ = ["answers_of", "sample_of_pairs"]

_SEED: Final = 14
"""Of the order of pairs."""
_NO_END: Final = 1e6
"""Minutes."""
_BETWEEN: Final = 60.0
"""Seconds between two writings of the record."""


def answer_of(names: Sequence[str], cases: Mapping[str, Sequence[Found]]) -> Answer | None:
    """Return what is said of an implementation with these faults; None where one of them hides another."""
    faults = [fault_of(name) for name in names]
    found = [cases.get(name, ()) for name in names]
    if len(faults) > 1 and not are_all_seen(faults, found):
        return None
    started = time.monotonic()
    return Answer.of(faults, told_of(faults, found), time.monotonic() - started, version())


def sample_of_pairs(number: int | None) -> list[tuple[str, str]]:
    """Return all pairs, or so many of them, always the same ones and in the same random order."""
    pairs = [(first.name, second.name) for first, second in combinations(PAIRED, 2)]
    random.Random(_SEED).shuffle(pairs)
    return pairs[:number]


def answers_of(several: Sequence[tuple[str, ...]], processes: int) -> Iterator[Answer | None]:
    """Yield what is said of each of several implementations, in order."""
    if processes == 1:
        cases = read_cases()
        yield from (answer_of(names, cases) for names in several)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_answer, several, chunksize=8)


def _answer(names: Sequence[str]) -> Answer | None:
    return answer_of(names, read_cases())


def _searched(faults: Sequence[MeasuredFault], console: Console) -> None:
    """Search for the cases of some faults, and keep those of the others."""
    found = dict(read_cases()) if len(faults) < len(FAULTS) else {}
    # The time of a check decides nothing here.
    profiles = [replace(PROFILES[name], seconds=300.0) for name in ("quick", "default")]
    for fault in faults:
        found[fault.name] = found_by_properties(fault, profiles)
        console.print(f"{fault.name}: {' '.join(each.prop for each in found[fault.name]) or 'NOT FOUND'}")
    write_cases({fault.name: found[fault.name] for fault in FAULTS if fault.name in found})


_Asked = tuple[tuple[str, ...], Answer | None]
"""Names of faults with what was said of them; None where one hides the other."""


def _followed(several: Sequence[tuple[str, ...]], processes: int, minutes: float, console: Console) -> Iterator[_Asked]:
    """Yield the answers as they come, and show what is not right; ask no more after so many minutes."""
    ends = time.monotonic() + 60 * minutes
    for number, (names, answer) in enumerate(zip(several, answers_of(several, processes), strict=True), 1):
        yield names, answer
        if answer is not None and answer.grade != "right":
            console.print(f"{number}/{len(several)} {answer.line()}", highlight=False, markup=False, soft_wrap=True)
        if time.monotonic() > ends:
            return


def _kept(path: Path | None, *, resume: bool) -> dict[tuple[str, ...], Answer | None]:
    """Return what the record beside a page has of each pair."""
    record = None if path is None else path.with_suffix(".json")
    if not resume or record is None or not record.exists():
        return {}
    summary = Summary.from_json(json.loads(record.read_text(encoding="utf-8")))
    return {**{answer.faults: answer for answer in summary.pairs}, **dict.fromkeys(summary.hidden)}


def _written(summary: Summary, path: Path) -> None:
    path.write_text(page(summary), encoding="utf-8")
    record = json.dumps(summary.to_json(), indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(record + "\n", encoding="utf-8")


def _summary(singles: Sequence[Answer], pairs: Mapping[tuple[str, ...], Answer | None]) -> Summary:
    """Return all answers, pairs in the order of the list."""
    ordered = [names for names in sorted(sample_of_pairs(None)) if names in pairs]
    answers = [answer for names in ordered if (answer := pairs[names]) is not None]
    hidden = tuple(names for names in ordered if pairs[names] is None)
    return Summary(tuple(singles), tuple(answers), hidden, len(sample_of_pairs(None)))


def main(
    fault: Annotated[list[str] | None, typer.Argument(help="Faults; all unless named. Their pairs alone.")] = None,
    search: Annotated[bool, typer.Option("--search", help="Search again for cases that break properties.")] = False,
    pairs: Annotated[int | None, typer.Option(help="A sample of so many pairs; 0 for none.")] = None,
    processes: Annotated[int, typer.Option("-n", min=1, help="How many at once.")] = 1,
    write: Annotated[Path | None, typer.Option(help="Write the page here, and a record beside it.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the record beside the page.")] = False,
    minutes: Annotated[float, typer.Option(min=0, help="Ask of no further pair after so many.")] = 1e6,
) -> None:
    """Ask what is said of each fault, and of all pairs; grade it."""
    console = Console()
    chosen = [fault_of(name) for name in fault] if fault else list(FAULTS)
    if search:
        _searched(chosen, console)
        return
    singles = [
        answer for _, answer in _followed([(each.name,) for each in chosen], processes, _NO_END, console) if answer
    ]
    wanted = {each.name for each in chosen}
    asked = _kept(write, resume=resume)
    two = [pair for pair in sample_of_pairs(pairs) if not fault or wanted & set(pair)]
    two = [pair for pair in two if (answer := asked.get(pair)) is None or answer.version != version()]
    if resume:
        two = [pair for pair in two if pair not in asked or asked[pair] is not None]
        # First what was not right before, then what was never asked.
        two.sort(key=lambda pair: (0 if answer.grade != "right" else 2) if (answer := asked.get(pair)) else 1)
    written = time.monotonic()
    for names, answer in _followed(two, processes, minutes, console):
        asked[names] = answer
        if write is not None and time.monotonic() > written + _BETWEEN:
            written = time.monotonic()
            _written(_summary(singles, asked), write)
    summary = _summary(singles, asked)
    if write is not None:
        _written(summary, write)
    console.print(summary.text(), highlight=False, markup=False)
    raise typer.Exit(1 if summary.troubles() else 0)


if __name__ == "__main__":
    typer.run(main)
