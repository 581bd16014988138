"""Tries every mutant on the properties that are meant to find it, and tells which found it and how small the proof is.

``python -m tests.mutants.kill_matrix --help`` names the options. Its exit status is 1 where a mutant survives, a
property finds none of the mutants that are meant for it, or too few are found by a case that can be followed by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from symtests.checking.profile import Profile, find_profile
from symtests.checking.sharding.costs import shipped_costs
from symtests.properties import PROPERTIES
from symtests.spreading.deal import deal, shard_of
from symtests.spreading.luggage import luggage_of
from symtests.spreading.place import Place, results_of
from symtests.validation import InvalidValue, one_of
from tests.mutants.kill import Trial, try_properties
from tests.mutants.kill_summary import Summary, line_of, page, summary_of
from tests.mutants.listing import MUTANTS, Mutant

__all__ = ["try_all"]

_ROOT: Final = Path(__file__).resolve().parents[2]


def try_all(
    mutants: Sequence[Mutant], profile: Profile, place: Place, *, all_properties: bool
) -> Iterator[list[Trial]]:
    """Try properties on mutants in parallel; yield the trials of each mutant when they are done, in any order.

    Parameters
    ----------
    mutants
        What is tried.
    profile
        How many cases are tried for each property.
    place
        Where it is done.
    all_properties
        Whether all properties are tried on each, or those alone that are meant to find it.
    """
    tasks = [(mutant.name, _properties_for(mutant, all_properties), profile) for mutant in mutants]
    yield from results_of(try_properties, tasks, place)


def _properties_for(mutant: Mutant, all_properties: bool) -> tuple[str, ...]:
    """Return the properties that are meant to find the mutant, and then perhaps the others."""
    others = [prop.id for prop in PROPERTIES if prop.id not in mutant.meant_for]
    return (*mutant.meant_for, *(others if all_properties else ()))


def _chosen(names: Sequence[str]) -> list[Mutant]:
    known = [*(mutant.name for mutant in MUTANTS), *dict.fromkeys(mutant.family for mutant in MUTANTS)]
    wanted = {one_of("mutant", name, known) for name in names}
    return [mutant for mutant in MUTANTS if not wanted or {mutant.name, mutant.family} & wanted]


def _share(mutants: Sequence[Mutant], shard: str | None) -> list[Mutant]:
    """Return those of one of several shares, dealt out by what the properties cost that are meant to find each."""
    if shard is None:
        return list(mutants)
    part, costs = shard_of(shard), shipped_costs()
    names = {(mutant.name,): sum(map(costs.of, mutant.meant_for)) for mutant in mutants}
    mine = deal(names, part.of, lambda name: names[name])[part.number - 1]
    return [mutant for mutant in mutants if (mutant.name,) in mine]


def _tried_before(
    mutants: Sequence[Mutant], profile: Profile, folders: Sequence[Path], *, all_properties: bool
) -> dict[str, list[Trial]]:
    """Return the trials that some folders hold, of those mutants on which the same properties were tried.

    Raises
    ------
    InvalidValue
        Where a folder holds none, or they tried other cases.
    """
    found: dict[str, list[Trial]] = {}
    for folder in folders:
        try:
            data = json.loads((folder / "mutants.json").read_text(encoding="utf-8"))
            same = data["profile"] == json.loads(json.dumps(profile.to_json()))
            trials = _by_mutant([Trial.from_json(trial) for trial in data["trials"]])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidValue(f"from={str(folder)!r}: holds no mutants.json that can be read ({error})") from None
        if not same:
            raise InvalidValue(f"from={str(folder)!r}: was made with another profile; make it again")
        found |= trials
    wanted = {mutant.name: set(_properties_for(mutant, all_properties)) for mutant in mutants}
    return {name: each for name, each in found.items() if {trial.prop for trial in each} == wanted.get(name)}


def _by_mutant(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.mutant, []).append(trial)
    return found


def _follow(
    mutants: Sequence[Mutant], profile: Profile, place: Place, all_properties: bool, out: Console
) -> list[Trial]:
    """Show a line of each mutant as it is done, and a bar on a terminal; return all trials in the order of the list."""
    found: dict[str, list[Trial]] = {}
    columns = (TextColumn("mutants"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("mutants", total=len(mutants))
        for trials in try_all(mutants, profile, place, all_properties=all_properties):
            found[trials[0].mutant] = trials
            line = f"{len(found):4d}/{len(mutants)} {line_of(trials)}"
            out.print(line, highlight=False, markup=False, soft_wrap=True)
            progress.advance(task)
    return [trial for mutant in mutants for trial in found[mutant.name]]


def _write_json(path: Path, profile: Profile, summary: Summary, trials: Sequence[Trial]) -> None:
    data: dict[str, Any] = {
        "profile": profile.to_json(),
        "summary": summary.to_json(),
        "mutants": [
            {"name": m.name, "family": m.family, "fault": m.fault, "meant_for": list(m.meant_for)} for m in MUTANTS
        ],
        "trials": [trial.to_json() for trial in trials],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def main(
    mutant: Annotated[list[str] | None, typer.Argument(help="Mutants or families; all unless named.")] = None,
    all_properties: Annotated[
        bool, typer.Option("--all-properties", help="Try every property on every mutant: hours.")
    ] = False,
    profile: Annotated[str, typer.Option(help="How many cases: quick, default or nightly.")] = "default",
    processes: Annotated[int, typer.Option("-n", min=1, help="How many at once.")] = os.cpu_count() or 1,
    out: Annotated[Path, typer.Option(help="Folder for mutants.json.")] = Path("symtests-results"),
    write: Annotated[Path | None, typer.Option(help="Write the page for people here.")] = None,
    shard: Annotated[str | None, typer.Option(help="Try one share of them, as in 2/8.")] = None,
    others: Annotated[list[Path] | None, typer.Option("--from", help="Take over the trials of this folder.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Have a Dask cluster try them: tcp://host:8786, or local.")
    ] = None,
) -> None:
    """Try every mutant on the properties that are meant to find it; say which found it, and how small the proof is."""
    console = Console()
    try:
        cases = find_profile(profile)
        chosen = _share(_chosen(mutant or ()), shard)
        before = _tried_before(chosen, cases, others or (), all_properties=all_properties)
    except InvalidValue as error:
        console.print(f"error: {error}", markup=False)
        raise typer.Exit(2) from None
    left = [each for each in chosen if each.name not in before]
    own = None if scheduler is None else luggage_of([], _ROOT, [Path("tests", "mutants")])
    try:
        tried = _follow(left, cases, Place(processes, scheduler, own), all_properties, console)
    except InvalidValue as error:
        console.print(f"error: {error}", markup=False)
        raise typer.Exit(2) from None
    found = before | _by_mutant(tried)
    trials = [trial for each in chosen for trial in found[each.name]]
    summary = summary_of(chosen, trials)
    _write_json(out / "mutants.json", cases, summary, trials)
    if write is not None:
        write.write_text(page(chosen, trials, cases), encoding="utf-8")
    console.print(summary.text(), highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1 if summary.troubles() else 0)


if __name__ == "__main__":
    typer.run(main)
