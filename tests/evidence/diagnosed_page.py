"""Writes docs/diagnose_evidence.md from the record of examined models.

python -m tests.evidence.diagnosed_page
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.evidence.diagnosed import read, summary

__all__ = ["DOCS", "page"]

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
_INTRODUCTION: Final = """\
# How silent `symtests diagnose` is on healthy models, and what it finds in faulty programs

Models of other projects were examined with seed 0; their code was run and is no part of this repository. What cannot
be built with small numbers, is too large, needs a package that is missing or cannot be trained for a step is left out
and counted. Programs of deepmufl are faulty, so that a fatal finding is what is wanted there; the record of them and of
the classics is a part of all, in an order that was not chosen. It was begun with an earlier state of the code; healthy
models with a fatal finding were examined again with the present one, and the finding was there still after 30 steps.
*Grouped* are models in which groups of exchangeable units were found without help, each confirmed by
exchanging two members.

| source | models | left out | failed | judged | grouped | with a fatal finding |
|---|--:|--:|--:|--:|--:|--:|
"""


def page(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of a record."""
    sources = list(dict.fromkeys(line["source"] for line in lines))
    found = {source: summary(line for line in lines if line["source"] == source) for source in sources}
    rows = [
        f"| {source} | {each['models']} | {each['left out']} | {len(each['failed'])} | {each['judged']} "
        f"| {each['grouped']} | {len(each['fatal'])} |"
        for source, each in found.items()
    ]
    parts = [_INTRODUCTION + "\n".join(rows)]
    for source, each in found.items():
        parts.append(f"## {source}\n\n{_kinds(each)}\n\n{_fatal(each)}{_failed(each)}")
    parts.append(
        "[diagnose_evidence.jsonl](diagnose_evidence.jsonl) has a line for each model, and "
        "`python -m tests.evidence.architectures`, `.classics` and `.programs` add to it."
    )
    return "\n\n".join(parts) + "\n"


def _kinds(each: Mapping[str, Any]) -> str:
    kinds = "\n".join(f"| {kind} | {count} |" for kind, count in each["kinds"].items())
    units = ", ".join(f"{kind} ({count})" for kind, count in Counter(each["units"]).most_common())
    return f"| finding | models |\n|---|--:|\n{kinds}\n\nGroups, by the number of models that have some: {units}."


def _fatal(each: Mapping[str, Any]) -> str:
    if not each["fatal"]:
        return "No fatal finding."
    said = []
    for line in each["fatal"]:
        proved = f"; there still after {line['proved at step']} steps" if "proved at step" in line else ""
        sentences = " ".join(_plain(f["sentence"]) + "." for f in line["findings"] if f["verdict"] == "fatal")
        said.append(f"- `{line['name']}`{proved}: {sentences}")
    return "Fatal:\n\n" + "\n".join(said)


def _failed(each: Mapping[str, Any]) -> str:
    names = ", ".join(f"`{name}`" for name in each["failed"])
    return f"\n\nFailed, most by taking longer than two minutes: {names}." if names else ""


def _plain(text: str) -> str:
    return "".join(f"\\{each}" if each in "\\`*_[]<>|" else each for each in text)


def main() -> None:
    """Write the page."""
    lines = read(DOCS / "diagnose_evidence.jsonl")
    (DOCS / "diagnose_evidence.md").write_text(page(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
