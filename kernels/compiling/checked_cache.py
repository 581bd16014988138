"""Files of machine code that are only trusted where they are whole."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any, Final

from numba.core.caching import IndexDataCacheFile

__all__ = ["CheckedFile", "check_files_of"]

_DIGEST_BYTES: Final = hashlib.sha256().digest_size


class CheckedFile(IndexDataCacheFile):
    """Numba's index and data files of one function, each with a hash over what it holds.

    Numba would run machine code from a file that a full disk or a crash has cut short or changed. Here a
    file whose hash is another is no file: what it should hold is compiled, and written, once more.
    """

    def _dump(self, obj: Any) -> bytes:
        data: bytes = super()._dump(obj)  # type: ignore[no-untyped-call] # Numba leaves its types out
        return hashlib.sha256(data).digest() + data

    def _load_index(self) -> dict[Any, str]:
        head = pickle.dumps(self._version, protocol=-1)  # as Numba writes it; another version is another head
        try:
            content = Path(self._index_path).read_bytes()
            stamp, overloads = _unpacked(content[len(head) :] if content.startswith(head) else b"")
        except OSError:
            return {}
        return overloads if stamp == self._source_stamp else {}

    def _load_data(self, name: str) -> Any:
        path: str = self._data_path(name)  # type: ignore[no-untyped-call] # likewise
        return _unpacked(Path(path).read_bytes())


def _unpacked(content: bytes) -> Any:
    """Return what was dumped; an OSError says that the content is not whole, as if there were no file."""
    digest, data = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(data).digest() != digest:
        raise OSError("a file of the cache is damaged")
    return pickle.loads(data)


def check_files_of(compiled: Any) -> None:
    """Have a function that Numba caches read and write checked files."""
    cache = compiled._cache
    stamp = cache._impl.locator.get_source_stamp()
    made: Any = CheckedFile
    cache._cache_file = made(cache._cache_path, cache._impl.filename_base, stamp)
