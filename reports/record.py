"""One JSON object of a file, read strictly: each failure names the file, the line and what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from symtests.file_data import json_of
from symtests.reports.plain_text import clean, clean_json
from symtests.validation import InvalidValue

__all__ = ["Record", "parsed"]

_NOT_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LONGEST_ECHO: Final = 60


@dataclass(frozen=True)
class Record:
    """A JSON object and the place where it stands, as in ``results.jsonl, line 12``.

    All strings come out cleaned (`symtests.reports.plain_text`). Every method raises `InvalidValue`
    where the field is missing or of another kind.
    """

    data: Mapping[str, Any]
    place: str

    def has(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        return self.data.get(name) is not None

    def text(self, name: str) -> str:
        """Return a string."""
        value = self._field(name)
        return clean(value) if isinstance(value, str) else self._refuse(name, "must be a string")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        values = self._list(name)
        if not all(isinstance(value, str) for value in values):
            self._refuse(name, "must be a list of strings")
        return tuple(clean(value) for value in values)

    def word(self, name: str, known: Iterable[str]) -> str:
        """Return a string that is one of the `known` words."""
        words = list(known)
        value = self._field(name)
        return str(value) if value in words else self._refuse(name, f"must be one of {', '.join(words)}")

    def count(self, name: str) -> int:
        """Return a whole number of at least 0."""
        value = self._field(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        return self._refuse(name, "must be a whole number of at least 0")

    def number(self, name: str) -> float:
        """Return a number; NaN, Infinity and -Infinity stand as words."""
        return _as_number(self._field(name), lambda: self._refuse(name, "must be a number"))

    def optional_number(self, name: str) -> float | None:
        """Return a number, or None for null."""
        return self.number(name) if self._field(name) is not None else None

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return a list of numbers."""
        values = self._list(name)
        if all(type(value) is float for value in values):  # as nearly all are, of which there may be millions
            return tuple(values)
        return tuple(_as_number(value, lambda: self._refuse(name, "must be a list of numbers")) for value in values)

    def rows(self, name: str, width: int) -> tuple[tuple[float, ...], ...]:
        """Return a list of lists of `width` numbers each."""

        def refuse() -> NoReturn:
            self._refuse(name, f"must be a list of rows of {width} numbers")

        found = []
        for row in self._list(name):
            if not isinstance(row, list) or len(row) != width:
                refuse()
            found.append(tuple(_as_number(value, refuse) for value in row))
        return tuple(found)

    def truth(self, name: str) -> bool:
        """Return true or false."""
        value = self._field(name)
        return value if isinstance(value, bool) else self._refuse(name, "must be true or false")

    def record(self, name: str) -> Record:
        """Return an object inside this one."""
        value = self._field(name)
        return Record(value, self.place) if isinstance(value, dict) else self._refuse(name, "must be an object")

    def records(self, name: str) -> tuple[Record, ...]:
        """Return a list of objects inside this one."""
        values = self._list(name)
        if not all(isinstance(value, dict) for value in values):
            self._refuse(name, "must be a list of objects")
        return tuple(Record(value, self.place) for value in values)

    def plain(self, name: str) -> dict[str, Any]:
        """Return an object as cleaned plain data."""
        return dict(clean_json(dict(self.record(name).data)))

    def _list(self, name: str) -> list[Any]:
        value = self._field(name)
        return value if isinstance(value, list) else self._refuse(name, "must be a list")

    def _field(self, name: str) -> Any:
        if name in self.data:
            return self.data[name]
        raise InvalidValue(f"{self.place}: has no {name!r}; write the file with the symtests that reads it")

    def _refuse(self, name: str, required: str) -> NoReturn:
        echo = clean(repr(self.data[name]))
        short = echo if len(echo) <= _LONGEST_ECHO else echo[:_LONGEST_ECHO] + "…"
        raise InvalidValue(f"{self.place}: {name}={short}: {required}")


def parsed(line: str, place: str) -> Record:
    """Return the object that a text holds.

    Raises
    ------
    InvalidValue
        Where the text is no JSON, or is a bare NaN or infinity, or no object.
    """
    try:
        value = json_of(line)
    except ValueError as error:
        raise InvalidValue(f"{place}: is no JSON ({clean(str(error))})") from None
    if not isinstance(value, dict):
        raise InvalidValue(f"{place}: must be a JSON object, not {type(value).__name__}")
    return Record(value, place)


def _as_number(value: Any, refuse: Callable[[], NoReturn]) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        refuse()
    try:
        return float(value)
    except OverflowError:  # a whole number beyond the largest float
        return math.inf if value > 0 else -math.inf
