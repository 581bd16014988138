"""The cache runs nothing that another user could have put there."""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
import pytest
from numba import njit
from numba.core import config

from symtests.kernels.compiling import compile_cache
from symtests.kernels.compiling.checked_cache import check_files_of
from symtests.kernels.compiling.compile_cache import cache_folder, cached_where_possible, source_hash
from symtests.kernels.compiling.own_files import NotOwn, made_folder, open_to_write, read_file

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system does not tell who owns a file")
SOMEBODY = 54321
as_root = pytest.mark.skipif(getattr(os, "geteuid", int)() != 0, reason="only root can give a file to another user")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the environment names."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "named"))
    (tmp_path / "named").mkdir(mode=0o755)
    return tmp_path / "named"


class Trap:
    """What makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def with_checksum(data: bytes) -> bytes:
    return hashlib.sha256(data).digest() + data


def doubled(x: float) -> float:
    return 2 * x


def called() -> tuple[float, int]:
    """What a function that is cached returns, and how often it was found in the cache."""
    with cached_where_possible() as folder:
        compiled: Any = njit(doubled, cache=folder is not None)
        if folder is not None:
            check_files_of(compiled, folder / __name__)
    return compiled(1.5), sum(compiled.stats.cache_hits.values())


def set_trap(file: Path, mark: Path) -> None:
    """Put a trap into a file of the cache, as Numba and we would write it."""
    head = pickle.dumps(numba.__version__, protocol=-1) if file.suffix == ".nbi" else b""
    mode = file.stat().st_mode
    file.write_bytes(head + with_checksum(pickle.dumps(Trap(mark))))
    file.chmod(mode)


def chown(path: Path) -> None:
    os.chown(path, SOMEBODY, SOMEBODY)


CHANGES: list[Any] = [
    pytest.param(lambda file: file.chmod(0o620), id="the group writes to the file"),
    pytest.param(lambda file: file.chmod(0o602), id="all write to the file"),
    pytest.param(lambda file: file.parent.chmod(0o770), id="the group writes to the folder"),
    pytest.param(lambda file: file.parent.chmod(0o777), id="all write to the folder"),
    pytest.param(chown, id="the file of another user", marks=as_root),
    pytest.param(lambda file: chown(file.parent), id="the folder of another user", marks=as_root),
    pytest.param(lambda file: as_link(file), id="a link to the file"),
    pytest.param(lambda file: as_link(file.parent), id="a link to the folder"),
]


def as_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_others_could_have_written_is_not_loaded(
    ending: str, change: Callable[[Path], None], place: Path, tmp_path: Path
) -> None:
    assert [called(), called()] == [(3.0, 0), (3.0, 1)]
    [file] = place.rglob(f"*.{ending}")
    with cached_where_possible():  # declared while all is well; the files are changed before it looks
        compiled: Any = njit(doubled, cache=True)
        check_files_of(compiled)
    set_trap(file, tmp_path / "sprung")
    change(file)
    assert compiled(1.5) == 3.0
    assert sum(compiled.stats.cache_hits.values()) == 0
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_the_trap_is_one(ending: str, place: Path, tmp_path: Path) -> None:
    """Where the same file is this user's own, it is unpickled: the tests above would not fail without a reason."""
    called()
    [file] = place.rglob(f"*.{ending}")
    set_trap(file, tmp_path / "sprung")
    with suppress(TypeError):  # what it makes is no index
        called()
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda folder: folder.chmod(0o777), id="open to all"),
        pytest.param(lambda folder: folder.chmod(0o775), id="open to the group"),
        pytest.param(chown, id="of another user", marks=as_root),
        pytest.param(as_link, id="a link"),
        pytest.param(lambda folder: folder.parent.chmod(0o777), id="in a folder that is open to all"),
        pytest.param(lambda folder: chown(folder.parent), id="in a folder of another user", marks=as_root),
    ],
)
def test_a_folder_that_others_can_change_is_passed_over(change: Callable[[Path], None], place: Path) -> None:
    folder = cache_folder()
    assert folder is not None
    change(folder)
    cache_folder.cache_clear()
    assert cache_folder() is None
    assert called() == (3.0, 0)


def test_the_next_place_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", "")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    monkeypatch.setattr(compile_cache, "_parents", lambda: iter([tmp_path / "shared", tmp_path / "own" / "deep"]))
    assert cache_folder() == tmp_path / "own" / "deep" / f"symtests-kernels-{source_hash()}-{os.geteuid()}"


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_what_is_made_is_for_this_user_alone(umask: int, place: Path) -> None:
    before = os.umask(umask)
    try:
        assert [called(), called()] == [(3.0, 0), (3.0, 1)]
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert not list(place.rglob("*.tmp.*"))


def test_users_share_a_folder_such_as_tmp(place: Path) -> None:
    place.chmod(0o1777)
    folder = cache_folder()
    assert folder is not None
    assert folder.name.endswith(f"-{os.geteuid()}")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_on_the_way_is_followed_and_what_it_leads_to_is_checked(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert made_folder(tmp_path / "link" / "cache") == tmp_path.resolve() / "real" / "cache"
    (tmp_path / "real").chmod(0o777)
    with pytest.raises(NotOwn, match="others can write to"):
        made_folder(tmp_path / "link" / "cache")


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(NotOwn):  # and not for ever
        read_file(tmp_path / "pipe")


def test_a_file_that_is_there_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError), open_to_write(tmp_path / "file"):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_is_no_reason_to_fail(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("symtests.kernels.compiling.checked_cache.open_to_write", full)
    assert called() == (3.0, 0)
