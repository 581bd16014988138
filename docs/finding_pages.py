"""Writes docs/findings/<id>.md: each finding as its library's maintainers may be told of it.

    python docs/finding_pages.py            write the pages
    python docs/finding_pages.py --check    say whether they are up to date; write nothing

A page has a title, at most ten plain lines, what is expected, what is found, the cause, and a script that shows it
without symtests. Everything comes from findings.toml, the scripts beside it and the stored verdicts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import findings as found_by

_RIGHT = re.compile(r"\bright\b")
_FIRST = re.compile(r"(.*?[.;:])(?:\s|$)", re.DOTALL)
_LANGUAGES = {".py": "python", ".mjs": "javascript", ".js": "javascript"}
_LONGEST_TITLE = 120


def pages() -> dict[Path, str]:
    """Return each page by its path."""
    entries, verdicts = found_by.findings(), found_by.stored()
    return {found_by.FOLDER / f"{entry.id}.md": page(entry, verdicts) for entry in entries}


def page(entry: Any, verdicts: Mapping[str, Any]) -> str:
    """Return the report on one finding."""
    output = entry.output.strip()
    lines = [
        f"- Library: {library_of(entry, verdicts)}.",
        f"- Kind: {entry.kind}: {found_by.KINDS[entry.kind]}.",
        f"- Expected: {expected(output)}",
        f"- Breaks: {', '.join(entry.properties) or 'no property that is asked; it was seen on the way'}.",
        f"- What a user can do: {entry.advice}",
        f"- To see it: run [{entry.script.name}]({entry.script.name}), which needs nothing but the library.",
    ]
    diagnosis = diagnosis_of(entry, verdicts)
    blocks = [
        f"# {title(entry)}",
        "\n".join(lines),
        "## Expected",
        expected(output),
        "## Found",
        f"```text\n{output}\n```",
        "## Cause",
        entry.sentence + (f"\n\nsymtests, which saw only the answers, says: {diagnosis}" if diagnosis else ""),
        "## Script",
        f"```{_LANGUAGES[entry.script.suffix]}\n{entry.script.read_text(encoding='utf-8').strip()}\n```",
    ]
    return "\n\n".join(blocks) + "\n"


def title(entry: Any) -> str:
    """Return the first clause of the sentence, behind the name of the library."""
    first = _FIRST.match(entry.sentence)
    clause = (first[1] if first else entry.sentence).rstrip(".;:")
    while len(clause) > _LONGEST_TITLE and ", " in clause:
        clause = clause.rpartition(", ")[0]
    return f"{entry.implementation[0]}: {clause}"


def library_of(entry: Any, verdicts: Mapping[str, Any]) -> str:
    """Return where it was seen: implementations, versions, and the day of the check where that is known."""
    days = sorted({verdicts[name]["date"] for name in entry.implementation if verdicts.get(name, {}).get("date")})
    seen = f", checked on {days[-1]}" if days else ""
    return f"{', '.join(entry.implementation)}, tried with {', '.join(entry.versions)}{seen}"


def expected(output: str) -> str:
    """Return what the script says is right."""
    lines = [line[line.index("right") :] for line in output.splitlines() if _RIGHT.search(line)]
    found = [line.removeprefix("right").lstrip(":, ") for line in lines]
    return "; ".join(dict.fromkeys(found)) + "." if found else "what the definition gives; see below."


def diagnosis_of(entry: Any, verdicts: Mapping[str, Any]) -> str:
    """Return what a check says is wrong, of the first property that it explains and that has a diagnosis."""
    for name in entry.implementation:
        for prop, (dtype, _, diagnosis) in verdicts.get(name, {}).get("said", {}).items():
            if diagnosis and entry.explains(name, prop, dtype):
                return str(diagnosis)
    return ""


def main(arguments: list[str]) -> int:
    """Write the pages, or compare; return the exit status."""
    made = pages()
    there = {path: path.read_text(encoding="utf-8") for path in found_by.FOLDER.glob("*.md")}
    if arguments == ["--check"]:
        return int(there != made)
    for path in there.keys() - made.keys():
        path.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
