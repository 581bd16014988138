"""A results file that grows: nothing is lost by a full disk or a folder that is gone, as long as there is an end."""

from __future__ import annotations

import errno
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.checking.results.growing_file import GrowingFile

HEAD = {"type": "run", "name": "a\udc80b"}


class Disk(io.RawIOBase):
    """A file on a disk that takes so many bytes, and then none until there is room again."""

    def __init__(self, file: io.FileIO, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:  # type: ignore[override] # as much of it as a file of bytes needs
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = self.file.write(data[: self.room])
        self.room -= done
        return done

    def __getattribute__(self, name: str) -> object:
        own = ("write", "room", "file")
        return super().__getattribute__(name) if name in own else getattr(self.file, name)


def numbers(path: Path) -> list[int]:
    """What stands in the file, without a torn last line."""
    *whole, _ = path.read_bytes().split(b"\n")
    return [json.loads(line)["n"] for line in whole[1:]]


def test_lines_are_on_disk_before_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "results.jsonl"
    file = GrowingFile(path, [HEAD, {"n": 1}])
    assert numbers(path) == [1]
    file.add({"n": 2})
    assert numbers(path) == [1, 2]
    file.end({"n": 3})
    file.close()
    assert numbers(path) == [1, 2, 3]
    assert json.loads(path.read_bytes().split(b"\n")[0])["name"] == "a\\udc80b"


def test_a_new_file_takes_the_place_of_the_old_one_and_follows_no_link(tmp_path: Path) -> None:
    other, path = tmp_path / "other", tmp_path / "results.jsonl"
    other.write_text("mine")
    path.symlink_to(other)
    file = GrowingFile(path, [HEAD])
    file.add({"n": 1})
    file.close()
    assert other.read_text() == "mine"
    assert numbers(path) == [1]


@given(rooms=st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_a_disk_that_is_full_now_and_then_costs_no_line(
    rooms: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("disk") / "results.jsonl"
    file = GrowingFile(path, [HEAD])
    disk = Disk(file._file, 0)
    file._file = disk  # type: ignore[assignment]
    for number, room in enumerate(rooms):
        disk.room = room
        try:
            file.add({"n": number})
        except OSError:
            assert numbers(path) == list(range(len(numbers(path))))
        else:
            assert numbers(path) == list(range(number + 1))
    disk.room = 10**6
    file.end({"n": len(rooms)})
    file.close()
    assert numbers(path) == list(range(len(rooms) + 1))
    assert path.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("again", [False, True])
def test_a_folder_that_vanishes_is_written_again(tmp_path: Path, again: bool) -> None:
    path = tmp_path / "out" / "results.jsonl"
    file = GrowingFile(path, [HEAD])
    file.add({"n": 1})
    path.unlink()
    if again:
        path.write_text("somebody else's")
    else:
        path.parent.rmdir()
    file.add({"n": 2})
    file.end({"n": 3})
    file.close()
    assert numbers(path) == [1, 2, 3]


def test_what_can_never_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "out" / "results.jsonl"
    file = GrowingFile(path, [HEAD])
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("no folder any more")
    with pytest.raises(OSError, match=r"exists|directory"):
        file.end({"n": 1})
    file.close()
