"""What SARIF 2.1.0 requires of the objects that are written: nothing else may stand in them.

Source: OASIS, SARIF Version 2.1.0 plus Errata 01, sections 3.11 to 3.51, and its schema.
"""

from __future__ import annotations

from typing import Any, Final


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": required.split(), "additionalProperties": False
    }  # fmt: skip


def _list(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": True}


_WORDS: Final = {"type": "string", "minLength": 1}
_INDEX: Final = {"type": "integer", "minimum": 0}
_MESSAGE: Final = _object("text", text=_WORDS)
_LOCATION: Final = _object(
    "physicalLocation",
    id=_INDEX,
    message=_MESSAGE,
    logicalLocations=_list(_object("", fullyQualifiedName=_WORDS, kind={"const": "member"}), 1),
    physicalLocation=_object(
        "artifactLocation region",
        artifactLocation=_object("uri", uri={"type": "string", "pattern": r"^[A-Za-z0-9._~:/%!$&'()*+,;=@-]+$"}),
        region=_object("startLine", startLine={"type": "integer", "minimum": 1}),
    ),
)
_RULE: Final = _object(
    "id", id={"type": "string", "pattern": "^[a-z-]+$"}, shortDescription=_MESSAGE, fullDescription=_MESSAGE,
    help=_MESSAGE,
)  # fmt: skip
_RESULT: Final = _object(
    "message ruleId ruleIndex level",
    ruleId=_WORDS, ruleIndex=_INDEX, level={"enum": ["none", "note", "warning", "error"]}, message=_MESSAGE,
    partialFingerprints={"type": "object", "additionalProperties": _WORDS},
    locations=_list(_LOCATION, 1), relatedLocations=_list(_LOCATION, 1),
    suppressions=_list(_object("kind", kind={"enum": ["inSource", "external"]}, justification=_WORDS), 1),
)  # fmt: skip
SCHEMA: Final = _object(
    "version runs",
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=_list(
        _object(
            "tool results",
            tool=_object("driver", driver=_object("name", name=_WORDS, semanticVersion=_WORDS, rules=_list(_RULE))),
            invocations=_list(_object("executionSuccessful", executionSuccessful={"type": "boolean"})),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results=_list(_RESULT),
        )
    ),
)
