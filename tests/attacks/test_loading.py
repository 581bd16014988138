"""Implementations that are traps before they are asked: what they are is said, and the others are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from symtests.validation import InvalidValue
from tests.attacks.run import Outcome, Server, marked
from tests.attacks.strings import TEXTS
from tests.attacks.targets.loading import JUDGED, REFUSED, UNUSABLE

CHECK = "answers_list_of_floats"
OPTIONS = (
    f"--property=tests.attacks.targets.properties:{CHECK}", "--profile", "quick", "--dtype", "float64", "-n", "2",
    "--time-limit", "2", "--out", "out",
)  # fmt: skip


def location(name: str) -> str:
    return f"tests.attacks.targets.loading:{name}"


def groups(table: Mapping[str, object], size: int) -> dict[str, tuple[str, ...]]:
    names = list(table)
    return {f"{names[start]} and others": tuple(names[start : start + size]) for start in range(0, len(names), size)}


GROUPS = {**groups(JUDGED, 8), **groups(UNUSABLE, 5)}
MEMBERS = [(group, name) for group, names in GROUPS.items() for name in names]


@pytest.fixture(scope="module")
def outcome_of(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """Give what checks the implementations of one group in one run of the command."""

    def run(group: str) -> Outcome:
        return server.run("check", *map(location, GROUPS[group]), *OPTIONS, folder=tmp_path_factory.mktemp("loading"))

    return cache(run)


@pytest.mark.parametrize(("group", "name"), MEMBERS, ids=[name for _, name in MEMBERS])
def test_each_gets_the_verdict_that_it_deserves(outcome_of: Callable[[str], Outcome], group: str, name: str) -> None:
    outcome = outcome_of(group)
    assert (outcome.hung, outcome.left) == (False, ()), outcome.text
    assert outcome.results.complete, outcome.text
    verdict = {found.implementation: found for found in outcome.results.verdicts}[location(name)]
    if name in JUDGED:
        assert verdict.word == "exact", verdict.sentence
        assert outcome.status == 0, outcome.text
    else:
        assert verdict.word == "errored", verdict.sentence
        assert verdict.failure is not None
        assert verdict.failure.kind in ("hung", "exited", "killed", "raised", "broken protocol"), verdict
        assert outcome.status == 3, outcome.text


def assert_refused(done: Outcome, statuses: tuple[int, ...] = (2, 3)) -> None:
    assert (done.hung, done.left) == (False, ()), done.text
    assert done.status in statuses, done.text
    assert b"Traceback" not in done.stderr, done.text
    if done.status == 2:
        said = done.stderr.decode()
        assert said.startswith("symtests: "), said
        assert said.count("\n") == 1
        assert said.rstrip("\n").isprintable(), ascii(said)
        assert len(said) < 3000


def assert_unusable(place: str, server: Server, folder: Path) -> None:
    """See that an implementation cannot be loaded, for a reason that is one sentence, and leaves nothing."""
    with marked() as mark:
        process = PythonProcess(place, [server.path, str(folder)], TimeLimits(start=2.0, request=1.0))
        try:
            with pytest.raises((InvalidValue, Misbehaviour)) as caught:
                process.load()
        finally:
            process.close()
    assert mark.left() == []
    if isinstance(caught.value, Misbehaviour):
        assert caught.value.kind in ("hung", "exited", "killed", "raised", "broken protocol")
    assert len(str(caught.value)) < 5000


@pytest.mark.parametrize("name", REFUSED)
def test_what_nobody_can_use_is_refused(name: str, server: Server, tmp_path: Path) -> None:
    assert_unusable(location(name), server, tmp_path)


@pytest.mark.parametrize("name", list(REFUSED)[::5])
def test_a_check_refuses_it_too(name: str, server: Server, tmp_path: Path) -> None:
    assert_refused(server.run("check", location(name), *OPTIONS, folder=tmp_path))


MODULES = {
    "hangs": "import time\ntime.sleep(600)", "works_for_ever": "while True: pass",
    "exits": "import sys\nsys.exit('no')", "exits_hard": "import os\nos._exit(9)",
    "raises": "raise ValueError('\\ud800')", "is_no_code": "def", "has_zero_bytes": "\0",
    "is_of_another_coding": "# coding: rot13\n", "recurses": "import net",
    "is_killed": "import os\nos.kill(os.getpid(), 9)", "reads": "input('name? ')", "is_endless": "x = [\n" * 5000,
    "interrupts": "raise KeyboardInterrupt",
    "replaces_itself": "import sys\nsys.modules[__name__] = None",
    "has_traps": "def __getattr__(name): raise SystemExit(name)",
    "hides_symtests": "import sys\nfor name in [*sys.modules]:\n if name.startswith('symtests'): del sys.modules[name]",
}  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_a_file_that_cannot_be_imported_is_refused(name: str, server: Server, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(MODULES[name], encoding="utf-8")
    assert_unusable(f"{tmp_path / 'net.py'}:Net", server, tmp_path)


ARGUMENTS = [
    name
    for name, text in TEXTS.items()
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text) and len(text) < 10_000
]
"""Texts that the system can hand to a program as an argument."""


@pytest.mark.parametrize(
    "option", ["IMPLEMENTATION", "--command", "--property", "--profile", "--known", "--against", "--properties-of"]
)
@pytest.mark.parametrize("name", ARGUMENTS[::6])
def test_any_argument_is_used_or_refused(option: str, name: str, server: Server, tmp_path: Path) -> None:
    words = (TEXTS[name],) if option == "IMPLEMENTATION" else (option, TEXTS[name])
    arguments = ("check", "--", *words) if option == "IMPLEMENTATION" else ("check", *words)
    assert_refused(server.run(*arguments, folder=tmp_path), (2,))
