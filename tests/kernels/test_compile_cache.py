"""Where machine code is kept: a folder for these very sources, and never a reason to fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from numba.core import config

from symtests.kernels import compile_cache
from symtests.kernels.compile_cache import cache_folder, cached_where_possible, source_hash


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


def copy_of_the_sources(folder: Path) -> Path:
    for path in Path(compile_cache.__file__).parent.glob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_an_edit_in_any_source_changes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = copy_of_the_sources(tmp_path)
    monkeypatch.setattr(compile_cache, "__file__", str(sources / "compile_cache.py"))
    before = source_hash()
    assert before is not None
    hashes = {before}
    for path in sorted(sources.glob("*.py")):
        path.write_bytes(path.read_bytes() + b"\n")
        hashes.add(source_hash() or "")
    assert len(hashes) == 1 + len(list(sources.glob("*.py")))


def test_named_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path / f"symtests-kernels-{source_hash()}"


def test_nothing_writable_means_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("a file where a folder would have to be")
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "file"))
    assert cache_folder() is None
    with cached_where_possible() as cached:
        assert not cached


def test_sources_that_cannot_be_read_mean_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_cache, "__file__", str(tmp_path / "compile_cache.pyc"))
    assert source_hash() is None
    assert cache_folder() is None


def test_sources_installed_read_only_are_cached_for_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    copy_of_the_sources(sources)
    (sources / "__pycache__").write_text("no folder can be made here")
    monkeypatch.setattr(compile_cache, "__file__", str(sources / "compile_cache.py"))
    monkeypatch.setattr(compile_cache, "_user_cache", lambda: tmp_path / "user")
    monkeypatch.setattr(config, "CACHE_DIR", "")
    assert cache_folder() == tmp_path / "user" / f"symtests-kernels-{source_hash()}"


def test_settings_of_numba_are_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    with cached_where_possible() as cached:
        assert cached
        assert str(cache_folder()) == vars(config)["CACHE_DIR"]
    assert str(tmp_path) == vars(config)["CACHE_DIR"]


A_LOSS = """
import numpy as np
from symtests.batch import Batch
from symtests.kernels.arguments import samples_of
from symtests.kernels.arrays import layers_of
from symtests.kernels.losses import loss_value
from symtests.network import Network
network, ones = Network((1, 1)), np.ones((1, 1))
loss_value(layers_of(network), np.ones(1), samples_of(network, Batch(ones, ones), ones.dtype))
print(sum(loss_value.stats.cache_hits.values()), sum(loss_value.stats.cache_misses.values()))
"""


def test_second_process_finds_what_the_first_compiled(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    found = [
        subprocess.run([sys.executable, "-c", A_LOSS], capture_output=True, text=True, check=True, env=environment)
        for _ in range(2)
    ]
    assert [run.stdout.split() for run in found] == [["0", "1"], ["1", "0"]]


def test_symtests_alone_does_not_load_numba() -> None:
    code = "import sys, symtests; print('numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"]
