"""What has no place in an encoding is written in ASCII: readable where it can be, and nothing is lost or fails."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import symtests
from symtests import reports
from symtests.ascii_forms import FORMS, ascii_forms, json_for, never_fails

NAMES_OF_PEOPLE = set("àéèöäüßÉ")


def stream(encoding: str) -> io.TextIOWrapper:
    found = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    never_fails(found)
    return found


def written(to: io.TextIOWrapper) -> bytes:
    to.flush()
    buffer = to.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("= exact  ≈ holds  ✗ violated  ⊗ known  ↻ fixed", "= exact  ~ holds  x violated  o known  r fixed"),
        ("✓ 2 checks → 3", "v 2 checks -> 3"),
        ("∂L/∂θₖ ≤ 2⁻²⁴ · ½", "dL/dthetak <= 2^-24 * 1/2"),
        ("σ′(z) Δλ", "sigma'(z) Deltalambda"),
        ("⠋ starting", "* starting"),
        ("größe/中", "gr\\xf6\\xdfe/\\u4e2d"),
        ("plain", "plain"),
    ],
)
def test_a_form_can_be_read(text: str, expected: str) -> None:
    assert ascii_forms(text) == expected


def test_glyphs_of_a_table_keep_their_width() -> None:
    from symtests.terminal_matrix import GLYPHS

    forms = [ascii_forms(glyph) for glyph, _ in GLYPHS.values()]
    assert all(len(form) == 1 for form in forms)
    assert len(set(forms)) == len(forms)


def test_every_character_of_the_sources_has_a_form_but_letters_with_accents() -> None:
    places = (Path(symtests.__file__).parent, Path(reports.__file__).parent)
    text = "".join(path.read_text(encoding="utf-8") for place in places for path in place.rglob("*.py"))
    missing = {each for each in set(text) if not each.isascii() and "\\" in ascii_forms(each)}
    assert missing <= NAMES_OF_PEOPLE
    assert len({each for each in set(text) if not each.isascii()}) > 50


@given(st.text(), st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8", "cp437"]))
def test_no_text_fails_and_what_the_encoding_has_stays(text: str, encoding: str) -> None:
    to = stream(encoding)
    to.write(text)
    kept = "".join(each for each in text if _has(encoding, each))
    remaining = iter(written(to).decode(encoding))
    assert all(each in remaining for each in kept), "in this order"


@given(st.text())
def test_forms_are_ascii(text: str) -> None:
    assert ascii_forms(text).isascii()


@given(st.text(), st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8"]))
def test_json_says_the_same_whatever_a_stream_can_write(text: str, encoding: str) -> None:
    document = json.dumps({"text": text}, ensure_ascii=False)
    to = stream(encoding)
    to.write(json_for(to, document))
    assert json.loads(written(to).decode(encoding)) == {"text": text}


def test_forms_have_no_characters_that_need_one() -> None:
    assert all(form.isascii() and not each.isascii() for each, form in FORMS.items())


def _has(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeError:
        return False
    return True
