"""The real command line, given texts that are made to steer a terminal, writes none of them as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import hostile_names
from tests.forbidden import FORBIDDEN
from tests.hostile_names import TEXT

FILE = hostile_names.__file__
FAST = ("--profile", "quick", "--examples", "2", "-n", "1")
COMMAND = f"""\
import json, sys
text = {TEXT.replace(chr(0), "")!r}
for line in sys.stdin:
    asked = json.loads(line)
    sys.stderr.write(text.encode(errors="replace").decode())
    sys.stderr.flush()
    can = {{"activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"]}}
    answer = {{"error": text}}
    if asked["operation"] == "hello":
        answer = {{"protocol": 1, "name": "x\\u202e[bold]\\u2028y", "version": "\\ud800\\u200f", "capabilities": can}}
    print(json.dumps({{"seq": asked["seq"], **answer}}), flush=True)
"""


def written(*arguments: str, cwd: Path) -> tuple[int, str]:
    """The status of the command line, and all that it writes; nothing in that may steer a terminal."""
    environment = {**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "symtests", *arguments], cwd=cwd, env=environment, capture_output=True, check=False
    )
    text = done.stdout.decode() + done.stderr.decode()
    assert not FORBIDDEN.search(text), [text[max(0, m.start() - 60) : m.end()] for m in FORBIDDEN.finditer(text)][:3]
    return done.returncode, text


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["Hostile", "Refuses"])
def test_a_check_and_all_that_reads_its_results(name: str, tmp_path: Path) -> None:
    status, text = written("check", f"{FILE}:{name}", "-p", "STEP", "-p", "SYM1", *FAST, cwd=tmp_path)
    assert status in (1, 3)
    assert "Traceback" not in text or "ValueError" in text
    assert "[bold]red[/bold]" in text
    assert r"\x1b[2J" in text
    results = tmp_path / "symtests-results"
    for again in (("report",), ("compare", str(results)), ("compare", str(results), "--json")):
        assert written(*again, cwd=tmp_path)[0] in (0, 1, 3)
    for page in ("report.html", "report.md"):
        assert not FORBIDDEN.search((results / page).read_text(encoding="utf-8").replace("\t", " "))
    status, text = written("check", f"{FILE}:{name}", "-p", "STEP", "--json", *FAST, cwd=tmp_path)
    assert [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert written("smoke", f"{FILE}:{name}", cwd=tmp_path)[0] in (0, 2, 3)


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="commands need a POSIX system")
def test_a_command(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(COMMAND, encoding="utf-8")
    command = f"{sys.executable} net.py"
    assert written("check", "--command", command, "-p", "STEP", *FAST, cwd=tmp_path)[0] in (1, 2, 3)
    assert written("smoke", "--command", command, cwd=tmp_path)[0] in (1, 2, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "no\x1b[2J\u202esuch:thing"],
        ["check", "--property", "\x1b]0;x\x07"],
        ["check", "--command", "/no/such/\x1b[2J\u2028"],
        ["report", "\x1b[2Jnowhere"],
        ["compare", "\u202ea", "\x9bb"],
        ["\x1b[2J"],
        ["check", "--\u202ex"],
        ["check", "--known", "\x1b.toml"],
        ["vectors", "check", "--vectors", "\x1b\u2066.json"],
    ],
)
def test_arguments(arguments: list[str], tmp_path: Path) -> None:
    status, text = written(*arguments, cwd=tmp_path)
    assert status == 2
    assert "Traceback" not in text
    assert len(text.splitlines()) == 1


def test_what_stands_in_files(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(f'{{"type": "run", "schema": 1, "{TEXT[:9]}": 1}}\n', encoding="utf-8")
    (tmp_path / "known.toml").write_text('[[known]]\n"\x9b\u202e" = 1\n', encoding="utf-8")
    (tmp_path / "vectors.json").write_text('{"\u202e": "\u2028"}', encoding="utf-8")
    for arguments in (
        ("report", "results.jsonl"), ("compare", "results.jsonl", "results.jsonl"),
        ("check", "--known", "known.toml"), ("vectors", "check", "--vectors", "vectors.json"),
    ):  # fmt: skip
        assert written(*arguments, cwd=tmp_path)[0] == 2
