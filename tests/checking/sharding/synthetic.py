"""Runs that nobody made: whole ones, and the same dealt out in shards, as lines of results files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from symtests import __version__
from symtests.checking.results.results_file import RESULTS_FILE
from symtests.checking.results.verdict import Counterexample, Tally, Verdict, Word, exit_status
from symtests.checking.sharding.costs import STORY, shipped_costs
from symtests.checking.sharding.dealing import Dealt, checks_of, deal
from symtests.checking.sharding.share import note_of
from symtests.spreading.deal import Shard

__all__ = ["Line", "Whole", "timeless", "whole_run", "write"]

Line = dict[str, Any]
_WORDS: tuple[Word, ...] = ("exact", "holds", "violated", "inconclusive", "errored", "unsupported")
_TIMES = ("started", "finished", "seconds", "machine", "joined")
_CASE: Line = {name: {} for name in ("network", "parameters", "batch", "training", "details")}


@dataclass(frozen=True)
class Whole:
    """A whole run: its head without what depends on where it was made, and what was found of each check."""

    head: Line
    implementations: Mapping[str, Line]
    found: Mapping[Dealt, Line]

    @property
    def stories(self) -> list[str]:
        """The implementations whose learning curves are drawn."""
        return sorted(check.implementation for check in self.found if check.property == STORY)

    def lines(self, random: Random, checks: Sequence[Dealt] | None = None, shard: Line | None = None) -> list[Line]:
        """Return the lines of a run that does some of the checks, in the order in which processes may do them."""
        wanted = list(self.found) if checks is None else list(checks)
        random.shuffle(wanted)
        verdicts = [{**self.found[check], "seconds": random.random()} for check in wanted if check.property != STORY]
        stories = [self.found[check] for check in wanted if check.property == STORY]
        names = list(dict.fromkeys(check.implementation for check in wanted))
        head = {
            **self.head,
            "checks": len(verdicts),
            "machine": {**self.head["machine"], "cores": random.randint(1, 64)},
        }
        if shard is not None:
            total = sum(check.property != STORY for check in self.found)
            note = note_of(Shard(shard["number"], shard["of"]), len(verdicts), total)
            head = {**head, "notes": [*head.get("notes", ()), note], "shard": shard}
        body = [*(self.implementations[name] for name in names), *verdicts, *stories]
        told = [Verdict.from_json(verdict) for verdict in verdicts]
        end = {
            "type": "end", "finished": "2026-01-01T00:00:00+00:00", "seconds": random.random(),
            "counts": dict(Counter(verdict.word for verdict in told)), "exit_status": exit_status(told),
            "lines": len(body) + 2,
        }  # fmt: skip
        return [head, *body, end]

    def shards(self, random: Random, of: int) -> list[list[Line]]:
        """Return the lines of each of so many shards."""
        dtypes = {name: line["dtypes"] for name, line in self.implementations.items()}
        shares = deal(self.found, of, shipped_costs())
        entry = {"of": of, "costs": shipped_costs().digest, "asked": "a" * 16, "dealt": dtypes, "stories": self.stories}
        return [self.lines(random, sorted(share), {"number": n, **entry}) for n, share in enumerate(shares, 1)]


def whole_run(random: Random) -> Whole:
    """Return a run of a few implementations and properties, with any verdicts."""
    names = [f"net{number}" for number in range(random.randint(1, 3))]
    random.shuffle(names)
    properties = [f"PROPERTY{number}" for number in range(random.randint(1, 5))]
    random.shuffle(properties)
    dtypes = {name: random.choice([["float32"], ["float64"], ["float32", "float64"]]) for name in names}
    told = [name for name in names if random.random() < 0.7]
    found = {check: _found(check, random) for check in checks_of(properties, dtypes, told)}
    return Whole(_head(names, properties, random), {name: _implementation(name, dtypes[name]) for name in names}, found)


def _head(names: list[str], properties: list[str], random: Random) -> Line:
    texts = ("title", "statement", "formula", "precondition", "exactness_words", "catches", "source")
    machine = {"platform": "Linux", "python": "3.12", "processor": "x", "cores": 1, "packages": {}}
    notes = {"notes": ["something was left out"]} if random.random() < 0.3 else {}
    return {
        "type": "run", "schema": 1, "symtests": __version__, "fingerprint": "f", "started": "2026-01-01T00:00:00+00:00",
        "profile": "quick", "seed": 3, "examples": {"small": 2, "wide": 1}, "command": "symtests check net",
        "machine": machine, "implementations": names, "dtypes": None, "claims": [], "checks": 0,
        "properties": [
            {"id": prop, "version": 1, "group": "G", "exactness": "LOGICAL", "claims": [], **dict.fromkeys(texts, "t")}
            for prop in properties
        ],
        **notes,
    }  # fmt: skip


def _implementation(name: str, dtypes: list[str]) -> Line:
    return {
        "type": "implementation", "name": name, "location": f"nets:{name}", "version": "1", "fingerprint": "n",
        "capabilities": {}, "dtypes": dtypes, "smoke": None,
    }  # fmt: skip


def _found(check: Dealt, random: Random) -> Line:
    """Return the line on a check, or on learning curves; nothing in it depends on anything but the random numbers."""
    if check.property == STORY:
        return {
            "type": "story", "implementation": check.implementation, "dtype": "float32", "network": {}, "training": {},
            "starts": [{"start": "zero", "steps": [0], "loss": [random.random()], "units": []}],
        }  # fmt: skip
    word = random.choice(_WORDS)
    case = Counterexample("It broke.", _CASE, 1, 1, "symtests check net", f"assert {random.random()} > 1")
    verdict = Verdict(
        check.implementation, check.property, check.dtype, word, f"{word}: {random.random()}.", tally=Tally(3),
        counterexample=case if word == "violated" else None, seed=3,
    )  # fmt: skip
    return verdict.to_json()


def timeless(line: Mapping[str, Any]) -> Line:
    """Return a line without times and machines."""
    return {name: value for name, value in line.items() if name not in _TIMES}


def write(folder: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    """Write a results file into a folder; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULTS_FILE).write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return folder
