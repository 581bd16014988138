"""Characters that no terminal may be given from outside, as the Unicode standard lists them."""

from __future__ import annotations

import re
from typing import Final

from hypothesis import strategies as st

FORBIDDEN: Final = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters, but not the line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # marks that turn the direction of reading
    "\u200b-\u200d\u2060-\u2064\ufeff\u00ad"  # marks without a width
    "\u2028\u2029"  # ends of lines and paragraphs
    "\ud800-\udfff\ufffe\uffff"  # no characters at all
    "\U000e0000-\U000e007f"  # tags
    "]"
)
HOSTILE: Final = (
    "\x00", "\x07", "\x08", "\t", "\n", "\x0b", "\x0c", "\r", "\x1b[2J", "\x1b]0;title\x07", "\x1c", "\x1e", "\x7f",
    "\x85", "\x9b31m", "\u061c", "\u200b", "\u200f", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\ud800",
    "\udfff", "\U000e0041", "[bold]", "[/]", "[link=http://example.org]", ":smile:", "\\", "'", '"', '"""', "#",
    "# -*- coding: utf-7 -*-", "+AAo-import os", "${HOME}", "`id`",
)  # fmt: skip
"""Pieces of text that a terminal, a shell, a page or Python could take for more than text."""

ANY_TEXT: Final = st.lists(st.characters(exclude_categories=()) | st.sampled_from(HOSTILE), max_size=30).map("".join)
"""Any text, with halves of characters, and with pieces that are made to be taken for more than text."""
