"""Commands that go astray before they can be asked: each is refused in one sentence, and nothing of it is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.commands import GREETINGS
from tests.attacks.playing import command
from tests.attacks.run import Server


@pytest.mark.parametrize("name", GREETINGS)
def test_one_that_does_not_greet_is_refused(name: str, server: Server, tmp_path: Path) -> None:
    greeting = GREETINGS[name]
    options = ("--property", "NUM1", "--profile", "quick", "--examples", "1", "-n", "1", "--time-limit", "1")
    done = server.run(
        "check", "--command", command(tmp_path, greeting.plan), *options, "--out", "out", folder=tmp_path, limit=60.0
    )
    assert not done.hung, done.text
    assert not done.left, done.left
    assert done.status in greeting.statuses, done.text
    assert b"Traceback" not in done.stderr, done.text
    if done.status == 2:
        said = done.stderr.decode()
        assert said.startswith("symtests: command="), said
        assert said.count("\n") == 1, said
        assert said.rstrip("\n").isprintable(), ascii(said)
        assert len(said) < 3000
    assert done.seconds < 30
