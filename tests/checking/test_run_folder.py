"""Two runs into one folder are refused, what was no work of a run stays, and a folder that is none is told at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from symtests import whole_file
from symtests.checking import Finished, Judged, Planned, Warned, check, run_folder
from symtests.checking.results import growing_file
from symtests.checking.results.results_file import read_results
from symtests.checking.run_folder import RunFolder, require_free
from symtests.exit_status import INTERNAL_ERROR
from symtests.validation import InvalidValue
from tests.checking import misbehaving, own_properties

QUICK: dict[str, Any] = {"properties": [own_properties.STEP], "profile": "quick", "examples": 2, "stories": False}


@pytest.fixture(params=["flock", "exclusive creation"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "exclusive creation":
        monkeypatch.setattr(run_folder, "fcntl", None)
    elif run_folder.fcntl is None:
        pytest.skip("this system has none")
    return str(request.param)


def test_a_second_run_is_refused_until_the_first_has_ended(kind: str, tmp_path: Path) -> None:
    require_free("out", tmp_path / "out")
    first = RunFolder(tmp_path / "out")
    for refused in (RunFolder, lambda folder: require_free("out", folder)):
        with pytest.raises(InvalidValue, match="another run is writing there; wait for its end, or name another") as no:
            refused(tmp_path / "out")
        assert str(tmp_path / "out") in str(no.value)
        assert ("delete" in str(no.value)) == (kind != "flock")
    first.close()
    require_free("out", tmp_path / "out")
    RunFolder(tmp_path / "out").close()


def test_of_many_that_begin_at_once_one_has_the_folder(kind: str, tmp_path: Path) -> None:
    got: list[RunFolder] = []

    def begin() -> None:
        try:
            got.append(RunFolder(tmp_path))
        except InvalidValue:
            return

    threads = [threading.Thread(target=begin) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    got[0].close()


@pytest.mark.skipif(run_folder.fcntl is None, reason="there the lock of a killed run stays, and the sentence says so")
def test_a_run_that_is_killed_leaves_no_lock(tmp_path: Path) -> None:
    program = (
        "import time; from pathlib import Path; from symtests.checking.run_folder import RunFolder\n"
        "folder = RunFolder(Path('.')); print(flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(InvalidValue, match="another run is writing there"):
            RunFolder(tmp_path)
        other.kill()
    RunFolder(tmp_path).close()


def test_what_a_killed_run_left_half_written_is_removed(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / ".symtests", tmp_path / "counterexamples"):
        folder.mkdir(exist_ok=True)
        (folder / ".GRAD1.py.0123456789ab.symtests-tmp").write_text("half")
        (folder / "mine.py").write_text("")
    RunFolder(tmp_path).close()
    assert not list(tmp_path.rglob("*.symtests-tmp"))
    assert len(list(tmp_path.rglob("mine.py"))) == 3


def test_a_folder_that_was_removed_is_taken_again_unless_another_run_has_it(kind: str, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "out")
    (tmp_path / "out" / ".symtests" / "lock").unlink()
    folder.hold_again()
    with pytest.raises(InvalidValue, match="another run"):
        RunFolder(tmp_path / "out")
    (tmp_path / "out" / ".symtests" / "lock").unlink()
    with closing(RunFolder(tmp_path / "out")), pytest.raises(InvalidValue, match="another run"):
        folder.hold_again()


def test_a_link_to_a_folder_will_do_and_one_inside_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    (tmp_path / "real" / ".symtests").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "real" / "counterexamples").symlink_to(tmp_path / "elsewhere")
    list(check([misbehaving.HalfTheStep()], **QUICK, out=tmp_path / "out"))
    assert len(list((tmp_path / "real" / "counterexamples").iterdir())) == 1
    assert not list((tmp_path / "elsewhere").iterdir())


def test_two_checks_into_one_folder(tmp_path: Path) -> None:
    first = check([misbehaving.Good()], **QUICK, out=tmp_path)
    next(first)
    for name in ("out", "resume"):
        with pytest.raises(InvalidValue, match="another run is writing there"):
            check([misbehaving.Good()], **{**QUICK, name: tmp_path})
    assert isinstance(list(first)[-1], Finished)
    assert isinstance(list(check([misbehaving.Good()], **QUICK, resume=tmp_path))[-1], Finished)


@pytest.mark.parametrize("out", ["file", "file/below", "\0", "x" * 5000])
def test_a_folder_that_is_none_is_told_at_once(out: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InvalidValue, match="out="):
        check([misbehaving.Good()], **QUICK, out=tmp_path / out)
    assert (tmp_path / "file").read_text() == "mine"


def test_only_files_of_an_earlier_run_are_moved_aside(tmp_path: Path) -> None:
    scripts = tmp_path / "counterexamples"
    list(check([misbehaving.HalfTheStep()], **QUICK, out=tmp_path))
    (written,) = scripts.iterdir()
    (scripts / "mine.py").write_text("print('mine')")
    (scripts / "STEP-float64-mine.py").write_text("# looks like one of them")
    list(check([misbehaving.Good()], **QUICK, out=tmp_path))
    assert sorted(path.name for path in scripts.iterdir()) == ["STEP-float64-mine.py", "mine.py"]
    assert [path.name for path in (tmp_path / "earlier").glob("*/counterexamples/*")] == [written.name]
    list(check([misbehaving.HalfTheStep()], **QUICK, out=tmp_path))
    written.write_text(written.read_text() + "print('my own line')\n")
    list(check([misbehaving.HalfTheStep()], **QUICK, out=tmp_path))
    assert "my own line" not in written.read_text()
    kept = [path.read_text() for path in (tmp_path / "earlier").glob(f"*/counterexamples/{written.name}")]
    assert sum("my own line" in text for text in kept) == 1
    (tmp_path / "results.jsonl").write_text('{"type": "verdict"}\n[]\nno JSON\n')
    list(check([misbehaving.Good()], **QUICK, out=tmp_path))
    assert len(list(scripts.iterdir())) == 3, "nobody can tell whose scripts they are"


def test_a_run_that_cannot_be_moved_aside_stays_and_the_next_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(check([misbehaving.HalfTheStep()], **QUICK, out=tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def refuse(folder: Path) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("symtests.checking.recording.set_aside", refuse)
    with pytest.raises(InvalidValue, match=r"out=.*: the run that is there cannot be moved aside \(Read-only file sys"):
        list(check([misbehaving.Good()], **QUICK, out=tmp_path))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A disk that is full while the list says so: nothing is written to a file that is there already, nor a new one."""
    state = [False]
    begin, add = whole_file.write_whole, growing_file.GrowingFile._write

    def refuse(*arguments: Any) -> None:
        if state[0]:
            raise OSError(28, "No space left on device")

    def write(*arguments: Any) -> None:
        refuse()
        begin(*arguments)

    def add_lines(file: growing_file.GrowingFile) -> None:
        refuse()
        add(file)

    monkeypatch.setattr(growing_file, "write_whole", write)
    monkeypatch.setattr(growing_file.GrowingFile, "_write", add_lines)
    monkeypatch.setattr("symtests.checking.results.scripts.write_whole", write)
    return state


