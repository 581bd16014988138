"""Known failures: a TOML file that the author of an implementation owns, an entry for each failure that is expected.

::

    properties = "0.1"                              # no property newer than this release is tried

    [[known]]
    property = "STEP1"
    version = 1                                     # of the property
    implementation = "my_network.py:MyNetwork"
    found = "violated"                              # or "raised", "hung", ...: what the counterexample does
    reason = "the output weights are updated too early; mended in 2.0"
    link = "https://example.org/my-network/12"      # if there is one
    when = { dtype = "float64", version = "<2" }    # if it does not fail everywhere
    counterexample = '{"network": ...}'             # the smallest case, which is asked first
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from symtests import __version__
from symtests.checking.known.condition import Condition
from symtests.file_data import text_of
from symtests.properties import PROPERTIES
from symtests.properties.base import Case, Property
from symtests.validation import InvalidValue, integer_at_least, known_settings, nearest, one_of, true_or_false
from symtests.vectors.vector_properties import PREFIX, property_of

__all__ = ["FOUND", "Implementations", "KnownFailure", "KnownFailures", "read_known"]

FOUND: Final = (
    "violated",
    "raised",
    "wrong type",
    "wrong shape",
    "wrong dtype",
    "broken protocol",
    "hung",
    "exited",
    "killed",
)
"""What a counterexample may show: a violation, or a misbehaviour of `symtests.checking.results.verdict.Failure`."""

_READ_AS: Final = {"not finite": "violated"}
"""Words of files that earlier versions wrote: a NaN or an infinity where a number is due breaks the property."""
_LONGEST: Final = 400

Implementations = Mapping[str, tuple[str, str]]
"""Version and location of each implementation under check, by name."""


@dataclass(frozen=True)
class KnownFailure:
    """One entry: a property that an implementation is known to break, why, when, and the case that shows it.

    Parameters
    ----------
    prop, version
        Id of the property, and the version of it that was asked.
    implementation
        Its name, or what `symtests.implementations.find` takes.
    found
        One of `FOUND`.
    reason, link
        Why, in the author's words, and where more is said.
    when
        When it applies.
    unsteady
        Whether the case fails in one run and not in the next; it is asked several times then.
    case
        The JSON form of a `symtests.properties.base.Case`.
    file, number
        Where the entry stands, counted from 1.
    """

    prop: str
    implementation: str
    reason: str
    case: Mapping[str, Any]
    version: int = 1
    found: str = "violated"
    link: str = ""
    when: Condition = field(default_factory=Condition)
    unsteady: bool = False
    file: str = ""
    number: int = 0

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"entry {self.number} of {self.file}"

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain JSON data, for the process that asks its case."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "when"}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> KnownFailure:
        """Rebuild an entry from `to_json`; the condition, which was looked at before, is left out."""
        return cls(**data)


@dataclass(frozen=True)
class KnownFailures:
    """All that a file says.

    Parameters
    ----------
    path
        The file.
    properties
        The release of symtests whose properties are tried, or None for all.
    entries
        In the order of the file.
    """

    path: Path
    properties: str | None
    entries: tuple[KnownFailure, ...]

    def of_check(self, names: Iterable[str], prop: str, dtype: str, version: str) -> KnownFailure | None:
        """Return the entry for a property and a dtype of the implementation that has these names; None without one.

        Raises
        ------
        InvalidValue
            Where two entries apply.
        """
        called = set(names)
        found = [
            entry
            for entry in self.entries
            if entry.prop == prop and entry.implementation in called and not entry.when.mismatch(dtype, version)
        ]
        if len(found) > 1:
            numbers = " and ".join(str(entry.number) for entry in found)
            raise InvalidValue(
                f"known={str(self.path)!r}: entries {numbers} are all for {prop}, {found[0].implementation} and "
                f"{dtype}; leave one, or give each a 'when' of its own"
            )
        return found[0] if found else None

    def notes(
        self, implementations: Implementations, dtypes: Mapping[str, Sequence[str]], properties: Iterable[str]
    ) -> list[str]:
        """Return what this run does not look at: a sentence for each entry, or for an implementation that is away.

        Parameters
        ----------
        implementations, dtypes
            The implementations under check, and the dtypes in which each is judged.
        properties
            Ids of the properties that are tried.
        """
        tried, notes = set(properties), []
        elsewhere: Counter[str] = Counter()
        for entry in self.entries:
            names = [
                name for name, (_, location) in implementations.items() if entry.implementation in (name, location)
            ]
            reason = ""
            if not names:
                elsewhere[entry.implementation] += 1
            elif entry.prop not in tried:
                reason = f"{entry.prop} is not tried in this run"
            else:
                misses = [entry.when.mismatch(dtype, implementations[names[0]][0]) for dtype in dtypes[names[0]]]
                if all(misses):
                    reason = "; ".join(dict.fromkeys(misses))
            if reason:
                notes.append(f"{entry.place} ({entry.prop}) is not looked at: {reason}")
        for name, count in elsewhere.items():
            entries = f"{count} entries of {self.path} are" if count > 1 else f"1 entry of {self.path} is"
            notes.append(f"{entries} not looked at: {name} is not checked in this run{nearest(name, implementations)}")
        return notes


def read_known(path: Path, properties: Iterable[Property] = ()) -> KnownFailures:
    """Return what a file of known failures says.

    Parameters
    ----------
    path
        The file.
    properties
        Properties that entries may name besides those of symtests and its vectors.

    Raises
    ------
    InvalidValue
        Where it cannot be read or is no such file; the sentence names the file, the entry and what is wrong.
    """
    import tomlkit  # takes longer to import than most checks need it
    from tomlkit.exceptions import TOMLKitError

    text = text_of("known", path, "write it with symtests check --write-known")
    try:
        data = tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError, TypeError, RecursionError, SyntaxError) as error:
        raise InvalidValue(f"known={str(path)!r}: is no TOML ({_cut(error)})") from None
    try:
        release = data.get("properties")
        if release is not None and not isinstance(release, str):
            raise InvalidValue(f"properties={release!r}: must be a release of symtests as a string, as in '0.1'")
        _require_release(release)
        known_settings("a file of known failures", data, ("properties", "known"))
        tables = data.get("known", [])
        if not isinstance(tables, list):
            raise InvalidValue(f"known={_short(tables)}: must be a list of entries, each below a line [[known]]")
    except InvalidValue as error:
        raise InvalidValue(f"known={str(path)!r}: {_cut(error)}") from None
    versions = {prop.id: prop.version for prop in (*PROPERTIES, *properties)}
    return KnownFailures(path, release, tuple(_entry(path, n, table, versions) for n, table in enumerate(tables, 1)))


def _require_release(release: str | None) -> None:
    """Refuse a file that names a later release: its properties and fields need not be known here."""
    try:
        later = release is not None and Version(release) > Version(__version__)
    except InvalidVersion:
        return  # whoever selects the properties says so
    if later:
        raise InvalidValue(
            f"properties={release!r}: is newer than this symtests, {__version__}; install a newer symtests"
        )


def _entry(path: Path, number: int, table: object, versions: Mapping[str, int]) -> KnownFailure:
    try:
        if not isinstance(table, Mapping):
            raise InvalidValue(f"known={_short(table)}: must be a table, below a line [[known]]")
        return replace(_entry_of(table, versions), file=str(path), number=number)
    except (InvalidValue, ValueError, TypeError, OverflowError, RecursionError, SyntaxError) as error:
        raise InvalidValue(f"known={str(path)!r}, entry {number}: {_cut(error)}") from None


def _entry_of(table: Mapping[str, Any], versions: Mapping[str, int]) -> KnownFailure:
    names = ("property", "version", "implementation", "found", "reason", "link", "when", "unsteady", "counterexample")
    known_settings("an entry", table, names)
    for name in ("property", "implementation", "reason", "counterexample"):
        if not isinstance(table.get(name), str) or not table[name].strip():
            raise InvalidValue(f"{name}={_short(table.get(name, ''))}: must be a string that says something")
    prop = table["property"]
    latest = property_of(prop).version if prop.startswith(PREFIX) else versions[one_of("property", prop, versions)]
    version = integer_at_least("version", table.get("version", 1), 1)
    if version > latest:
        raise InvalidValue(
            f"version={version}: {prop} has version {latest} here; use the symtests that wrote the entry"
        )
    link = table.get("link", "")
    if not isinstance(link, str):
        raise InvalidValue(f"link={link!r}: must be a string")
    found = str(table.get("found", "violated"))
    return KnownFailure(
        prop,
        table["implementation"],
        table["reason"].strip(),
        _case(table["counterexample"]),
        version,
        one_of("found", _READ_AS.get(found, found), FOUND),
        link,
        Condition.from_toml(table.get("when", {})),
        true_or_false("unsteady", table.get("unsteady", False)),
    )


def _case(text: str) -> Mapping[str, Any]:
    """Return the JSON form of a case, once it has been seen to be one."""
    try:
        data = json.loads(text)
        Case.from_json(data)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidValue(
            f"counterexample={_short(text)}: is no case ({type(error).__name__}: {_short(str(error))}); "
            "write the entry again with symtests check --write-known"
        ) from None
    return dict(data)


def _cut(error: Exception) -> str:
    """Return what an error says, but not all of a value of thousands of characters."""
    text = str(error) or "it is nested too deeply"
    return text if len(text) <= _LONGEST else text[: _LONGEST // 2] + " … " + text[-_LONGEST // 2 :]


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return repr(text) if len(text) <= 60 else repr(text[:60] + "…")
