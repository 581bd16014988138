"""Files that are damaged, of another version, or something else: what is done to them, and what may come of it."""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from symtests.vectors.answering import vectors
from symtests.vectors.document import document
from tests.attacks.attack import Named, by_name
from tests.implementations.malformed import STRANGE
from tests.reports import comparison_sample, sample

__all__ = ["DAMAGED", "KNOWN", "MADE", "FileAttack", "good"]

KNOWN: Final = """properties = "0.1"

[[known]]
property = "STEP1"
version = 1
implementation = "my_network.py:MyNetwork"
found = "violated"
reason = "the output weights are updated too early"
link = "https://example.org/12"
when = { dtype = "float64", version = "<2" }
"""
CHANGES: Final = {
    "type": "changes", "schema": 1, "same": 3, "exit_status": 1, "counts": {"newly failing": 1},
    "old": {"symtests": "0.1.0", "started": "2026-03-20T14:05:00+00:00", "command": "symtests check numba"},
    "new": {"symtests": "0.1.0", "started": "2026-03-21T14:05:00+00:00", "command": "symtests check numba"},
    "changes": [{"kind": "newly failing", "implementation": "numba", "property": "SYM1", "dtype": "float32",
                 "before": "holds", "after": "violated", "sentence": "broken after 14 cases"}],
}  # fmt: skip


def good(name: str) -> bytes:
    """Return the content of a good file of a name."""
    if name == "results.jsonl":
        return "".join(json.dumps(line) + "\n" for line in sample.lines(story=False)).encode()
    if name == "benchmarks.json":
        return json.dumps(comparison_sample.benchmarks(comparison_sample.compared())).encode()
    if name == "vectors.json":
        return document(vectors()[:3]).encode()
    if name == "known.toml":
        return (KNOWN + f"counterexample = '{json.dumps(sample.CASE)}'\n").encode()
    return json.dumps(CHANGES).encode()


@dataclass(frozen=True)
class FileAttack(Named):
    """What a file holds in the place of what it should, and the statuses with which it may be read: 2, refused."""

    file: str
    content: Callable[[bytes], bytes]
    statuses: tuple[int, ...] = (2,)


REFUSED: Final = (2,)
EITHER: Final = (0, 1, 2, 3)
"""Where a change may leave a file good: then it is read, with the status that its verdicts deserve."""


def _flipped(place: float, bit: int) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        index = min(int(place * len(content)), len(content) - 1)
        return content[:index] + bytes([content[index] ^ 1 << bit]) + content[index + 1 :]

    return change


def _cut(share: float) -> Callable[[bytes], bytes]:
    return lambda content: content[: int(share * len(content))]


def _inserted(text: bytes, share: float = 0.5) -> Callable[[bytes], bytes]:
    return lambda content: content[: int(share * len(content))] + text + content[int(share * len(content)) :]


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda content: b"\n".join(change(content.rstrip(b"\n").split(b"\n"))) + b"\n"


