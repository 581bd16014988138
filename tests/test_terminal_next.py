"""At the end stands the command that leads on."""

from __future__ import annotations

import pytest

from symtests.checking.results.verdict import Counterexample, Failure, Verdict, Word
from symtests.terminal_next import next_command

FOUND = Counterexample("broke", {}, 1, 1, "symtests check it --property GRAD1", "assert False")


def verdict(word: Word, name: str = "it") -> Verdict:
    found = FOUND if word == "violated" else None
    failure = Failure("exited", "gone", "") if word == "errored" else None
    return Verdict(name, "GRAD1", "float64", word, "so", counterexample=found, failure=failure)


@pytest.mark.parametrize(
    ("verdicts", "typed", "profile", "command"),
    [
        ([verdict("holds"), verdict("violated")], "it", "quick", "symtests check it --property GRAD1"),
        ([verdict("errored")], "it --seed 3 --json", "quick", "symtests smoke it"),
        (
            [verdict("errored", "my-net")],
            "--command 'node a.mjs' -p SYM",
            "quick",
            "symtests smoke --command 'node a.mjs'",
        ),
        ([verdict("inconclusive")], "it", "quick", "symtests show GRAD1"),
        ([verdict("exact"), verdict("holds", "b")], "it -n 2 b", "quick", "symtests check it b --profile default"),
        ([verdict("exact")], "--profile=default it", "default", "symtests check it --profile nightly"),
        ([verdict("exact")], "", "quick", "symtests check --profile default"),
        ([verdict("exact")], "it", "nightly", ""),
        ([], "it", "quick", ""),
    ],
)
def test_the_command_that_leads_on(verdicts: list[Verdict], typed: str, profile: str, command: str) -> None:
    assert next_command(verdicts, f"symtests check {typed}", profile) == command


@pytest.mark.parametrize("command", ["pytest tests", "symtests check 'torn", ""])
def test_a_command_from_elsewhere_names_nothing(command: str) -> None:
    assert next_command([verdict("errored")], command, "quick") == "symtests show GRAD1"
