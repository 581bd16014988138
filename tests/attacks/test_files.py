"""Damaged files: each is refused in one sentence, or read; nothing hangs, and nothing is left half written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from symtests.checking.known.known_failure import read_known
from symtests.validation import InvalidValue
from symtests.vectors.document import read_vectors
from tests.attacks.files import DAMAGED, MADE, FileAttack, good
from tests.attacks.in_process import Called, call, limited
from tests.attacks.run import Server

_REPORTED = ("results.jsonl", "benchmarks.json", "changes.json")


def folder_with(tmp_path: Path, name: str, content: bytes) -> Path:
    """Return a folder of results in which one file has this content."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "results.jsonl").write_bytes(good("results.jsonl"))
    (folder / name).write_bytes(content)
    (folder / "report.html").write_text("of before", encoding="utf-8")
    return folder


def assert_told(called: Called, attack: FileAttack) -> None:
    assert called.status in attack.statuses, called
    if called.status == 2:
        assert called.stderr.startswith("symtests: "), called
        assert called.stderr.count("\n") == 1, called
        assert called.stderr.rstrip("\n").isprintable(), ascii(called.stderr)
        assert len(called.stderr) < 1500, len(called.stderr)
    else:
        assert called.stderr == "", called


@pytest.mark.parametrize("name", [name for name, attack in DAMAGED.items() if attack.file in _REPORTED])
def test_a_report_on_it_is_whole_or_is_refused(name: str, tmp_path: Path) -> None:
    attack = DAMAGED[name]
    folder = folder_with(tmp_path, attack.file, attack.content(good(attack.file)))
    told = call("report", "out", folder=tmp_path)
    assert_told(told, FileAttack(name, attack.file, attack.content, (0,) if 2 not in attack.statuses else (0, 2)))
    if attack.statuses == (2,):
        assert told.status == 2
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>") if told.status == 0 else page == "of before"


@pytest.mark.parametrize("name", [name for name, attack in DAMAGED.items() if attack.file == "results.jsonl"])
def test_it_is_compared_or_refused(name: str, tmp_path: Path) -> None:
    attack = DAMAGED[name]
    folder_with(tmp_path, "results.jsonl", good("results.jsonl"))
    (tmp_path / "other.jsonl").write_bytes(attack.content(good("results.jsonl")))
    statuses = attack.statuses if attack.statuses == (2,) else (0, 1, 2, 3)
    for arguments in (("out", "other.jsonl"), ("other.jsonl", "out", "--json")):
        told = call("compare", *arguments, folder=tmp_path)
        assert_told(told, FileAttack(name, attack.file, attack.content, statuses))


@pytest.mark.parametrize("name", [name for name, attack in DAMAGED.items() if attack.file == "vectors.json"])
def test_vectors_are_read_or_refused(name: str, tmp_path: Path) -> None:
    attack, path = DAMAGED[name], tmp_path / "vectors.json"
    path.write_bytes(attack.content(good("vectors.json")))
    with limited(30):
        try:
            read_vectors(path)
        except InvalidValue as error:
            assert len(str(error)) < 1500 + len(str(path))
        else:
            assert attack.statuses != (2,)


_TOML = {
    "empty": "", "no_toml": "known = [", "a_list": "[[[", "binary": "\0\0", "known_is_text": 'known = "no"',
    "known_is_table": "[known]\nx = 1",
    "twice": "properties = '0.1'\nproperties = '0.1'", "later": "properties = '99.0'",
    "properties_is_number": "properties = 1",
    "unknown": "fly = true", "no_release": "properties = 'x'",
    "deep": "known = " + "[" * 20_000 + "]" * 20_000, "deep_keys": "a" + ".a" * 20_000 + " = 1",
    "huge": "properties = '" + "x" * 1_000_000 + "'",
    "surrogate": 'properties = "\\ud800"', "escape": 'properties = "\\u001b[31m"', "entry_is_empty": "[[known]]",
    "nan": "properties = nan",
}  # fmt: skip
_FIELDS = {
    "property": ("5", '"FLY1"', '""', '"\\u202e"', '"a:b"'),
    "version": ("0", "-1", '"1"', "99", "true", "1.5", "99999999999999999999"),
    "implementation": ("5", '""', "[]"), "found": ('"fine"', "5", '"\\u001b[31m"'), "reason": ("5", '""', '"  "'),
    "link": ("5", "[]"),
    "when": ("5", '"always"', "{ fly = 1 }", '{ dtype = "float16" }', "{ version = 5 }", '{ version = "<<2" }'),
    "unsteady": ('"yes"', "1"),
    "counterexample": ("5", '""', '"{}"', '"null"', '"NaN"', "'" + "[" * 50_000 + "'", '"{\\"network\\": 5}"'),
}  # fmt: skip


def known_with(field: str, value: str) -> str:
    """Return a file of known failures one field of whose entry has this value."""
    lines = good("known.toml").decode().splitlines()
    return "\n".join(f"{field} = {value}" if line.startswith(f"{field} = ") else line for line in lines) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(text, id=name) for name, text in _TOML.items()),
        *(pytest.param(known_with(f, v), id=f"{f}_{n}") for f, values in _FIELDS.items() for n, v in enumerate(values)),
        *(pytest.param(good("known.toml").decode()[:cut], id=f"cut_{cut}") for cut in range(20, 900, 80)),
    ],
)
def test_known_failures_are_read_or_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="utf-8")
    with limited(30):
        try:
            found = read_known(path)
        except InvalidValue as error:
            assert len(" ".join(str(error).split())) < 1500 + len(str(path))
        else:
            assert all(entry.case["network"] for entry in found.entries)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("file", ["results.jsonl", "benchmarks.json", "changes.json"])
def test_what_is_no_file_is_not_waited_for(file: str, name: str, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, file, b"")
    (folder / file).unlink()
    MADE[name](folder / file)
    for arguments in (
        (("report", "out"), ("compare", "out", "out")) if file == "results.jsonl" else (("report", "out"),)
    ):
        told = call(*arguments, folder=tmp_path)
        assert told.status in ((2,) if file == "results.jsonl" else (0, 2)), told
        assert told.stderr.count("\n") == (told.status == 2), told


@pytest.mark.parametrize(
    "name",
    [name for name, attack in DAMAGED.items() if attack.file == "results.jsonl" and attack.statuses == (2,)][::4],
)
def test_no_run_goes_on_with_it(name: str, server: Server, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "results.jsonl", b"")
    content = DAMAGED[name].content(good("results.jsonl"))
    (folder / "results.jsonl").write_bytes(content)
    shutil.rmtree(folder / "counterexamples", ignore_errors=True)
    done = server.run("check", "numpy", "--property", "NUM1", "--resume", "--out", "out", folder=tmp_path)
    assert (done.hung, done.status, done.left) == (False, 2, ()), done.text
    assert done.stderr.decode().startswith("symtests: "), done.text
    assert (folder / "results.jsonl").read_bytes() == content, "a file that is refused was changed"
