"""The page of an examination: what it says, that it is offline, and that nothing from outside is read as markup."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import settings as running

from symtests.doctor.diagnosing import Diagnosis
from symtests.doctor.findings import Finding
from symtests.doctor.starts import Share, Starts
from symtests.doctor.watching import watch
from tests.doctor.simple import Simple, random_simple
from tests.forbidden import ANY_TEXT, FORBIDDEN


def diagnosis(*findings: Finding, model: Simple | None = None) -> Diagnosis:
    model = model or random_simple()
    return Diagnosis(
        findings, watch(model, model.candidates(), 3), 3, 20, 2, True, 1, ("sort",), 0.1,
        Starts((Share("first without any gradient", 1, 4),)),
    )  # fmt: skip


def page_of(result: Diagnosis) -> str:
    return result.to_html()


FATAL = Finding("stuck", "fatal", "first, last: stuck", ("first",), "nn.init.normal_(first)")


def test_the_page_has_findings_drawings_and_starts() -> None:
    page = page_of(diagnosis(FATAL, Finding("frozen", "to know", "last", accepted="meant")))
    for piece in (
        "✗ fatal: stuck",
        "→ nn.init.normal_(first)",
        "accepted: meant",
        "4 of 4",
        "in 1 of 4 starts",
        "sort",
    ):
        assert piece in page
    assert page.count("<svg") == 2
    assert "First step at which each tensor moves: first 0; last 0" in page


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = page_of(diagnosis(FATAL)).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.search(r"https?://|<script|<link|@import|url\((?!#)", page) is None
    assert "default-src 'none'" in page


@given(ANY_TEXT)
@running(max_examples=8)
def test_what_comes_from_outside_is_only_text(text: str) -> None:
    page = page_of(diagnosis(Finding("stuck", "fatal", text, (text,), text, accepted=text)))
    assert FORBIDDEN.search(page) is None


def test_markup_in_names_is_escaped() -> None:
    model = random_simple()
    name = '<script>alert("x")</script>'
    result = diagnosis(Finding("stuck", "fatal", name, (name,), name), model=model)
    result.record.tensors[name] = result.record.tensors.pop("first")
    assert "<script" not in page_of(result)
    assert "&lt;script" in page_of(result)
