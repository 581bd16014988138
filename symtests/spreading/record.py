"""What was found for named tasks, kept in a file: a run that is cut short goes on, and several are put together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from symtests.file_data import json_of
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["TaskRecord"]


class TaskRecord:
    """The findings in one file of a folder, a line for each task; each is on disk when it has been added.

    Parameters
    ----------
    folder, file
        Where they are kept: the folder is made where it is missing, and what was found there before is kept.
    question
        What was asked besides the names of the tasks, as plain JSON data: findings of another question are refused.
    fields
        The names of the whole numbers that each finding has.
    others
        Folders whose findings are taken over.

    Raises
    ------
    InvalidValue
        Where a file cannot be read, is of another question, or contradicts another one.
    """

    def __init__(
        self,
        folder: Path,
        file: str,
        question: Mapping[str, Any],
        fields: Iterable[str],
        others: Iterable[Path] = (),
    ) -> None:
        self._path = folder / file
        self._question = json.loads(json.dumps(question))
        self._fields = frozenset(fields)
        self._found: dict[str, Mapping[str, Any]] = {}
        places = [each / file for each in others]
        for path in [self._path, *places] if self._path.is_file() else places:
            for name, finding in self._read(path):
                if self._found.setdefault(name, finding) != finding:
                    raise InvalidValue(
                        f"from={str(path)!r}: {name} has another result than before; the same question gives the same: "
                        "leave one folder out"
                    )

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self._found[name]

    def add(self, name: str, finding: Mapping[str, Any]) -> None:
        """Add a finding.

        Raises
        ------
        InvalidValue
            Where the file cannot be written.
        """
        self._found[name] = json.loads(json.dumps(finding))
        lines = (
            json.dumps({"question": self._question, "task": each, "found": self._found[each]}) + "\n"
            for each in sorted(self._found)
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, "".join(lines))
        except OSError as error:
            raise InvalidValue(f"out={str(self._path.parent)!r}: cannot be written ({error.strerror})") from None

    def _read(self, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise InvalidValue(
                f"from={str(path)!r}: cannot be read ({error.strerror}); name a folder that --out has made"
            ) from None
        for number, line in enumerate(lines, 1):
            place = f"from={str(path)!r}, line {number}"
            try:
                data = json_of(line)
                question, name, finding = data["question"], data["task"], data["found"]
                whole = all(type(finding[field]) is int and finding[field] >= 0 for field in self._fields)
            except (ValueError, TypeError, KeyError) as error:
                raise InvalidValue(f"{place}: is no finding ({type(error).__name__}: {error}); leave it out") from None
            if question != self._question:
                raise InvalidValue(f"{place}: {self._differing(question)}; leave it out, or name another --out")
            if not (whole and isinstance(name, str)):
                raise InvalidValue(f"{place}: is no finding (it lacks a whole number); leave it out")
            yield name, finding

    def _differing(self, question: Any) -> str:
        if not isinstance(question, dict):
            return "does not say what was asked"
        keys = sorted(self._question.keys() | question.keys())
        key = next(each for each in keys if question.get(each) != self._question.get(each))
        return f"was found with {key}={question.get(key)!r}, and this asks with {key}={self._question.get(key)!r}"
