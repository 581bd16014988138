"""Files of machine code that are only trusted where they are whole, and where nobody else can have written them."""

from __future__ import annotations

import hashlib
import pickle
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from numba.core.caching import IndexDataCacheFile, NullCache

from symtests.kernels.compiling.own_files import HAS_OWNERS, made_folder, open_to_write, read_file

__all__ = ["CheckedFile", "check_files_of"]

_DIGEST_BYTES: Final = hashlib.sha256().digest_size


class CheckedFile(IndexDataCacheFile):
    """Numba's index and data files of one function, each with a hash over what it holds.

    Numba would run machine code from a file that a full disk or a crash has cut short or changed, or that another user
    has put there. Here a file whose hash is another is no file, and nor is one that others could have written: what it
    should hold is compiled, and written, once more.
    """

    def _dump(self, obj: Any) -> bytes:
        data: bytes = super()._dump(obj)  # type: ignore[no-untyped-call] # Numba leaves its types out
        return hashlib.sha256(data).digest() + data

    def _load_index(self) -> dict[Any, str]:
        head = pickle.dumps(self._version, protocol=-1)  # as Numba writes it; another version is another head
        try:
            content = read_file(Path(self._index_path))
            stamp, overloads = _unpacked(content[len(head) :] if content.startswith(head) else b"")
        except OSError:
            return {}
        return overloads if stamp == self._source_stamp else {}

    def _load_data(self, name: str) -> Any:
        path: str = self._data_path(name)  # type: ignore[no-untyped-call] # likewise
        return _unpacked(read_file(Path(path)))

    def save(self, key: Any, data: Any) -> None:
        """Write what was compiled, if it can be: a full disk is no reason to fail."""
        with suppress(OSError):
            super().save(key, data)  # type: ignore[no-untyped-call] # likewise

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[IO[bytes]]:
        written = Path(f"{filepath}.tmp.{secrets.token_hex(8)}")
        try:
            with open_to_write(written) as file:
                yield file
            written.replace(filepath)
        except BaseException:
            written.unlink(missing_ok=True)
            raise


def _unpacked(content: bytes) -> Any:
    """Return what was dumped; an OSError says that the content is not whole, as if there were no file."""
    digest, data = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(data).digest() != digest:
        raise OSError("a file of the cache is damaged")
    return pickle.loads(data)


def check_files_of(compiled: Any, folder: Path | None = None) -> None:
    """Have a function that Numba caches read and write checked files, or none where their folder is not this user's.

    Parameters
    ----------
    compiled
        The function, of which nothing is compiled yet.
    folder
        Where its files are, in a folder whose name tells every source of it: no place and no time of a source file
        counts then, so that all environments with the same sources, Numba and Python share what is compiled. Where
        Numba has it unless given.
    """
    cache = compiled._cache
    stamp: Any = cache._impl.locator.get_source_stamp() if folder is None else ()
    made = Path(cache._cache_path)
    try:
        if folder is not None:
            with suppress(OSError):  # somebody else's files are in it
                made.rmdir()
            made = folder
        elif HAS_OWNERS and not made.is_symlink():
            made.chmod(0o700)  # Numba has made it, with what the umask leaves
        made_folder(made)
    except OSError:
        compiled._cache = NullCache()
        return
    cache._cache_path = str(made)
    kind: Any = CheckedFile
    cache._cache_file = kind(cache._cache_path, cache._impl.filename_base, stamp)
