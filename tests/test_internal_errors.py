"""An internal error has an exit status of its own, keeps what was judged, writes the report, and says what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import symtests.checking
import symtests.reports
from symtests import cli, internal_error
from symtests.checking import Event, Planned, Started
from symtests.checking.results.results_file import read_results
from symtests.exit_status import MEANINGS, worst
from symtests.validation import InvalidValue
from tests.checking import misbehaving, own_properties
from tests.command_line import run

Run = Callable[..., tuple[int, str]]
SURROGATES = """
class Net:
    version = "1\\udc80"

    def train(self, network, parameters, batch, training):
        raise ValueError("half a pair: \\ud83d")
"""


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """The command line in this process, with an engine that judges an object here: status and all that is printed."""
    engine = symtests.checking.check
    monkeypatch.chdir(tmp_path)

    def run_here(
        *arguments: str, implementation: object | None = None, spoil: Callable[[Event], None] | None = None
    ) -> tuple[int, str]:
        def spoiled(_: object, **options: Any) -> Iterator[Event]:
            own = {
                "properties": [own_properties.STEP, own_properties.STILL],
                "profile": "quick",
                "examples": 2,
                "stories": False,
            }
            for event in engine([implementation or misbehaving.Good()], **{**options, **own}):
                if spoil is not None and isinstance(event, Planned):
                    spoil(event)
                yield event
                if spoil is not None:
                    spoil(event)

        monkeypatch.setattr(symtests.checking, "check", spoiled)
        monkeypatch.setattr(sys, "argv", ["symtests", "check", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out + said.err

    return run_here


def test_an_error_of_the_engine_names_the_check_at_work_and_keeps_what_was_judged(check: Run, tmp_path: Path) -> None:
    def spoil(event: Event) -> None:
        if isinstance(event, Started) and event.check.property == "STILL":
            raise RuntimeError("this should not happen \ud800")

    status, said = check(spoil=spoil)
    assert status == 4
    line = next(line for line in said.splitlines() if line.startswith("symtests: "))
    assert "internal error while STILL of Good in float64 was being judged: RuntimeError: this should not" in line
    assert "internal_error.txt" in line
    assert "please report it" in line
    assert "Traceback" not in said
    out = tmp_path / "symtests-results"
    kept = (out / "internal_error.txt").read_text(encoding="utf-8")
    assert "Traceback" in kept
    assert "in spoil" in kept
    assert "STILL of Good" in kept
    assert [verdict.property for verdict in read_results(out / "results.jsonl").verdicts] == ["STEP"]
    assert "cut short" in (out / "report.html").read_text(encoding="utf-8")
    assert check("--resume")[0] == 0
    assert len(read_results(out / "results.jsonl").verdicts) == 2


def test_an_error_of_the_engine_before_the_run_leaves_the_old_report_alone(check: Run, tmp_path: Path) -> None:
    def spoil(event: Event) -> None:
        raise RuntimeError("at once")

    assert check(implementation=misbehaving.HalfTheStep())[0] == 1
    report = tmp_path / "symtests-results" / "report.html"
    report.write_text("old", encoding="utf-8")
    assert check(spoil=spoil)[0] == 4
    kept = [report, *(tmp_path / "symtests-results").glob("earlier/*/report.html")]
    assert [path.read_text(encoding="utf-8") for path in kept if path.is_file()] == ["old"]


@pytest.mark.parametrize("error", [ValueError("\ud800"), RecursionError(), OSError(28, "No space left on device")])
def test_a_report_that_cannot_be_written_costs_no_results(
    error: Exception, check: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(symtests.reports, "write_report", broken)
    status, said = check("--junit", "junit.xml", implementation=misbehaving.HalfTheStep())
    assert status == 4
    assert "while the report was written" in said
    assert ("please report it" in said) == (not isinstance(error, OSError))
    assert "Traceback" not in said
    assert read_results(tmp_path / "symtests-results" / "results.jsonl").complete
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().tag == "testsuites"


@pytest.mark.parametrize("file", ["junit", "known"])
def test_a_file_that_cannot_be_written_any_more_costs_no_other(
    file: str, check: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise InvalidValue(f"{file}='x': cannot be written (No space left on device); name another file")

    monkeypatch.setattr(f"symtests.commands.run_files.write_{file}", full)
    status, said = check("--junit", "junit.xml", "--write-known", "known.toml")
    assert status == 4
    assert f"{file}='x': cannot be written" in said
    assert (tmp_path / "symtests-results" / "report.html").is_file()
    assert (tmp_path / ("known.toml" if file == "junit" else "junit.xml")).is_file()


def test_a_property_that_fails_itself_is_an_internal_error(check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("of the property")

    monkeypatch.setattr(own_properties, "STILL", own_properties.prop("STILL", broken))  # type: ignore[arg-type]
    status, said = check()
    assert status == 4
    assert "of the property" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "file"], "out='file': is no folder; name another one"),
        (["--out", "file/below"], "out='file/below': cannot be made, as"),
        (["--junit", "folder"], "junit='folder': is a folder; name a file in it"),
        (["--junit", "file/junit.xml"], "junit='file/junit.xml': its folder is none"),
        (["--write-known", "file/known.toml"], "write_known='file/known.toml': its folder is none"),
    ],
)
def test_a_wrong_place_costs_one_sentence_before_any_check(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    done = run("check", "numpy", "--property", "SYM1", *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_changes_of_somebody_else_stay(check: Run, tmp_path: Path) -> None:
    changes = tmp_path / "symtests-results" / "changes.json"
    changes.parent.mkdir()
    changes.write_text('{"my": "changes"}')
    check()
    assert changes.read_text() == '{"my": "changes"}'
    changes.write_text('{"type": "changes"}')
    check()
    assert not changes.exists()


def test_the_status_of_changes_does_not_hide_an_internal_error(
    check: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = ["--out", "old"]
    assert check(*old, implementation=misbehaving.HalfTheStep())[0] == 1
    assert check("--against", "old", implementation=misbehaving.HalfTheStep())[0] == 0
    monkeypatch.setattr(symtests.checking.recording, "exit_status", lambda verdicts: 4)
    assert check("--against", "old", implementation=misbehaving.HalfTheStep())[0] == 4


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no such device")
def test_output_that_nobody_can_take_costs_no_results(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "symtests", "check", "numpy", "-p", "STEP1", "--examples", "1"],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "symtests-results" / "results.jsonl").is_file()


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_file_that_the_system_does_not_let_grow_costs_no_results(tmp_path: Path) -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from symtests.cli import main; main()"
    )
    arguments = ("check", "numpy", "-p", "STEP1", "--dtype", "float64", "--examples", "1")
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 4, done.stdout + done.stderr
    assert "could not be written to 'symtests-results/results.jsonl' (File too large)" in done.stdout
    assert "1 check: 1 holds" in done.stdout
    assert "Traceback" not in done.stderr
    assert len(read_results(tmp_path / "symtests-results" / "results.jsonl").verdicts) == 1, "what went in before"
    assert not (tmp_path / "symtests-results" / "report.html").exists()


@pytest.mark.thorough
def test_halves_of_surrogate_pairs_are_written_out_everywhere(tmp_path: Path) -> None:
    (tmp_path / "n\udcffet.py").write_text(SURROGATES)  # as Python shows a name that is no UTF-8
    properties = ("-p", "GRAD1", "-p", "STEP1", "--examples", "1")
    done = run("check", "n\udcffet.py:Net", *properties, "--junit", "junit.xml", cwd=tmp_path)
    assert done.returncode in (1, 3), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "half a pair: \\ud83d" in done.stdout
    out = tmp_path / "symtests-results"
    assert read_results(out / "results.jsonl").implementations["n\\udcffet.py:Net"]["version"] == "1\\udc80"
    for path in (out / "report.html", out / "report.md", tmp_path / "junit.xml"):
        assert "half a pair: \\ud83d" in path.read_text(encoding="utf-8")
    ElementTree.parse(tmp_path / "junit.xml")


@pytest.mark.parametrize("extra", ['"error": "no"', '"unsupported": "hello"', '"name": "a\\ud800", "capabilities": 3'])
def test_a_command_that_answers_something_else_to_hello_is_wrong_usage(extra: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import json, sys\nfor line in sys.stdin:\n"
        f"    print('{{\"seq\": %d, ' % json.loads(line)['seq'] + {extra!r} + '}}', flush=True)\n"
    )
    done = run("check", "--command", f"{sys.executable} net.py", cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "hello" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "symtests-results").exists()


def test_an_error_of_any_command_is_kept_and_told(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise RuntimeError("deep inside")

    monkeypatch.setattr(cli, "app", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 4
    said = capsys.readouterr().err
    (kept,) = tmp_path.iterdir()
    assert said.startswith("symtests: internal error: RuntimeError: deep inside; the traceback is in")
    assert kept.name in said
    assert "in broken" in kept.read_text()


def test_a_traceback_that_can_be_kept_nowhere_is_said_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nowhere(*arguments: object, **options: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(internal_error, "write_whole", nowhere)
    monkeypatch.setattr("tempfile.mkstemp", nowhere)

    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    assert "could not be kept" in internal_error.told(Unspeakable(), tmp_path, "it ran")


def test_every_exit_status_stands_in_the_help(tmp_path: Path) -> None:
    said = " ".join(run("--help", cwd=tmp_path).stdout.split())
    for status, meaning in MEANINGS.items():
        assert f"{status} {meaning.replace(';', ',')}" in said


@pytest.mark.parametrize(("statuses", "counts"), [([0, 3, 1, 4], 4), ([3, 1], 1), ([0, 3], 3), ([0], 0), ([], 0)])
def test_the_worst_status_counts(statuses: list[int], counts: int) -> None:
    assert worst(statuses) == counts


def test_json_keeps_to_one_line_whatever_the_name(check: Run) -> None:
    class Odd(misbehaving.Good):
        name = "od\ud800d"

    status, said = check("--json", implementation=Odd())
    assert status == 0
    assert json.loads(said.splitlines()[0])["implementation"] == "od\\ud800d"


def test_an_error_of_the_front_at_the_very_end_costs_no_file(
    check: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise UnicodeError("the table")

    monkeypatch.setattr("symtests.terminal.matrix", broken)
    status, said = check("--junit", "junit.xml")
    assert status == 4
    assert "internal error: UnicodeError: the table" in said
    assert (tmp_path / "junit.xml").is_file()
    assert (tmp_path / "symtests-results" / "report.html").is_file()