_WHOLE: Final[dict[str, tuple[Callable[[bytes], bytes], tuple[int, ...]]]] = {
    "empty": (lambda content: b"", EITHER), "space": (lambda content: b" ", EITHER),
    "line_breaks": (lambda content: b"\n" * 1000, EITHER),
    "zeros": (lambda content: b"\0" * 10_000, REFUSED),
    "random_bytes": (lambda content: random.Random(1).randbytes(10_000), REFUSED),
    "null": (lambda content: b"null\n", REFUSED), "a_number": (lambda content: b"1\n", REFUSED),
    "a_list": (lambda content: b"[]\n", REFUSED),
    "an_object": (lambda content: b"{}\n", REFUSED), "nan": (lambda content: b"NaN\n", REFUSED),
    "html": (lambda content: b"<html></html>\n", REFUSED),
    "a_long_number": (lambda content: b"9" * 100_000 + b"\n", REFUSED),
    "deep_lists": (lambda content: b"[" * 100_000 + b"]" * 100_000 + b"\n", REFUSED),
    "deep_objects": (lambda content: b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n", REFUSED),
    "half_deep": (lambda content: b"[" * 1_000_000 + b"\n", REFUSED),
    "a_pickle": (lambda content: b"\x80\x04\x95\x00.\n", REFUSED),
    "zipped": (gzip.compress, REFUSED), "utf16": (lambda content: content.decode().encode("utf-16"), REFUSED),
    "not_utf8": (_inserted(b"\xff\xfe", 0.3), REFUSED), "a_zero_byte": (_inserted(b"\0", 0.3), REFUSED),
    "byte_order_mark": (_inserted(b"\xef\xbb\xbf", 0.0), EITHER),
    "carriage_returns": (lambda content: content.replace(b"\n", b"\r\n"), EITHER),
    "tail_of_rubbish": (lambda content: content + b"rubbish\nrubbish\n", REFUSED),
    "head_of_rubbish": (lambda content: b"rubbish\n" + content, REFUSED),
    "twice": (lambda content: content + content, REFUSED), "surrogates": (_inserted(b"\\ud800", 0.3), EITHER),
    "escapes": (lambda content: content.replace(b"0.1", b"\x1b[31m"), EITHER),
    "ten_megabytes": (lambda content: content.replace(b"numba", b"n" * 10_000_000, 1), EITHER),
    "long_keys": (_inserted(b'"' + b"k" * 100_000 + b'": 1, ', 0.3), EITHER),
    **{f"cut_at_{share}": (_cut(share / 10), EITHER) for share in range(1, 10)},
    **{f"flipped_{place}_{bit}": (_flipped(place / 7, bit), EITHER) for place in range(7) for bit in (0, 3, 6)},
}  # fmt: skip
_LINES: Final[dict[str, tuple[Callable[[list[bytes]], list[bytes]], tuple[int, ...]]]] = {
    "reversed": (lambda lines: lines[::-1], REFUSED), "without_head": (lambda lines: lines[1:], REFUSED),
    "without_end": (lambda lines: lines[:-1], (0, 1, 3)),
    "without_implementations": (lambda lines: [lines[0], *lines[3:]], (0, 1, 2, 3)),
    "two_heads": (lambda lines: [lines[0], *lines], REFUSED), "two_ends": (lambda lines: [*lines, lines[-1]], REFUSED),
    "two_verdicts": (lambda lines: [*lines[:4], lines[3], *lines[4:]], EITHER),
    "head_alone": (lambda lines: lines[:1], (0, 1, 3)),
    "blank_lines": (lambda lines: [line for pair in zip(lines, [b""] * len(lines), strict=True) for line in pair],
        EITHER),
    "two_implementations": (lambda lines: [lines[0], lines[1], *lines[1:]], EITHER),
}  # fmt: skip


def _changed(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    """Return a change of the data of a JSON file, or of the first line of one that has many."""

    def changed(content: bytes) -> bytes:
        first, _, rest = content.partition(b"\n") if content.count(b"}\n{") > 1 else (content, b"", b"")
        data = json.loads(first)
        change(data)
        return json.dumps(data).encode() + b"\n" + rest

    return changed


def _of_version(version: Any) -> Callable[[bytes], bytes]:
    return _changed(lambda data: data.update(schema=version))


def _places(data: Any) -> list[tuple[Any, Any]]:
    inside = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    return [(data, where) for where, _ in inside] + [place for _, value in inside for place in _places(value)]


def _strange(number: int) -> Callable[[bytes], bytes]:
    """Return a change of one value somewhere, or of the fields there, as chance with this seed has it."""

    def changed(content: bytes) -> bytes:
        chance = random.Random(number)
        lines = content.rstrip(b"\n").split(b"\n") if content.count(b"}\n{") > 1 else [content]
        index = chance.randrange(len(lines))
        data = json.loads(lines[index])
        holder, where = chance.choice(_places(data))
        if chance.random() < 0.2:
            del holder[where]
        elif isinstance(holder, dict) and chance.random() < 0.2:
            holder["\ud800" if chance.random() < 0.5 else where + "s"] = holder.pop(where)
        else:
            holder[where] = copy.deepcopy(chance.choice(STRANGE))
        lines[index] = json.dumps(data).encode()
        return b"\n".join(lines) + b"\n"

    return changed


_JSON: Final = ("results.jsonl", "benchmarks.json", "changes.json", "vectors.json")
_NOT_IN: Final = {"results.jsonl": "tail_of_rubbish"}
DAMAGED: Final = by_name(
    (
        *(FileAttack(f"{file}-{name}", file, *how) for file in _JSON for name, how in _WHOLE.items()),
        *(FileAttack(f"{file}-strange_{n}", file, _strange(n), EITHER) for file in _JSON for n in range(20)),
        *(FileAttack(f"results.jsonl-{name}", "results.jsonl", _lines(change), statuses)
          for name, (change, statuses) in _LINES.items()),
        *(FileAttack(f"{file}-version_{n}", file, _of_version(version))
          for file in ("results.jsonl", "changes.json", "vectors.json")
          for n, version in enumerate((0, 3, 99, "1", None, 1.5, [1], True))),
    )
)  # fmt: skip


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


MADE: Final[dict[str, Callable[[Path], None]]] = {
    "a_folder": _folder, "a_pipe": _pipe, "a_link_to_itself": lambda path: path.symlink_to(path.name),
    "a_link_to_nothing": _link_to("nowhere"), "an_endless_device": _link_to("/dev/zero"),
    "an_empty_device": _link_to("/dev/null"),
    "a_terminal": _link_to("/dev/tty"), "a_folder_by_link": _link_to("/proc"), "memory": _link_to("/proc/self/mem"),
}  # fmt: skip
"""What stands in the place of a file: none of it may be waited for, read without end, or written through."""
