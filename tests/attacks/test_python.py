"""Implementations in Python that attack the one who asks: each check says what happened, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from symtests.checking.results.verdict import exit_status
from tests.attacks.attack import Expected
from tests.attacks.run import Outcome, Server
from tests.attacks.targets.table import GROUPS

GROUP_AND_NAME = [(group, attack.name) for group, attacks in GROUPS.items() for attack in attacks]
EXPECTED = {attack.name: attack.expected for attacks in GROUPS.values() for attack in attacks}


@pytest.fixture(scope="module")
def outcome_of(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """Give what checks the attacks of one group in one run of the command."""
    return cache(lambda group: checked(group, server, tmp_path_factory.mktemp(group)))


def checked(group: str, server: Server, folder: Path) -> Outcome:
    attacks = GROUPS[group]
    properties = [f"--property=tests.attacks.targets.properties:{attack.name}" for attack in attacks]
    does_all = any(attack.operation != "train" for attack in attacks)
    implementation = f"tests.attacks.targets.implementations:{'DoesAll' if does_all else 'Trains'}"
    options = ("--profile", "quick", "-n", "1", "--time-limit", "2", "--dtype", "float64", "--out", "out")
    return server.run("check", implementation, *properties, *options, folder=folder)


@pytest.mark.parametrize(("group", "name"), GROUP_AND_NAME, ids=[name for _, name in GROUP_AND_NAME])
def test_the_check_says_what_happened(outcome_of: Callable[[str], Outcome], group: str, name: str) -> None:
    outcome = outcome_of(group)
    assert not outcome.hung, outcome.text
    assert b"Traceback" not in outcome.stderr, outcome.text
    verdict = {found.property: found for found in outcome.results.verdicts}[name]
    expected: Expected = EXPECTED[name]
    kind = verdict.failure.kind if verdict.failure else None
    assert verdict.word in (expected.word, *expected.or_else), (verdict.word, kind, verdict.sentence)
    if verdict.word == "errored":
        assert not expected.failure or kind in expected.failure, (kind, verdict.sentence)
        assert kind != "fault of symtests", verdict.sentence
    assert len(verdict.sentence) < 3000


@pytest.mark.parametrize("group", GROUPS)
def test_the_run_ends_whole(outcome_of: Callable[[str], Outcome], group: str) -> None:
    outcome = outcome_of(group)
    assert not outcome.left, outcome.left
    results = outcome.results
    assert results.complete, outcome.text
    assert outcome.status == exit_status(results.verdicts), outcome.text
    assert (outcome.out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert Path(outcome.out / "report.md").stat().st_size > 1000
    written = outcome.stdout.decode()
    assert all(character.isprintable() or character == "\n" for character in written), ascii(written)
