"""A diagnosis as text, Markdown and JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from symtests.doctor.diagnosing import Diagnosis
from symtests.doctor.findings import Finding
from symtests.doctor.telling import as_json, as_markdown, as_text, headline
from symtests.doctor.watching import watch
from tests.doctor.simple import random_simple
from tests.forbidden import ANY_TEXT, FORBIDDEN


def diagnosis(*findings: Finding) -> Diagnosis:
    model = random_simple()
    record = watch(model, model.candidates(), 2)
    return Diagnosis(findings, record, 2, 20, 2, True, 1, (), 0.1)


FATAL = Finding("stuck", "fatal", "first, last: stuck", ("first", "last"), "nn.init.normal_(first)", {"elements": 20})
MEANT = Finding("frozen", "to know", "last is frozen", ("last",), accepted="it is meant")


def test_the_headline_counts_what_nobody_accepted() -> None:
    assert headline(diagnosis(FATAL, MEANT)) == "1 fatal, 1 accepted"
    assert headline(diagnosis()) == "0 fatal"


def test_the_text_has_finding_cure_reason_and_width() -> None:
    said = as_text(diagnosis(FATAL, MEANT))
    for piece in (
        "✗ 1 fatal",
        "first, last: stuck",
        "→ nn.init",
        "accepted: it is meant",
        "4 of 4 hidden units of first",
    ):
        assert piece in said
    assert max(map(len, said.splitlines())) <= 80
    assert str(diagnosis(FATAL)).startswith("✗ 1 fatal")


def test_markdown_is_a_list_with_versions() -> None:
    said = as_markdown(diagnosis(FATAL, MEANT))
    assert "- **fatal**: first, last: stuck\n  `nn.init.normal_(first)`" in said
    assert "(accepted: it is meant)" in said
    assert "symtests 0" in said


def test_json_holds_everything() -> None:
    data = json.loads(json.dumps(as_json(diagnosis(FATAL))))
    assert data["fatal"] == 1
    assert data["findings"][0]["cure"] == "nn.init.normal_(first)"
    assert data["groups"][0]["parts"][0] == {"tensors": ["first"], "axis": 0, "block": [1]}
    assert len(data["tensors"]["first"]["updates"]) == 2


@given(ANY_TEXT)
def test_hostile_names_reach_nobody(text: str) -> None:
    result = diagnosis(Finding("stuck", "fatal", text, (text,), text, accepted=text))
    assert FORBIDDEN.search(as_text(result)) is None
    assert FORBIDDEN.search(as_markdown(result)) is None


@pytest.mark.parametrize("mark", ["`x`", "<b>", "[a](b)", "*x*"])
def test_markdown_reads_no_markup_in_sentences(mark: str) -> None:
    said = as_markdown(diagnosis(Finding("stuck", "fatal", mark)))
    assert mark not in said
