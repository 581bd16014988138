"""Implementations in Python that attack the one who asks: each check says what happened, and nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from symtests.checking.results.verdict import exit_status
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from symtests.implementations.subject import Subject
from tests.attacks.attack import Expected
from tests.attacks.run import Outcome, Server, marked
from tests.attacks.targets.laws import judge, one_case
from tests.attacks.targets.question import PythonAttack
from tests.attacks.targets.table import ASKED_ONCE, GROUPS, NUMBERS

GROUP_AND_NAME = [(group, attack.name) for group, attacks in GROUPS.items() for attack in attacks]
EXPECTED = {attack.name: attack.expected for attacks in GROUPS.values() for attack in attacks}


@pytest.fixture(scope="module")
def outcome(request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Check the attacks of one group in one run of the command."""
    attacks = GROUPS[request.param]
    laws = [f"--property=tests.attacks.targets.laws:{attack.name}" for attack in attacks]
    does_all = any(attack.operation != "train" for attack in attacks)
    implementation = f"tests.attacks.targets.implementations:{'DoesAll' if does_all else 'Trains'}"
    options = ("--profile", "quick", "-n", "1", "--time-limit", "2", "--dtype", "float64", "--out", "out")
    return server.run("check", implementation, *laws, *options, folder=tmp_path_factory.mktemp(request.param))


def cases() -> Iterator[object]:
    for group, name in GROUP_AND_NAME:
        yield pytest.param(group, name, marks=pytest.mark.xdist_group(group), id=name)


@pytest.mark.parametrize(("outcome", "name"), cases(), indirect=["outcome"])
def test_the_check_says_what_happened(outcome: Outcome, name: str) -> None:
    assert not outcome.hung, outcome.text
    assert b"Traceback" not in outcome.stderr, outcome.text
    verdict = {found.property: found for found in outcome.results.verdicts}[name]
    expected: Expected = EXPECTED[name]
    kind = verdict.failure.kind if verdict.failure else None
    assert verdict.word in (expected.word, *expected.or_else), (verdict.word, kind, verdict.sentence)
    if verdict.word == "errored":
        assert not expected.failure or kind in expected.failure, (kind, verdict.sentence)
        assert kind != "fault of symtests", verdict.sentence
    assert verdict.sentence.isprintable(), ascii(verdict.sentence)
    assert len(verdict.sentence) < 3000


@pytest.mark.parametrize(
    "outcome", [pytest.param(group, marks=pytest.mark.xdist_group(group)) for group in GROUPS], indirect=True
)
def test_the_run_ends_whole(outcome: Outcome) -> None:
    assert not outcome.left, outcome.left
    results = outcome.results
    assert results.complete, outcome.text
    assert outcome.status == exit_status(results.verdicts), outcome.text
    assert (outcome.out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert Path(outcome.out / "report.md").stat().st_size > 1000
    written = outcome.stdout.decode()
    assert all(character.isprintable() or character == "\n" for character in written), ascii(written)


@pytest.mark.parametrize("attack", ASKED_ONCE, ids=lambda attack: attack.name)
def test_one_question_ends_in_one_sentence(attack: PythonAttack, server: Server) -> None:
    """The same without a check: whatever becomes of the process is a misbehaviour, and nothing is left of it."""
    number, operation = NUMBERS[attack.name]
    location = f"tests.attacks.targets.implementations:{'Trains' if operation == 'train' else 'DoesAll'}"
    said = None
    with marked() as mark:
        process = PythonProcess(location, [server.path], TimeLimits(start=60.0, request=1.5))
        try:
            process.load()
            assert judge(Subject(process, "float64"), one_case(), number, operation).bitwise
        except Misbehaviour as problem:
            said = problem
        finally:
            process.close()
    assert mark.left() == []
    if said is None:
        assert "exact" in attack.expected.or_else, "it answered"
    else:
        assert said.kind in attack.expected.failure, (said.kind, str(said))
        assert len(str(said)) < 2000