def test_a_disk_that_is_full_for_a_while_costs_nothing(full: list[bool], tmp_path: Path) -> None:
    warnings = []
    for event in check([misbehaving.HalfTheStep(), misbehaving.Good()], **QUICK, out=tmp_path):
        full[0] = isinstance(event, Planned) or (full[0] and not isinstance(event, Warned))
        if isinstance(event, Warned):
            warnings.append(event.sentence)
    assert isinstance(event, Finished)
    assert (event.exit_status, event.problem) == (1, "")
    assert len(warnings) == 1
    assert "No space left on device" in warnings[0]
    results = read_results(tmp_path / "results.jsonl")
    assert results.complete
    assert len(results.verdicts) == 2
    assert len(list((tmp_path / "counterexamples").iterdir())) == 1


def test_a_disk_that_stays_full_is_told_at_the_end(full: list[bool], tmp_path: Path) -> None:
    judged = 0
    for event in check([misbehaving.HalfTheStep(), misbehaving.Good()], **QUICK, out=tmp_path):
        full[0] = True
        judged += isinstance(event, Judged)
    assert judged == 2, "the run goes on, and shows what it finds"
    assert isinstance(event, Finished)
    assert event.exit_status == INTERNAL_ERROR
    assert event.results is None
    assert "could not be written" in event.problem
    assert "No space left on device" in event.problem


def test_a_disk_that_is_full_at_the_beginning_is_wrong_usage(full: list[bool], tmp_path: Path) -> None:
    full[0] = True
    with pytest.raises(InvalidValue, match=r"out=.*results.jsonl cannot be written \(No space left on device\)"):
        list(check([misbehaving.Good()], **QUICK, out=tmp_path))


@pytest.mark.parametrize("instead", [None, "file"])
def test_a_folder_that_vanishes_is_made_again_or_its_loss_told(instead: str | None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for event in check([misbehaving.HalfTheStep(), misbehaving.Good()], **QUICK, out=out):
        if isinstance(event, Judged) and event.verdict.implementation == "Good":
            out.rename(tmp_path / "moved")
            if instead is not None:
                out.write_text("no folder any more")
    assert isinstance(event, Finished)
    if instead is None:
        assert (event.exit_status, event.problem) == (1, "")
        assert len(read_results(out / "results.jsonl").verdicts) == 2
        assert len(list((out / "counterexamples").iterdir())) == 1
    else:
        assert event.exit_status == INTERNAL_ERROR
        assert "could not be written" in event.problem
        assert out.read_text() == "no folder any more"


def test_names_that_no_file_can_hold_cost_nothing(tmp_path: Path) -> None:
    class Broken(misbehaving.HalfTheStep):
        name = "net\ud800"
        version = "\udc801"

    list(check([Broken()], **QUICK, out=tmp_path))
    results = read_results(tmp_path / "results.jsonl")
    assert list(results.implementations) == ["net\\ud800"]
    assert results.verdicts[0].implementation == "net\\ud800"
    assert [type(event).__name__ for event in check([Broken()], **QUICK, resume=tmp_path)] == ["Planned", "Finished"]
