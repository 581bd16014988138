"""The verdict as a badge, in the form that shields.io reads from an address."""

from __future__ import annotations

import json
from typing import Final

from symtests.reports.headline import Headline

__all__ = ["badge_of"]

_COLOURS: Final = {
    "violated": "red", "errored": "red", "fixed": "orange", "inconclusive": "yellow", "not judged": "lightgrey",
    "known": "yellow", "unsupported": "lightgrey", "holds": "brightgreen", "exact": "brightgreen",
}  # fmt: skip
_LONGEST: Final = 60


def badge_of(headline: Headline) -> str:
    """Return the JSON of an endpoint badge: ``{"schemaVersion": 1, "label": ..., "message": ..., "color": ...}``.

    Source: shields.io, Endpoint Badge, schema version 1.
    """
    message = headline.sentence.split(";")[0]
    badge = {
        "schemaVersion": 1,
        "label": "backpropagation",
        "message": message if len(message) <= _LONGEST else message[: _LONGEST - 1] + "…",
        "color": _COLOURS[headline.word.word],
        "isError": headline.word.word in ("violated", "errored"),
    }
    return json.dumps(badge, ensure_ascii=False) + "\n"
