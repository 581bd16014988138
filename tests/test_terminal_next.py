"""At the end stands the command that leads on."""

from __future__ import annotations

import pytest

from symtests.checking.counterexamples.counterexample import Counterexample
from symtests.checking.results.verdict import Failure, Verdict, Word
from symtests.terminal_next import next_command

FOUND = Counterexample("broke", {}, 1, 1, "symtests check it --property GRAD1", "assert False")


def verdict(word: Word, name: str = "it") -> Verdict:
    found = FOUND if word == "violated" else None
    failure = Failure("exited", "gone", "") if word == "errored" else None
    return Verdict(name, "GRAD1", "float64", word, "so", counterexample=found, failure=failure)


@pytest.mark.parametrize(
    ("verdicts", "profile", "command"),
    [
        ([verdict("holds"), verdict("errored"), verdict("violated")], "quick", "symtests check it --property GRAD1"),
        ([verdict("errored")], "quick", "symtests smoke it"),
        ([verdict("errored", "command:node a.mjs")], "quick", "symtests smoke --command 'node a.mjs'"),
        ([verdict("inconclusive")], "quick", "symtests show GRAD1"),
        ([verdict("exact"), verdict("holds", "b")], "quick", "symtests check it b --profile default"),
        ([verdict("exact")], "default", "symtests check it --profile nightly"),
        ([verdict("exact")], "nightly", ""),
        ([], "quick", ""),
    ],
)
def test_the_command_that_leads_on(verdicts: list[Verdict], profile: str, command: str) -> None:
    assert next_command(verdicts, profile) == command
