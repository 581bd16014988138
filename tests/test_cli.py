"""The command line, as a real process sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import EXAMPLES, run


def test_wrong_usage_costs_one_sentence_and_status_2(tmp_path: Path) -> None:
    """As a whole process; `test_wrong_inputs.py` has the table."""
    done = run("check", "nmba", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("symtests: implementation='nmba': must be one of numba, numpy, torch")
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir()), "wrong usage leaves nothing behind"


def test_a_bad_results_file_is_refused_by_name_and_line(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text("{}\nnot json\n{}\n", encoding="utf-8")
    done = run("report", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert "results.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_version_and_the_bare_command(tmp_path: Path) -> None:
    bare = run(cwd=tmp_path)
    assert bare.returncode == 0
    assert "check" in bare.stdout
    assert "Exit status" in bare.stdout
    assert run("--version", cwd=tmp_path).stdout.strip()[0].isdigit()
    for command in ("vectors", "explain-check"):
        alone = run(command, cwd=tmp_path)
        assert (alone.returncode, alone.stderr) == (0, "")
        assert alone.stdout.strip() == run(command, "--help", cwd=tmp_path).stdout.strip()


def test_list_tells_every_property_as_a_table_and_as_json(tmp_path: Path) -> None:
    listed = json.loads(run("list", "--json", cwd=tmp_path).stdout)
    properties, claims = listed["properties"], listed["claims"]
    table = run("list", "--full", cwd=tmp_path).stdout
    assert {"id", "statement", "formula", "precondition", "exactness", "catches", "source"} <= set(properties[0])
    assert len({prop["id"] for prop in properties}) == len(properties) > 20
    assert all(prop["id"] in table for prop in properties)
    assert all({"id", "text", "truth"} == set(claim) for claim in claims)
    assert {name for prop in properties for name in prop["claims"]} <= {claim["id"] for claim in claims}


def test_a_correct_network_passes_and_leaves_a_report(tmp_path: Path) -> None:
    network = f"{EXAMPLES / 'my_network.py'}:MyNetwork"
    done = run("check", network, "--profile", "quick", "--property", "GRAD1", "--property", "symmetry", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "violated" not in done.stdout
    report = (tmp_path / "symtests-results" / "report.html").read_text(encoding="utf-8")
    assert "GRAD1" in report
    assert (tmp_path / "symtests-results" / "report.md").is_file()


@pytest.mark.thorough
def test_a_broken_network_fails_with_a_counterexample_that_runs_alone(tmp_path: Path) -> None:
    network = f"{EXAMPLES / 'my_broken_network.py'}:MyBrokenNetwork"
    done = run("check", network, "--profile", "quick", "--property", "STEP1", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    violated = [verdict for verdict in verdicts if verdict["word"] == "violated"]
    assert violated
    assert "learning rate" in violated[0]["sentence"]
    assert violated[0]["counterexample"]["hidden_units"] <= 3
    scripts = list((tmp_path / "symtests-results" / "counterexamples").glob("STEP1*.py"))
    assert scripts
    alone = subprocess.run(
        [sys.executable, str(scripts[0])], cwd=EXAMPLES, capture_output=True, text=True, timeout=60, check=False
    )
    assert alone.returncode != 0
    assert "AssertionError" in alone.stderr


@pytest.mark.thorough
def test_a_cut_run_is_reported_and_resumed(tmp_path: Path) -> None:
    first = run("check", "numpy", "--profile", "quick", "--property", "symmetry", "--dtype", "float64", cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    results = tmp_path / "symtests-results" / "results.jsonl"
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if '"end"' not in line][:-2]
    results.write_text("".join(kept) + '{"type": "verd', encoding="utf-8")
    assert "cut short" in _page(run("report", cwd=tmp_path), tmp_path)
    arguments = ("check", "numpy", "--profile", "quick", "--property", "symmetry", "--dtype", "float64", "--resume")
    again = run(*arguments, cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "cut short" not in _page(again, tmp_path)


def _page(done: subprocess.CompletedProcess[str], folder: Path) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "symtests-results" / "report.html").read_text(encoding="utf-8")
