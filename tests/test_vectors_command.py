"""symtests vectors, as a real process."""

from __future__ import annotations

import json
from pathlib import Path

from tests.checking import misbehaving
from tests.command_line import EXAMPLES, run


def test_the_file_is_the_same_from_every_process(tmp_path: Path) -> None:
    assert run("vectors", "export", "--out", "a.json", cwd=tmp_path).returncode == 0
    printed = run("vectors", "export", cwd=tmp_path)
    assert printed.stdout == (tmp_path / "a.json").read_text(encoding="utf-8")
    assert len(json.loads(printed.stdout)["vectors"]) > 60


def test_a_correct_network_answers_and_a_broken_one_does_not(tmp_path: Path) -> None:
    done = run("vectors", "check", f"{EXAMPLES / 'my_network.py'}:MyNetwork", "-n", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "violated" not in done.stdout
    broken = f"{EXAMPLES / 'my_broken_network.py'}:MyBrokenNetwork"
    assert run("vectors", "export", "--out", "mine.json", cwd=tmp_path).returncode == 0
    done = run("vectors", "check", broken, "--vectors", "mine.json", "-n", "1", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    words = {v["property"]: v["word"] for v in map(json.loads, done.stdout.splitlines())}
    assert words["vectors:mine.json#one-step"] == "violated"
    assert words["vectors:mine.json#one-weight"] in ("exact", "holds")


def test_a_crash_and_a_nan_are_verdicts(tmp_path: Path) -> None:
    place = Path(misbehaving.__file__)
    for name, word, kind in (("IsKilled", "errored", "killed"), ("NotANumber", "violated", None)):
        done = run("vectors", "check", f"{place}:{name}", "-n", "1", "--dtype", "float64", "--json", cwd=tmp_path)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        failed = {verdict["property"]: verdict for verdict in found if verdict["word"] == word}
        assert done.returncode == (3 if kind else 1), done.stderr
        verdict = failed["vectors:half-step"]
        assert (verdict["failure"] or {"kind": None})["kind"] == kind
        assert kind or "takes W1[0,0] out of the finite numbers: it ends at nan" in verdict["sentence"]
        assert any(verdict["word"] in ("exact", "holds") for verdict in found)


def test_wrong_usage_costs_one_sentence(tmp_path: Path) -> None:
    for arguments, sentence in (
        (("vectors", "check", "numpy", "--vectors", "nowhere.json"), "write it with symtests vectors export"),
        (("vectors", "check", "nmba"), "did you mean 'numba'?"),
        (("vectors", "chek"), "chek"),
    ):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
