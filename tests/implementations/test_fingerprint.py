"""Fingerprints change with the code of an implementation, and with nothing else."""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from symtests.implementations import fingerprint
from symtests.implementations.command_name import name_of_command
from symtests.implementations.fingerprint import fingerprint_of, fingerprint_of_object, fingerprint_of_symtests
from symtests.implementations.numpy_plain import NumpyPlain


def loaded(folder: Path, **modules: str) -> dict[str, ModuleType]:
    """Write modules and import them by their paths below `folder`; a double underscore is a dot."""
    found = {}
    for key, text in modules.items():
        name = key.replace("__", ".").removesuffix(".init")
        path = folder / (key.replace("__", "/").replace("/init", "/__init__") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        specification = importlib.util.spec_from_file_location(name, path)
        assert specification is not None
        found[name] = importlib.util.module_from_spec(specification)
    return found


@pytest.mark.parametrize("location", ["net.py:Net", "net:Net"])
def test_the_file_and_what_it_loads_around_it_count(location: str, tmp_path: Path) -> None:
    modules = loaded(tmp_path, net="import helper", helper="rate = 1", sub__deep="x = 1")
    first = fingerprint_of(location, modules, tmp_path)
    assert len(first) == 64
    assert fingerprint_of(location, modules, tmp_path) == first
    (tmp_path / "notes.py").write_text("not loaded")
    assert fingerprint_of(location, modules, tmp_path) == first
    for name in ("net.py", "helper.py", "sub/deep.py"):
        before = (tmp_path / name).read_text()
        (tmp_path / name).write_text(before + "\n")
        assert fingerprint_of(location, modules, tmp_path) != first, name
        (tmp_path / name).write_text(before)
    assert fingerprint_of(location, modules, tmp_path) == first


def test_a_module_of_the_current_folder_counts_and_a_library_does_not(tmp_path: Path) -> None:
    modules = loaded(tmp_path, nets__net="", tool="")
    library = tmp_path / "venv" / "site-packages"
    modules |= loaded(library, lib="")
    first = fingerprint_of("nets/net.py:Net", modules, tmp_path)
    (library / "lib.py").write_text("changed = 1")
    assert fingerprint_of("nets/net.py:Net", modules, tmp_path) == first
    (tmp_path / "tool.py").write_text("changed = 1")
    assert fingerprint_of("nets/net.py:Net", modules, tmp_path) != first


def test_an_installed_package_counts_as_a_whole(tmp_path: Path) -> None:
    library = tmp_path / "site-packages"
    modules = loaded(library, nets__init="", nets__dense__net="", other="")
    (library / "nets" / "core.so").write_bytes(b"\x7fELF")
    first = fingerprint_of("nets.dense.net:Net", modules, tmp_path / "elsewhere")
    (library / "other.py").write_text("changed = 1")
    assert fingerprint_of("nets.dense.net:Net", modules, tmp_path / "elsewhere") == first
    (library / "nets" / "core.so").write_bytes(b"\x7fELF, changed")
    assert fingerprint_of("nets.dense.net:Net", modules, tmp_path / "elsewhere") != first


def test_the_version_of_a_library_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = loaded(tmp_path, net="def f():\n    import dearlib.linear")
    library = ModuleType("dearlib")
    monkeypatch.setitem(sys.modules, "dearlib", library)
    found = set()
    for version in ("1.0", "1.1"):
        library.__version__ = version  # type: ignore[attr-defined]
        found.add(fingerprint_of("net.py:Net", modules, tmp_path))
    assert len(found) == 2


def test_a_command_is_its_words_its_files_and_its_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "runner"
    program.parent.mkdir()
    program.write_text("#!/bin/sh")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    for name in ("net.mjs", "layers.mjs", "notes.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "classes").mkdir()
    (tmp_path / "classes" / "Net.class").write_text("")
    location = name_of_command(["runner", "net.mjs", "--path=classes"])
    first = fingerprint_of(location, {}, tmp_path)
    assert fingerprint_of(location, {}, tmp_path) == first
    (tmp_path / "notes.txt").write_text("of no matter")
    assert fingerprint_of(location, {}, tmp_path) == first
    for name in ("net.mjs", "layers.mjs", "classes/Net.class", "bin/runner"):
        before = (tmp_path / name).read_text()
        (tmp_path / name).write_text("changed")
        assert fingerprint_of(location, {}, tmp_path) != first, name
        (tmp_path / name).write_text(before)
    assert fingerprint_of(name_of_command(["runner", "net.mjs", "--path=other"]), {}, tmp_path) != first


def test_one_command_has_one_fingerprint_in_every_process(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    program = (
        "from pathlib import Path; from symtests.implementations.fingerprint import *\n"
        "print(fingerprint_of('command:sh a=a b=a', {}, Path('.')), fingerprint_of_symtests())"
    )
    found = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.add(done.stdout)
    assert len(found) == 1


def test_an_object_is_the_file_of_its_class(tmp_path: Path) -> None:
    modules = loaded(tmp_path, net="class Net:\n    pass")
    for name, module in modules.items():
        assert module.__spec__ is not None
        assert module.__spec__.loader is not None
        module.__spec__.loader.exec_module(module)
        assert name == "net"
    net = modules["net"].Net()
    first = fingerprint_of_object(net, modules, tmp_path)
    assert fingerprint_of_object(net, modules, tmp_path) == first
    (tmp_path / "net.py").write_text("class Net:\n    rate = 1")
    assert fingerprint_of_object(net, modules, tmp_path) != first


def test_a_class_that_was_typed_into_a_console_is_its_instructions(tmp_path: Path) -> None:
    found = []
    for rate in ("0.1", "0.1", "0.2"):
        module = ModuleType("typed")
        exec(f"class Net:\n    def train(self, *a):\n        return [x * {rate} for x in a]", module.__dict__)
        found.append(fingerprint_of_object(module.Net(), {"typed": module}, tmp_path))
    assert found[0] == found[1] != found[2]


def test_what_judges_has_a_fingerprint_of_its_own() -> None:
    assert fingerprint_of_symtests() == fingerprint_of_symtests()
    assert len(fingerprint_of_symtests()) == 64


def test_the_sources_of_symtests_and_of_the_kernels_count(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    added = fingerprint._Entries.say

    def say(self: fingerprint._Entries, name: str, said: str) -> None:
        seen.append(name)
        added(self, name, said)

    monkeypatch.setattr(fingerprint._Entries, "say", say)
    fingerprint_of_symtests.__wrapped__()
    names = {name.split()[-1] for name in seen}
    assert {"oracle/passes.py", "checking/one_check/search.py", "hypothesis"} <= names
    assert any(name.startswith("symtests.kernels ") for name in seen)
    assert not any(name.startswith(("commands/", "reports/")) for name in names)


class Hostile:
    """Raises and hangs wherever anything is read."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError("do not look")


def hostile_cases() -> Iterator[tuple[str, dict[str, object]]]:
    module = ModuleType("net")
    yield "net:Net", {"net": Hostile()}
    for file in (Hostile(), "", "\0", "x" * 5000, "/nowhere/net.py", "/", None):
        broken = ModuleType("net")
        broken.__dict__["__file__"] = file
        yield "net:Net", {"net": broken, "other": Hostile()}
    yield "net", {"net": module}
    yield ":", {}
    yield "/:Net", {}
    yield "\0.py:Net", {}
    yield "command:", {}
    yield "command:'", {}
    yield "command:" + shlex.join(["/", "/dev/zero", "x" * 5000, "\udc80", "/proc/self/mem"]), {}


@pytest.mark.parametrize(("location", "modules"), list(hostile_cases()))
def test_whatever_cannot_be_read_is_an_entry(location: str, modules: dict[str, ModuleType], tmp_path: Path) -> None:
    assert len(fingerprint_of(location, modules, tmp_path)) == 64
    assert len(fingerprint_of_object(Hostile(), modules, tmp_path)) == 64


def test_much_code_takes_little_time(tmp_path: Path) -> None:
    library = tmp_path / "site-packages"
    modules = loaded(library, nets__init="", nets__net="")
    for number in range(300):
        folder = library / "nets" / f"part{number}"
        folder.mkdir()
        for name in "abcdefghij":
            (folder / f"{name}.py").write_text("x = 1\n" * 100)
    with (library / "nets" / "large.so").open("wb") as large:
        large.truncate(10 * 2**30)
    started = time.monotonic()
    fingerprint_of("nets.net:Net", modules, tmp_path)
    assert time.monotonic() - started < 5


def test_a_built_in_adapter_counts_the_library_that_it_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    library = ModuleType("torch")
    monkeypatch.setitem(sys.modules, "torch", library)
    found = set()
    for version in ("2.1", "2.2"):
        library.__version__ = version  # type: ignore[attr-defined]
        found.add(fingerprint_of("torch", {}, tmp_path))
    assert len(found) == 2
    assert fingerprint_of("numpy", {}, tmp_path) != fingerprint_of_object(NumpyPlain(), {}, tmp_path)
