"""Results on disk: one JSON object a line, written as they come, read strictly; a killed run can be read too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from symtests.checking.results.verdict import Verdict
from symtests.claims import Claim
from symtests.file_data import json_of, require_version
from symtests.properties.base import Property
from symtests.validation import InvalidValue

__all__ = [
    "RESULTS_FILE",
    "SCHEMA",
    "Results",
    "check_record",
    "claim_to_json",
    "property_to_json",
    "read_results",
]

RESULTS_FILE: Final = "results.jsonl"
"""Name of the file in the folder of a run."""
SCHEMA: Final = 1
"""Version of the format, which `results.schema.json` describes."""

_TYPES: Final = ("run", "implementation", "verdict", "story", "end")


@dataclass(frozen=True)
class Results:
    """What a results file says.

    Parameters
    ----------
    run
        Its first line: what was asked, where, and by which properties.
    implementations
        The implementation lines by name.
    verdicts, stories
        In the order in which they came.
    end
        The last line; None where the run was cut short.
    torn
        Whether the last line was cut in the middle, and left out.
    """

    run: Mapping[str, Any]
    implementations: Mapping[str, Mapping[str, Any]]
    verdicts: tuple[Verdict, ...]
    stories: tuple[Mapping[str, Any], ...]
    end: Mapping[str, Any] | None
    torn: bool = False

    @property
    def complete(self) -> bool:
        """Whether the run came to its end."""
        return self.end is not None


def property_to_json(prop: Property) -> dict[str, Any]:
    """Return what a property says of itself as plain JSON data."""
    texts = ("id", "version", "group", "title", "statement", "formula", "precondition", "catches", "source", "since")
    return {
        **{name: getattr(prop, name) for name in texts},
        "exactness": prop.exactness.name,
        "exactness_words": prop.exactness.value,
        "claims": list(prop.claims),
    }


def claim_to_json(claim: Claim) -> dict[str, str]:
    """Return a claim as plain JSON data; which properties check it, they say themselves."""
    return {"id": claim.id, "text": claim.text, "truth": claim.truth}


def read_results(path: Path) -> Results:
    """Return what a results file says; a last line that was cut in the middle is left out.

    Raises
    ------
    InvalidValue
        Where the file cannot be read or is no results file; the sentence names the file, the line and what is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidValue(f"results={str(path)!r}: cannot be read ({error.strerror}); name a {RESULTS_FILE}") from None
    records, torn = _records(path, content)
    if not records or records[0]["type"] != "run":
        _refuse(path, 1, "must be the head of a run; is this a file that symtests check wrote?")
    for number, record in enumerate(records[1:], 2):
        if record["type"] == "run" or (record["type"] == "end" and number < len(records)):
            _refuse(path, number, f"a line of type {record['type']!r} cannot stand here")
    said = records[-1].get("lines", len(records))
    if said != len(records):
        _refuse(path, len(records), f"is the last one, and says that there are {said}: some are lost or added")
    kinds: dict[str, list[Mapping[str, Any]]] = {kind: [r for r in records if r["type"] == kind] for kind in _TYPES}
    return Results(
        records[0],
        {record["name"]: record for record in kinds["implementation"]},
        tuple(_verdict(path, number, each) for number, each in enumerate(records, 1) if each["type"] == "verdict"),
        tuple(kinds["story"]),
        kinds["end"][0] if kinds["end"] else None,
        torn,
    )


def check_record(record: Mapping[str, Any]) -> None:
    """Raise `InvalidValue` where a line does not obey the schema."""
    kind = record.get("type")
    if kind not in _TYPES:
        raise InvalidValue(f"type={kind!r}: must be one of {', '.join(_TYPES)}")
    if kind == "run":
        require_version("the run", record.get("schema"), SCHEMA)
    error = best_match(_validator(str(kind)).iter_errors(record))
    if error is not None:
        place = ".".join(str(step) for step in error.absolute_path) or kind
        raise InvalidValue(f"{place}: {_shortened(error.message)}")


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = json.loads(files("symtests.checking.results").joinpath("results.schema.json").read_text(encoding="utf-8"))
    del schema["oneOf"]
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{kind}"})


def _records(path: Path, content: bytes) -> tuple[list[dict[str, Any]], bool]:
    """Return all lines as objects, and whether a torn one was left out."""
    *complete, last = content.split(b"\n")
    records = [_record(path, number, line) for number, line in enumerate(complete, 1)]
    return records, bool(last)  # a complete line ends with a line break


def _record(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = json_of(line)
    except ValueError as error:
        _refuse(path, number, f"is no JSON ({error})")
    if not isinstance(record, dict):
        _refuse(path, number, f"must be a JSON object, not {_shortened(repr(record))}")
    try:
        check_record(record)
    except InvalidValue as error:
        _refuse(path, number, str(error))
    except RecursionError:
        _refuse(path, number, "is nested too deeply")
    return record


def _verdict(path: Path, number: int, record: Mapping[str, Any]) -> Verdict:
    try:
        return Verdict.from_json(record)
    except (TypeError, ValueError, KeyError, OverflowError) as error:  # a field that the schema leaves open
        _refuse(path, number, f"is no verdict ({_shortened(str(error))})")


def _refuse(path: Path, number: int, reason: str) -> NoReturn:
    raise InvalidValue(f"results={str(path)!r}, line {number}: {reason}") from None


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else text[:80] + " … " + text[-79:]
