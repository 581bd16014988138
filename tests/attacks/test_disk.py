"""Folders and files that cannot be written, vanish, lead elsewhere or are full: the status says so, nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.attack import Named, by_name
from tests.attacks.run import Outcome, Running, Server

CHECKS = ("answers_list_of_floats", "answers_unmoved")
OPTIONS = (
    "check", "tests.attacks.targets.implementations:Trains",
    *(f"--property=tests.attacks.targets.properties:{name}" for name in CHECKS),
    "--profile", "quick", "--dtype", "float64", "-n", "1", "--time-limit", "5", "--json", "--no-diagnosis",
)  # fmt: skip
PRECIOUS = "this belongs to somebody else\n"


@dataclass(frozen=True)
class Disk(Named):
    """What is done to the disk before a run, or when it has its first verdict, and the statuses that are right.

    `options` are those of the run, besides its checks; `whole` tells whether its results must be complete.
    """

    before: Callable[[Path], object]
    statuses: tuple[int, ...]
    options: tuple[str, ...] = ("--out", "out")
    during: Callable[[Path], object] | None = None
    whole: bool = False


def nothing(folder: Path) -> None:
    return


def file(name: str) -> Callable[[Path], object]:
    return lambda folder: write(folder / name)


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PRECIOUS, encoding="utf-8")


def inside(name: str) -> Callable[[Path], object]:
    """Return what makes a folder in the place of a file."""
    return lambda folder: (folder / name / "precious").mkdir(parents=True)


def link(name: str, target: str = "precious.txt") -> Callable[[Path], object]:
    """Return what makes a link that leads to somebody else's file."""

    def make(folder: Path) -> None:
        write(folder / "precious.txt")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(folder / target)

    return make


def folder_by_link(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "out").symlink_to(folder / "elsewhere")


def scripts_by_link(folder: Path) -> None:
    write(folder / "elsewhere" / "precious.py")
    (folder / "out").mkdir()
    (folder / "out" / "counterexamples").symlink_to(folder / "elsewhere")


def own_scripts(folder: Path) -> None:
    for name in ("precious.py", "STEP1-float64-net.py", "notes.txt"):
        write(folder / "out" / "counterexamples" / name)


def removes_the_folder(folder: Path) -> None:
    shutil.rmtree(folder / "out")


def puts_a_file_there(folder: Path) -> None:
    shutil.rmtree(folder / "out")
    write(folder / "out")


def puts_a_link_there(folder: Path) -> None:
    write(folder / "precious.txt")
    (folder / "out" / "results.jsonl").unlink()
    (folder / "out" / "results.jsonl").symlink_to(folder / "precious.txt")


def puts_a_folder_there(folder: Path) -> None:
    (folder / "out" / "results.jsonl").unlink()
    (folder / "out" / "results.jsonl" / "precious").mkdir(parents=True)


def empties_the_results(folder: Path) -> None:
    os.truncate(folder / "out" / "results.jsonl", 0)


REFUSED, NOT_WRITTEN = (2,), (2, 4)
WRITTEN = ("results.jsonl", "report.html", "report.md")
DISKS = by_name(
    (
        Disk("out_is_there", lambda folder: (folder / "out").mkdir(), (1,), whole=True),
        Disk("out_is_deep", nothing, (1,), ("--out", "a/b/c/d")),
        Disk("out_is_a_file", file("out"), REFUSED),
        Disk("out_is_below_a_file", file("out"), REFUSED, ("--out", "out/deeper")),
        Disk("out_is_a_link_to_a_folder", folder_by_link, (1,), whole=True),
        Disk("out_is_a_link_to_a_file", link("out"), REFUSED),
        Disk("out_is_a_link_to_nothing", link("out", "nowhere"), (1, 2)),
        Disk("out_is_a_link_to_itself", link("out", "out"), REFUSED),
        Disk("out_is_a_device", nothing, REFUSED, ("--out", "/dev/null")),
        Disk("out_is_below_a_device", nothing, REFUSED, ("--out", "/dev/null/out")),
        Disk("out_is_in_proc", nothing, REFUSED, ("--out", "/proc/out")),
        Disk("out_is_in_sys", nothing, REFUSED, ("--out", "/sys/out")),
        Disk("out_is_full", nothing, REFUSED, ("--out", "/dev/full")),
        Disk("out_has_a_long_name", nothing, REFUSED, ("--out", "o" * 300)),
        Disk("out_is_very_deep", nothing, (1, 2), ("--out", "o/" * 3000)),
        Disk("out_has_no_name", nothing, (1, 2), ("--out", "")),
        Disk("out_has_a_hostile_name", nothing, (1,), ("--out", "\x1b[2J\u202e'; touch owned\n")),
        *(Disk(f"{name}_is_a_folder", inside(f"out/{name}"), NOT_WRITTEN) for name in WRITTEN),
        Disk("changes.json_is_a_folder", inside("out/changes.json"), (1, *NOT_WRITTEN)),
        *(Disk(f"{name}_is_a_link", link(f"out/{name}"), (1, *NOT_WRITTEN)) for name in (*WRITTEN, "changes.json",
                "counterexamples")),
        *(Disk(f"{name}_is_a_link_to_nothing", link(f"out/{name}", "nowhere"), (1, *NOT_WRITTEN)) for name in WRITTEN),
        Disk("counterexamples_is_a_file", file("out/counterexamples"), NOT_WRITTEN),
        Disk("counterexamples_is_elsewhere", scripts_by_link, (1, *NOT_WRITTEN)),
        Disk("counterexamples_of_others", own_scripts, (1,), whole=True),
        Disk("junit_is_a_folder", inside("junit.xml"), NOT_WRITTEN, ("--out", "out", "--junit", "junit.xml"),
            whole=True),
        Disk("junit_is_below_a_file", file("junit"), NOT_WRITTEN, ("--out", "out", "--junit", "junit/junit.xml"),
            whole=True),
        Disk("junit_is_full", nothing, (1, *NOT_WRITTEN), ("--out", "out", "--junit", "/dev/full"), whole=True),
        Disk("junit_is_a_link", link("junit.xml"), (1, *NOT_WRITTEN), ("--out", "out", "--junit", "junit.xml"),
            whole=True),
        Disk("junit_is_the_results", nothing, (1, *NOT_WRITTEN), ("--out", "out", "--junit", "out/results.jsonl")),
        Disk("known_is_a_folder", inside("known.toml"), NOT_WRITTEN, ("--out", "out", "--write-known", "known.toml")),
        Disk("known_is_below_a_file", file("known"), NOT_WRITTEN,
            ("--out", "out", "--write-known", "known/known.toml")),
        Disk("known_is_a_link", link("known.toml", "nowhere"), (0, *NOT_WRITTEN),
            ("--out", "out", "--write-known", "known.toml")),
        Disk("known_is_full", nothing, NOT_WRITTEN, ("--out", "out", "--write-known", "/dev/full")),
        Disk("against_is_missing", nothing, REFUSED, ("--out", "out", "--against", "nowhere")),
        Disk("database_is_a_file", file(".symtests"), (1, 2, 4)),
        Disk("database_is_rubbish", lambda folder: write(folder / ".symtests" / "examples" / "x"), (1,), whole=True),
        Disk("resumes_nothing", nothing, REFUSED, ("--out", "out", "--resume")),
        Disk("folder_vanishes", nothing, (1, 4), during=removes_the_folder),
        Disk("folder_becomes_a_file", nothing, (4,), during=puts_a_file_there),
        Disk("results_become_a_link", nothing, (1, 4), during=puts_a_link_there),
        Disk("results_become_a_folder", nothing, (4,), during=puts_a_folder_there),
        Disk("results_are_emptied", nothing, (1, 4), during=empties_the_results),
    )
)  # fmt: skip


