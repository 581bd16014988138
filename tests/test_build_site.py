"""The site of the docs is made from the repository's own files: each page is there, each link leads to something."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.properties import PROPERTIES

DOCS = Path(__file__).resolve().parents[1] / "docs"


def loaded(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


formulas = loaded("formulas")
build_site = loaded("build_site")
PAGES = [name for _, pages in build_site.navigation() for _, name in pages]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site.prepare(folder)
    return folder


def test_every_page_of_the_docs_stands_in_the_navigation() -> None:
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert there <= set(PAGES)
    assert len(PAGES) == len(set(PAGES))


def test_every_link_leads_to_a_page_or_a_file_of_the_site(site: Path) -> None:
    count = 0
    for name in PAGES:
        page = site / "docs" / build_site.output_name(name)
        text = re.sub(r"^(```|~~~).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\((?!\w+:)([^)#\s`]+)(?:#[^)\s]*)?\)", text):
            assert (page.parent / target).is_file(), f"{name}: {target}"
            count += 1
    assert count > 50


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"nothing\.md is not there"):
        build_site.linked("[x](nothing.md)", DOCS / "start.md", PAGES, tmp_path)


def test_code_is_left_as_it_is(tmp_path: Path) -> None:
    text = "```\n> [x](nothing.md)\n```\n"
    assert build_site.typeset(build_site.linked(text, DOCS / "start.md", PAGES, tmp_path)) == text


@pytest.mark.parametrize("each", PROPERTIES, ids=lambda each: str(each.id))
def test_the_formula_of_a_property_is_typeset_whole(each: object) -> None:
    formula = str(getattr(each, "formula", ""))
    element = ElementTree.fromstring(formulas.formula(formula))
    assert plain("".join(element.itertext())) == plain(formula)
    assert element.attrib["alttext"] == formula


@given(st.text(st.characters(blacklist_categories=["C"], blacklist_characters="\u2028\u2029"), max_size=30))
def test_any_text_is_typeset_without_losing_a_character(text: str) -> None:
    element = ElementTree.fromstring(formulas.formula(text))
    assert plain("".join(element.itertext())) == plain(text)


def plain(text: str) -> str:
    """The text on the line, without the marks that only say how it stands there."""
    for small in (formulas.RAISED, formulas.LOWERED):
        text = text.translate({ord(sign): base for sign, base in small.items()})
    return re.sub(r"[\s_]", "", text)


def test_exponents_and_indices_are_raised_and_lowered() -> None:
    assert "<msup><msub><mi>g</mi><mrow><mtext>i</mtext></mrow></msub><mrow><mtext>2</mtext></mrow></msup>" in (
        formulas.formula("gᵢ²")
    )
