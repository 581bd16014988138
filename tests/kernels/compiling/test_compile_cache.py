"""Where machine code is kept: a folder for these very sources, and never a reason to fail."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from numba import njit
from numba.core import config

import symtests
from symtests import kernels
from symtests.kernels.compiling import compile_cache
from symtests.kernels.compiling.checked_cache import check_files_of
from symtests.kernels.compiling.compile_cache import cache_folder, cached_where_possible, source_hash

OF_THIS_USER = f"-{os.geteuid()}" if hasattr(os, "geteuid") else ""


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


def copy_of_the_sources(folder: Path) -> Path:
    """Copy all kernels; return the new place of the module that hashes them."""
    module = Path(compile_cache.__file__)
    kernels = module.parents[1]
    for path in kernels.rglob("*.py"):
        target = folder / path.relative_to(kernels)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder / module.relative_to(kernels)


def test_an_edit_in_any_source_changes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_cache, "__file__", str(copy_of_the_sources(tmp_path)))
    before = source_hash()
    assert before is not None
    hashes = {before}
    sources = sorted(tmp_path.rglob("*.py"))
    assert len({path.parent for path in sources}) > 1
    for path in sources:
        path.write_bytes(path.read_bytes() + b"\n")
        hashes.add(source_hash() or "")
    assert len(hashes) == 1 + len(sources)


def test_named_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path / f"symtests-kernels-{source_hash()}{OF_THIS_USER}"


def test_nothing_writable_means_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("a file where a folder would have to be")
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "file"))
    assert cache_folder() is None
    with cached_where_possible() as folder:
        assert folder is None


def test_sources_that_cannot_be_read_mean_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_cache, "__file__", str(tmp_path / "compiling" / "compile_cache.pyc"))
    assert source_hash() is None
    assert cache_folder() is None


def test_sources_installed_read_only_are_cached_for_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    monkeypatch.setattr(compile_cache, "__file__", str(copy_of_the_sources(sources)))
    (sources / "__pycache__").write_text("no folder can be made here")
    monkeypatch.setattr(compile_cache, "_user_cache", lambda: tmp_path / "user")
    monkeypatch.setattr(config, "CACHE_DIR", "")
    assert cache_folder() == tmp_path / "user" / f"symtests-kernels-{source_hash()}{OF_THIS_USER}"


def test_settings_of_numba_are_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    with cached_where_possible() as folder:
        assert folder == cache_folder()
        assert str(folder) == vars(config)["CACHE_DIR"]
    assert str(tmp_path) == vars(config)["CACHE_DIR"]


A_LOSS = """
import numpy as np
from symtests import kernels
from symtests.batch import Batch
from symtests.kernels import loss
from symtests.kernels.train import take_steps
from symtests.network import Network
from symtests.parameters import Parameters
network, ones = Network((1, 1)), np.ones((1, 1))
value = loss(network, Parameters(network, np.full(2, 0.5)), Batch(ones, 0 * ones))
print(value, sum(take_steps.stats.cache_hits.values()), sum(take_steps.stats.cache_misses.values()), kernels.__file__)
"""


def compute_a_loss(folder: Path, package: Path | None = None) -> list[str]:
    """The loss as a process computes it, and how often it found and did not find machine code in the folder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    command = [sys.executable, "-c", A_LOSS]
    if package is not None:  # and not what is installed, of which a file of `site` may tell the place
        command.insert(1, "-S")
        environment["PYTHONPATH"] = os.pathsep.join([str(package.parent), *site.getsitepackages()])
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder.parent)
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.split()
    assert package is None or Path(said[3]).is_relative_to(package)
    return said[:3]


def test_second_process_finds_what_the_first_compiled(tmp_path: Path) -> None:
    assert compute_a_loss(tmp_path) == ["1.0", "0", "1"]
    assert compute_a_loss(tmp_path) == ["1.0", "1", "0"]


def test_another_copy_of_the_same_sources_finds_it_too(tmp_path: Path) -> None:
    package = Path(symtests.__file__).parent
    copied = tmp_path / "copied" / "symtests"
    shutil.copytree(package, copied, ignore=shutil.ignore_patterns("__pycache__"))
    if not (copied / "kernels").is_dir():  # in a checkout they stand beside it
        shutil.copytree(Path(kernels.__file__).parent, copied / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    assert compute_a_loss(tmp_path / "cache") == ["1.0", "0", "1"]
    assert compute_a_loss(tmp_path / "cache", copied) == ["1.0", "1", "0"]


@pytest.mark.parametrize("damage", [b"", b"\x80", None])
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_files_are_not_trusted(ending: str, damage: bytes | None, tmp_path: Path) -> None:
    """Emptied, cut short, or with one bit changed: as if it were not there, and whole again afterwards."""

    def doubled(x: float) -> float:
        return 2 * x

    def call() -> tuple[float, int]:
        compiled: Any = njit(doubled, cache=True)
        check_files_of(compiled)
        return compiled(1.5), sum(compiled.stats.cache_hits.values())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "CACHE_DIR", str(tmp_path))
        assert [call(), call()] == [(3.0, 0), (3.0, 1)]
        [file] = tmp_path.rglob(f"*.{ending}")
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(bytes(content) if damage is None else damage)
        assert [call(), call()] == [(3.0, 0), (3.0, 1)]


def test_symtests_alone_does_not_load_numba() -> None:
    code = "import sys, symtests; print('numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"]
