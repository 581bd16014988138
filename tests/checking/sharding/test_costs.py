"""What a check costs: relative, the same whoever measures, and a table for what is known."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from symtests.checking.results.results_file import Results
from symtests.checking.results.verdict import Verdict
from symtests.checking.sharding.costs import Costs, costs_from, shipped_costs
from symtests.properties import PROPERTIES
from symtests.validation import InvalidValue

ROOT = Path(__file__).parents[3]


def generator() -> Any:
    specification = importlib.util.spec_from_file_location("costs", ROOT / "docs" / "costs.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def run_of(seconds: dict[tuple[str, str], list[float]]) -> Results:
    """A run whose checks of an implementation and a property took so long."""
    verdicts = tuple(
        Verdict(name, prop, f"float{32 * (place + 1)}", "holds", "Held.", seconds=each)
        for (name, prop), times in seconds.items()
        for place, each in enumerate(times)
    )
    names = {name: {"name": name} for name, _ in seconds}
    return Results({"symtests": "0.1", "profile": "default"}, names, verdicts, (), {"type": "end"})


def test_a_slow_implementation_counts_no_more_than_a_fast_one() -> None:
    fast = {("fast", "A"): [1.0, 3.0], ("fast", "B"): [2.0, 2.0]}
    slow = {("slow", "A"): [300.0, 300.0], ("slow", "B"): [100.0, 100.0]}
    # fast: A and B cost as much as the mean; slow: A costs 1.5 of it, B half of it.
    assert costs_from([run_of({**fast, **slow})]).by_property == {"A": 1250, "B": 750}
    assert costs_from([run_of(fast), run_of(slow)]).by_property == {"A": 1250, "B": 750}


def test_what_was_not_tried_counts_nowhere() -> None:
    run = run_of({("net", "A"): [1.0], ("net", "B"): [9.0]})
    verdicts = (replace(v, word="unsupported") if v.property == "B" else v for v in run.verdicts)
    tried = replace(run, verdicts=tuple(verdicts))
    assert costs_from([tried]).by_property == {"A": 1000}


def test_a_run_that_was_cut_short_and_one_without_verdicts_are_refused() -> None:
    run = run_of({("net", "A"): [1.0]})
    with pytest.raises(InvalidValue, match="came to their end"):
        costs_from([replace(run, end=None)])
    with pytest.raises(InvalidValue, match="at least one verdict"):
        costs_from([replace(run, verdicts=())])


def test_a_property_without_a_record_costs_the_median() -> None:
    assert Costs({"A": 100, "B": 300, "C": 5000}).of("NEW1") == 300
    assert Costs({}).of("NEW1") == 1000


def test_the_digest_depends_on_the_costs_alone() -> None:
    costs = {"A": 1, "B": 2, "C": 3}
    names = list(costs)
    Random(1).shuffle(names)
    assert Costs({name: costs[name] for name in names}).digest == Costs(costs).digest
    assert Costs({**costs, "A": 2}).digest != Costs(costs).digest


def test_the_shipped_table_knows_most_properties() -> None:
    known = shipped_costs().by_property
    ids = {each.id for each in PROPERTIES}
    assert len(ids & set(known)) > len(ids) / 2
    assert all(cost > 0 for cost in known.values())


def test_the_generator_writes_what_is_read() -> None:
    said = json.loads(generator().table([run_of({("net", "A"): [1.0], ("net", "B"): [3.0]})]))
    assert said == {
        "made_from": [{"symtests": "0.1", "profile": "default", "implementations": ["net"]}],
        "costs": {"A": 500, "B": 1500},
    }
