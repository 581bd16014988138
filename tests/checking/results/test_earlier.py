"""No run overwrites another: the one that was there is moved, whole, and whenever it is interrupted nothing is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests import internal_error
from symtests.checking.results.earlier import EARLIER, set_aside
from symtests.checking.results.verdict import Counterexample, Verdict

BEGUN = "2026-01-02T03:04:05+00:00"
NAME = "2026-01-02T03-04-05"
PAGES = ("report.html", "report.md", "report-short.md", "badge.json", "changes.json", "internal_error.txt")


def run_in(folder: Path, word: str) -> dict[str, str]:
    """Write a run as one leaves it; return its files."""
    found = Counterexample("broke", {}, 1, 2, "symtests check it", f"# {word}")
    verdict = Verdict("it", "GRAD1", "float64", "violated", "it is wrong", counterexample=found)
    lines = [{"type": "run", "started": BEGUN, "implementations": ["it"]}, verdict.to_json()]
    files = {name: f"{name} {word}" for name in PAGES}
    files["results.jsonl"] = "".join(json.dumps(line) + "\n" for line in lines)
    files["counterexamples/GRAD1-float64-it.py"] = f"# {word}"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return files


def files_below(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_a_run_is_moved_whole_and_its_folder_bears_its_date(tmp_path: Path) -> None:
    files = run_in(tmp_path, "first")
    (tmp_path / "benchmarks.json").write_text("{}")
    (tmp_path / "counterexamples" / "mine.py").write_text("mine")
    assert set_aside(tmp_path) == tmp_path / EARLIER / NAME
    assert files_below(tmp_path / EARLIER / NAME) == files
    left = {name: text for name, text in files_below(tmp_path).items() if not name.startswith(EARLIER)}
    assert left == {"benchmarks.json": "{}", "counterexamples/mine.py": "mine"}
    assert set_aside(tmp_path) is None


def test_many_runs_of_one_second_are_all_kept(tmp_path: Path) -> None:
    kept = [(run_in(tmp_path, str(number)), set_aside(tmp_path)) for number in range(4)]
    assert [place.name for _, place in kept if place] == [NAME, f"{NAME}-2", f"{NAME}-3", f"{NAME}-4"]
    for files, place in kept:
        assert place is not None
        assert files_below(place) == files


@pytest.mark.parametrize("moves", range(6))
def test_a_move_that_is_cut_short_goes_on(moves: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, rename = run_in(tmp_path, "first"), Path.rename
    done: list[Path] = []

    def some(path: Path, target: Path) -> Path:
        if len(done) == moves:
            raise OSError(28, "No space left on device")
        done.append(path)
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", some)
        with pytest.raises(OSError, match="No space"):
            set_aside(tmp_path)
    there = {name.removeprefix(f"{EARLIER}/{NAME}/"): text for name, text in files_below(tmp_path).items()}
    assert there == files
    assert (tmp_path / "results.jsonl").is_file(), "or the next run would not know that there is something to move"
    assert set_aside(tmp_path) == tmp_path / EARLIER / NAME
    assert files_below(tmp_path / EARLIER / NAME) == files


@given(st.binary(max_size=200))
def test_whatever_the_results_are_they_are_kept(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "results.jsonl").write_bytes(content)
        moved = set_aside(folder)
        assert moved is not None
        assert (moved / "results.jsonl").read_bytes() == content


@pytest.mark.parametrize("what", ["link", "folder", "nothing"])
def test_what_is_no_file_of_a_run_stays(what: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "precious").write_text("mine")
    if what == "link":
        (out / "results.jsonl").symlink_to(tmp_path / "precious")
    elif what == "folder":
        (out / "results.jsonl").mkdir()
    assert set_aside(out) is None
    assert not (out / EARLIER).exists()
    assert os.path.lexists(out / "results.jsonl") == (what != "nothing")


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    run_in(out, "first")
    (out / EARLIER).symlink_to(elsewhere)
    moved = set_aside(out)
    assert moved is not None
    assert moved.is_dir()
    assert not list(elsewhere.iterdir())


def test_the_pages_are_those_that_a_report_writes() -> None:
    from symtests.checking.results import earlier
    from symtests.reports import write

    assert write.write_report.__doc__ is not None
    for page in ("report.html", "report.md", "report-short.md", "badge.json"):
        assert page in write.write_report.__doc__
        assert page in earlier._PAGES
    assert internal_error.FILE in earlier._PAGES
