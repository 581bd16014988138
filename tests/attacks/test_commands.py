"""Commands that attack the one who asks: each check says what happened, nothing hangs and nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from symtests.checking.results.verdict import exit_status
from symtests.implementations.checked import Checked
from symtests.implementations.command_name import words_of
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process import Command, TimeLimits
from tests.attacks.commands import GROUPS, LATER, ONCE
from tests.attacks.playing import command
from tests.attacks.run import Outcome, Server
from tests.attacks.targets.properties import one_case
from tests.attacks.targets.question import training

NUMBERS = {name: number for number, name in enumerate(LATER)}


@pytest.fixture(scope="module")
def outcome_of(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """Give what checks the attacks of one group in one run of the command."""
    return cache(lambda group: checked(group, server, tmp_path_factory.mktemp(group)))


def checked(group: str, server: Server, folder: Path) -> Outcome:
    attacks = GROUPS[group]
    plan = {f"train {NUMBERS[attack.name]}": attack.actions for attack in attacks}
    properties = [f"--property=tests.attacks.targets.command_properties:{attack.name}" for attack in attacks]
    options = ("--profile", "quick", "-n", "1", "--time-limit", "1.5", "--dtype", "float64", "--out", "out")
    return server.run("check", "--command", command(folder, plan), *properties, *options, folder=folder)


GROUP_AND_NAME = [(group, attack.name) for group, attacks in GROUPS.items() for attack in attacks]


@pytest.mark.parametrize(("group", "name"), GROUP_AND_NAME, ids=[name for _, name in GROUP_AND_NAME])
def test_the_check_says_what_happened(outcome_of: Callable[[str], Outcome], group: str, name: str) -> None:
    outcome = outcome_of(group)
    assert not outcome.hung, outcome.text
    verdict = {found.property: found for found in outcome.results.verdicts}[name]
    expected, kind = LATER[name].expected, verdict.failure.kind if verdict.failure else None
    assert verdict.word in (expected.word, *expected.or_else), (verdict.word, kind, verdict.sentence)
    if verdict.word == "errored":
        assert not expected.failure or kind in expected.failure, (kind, verdict.sentence)
        assert kind != "fault of symtests", verdict.sentence
        assert "not tried" not in verdict.sentence.lower(), verdict.sentence
    assert verdict.sentence.isprintable(), ascii(verdict.sentence)
    assert len(verdict.sentence) < 3000


@pytest.mark.parametrize("group", GROUPS)
def test_the_run_ends_whole(outcome_of: Callable[[str], Outcome], group: str) -> None:
    outcome = outcome_of(group)
    assert not outcome.left, outcome.left
    assert outcome.results.complete, outcome.text
    assert outcome.status == exit_status(outcome.results.verdicts), outcome.text
    assert (outcome.out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    written = outcome.stdout.decode()
    assert all(character.isprintable() or character == "\n" for character in written), ascii(written)


@pytest.mark.parametrize("name", ONCE)
def test_one_line_is_one_sentence(name: str, tmp_path: Path) -> None:
    attack, case = ONCE[name], one_case()
    words = words_of(command(tmp_path, {f"train {NUMBERS[name]}": attack.actions}))
    with closing(Command(words, TimeLimits(start=60.0, request=20.0, end=0.1))) as child:
        implementation = Checked(child, "float64")
        try:
            found = implementation.train(case.network, case.parameters, case.batch, training(NUMBERS[name])).vector
        except Misbehaviour as fault:
            allowed = (*attack.expected.failure, *(["not finite"] if attack.expected.word == "violated" else []))
            assert fault.kind in allowed or "errored" in attack.expected.or_else or not allowed
            assert str(fault).isprintable(), ascii(str(fault))
            assert len(str(fault)) < 2000
        else:
            right = np.array_equal(found, case.parameters.vector)
            assert ("exact" if right else "violated") in (attack.expected.word, *attack.expected.or_else)
