"""find: a name becomes an implementation, or one sentence that says what to do."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from symtests.implementations import BUILT_IN, BuiltIn, find, missing
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.validation import InvalidValue

SOURCE = """
class Mine:
    def train(self, network, parameters, batch, training):
        return parameters

class Fails:
    def __init__(self):
        raise RuntimeError("no licence")

class NeedsAnArgument:
    def __init__(self, path):
        pass

class Nothing:
    pass

def make():
    return Mine()

mine = Mine()
number = 3
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    path = tmp_path / "my_own_network.py"
    path.write_text(SOURCE)
    yield path
    sys.modules.pop("my_own_network", None)


@pytest.mark.parametrize("attribute", ["Mine", "make", "mine"])
def test_a_class_a_function_and_an_object_will_do(file: Path, attribute: str) -> None:
    for name in (f"{file}:{attribute}", f"my_own_network.py:{attribute}", f"my_own_network:{attribute}"):
        assert callable(find(name).train)  # type: ignore[attr-defined]


def test_a_built_in_name_is_enough() -> None:
    assert isinstance(find("numpy"), NumpyPlain)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ("mak", "has no 'mak'; did you mean 'make'"),
        ("Zebra", "has no 'Zebra'; it has Mine, Fails, NeedsAnArgument, Nothing, make, mine"),
        ("Fails", r"Fails\(\) raised RuntimeError: no licence; it must be possible to call it without arguments"),
        ("NeedsAnArgument", r"NeedsAnArgument\(\) raised TypeError"),
        ("Nothing", "has no method 'train'; give it train"),
        ("number", "has no method 'train'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(file: Path, attribute: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message) as caught:
        find(f"{file}:{attribute}")
    assert str(caught.value).startswith(f"implementation='{file}:{attribute}': ")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nunpy", f"must be one of {', '.join(BUILT_IN)}, or .*package.module:object.*; did you mean 'numpy'"),
        ("no_such_module_at_all:Mine", "cannot import no_such_module_at_all"),
        ("nowhere/mine.py:Mine", "cannot import nowhere/mine.py"),
        ("json:Mine", "json has no 'Mine'; it has "),
        ("this:Mine", r"this has no 'Mine'; write a class with a method train\("),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(name: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        find(name)


def test_a_file_that_does_not_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "unfinished_network.py"
    path.write_text("class Mine:\n")
    with pytest.raises(InvalidValue, match=r"cannot import .* check the spelling"):
        find(f"{path}:Mine")


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILT_IN, "torch", BuiltIn("nowhere:Nothing", "stands for PyTorch", "no_such_package_at_all"))
    with pytest.raises(InvalidValue, match=r"package_at_all is not installed; run pip install .symtests\[torch\]."):
        find("torch")


def test_an_extra_of_another_name_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILT_IN, "torch", BuiltIn("nowhere:Nothing", "stands for PyTorch", "no_such_package", "deep"))
    with pytest.raises(InvalidValue, match=r"no_such_package is not installed; run pip install .symtests\[deep\]."):
        find("torch")


def test_an_extra_that_would_install_nothing_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = BuiltIn("nowhere:Nothing", "stands for JAX", "no_such_package", python=(99, 1))
    monkeypatch.setitem(BUILT_IN, "jax", needs)
    with pytest.raises(InvalidValue, match=r"no_such_package is not installed, and needs Python 99\.1 or newer$"):
        find("jax")


def test_every_extra_that_is_named_is_there_and_installs_something() -> None:
    """Whatever is missing here, and on whichever Python."""
    metadata = importlib.metadata.metadata("symtests")
    extras = set(metadata.get_all("Provides-Extra") or ())
    needed = [Requirement(each) for each in importlib.metadata.requires("symtests") or ()]
    for name, known in BUILT_IN.items():
        if known.requires is None:
            continue
        extra = known.extra or name
        assert extra in extras
        versions = ["3.10", "3.11", "3.12", "3.13"]
        has = {
            version
            for version in versions
            for each in needed
            if each.marker is not None
            and each.marker.evaluate({"extra": extra, "python_version": version})
            and not each.marker.evaluate({"extra": "", "python_version": version})
        }
        least = ".".join(map(str, known.python or (3, 10)))
        assert has == {version for version in versions if Version(version) >= Version(least)}, name


def test_a_missing_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = BuiltIn("nowhere:Nothing", "stands for a library", library="no_such_library", install="run apt install it")
    monkeypatch.setitem(BUILT_IN, "library", known)
    with pytest.raises(InvalidValue, match="shared library no_such_library is not installed; run apt install it"):
        find("library")
    assert missing("numpy") is None
