"""Text from outside, made visible: nothing in it can steer a terminal, a page or the direction of reading."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["clean", "clean_json"]

_TERMINAL_STYLING: Final = re.compile(r"\x1b\[[0-9;:]*m")
"""Colours and weights that a program writes for a terminal: they carry no meaning here."""

_UNSEEN: Final = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but not tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of reading
    "\u2028\u2029"  # line ends that only some programs see
    "\ud800-\udfff"  # halves of a character, which no file can hold
    "\ufeff\ufffe\uffff"  # no characters at all
    "]"
)


def clean(text: str) -> str:
    r"""Return `text` with every unseen character written out, as in ``\x00``; line ends become ``\n``."""
    lines = _TERMINAL_STYLING.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(lambda found: _written_out(found.group()), lines)


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def clean_json(value: Any) -> Any:
    """Return plain JSON data with all its strings, keys included, cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): clean_json(item) for name, item in value.items()}
    return value
