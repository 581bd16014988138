"""Builds the site of the docs from the files of the repository, without a network: `tox -e docs`.

    python docs/build_site.py FOLDER     prepare the pages in FOLDER/docs, and FOLDER/mkdocs.yml, and build FOLDER/site

MkDocs with its theme Material lays the pages out and makes the search, which works from a file too. Links that leave
docs/ lead to copies of what they name; formulas become MathML; the interface is read from the docstrings.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import formulas

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

NAVIGATION: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Start here", (("Three ways in", "start.md"), ("Symptoms", "symptoms.md"), ("Overview", "README.md"))),
    ("Properties", (("The properties", "properties.md"), ("Glossary", "glossary.md"))),
    (
        "Verdicts",
        (("Verdicts", "verdicts.md"), ("The report", "report.md"), ("Tolerances", "tolerances.md"),
         ("A check of your own", "own_check.md"), ("Diagnosis", "diagnosis.md"),
         ("Broken implementations", "mutants.md"), ("False alarms", "false_alarms.md"), ("Starts", "start_alarms.md"),
         ("Elementary functions", "elementary_functions.md")),
    ),
    (
        "Your implementation",
        (("Another language", "protocol.md"), ("Isolation", "isolation.md"), ("Questions with answers", "vectors.md"),
         ("Teams and CI", "teams.md"), ("More than one machine", "more_than_one_machine.md"), ("Speed", "speed.md"),
         ("How often starts learn", "starts.md")),
    ),
    (
        "Your model",
        (("My network does not learn", "my_network_does_not_learn.md"), ("The examination", "diagnose.md"),
         ("How it was tried", "diagnose_evidence.md")),
    ),
    ("Findings", (("What it found", "findings.md"),)),
    ("How to add things", (("Contributing", "CONTRIBUTING.md"), ("Changes", "CHANGELOG.md"))),
    ("Interface", (("symtests", "interface.md"),)),
)  # fmt: skip
"""Sections with their pages: a title, and the name of a file in docs/ or at the top of the repository."""

_LINK = re.compile(r"(?:(?<=\]\()|(?<=\]: ))(?!\w+:)([^)#\s`]+?)/?(#[^)\s]*)?(?=\)|$)", re.MULTILINE)
_FORMULA = re.compile(r"^> (?P<formula>[^\n]+)$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def navigation() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the sections with the pages that are there."""
    found = []
    for section, pages in NAVIGATION:
        there = [(title, name) for title, name in pages if name == "interface.md" or source_of(name).is_file()]
        if section == "Findings":
            there += [
                (path.stem.replace("_", " "), f"findings/{path.name}") for path in sorted(DOCS.glob("findings/*.md"))
            ]
        found.append((section, there))
    return found


def source_of(name: str) -> Path:
    """Return the file of a page."""
    return DOCS / name if (DOCS / name).is_file() else ROOT / name


def output_name(name: str) -> str:
    """Return the name of a page in the site, whose first page is the index; README.md would be the same to MkDocs."""
    return {"start.md": "index.md", "README.md": "overview.md"}.get(name, name)


def prepare(folder: Path) -> None:
    """Write the pages, what they link to, and the settings of MkDocs into a folder."""
    pages = folder / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    pages.mkdir(parents=True)
    names = [name for _, of_section in navigation() for _, name in of_section]
    for name in names:
        page = pages / output_name(name)
        page.parent.mkdir(parents=True, exist_ok=True)
        text = interface() if name == "interface.md" else source_of(name).read_text(encoding="utf-8")
        page.write_text(typeset(linked(text, source_of(name), names, pages)), encoding="utf-8")
    (pages / "style.css").write_text("math[display=block] { overflow-x: auto; padding: 0.5em 0; }\n", encoding="utf-8")
    (folder / "mkdocs.yml").write_text(settings(), encoding="utf-8")


def linked(text: str, source: Path, names: list[str], pages: Path) -> str:
    """Return a page whose links lead to pages of the site, or to copies of the files that they name."""

    def target(found: re.Match[str]) -> str:
        path = (source.parent / found[1]).resolve()
        try:
            inside = path.relative_to(ROOT).as_posix()
        except ValueError:
            raise SystemExit(f"{source.name}: {found[1]} leads out of the repository") from None
        name = inside.removeprefix("docs/")
        here = source.relative_to(DOCS) if source.is_relative_to(DOCS) else source.relative_to(ROOT)
        up = "../" * (len(here.parts) - 1)
        if name in names:
            return f"{up}{output_name(name)}{found[2] or ''}"
        if path.is_dir():
            return f"{up}{output_name('README.md')}"  # a folder has no page; the overview tells what lies in it
        if not path.is_file():
            raise SystemExit(f"{source.name}: {found[1]} is not there")
        visible = inside.lstrip(".")  # a folder with a dot is left out of a site
        copy = f"files/{visible}.txt" if path.suffix in (".md", ".py", ".mjs", ".yml", ".c") else f"files/{visible}"
        if path.suffix == ".html":
            copy = f"files/{path.name}"
        (pages / copy).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, pages / copy)
        return f"{up}{copy}"

    return outside_code(text, lambda part: _LINK.sub(target, part))


def typeset(text: str) -> str:
    """Return a page whose formulas, each a quoted line, are MathML."""
    return outside_code(
        text, lambda part: _FORMULA.sub(lambda found: formulas.formula(unescaped(found["formula"])), part)
    )


def unescaped(text: str) -> str:
    """Return the text that a line of Markdown shows."""
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#36;", "$"), ("&#64;", "@"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return re.sub(r"\\([\\`*_\[\]|~#])", r"\1", text)


def outside_code(text: str, change: Any) -> str:
    """Return a text that is changed everywhere but in blocks of code."""
    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [change(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(text[end:])])


def interface() -> str:
    """Return the page of the interface: what `import symtests` gives, by its docstrings."""
    return "# Interface\n\nWhat `import symtests` gives.\n\n::: symtests\n"


def settings() -> str:
    """Return the settings of MkDocs."""
    lines = [
        "site_name: symtests", "docs_dir: docs", "site_dir: site", "use_directory_urls: false", "strict: true",
        "theme:", "  name: material", "  font: false", "  features: [navigation.sections, content.code.copy]",
        "  palette:", '    - {media: "(prefers-color-scheme: light)", scheme: default}',
        '    - {media: "(prefers-color-scheme: dark)", scheme: slate}',
        "extra_css: [style.css]", "plugins:", "  - search", "  - offline",
        "  - mkdocstrings:", "      handlers:", "        python:", f"          paths: [{ROOT.as_posix()}]",
        "          options: {docstring_style: numpy, show_source: false, members_order: source, heading_level: 2,",
        "            show_root_heading: false, show_if_no_docstring: false}",
        "markdown_extensions: [tables, admonition, attr_list, md_in_html, toc, pymdownx.superfences, pymdownx.details]",
        "validation: {links: {anchors: warn, not_found: warn, unrecognized_links: warn}}",
        "nav:",
    ]  # fmt: skip
    for section, pages in navigation():
        lines.append(f"  - {section!r}:")
        lines += [f"    - {title!r}: {output_name(name)}" for title, name in pages]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Prepare the site and build it; return the exit status, which is not 0 where MkDocs warns of anything."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    prepare(folder)
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # it advertises
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
