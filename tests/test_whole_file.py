"""Files are written whole or not at all, never through a link, and with the rights of a new file."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symtests.validation import InvalidValue
from symtests.whole_file import (
    is_shortage,
    make_folder,
    remove_leftovers,
    require_folder,
    require_writable,
    write_whole,
)


def test_content_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, "a\r\nµ\n")
    assert path.read_bytes() == "a\r\nµ\n".encode()
    write_whole(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_half_a_surrogate_pair_costs_no_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", "a\udc80b")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "a\\udc80b"


def test_a_link_at_the_destination_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    (tmp_path / "file").symlink_to(other)
    write_whole(tmp_path / "file", "new")
    assert other.read_text() == "mine"
    assert not (tmp_path / "file").is_symlink()
    assert (tmp_path / "file").read_text() == "new"
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (tmp_path / "folder").symlink_to(folder)
    make_folder(tmp_path / "folder")
    assert not (tmp_path / "folder").is_symlink()
    make_folder(tmp_path / "folder")  # once more, now that it is there


def test_a_file_has_the_rights_of_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_whole(tmp_path / "file", "")
    rights = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "file")]
    assert rights[0] == rights[1]


def test_what_cannot_be_written_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_limit_of_the_system_leaves_the_old_file_alone(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", "old")
    program = (
        "import resource, signal; from pathlib import Path; from symtests.whole_file import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "write_whole(Path('file'), 'x' * 100_000)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "File too large" in done.stderr
    assert (tmp_path / "file").read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="a kill is another thing there")
def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", "a" * 1_000_000)
    program = (
        "from pathlib import Path; from symtests.whole_file import write_whole\nprint(flush=True)\n"
        "while True:\n    for letter in 'ab':\n        write_whole(Path('file'), letter * 1_000_000)"
    )
    for number in range(5):
        with subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.05 + 0.013 * number)
            writer.kill()
        assert (tmp_path / "file").read_text() in ("a" * 1_000_000, "b" * 1_000_000)


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; import symtests.whole_file as whole_file\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        "whole_file.write_whole(Path(sys.argv[1]), 'new')\n"
    )
    (tmp_path / "file").write_text("old")
    kept = {
        "file",
        ".file.tmp",
        ".mine.0123456789ab.tmp",
        "0123456789ab.symtests-tmp",
        "link",
        ".folder.0123456789ab.symtests-tmp",
    }
    for name in (".file.tmp", ".mine.0123456789ab.tmp", "0123456789ab.symtests-tmp"):
        (tmp_path / name).write_text("somebody's own")
    (tmp_path / ".folder.0123456789ab.symtests-tmp").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path / "file")], check=False).returncode == -9
    assert len(list(tmp_path.iterdir())) == len(kept) + 1
    remove_leftovers(tmp_path / "link")
    assert len(list(tmp_path.iterdir())) == len(kept) + 1
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == kept
    assert (tmp_path / "file").read_text() == "old"
    remove_leftovers(tmp_path / "missing")


def test_a_wrong_place_is_told_before_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    require_folder("out", tmp_path / "new" / "newer")
    require_writable("junit", tmp_path / "new" / "junit.xml")
    assert [each.name for each in tmp_path.iterdir()] == ["file"], "nothing is made"
    for folder in ("file", "file/below", "nul\0", "x" * 5000):
        with pytest.raises(InvalidValue, match="out="):
            require_folder("out", tmp_path / folder)
    for path in (".", "file/below.xml"):
        with pytest.raises(InvalidValue, match="junit="):
            require_writable("junit", tmp_path / path)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "at" / "all")
    with pytest.raises(InvalidValue, match="is no folder"):
        require_folder("out", tmp_path / "dangling")


def test_a_read_only_place_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # for root, everything is writable
    with pytest.raises(InvalidValue, match="cannot be written to"):
        require_folder("out", tmp_path)


def test_a_full_disk_is_no_fault_of_a_program() -> None:
    assert is_shortage(OSError(errno.ENOSPC, ""))
    assert not is_shortage(BrokenPipeError(errno.EPIPE, ""))
    assert not is_shortage(ValueError())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("linked", [False, True])
def test_a_device_or_a_pipe_is_never_replaced(linked: bool, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    if linked:
        path = tmp_path / "link"
        path.symlink_to("pipe")
    before = path.lstat()
    with pytest.raises(OSError, match="a device or a pipe") as caught:
        write_whole(path, "content")
    assert is_shortage(caught.value)
    with pytest.raises(InvalidValue, match=r"junit='.*': is a device or a pipe; name a file"):
        require_writable("junit", path)
    assert path.lstat() == before
    assert len(list(tmp_path.iterdir())) == 1 + linked
