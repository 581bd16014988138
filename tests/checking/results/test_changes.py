"""What has changed between two runs: each check in exactly one place."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.checking.results.changes import KINDS, changes_between
from symtests.checking.results.verdict import EXIT_STATUS, WORDS, Verdict

CHECKS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["SYM1", "GRAD1"]), st.sampled_from(["float32", "float64"])),
    st.sampled_from(list(WORDS)),
)


def verdicts(checks: dict[tuple[str, str, str], str]) -> list[Verdict]:
    return [Verdict(*check, word, f"It is {word}.") for check, word in checks.items()]  # type: ignore[arg-type]


def between(old: str | None, new: str | None) -> list[str]:
    check = ("a", "SYM1", "float64")
    found = changes_between(verdicts({check: old} if old else {}), verdicts({check: new} if new else {}))
    return [change.kind for change in found.changes]


@given(CHECKS, CHECKS)
def test_every_check_is_counted_once_and_only_a_new_failure_fails(old: dict[Any, Any], new: dict[Any, Any]) -> None:
    found = changes_between(verdicts(old), verdicts(new))
    changed = [(change.implementation, change.property, change.dtype) for change in found.changes]
    assert len(set(changed)) == len(changed)
    assert found.same + len(changed) == len(old.keys() | new.keys())
    assert sum(found.counts.values()) == len(changed)
    worse = [check for check, word in new.items() if EXIT_STATUS[word] == 1 or word == "errored"]
    newly = [check for check in worse if old.get(check) not in ("violated", "errored", "fixed")]
    assert (found.exit_status == 1) == bool(newly)
    assert {(c.implementation, c.property, c.dtype) for c in found.of_kind("newly failing")} == set(newly)


@given(CHECKS)
def test_a_run_has_not_changed_against_itself(checks: dict[Any, Any]) -> None:
    found = changes_between(verdicts(checks), verdicts(checks))
    assert found.changes == ()
    assert found.exit_status == (0 if checks else 3)


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


def test_a_property_that_is_asked_differently_is_told() -> None:
    old = Verdict("a", "SYM1", "float64", "holds", "It holds.", property_version=1)
    new = Verdict("a", "SYM1", "float64", "violated", "It broke.", property_version=2)
    assert changes_between([old], [new]).changes[0].sentence == (
        "It broke. SYM1 is asked differently now (version 1 → 2)."
    )
