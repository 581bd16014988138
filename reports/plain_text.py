"""Text from outside, made visible: nothing in it can steer a terminal, a page or the direction of reading."""

from __future__ import annotations

import re
from typing import Any, Final

from symtests.shown_text import shown

__all__ = ["clean", "clean_json"]

_TERMINAL_STYLING: Final = re.compile(r"\x1b\[[0-9;:]*m")
"""Colours and weights that a program writes for a terminal: they carry no meaning here."""


def clean(text: str) -> str:
    r"""Return `text` with every unseen character written out, as in ``\x00``; line ends become ``\n``."""
    return "\t".join(shown(part, lines=True) for part in _TERMINAL_STYLING.sub("", text).split("\t"))


def clean_json(value: Any) -> Any:
    """Return plain JSON data with all its strings, keys included, cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): clean_json(item) for name, item in value.items()}
    return value
