"""What has changed between two runs: each cell in exactly one place."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.checking.results.changes import KINDS, changes_between
from symtests.checking.results.verdict import EXIT_STATUS, WORDS, Verdict

CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["SYM1", "GRAD1"]), st.sampled_from(["float32", "float64"])),
    st.sampled_from(list(WORDS)),
)


def verdicts(cells: dict[tuple[str, str, str], str]) -> list[Verdict]:
    return [Verdict(*cell, word, f"It is {word}.") for cell, word in cells.items()]  # type: ignore[arg-type]


def between(old: str | None, new: str | None) -> list[str]:
    cell = ("a", "SYM1", "float64")
    found = changes_between(verdicts({cell: old} if old else {}), verdicts({cell: new} if new else {}))
    return [change.kind for change in found.changes]


@given(CELLS, CELLS)
def test_every_cell_is_counted_once_and_only_a_new_failure_fails(old: dict[Any, Any], new: dict[Any, Any]) -> None:
    found = changes_between(verdicts(old), verdicts(new))
    changed = [(change.implementation, change.property, change.dtype) for change in found.changes]
    assert len(set(changed)) == len(changed)
    assert found.same + len(changed) == len(old.keys() | new.keys())
    assert sum(found.counts.values()) == len(changed)
    worse = [cell for cell, word in new.items() if EXIT_STATUS[word] == 1 or word == "errored"]
    newly = [cell for cell in worse if old.get(cell) not in ("violated", "errored", "fixed")]
    assert (found.exit_status == 1) == bool(newly)
    assert {(c.implementation, c.property, c.dtype) for c in found.of_kind("newly failing")} == set(newly)


@given(CELLS)
def test_a_run_has_not_changed_against_itself(cells: dict[Any, Any]) -> None:
    found = changes_between(verdicts(cells), verdicts(cells))
    assert found.changes == ()
    assert found.exit_status == (0 if cells else 3)


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("holds", "violated", ["newly failing"]),
        ("known", "violated", ["newly failing"]),
        ("known", "fixed", ["newly failing"]),
        (None, "errored", ["newly failing"]),
        ("violated", "errored", []),
        ("violated", "known", ["newly known"]),
        ("exact", "holds", ["no longer exact"]),
        ("holds", "exact", []),
        ("violated", "holds", ["newly passing"]),
        ("holds", "unsupported", ["newly skipped"]),
        ("holds", "inconclusive", ["newly undecided"]),
        ("holds", None, ["removed"]),
        (None, "holds", ["added"]),
    ],
)
def test_kinds_of_changes(old: str | None, new: str | None, kinds: list[str]) -> None:
    assert between(old, new) == kinds


def test_every_kind_can_be_met() -> None:
    met = {kind for old, new in product([None, *WORDS], repeat=2) if old or new for kind in between(old, new)}
    assert met == set(KINDS)


def test_a_law_that_is_asked_differently_is_told() -> None:
    old = Verdict("a", "SYM1", "float64", "holds", "It holds.", property_version=1)
    new = Verdict("a", "SYM1", "float64", "violated", "It broke.", property_version=2)
    assert changes_between([old], [new]).changes[0].sentence == (
        "It broke. SYM1 is asked differently now (version 1 → 2)."
    )
