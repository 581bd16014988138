r"""ASCII forms of the characters that symtests prints, for streams whose encoding lacks them.

What has no form here stands written out, as in ``\u4e2d``: no text is lost, and no output fails.
"""

from __future__ import annotations

import codecs
import io
import json
import unicodedata
from collections.abc import Mapping
from typing import IO, Any, Final

__all__ = ["FORMS", "ascii_forms", "json_for", "never_fails"]

FORMS: Final[Mapping[str, str]] = {
    # One character for one, so that columns stay columns.
    "≈": "~", "✓": "v", "✗": "x", "⊗": "o", "↻": "r", "×": "x", "·": "*", "•": "*", "−": "-", "–": "-", "—": "-",
    "‘": "'", "’": "'", "“": '"', "”": '"', "′": "'", "µ": "u", "│": "|", "─": "-", "━": "-", "╸": "-", "╺": "-",
    "┃": "|", "°": "o", "ᵀ": "T", "▲": "^", "▼": "v", "░": ".", "█": "#",
    # What is longer.
    "…": "...", "→": "->", "←": "<-", "↦": "->", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!=", "±": "+-", "∓": "-+",
    "⁄": "/", "∉": " not in ", "″": "''", "λ": "lambda", "Λ": "Lambda",
    "∫": "integral ",
    "√": "sqrt ", "∑": "sum ", "∏": "prod ", "∂": "d", "∇": "grad ", "∞": "inf", "∈": " in ", "⊙": " * ", "∘": " o ",
    "≡": "==", "‖": "||", "ℓ": "l", "ℝ": "R", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")",
    "∧": " and ", "∨": " or ", "¬": "not ", "∀": "for all ", "∃": "there is ", "∪": " or ", "∩": " and ", "∝": " ~ ",
    "⟨": "<", "⟩": ">", "⟹": "=>", "⟺": "<=>", "⇔": "<=>", "∎": "",
}  # fmt: skip
"""The form of each character by itself; those of Greek letters, superscripts and fractions follow from their names."""

_ERRORS: Final = "symtests.ascii_forms"


def ascii_forms(text: str) -> str:
    r"""Return a text in ASCII: ``->`` for an arrow, ``2^-24`` for 2⁻²⁴, ``\u4e2d`` for what has no form.

    Letters with accents have none: they stand in names of files, which must not become names of other files.
    """
    said, raised = [], False
    for character in text:
        superscript = unicodedata.name(character, "").startswith("SUPERSCRIPT ")
        said.append(("^" if superscript and not raised else "") + _form(character))
        raised = superscript
    return "".join(said)


def _form(character: str) -> str:
    if character.isascii():
        return character
    if character in FORMS:
        return FORMS[character]
    name = unicodedata.name(character, "")
    kind = " ".join(name.split()[:2])
    if kind in ("GREEK SMALL", "GREEK CAPITAL") and len(name.split()) == 4:  # with nothing on top
        letter = name.split()[-1].lower()
        return letter if kind == "GREEK SMALL" else letter.capitalize()
    if kind == "BRAILLE PATTERN":  # what turns while one waits
        return "*"
    if kind.split(" ")[0] in ("SUPERSCRIPT", "SUBSCRIPT", "VULGAR", "MODIFIER") or kind == "LATIN SUBSCRIPT":
        plain = unicodedata.normalize("NFKD", character)
        if plain != character:
            return "".join(map(_form, plain))
    return character.encode("ascii", "backslashreplace").decode("ascii")


def never_fails(stream: IO[Any]) -> None:
    """Have a stream write the ASCII form of each character that its encoding lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_ERRORS)


def json_for(stream: IO[Any], document: str) -> str:
    """Return a document of JSON in characters that a stream can write: the same document, whatever it can write."""
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        document.encode(encoding)
    except (UnicodeError, LookupError):
        return "".join(each if each.isascii() else json.dumps(each)[1:-1] for each in document)
    return document


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return ascii_forms(error.object[error.start : error.end]), error.end


codecs.register_error(_ERRORS, _replace)
