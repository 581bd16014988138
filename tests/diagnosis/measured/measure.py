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

__all__ = ["answers_of", "sample_of_pairs"]

_SEED: Final = 14
"""Of the sample of pairs."""


def answer_of(names: Sequence[str], cases: Mapping[str, Sequence[Found]]) -> Answer | None:
    """Return what is said of an implementation with these faults; None where one of them hides another."""
    faults = [fault_of(name) for name in names]
    found = [cases.get(name, ()) for name in names]
    if len(faults) > 1 and not are_all_seen(faults, found):
        return None
    started = time.monotonic()
    return Answer.of(faults, told_of(faults, found), time.monotonic() - started)


def sample_of_pairs(number: int | None) -> list[tuple[str, str]]:
    """Return all pairs, or so many of them, always the same ones."""
    pairs = [(first.name, second.name) for first, second in combinations(PAIRED, 2)]
    return pairs if number is None else sorted(random.Random(_SEED).sample(pairs, min(number, len(pairs))))


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


def _followed(several: Sequence[tuple[str, ...]], processes: int, console: Console) -> tuple[list[Answer], int]:
    """Return the answers, and how many pairs were left out as one fault hides the other; show each as it comes."""
    answers, hidden = [], 0
    for number, answer in enumerate(answers_of(several, processes), 1):
        if answer is None:
            hidden += 1
            continue
        answers.append(answer)
        if answer.grade != "right":
            console.print(f"{number}/{len(several)} {answer.line()}", highlight=False, markup=False, soft_wrap=True)
    return answers, hidden


def main(
    fault: Annotated[list[str] | None, typer.Argument(help="Faults; all unless named. Their pairs alone.")] = None,
    search: Annotated[bool, typer.Option("--search", help="Search again for cases that break properties.")] = False,
    pairs: Annotated[int | None, typer.Option(help="A sample of so many pairs; 0 for none.")] = None,
    processes: Annotated[int, typer.Option("-n", min=1, help="How many at once.")] = 1,
    write: Annotated[Path | None, typer.Option(help="Write the page here, and a record beside it.")] = None,
) -> None:
    """Ask what is said of each fault, and of all pairs; grade it."""
    console = Console()
    chosen = [fault_of(name) for name in fault] if fault else list(FAULTS)
    if search:
        _searched(chosen, console)
        return
    singles, _ = _followed([(each.name,) for each in chosen], processes, console)
    wanted = {each.name for each in chosen}
    two = [pair for pair in sample_of_pairs(pairs) if not fault or wanted & set(pair)]
    couples, hidden = _followed(two, processes, console)
    summary = Summary(tuple(singles), tuple(couples), hidden, len(sample_of_pairs(None)))
    if write is not None:
        write.write_text(page(summary), encoding="utf-8")
        record = json.dumps(summary.to_json(), indent=1, ensure_ascii=False)
        write.with_suffix(".json").write_text(record + "\n", encoding="utf-8")
    console.print(summary.text(), highlight=False, markup=False)
    raise typer.Exit(1 if summary.troubles() else 0)


if __name__ == "__main__":
    typer.run(main)