def snapshot(folder: Path) -> dict[str, str]:
    """Return what belongs to somebody else."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.name != "results.jsonl" and "stderr" not in path.name:
            text = path.read_text(encoding="utf-8", errors="replace")
            if text == PRECIOUS:
                found[str(path.relative_to(folder))] = text
    return found


def run(disk: Disk, server: Server, folder: Path, **limits: int) -> Outcome:
    def meanwhile(running: Running) -> None:
        if disk.during is not None:
            running.wait_until(lambda: running.records("implementation") > 0)
            disk.during(folder)

    return server.run(*OPTIONS, *disk.options, folder=folder, meanwhile=meanwhile, limits=limits)


@pytest.mark.parametrize("name", DISKS)
def test_the_status_says_what_became_of_the_files(name: str, server: Server, tmp_path: Path) -> None:
    disk = DISKS[name]
    disk.before(tmp_path)
    precious = snapshot(tmp_path)
    done = run(disk, server, tmp_path)
    assert (done.hung, done.left) == (False, ()), done.text
    assert done.status in disk.statuses, (done.status, done.text)
    assert b"Traceback" not in done.stderr, done.text
    if disk.during is None:
        assert snapshot(tmp_path) == precious, "something was written through a link, or a file of others was deleted"
    else:
        assert (tmp_path / "precious.txt").read_text() == PRECIOUS if disk.during is puts_a_link_there else True
    assert not (tmp_path / "owned").exists()
    if done.status in (1, 4):
        assert shown(done) == set(CHECKS), "a verdict was not shown"
    if done.status == 1 and disk.options[:2] == ("--out", "out"):
        assert done.results.complete
        assert (done.out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    if disk.whole and done.status != 2:
        assert {verdict.property for verdict in done.results.verdicts} == set(CHECKS)
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".tmp" or ".tmp" in path.name]


def shown(done: Outcome) -> set[str]:
    """Return the checks whose verdicts stand on standard output."""
    lines = done.stdout.decode().splitlines()
    return {json.loads(line)["property"] for line in lines if line.startswith('{"type": "verdict"')}


@pytest.mark.parametrize("size", [0, 100, 3_000, 6_000, 10_000, 30_000])
def test_a_full_disk_costs_no_verdict(size: int, server: Server, tmp_path: Path) -> None:
    """A file may grow to so many bytes: as on a disk that is full then."""
    done = run(Disk("full", nothing, (2, 4)), server, tmp_path, file_size=size)
    assert (done.hung, done.left) == (False, ()), done.text
    assert done.status in (2, 4), (done.status, done.text)
    if done.status == 4:
        assert shown(done) == set(CHECKS)
    for page in ("report.html", "report.md"):
        assert not (done.out / page).exists() or (done.out / page).read_text().strip()


@pytest.mark.parametrize(
    ("stdout", "statuses"), [("closed", (141,)), ("/dev/full", (4, 141, 120, 1)), ("/dev/null", (1,))]
)
def test_an_output_that_nobody_reads(stdout: str, statuses: tuple[int, ...], server: Server, tmp_path: Path) -> None:
    done = server.run(*OPTIONS, "--out", "out", folder=tmp_path, stdout=stdout)
    assert (done.hung, done.left) == (False, ()), done.text
    assert done.status in statuses, (done.status, done.text)
    assert b"Traceback" not in done.stderr, done.text
    assert done.results.run["checks"] == len(CHECKS)
