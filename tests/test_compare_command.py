"""Two runs compared, through the command line: in words, as JSON, in the report and in the exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command_line import EXAMPLES, run

ASKED = ("check", "net.py:Net", "--profile", "quick", "--examples", "8", "-n", "1")
CORRECT, BROKEN = "my_network.py", "my_broken_network.py"


def put(folder: Path, name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    (folder / "net.py").write_text(f"{text}\n\nNet = My{'Broken' * (name == BROKEN)}Network\n", encoding="utf-8")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of a correct network, and of its successor: one property fails, one is not asked."""
    folder = tmp_path_factory.mktemp("runs")
    put(folder, CORRECT)
    first = run(*ASKED, "-p", "STEP1", "-p", "NUM1", "--out", "old", cwd=folder)
    assert first.returncode == 0, first.stdout + first.stderr
    put(folder, BROKEN)
    second = run(*ASKED, "-p", "STEP1", "-p", "NUM5", "--against", "old", "--out", "new", "--json", cwd=folder)
    assert second.returncode == 1, second.stdout + second.stderr
    (folder / "told.jsonl").write_text(second.stdout, encoding="utf-8")
    (folder / "told.txt").write_text(second.stderr, encoding="utf-8")
    return folder


def test_a_check_against_an_older_run_tells_each_kind_apart(runs: Path) -> None:
    told = (runs / "told.txt").read_text(encoding="utf-8")
    assert "newly failing: 1" in told
    assert "STEP1 net.py:Net float64: holds → violated" in told
    assert "removed: 1" in told
    assert "added: 1" in told
    last = json.loads((runs / "told.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["type"] == "changes"
    assert last["counts"] == {"newly failing": 1, "removed": 1, "added": 1}
    assert json.loads((runs / "new" / "changes.json").read_text(encoding="utf-8")) == last


def test_the_report_says_what_changed(runs: Path) -> None:
    for page in ("report.html", "report.md"):
        text = (runs / "new" / page).read_text(encoding="utf-8")
        assert "What changed since the baseline" in text
        assert "1 newly failing, 1 removed, 1 added, 0 as before" in text
    assert "What changed" not in (runs / "old" / "report.html").read_text(encoding="utf-8")


def test_two_files_are_compared_without_running_anything(runs: Path) -> None:
    there = run("compare", "old", "new", cwd=runs)
    assert there.returncode == 1, there.stderr
    assert "STEP1 net.py:Net float64: holds → violated" in there.stdout
    back = run("compare", "new/results.jsonl", "old", "--json", cwd=runs)
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["counts"] == {"removed": 1, "newly passing": 1, "added": 1}


def test_what_failed_before_does_not_fail_again(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs, tmp_path / "again")
    again = run(*ASKED, "-p", "STEP1", "--against", "new", "--out", "new", cwd=tmp_path / "again")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 removed, 1 as before" in again.stdout


def test_a_missing_run_costs_one_sentence(tmp_path: Path) -> None:
    for arguments in (("compare", "nowhere"), ("check", "numpy", "--against", "nowhere")):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "run symtests check first" in done.stderr
        assert not list(tmp_path.iterdir())
