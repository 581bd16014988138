"""docs/glossary.md has every word of verdicts and cases, in the words of the code, and the words before it are gone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from symtests.checking.results.verdict import WORDS, Tally
from symtests.properties.base import Judgement

ROOT = Path(__file__).parents[1]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
OLD = re.compile(r"(?<![a-z])(laws?|breach(es|ed)?|subjects?|contenders?|decisive)(?![a-z])", re.IGNORECASE)
KEPT = ("older_words", "old word", "Conservation Laws")
SOURCES = [
    path
    for folder in ("symtests", "kernels", "benchmarks", "reports")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".j2", ".css", ".json") and path.stem != "older_words"
]


def section(heading: str) -> dict[str, str]:
    """Return the words of a section with what is said of each."""
    text = GLOSSARY.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^- \*\*(.+?)\*\*:? (.+)\.$", text, flags=re.MULTILINE))


def test_verdicts_are_explained_as_the_code_does() -> None:
    assert section("Verdicts of a check") == WORDS


def test_what_a_case_showed_has_a_line_for_each_count() -> None:
    assert list(section("What one case showed")) == [name.replace("_", " ") for name in Tally.__dataclass_fields__]


def test_every_kind_of_tolerance_is_explained() -> None:
    assert set(get_args(get_type_hints(Judgement)["tolerance"])) <= {word.split("**")[0] for word in section("Numbers")}


def test_the_readme_leads_to_it() -> None:
    assert "docs/glossary.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["symtests", "kernels", "benchmarks", "reports"])
def test_old_words_do_not_come_back(folder: str) -> None:
    lines = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] == folder
        for line in path.read_text(encoding="utf-8").splitlines()
        if OLD.search(line.replace("_", " ")) and not any(kept in line for kept in KEPT)
    ]
    assert lines == []
