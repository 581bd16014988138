"""Any text from outside, in any field: it is shown as the text that it is, and does nothing."""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from symtests.checking.counterexamples.counterexample import Origin, of_call, of_unsteady_violation, of_violation
from symtests.checking.events import Event, Finished, Judged, Planned, Prepared, Preparing
from symtests.checking.known.writing import write_known
from symtests.checking.profile import find_profile
from symtests.checking.results.growing_file import GrowingFile
from symtests.checking.results.junit import write_junit
from symtests.checking.results.results_file import read_results
from symtests.checking.results.verdict import Verdict
from symtests.implementations.base import Capabilities
from symtests.properties import PROPERTIES
from symtests.properties.base import Violation
from symtests.reports import write_report
from symtests.terminal import follow
from tests.attacks.in_process import call, limited
from tests.attacks.strings import TEXTS
from tests.attacks.targets.properties import one_case
from tests.reports import hostile, timing_sample
from tests.reports.page import Page

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MARKDOWN = MarkdownIt("commonmark").enable("table")
HARMLESS = "x"


def lines(text: str) -> list[dict[str, Any]]:
    """Return the lines of a run in which every free text ends in this one."""
    return hostile.lines(text)


def verdicts(text: str) -> list[Verdict]:
    return [Verdict.from_json(line) for line in lines(text) if line["type"] == "verdict"]


def written(text: str, folder: Path) -> Path:
    """Write a results file in the way of the engine; return its path."""
    first, *others = lines(text)
    file = GrowingFile(folder / "results.jsonl", [first])
    for line in others:
        file.add(line)
    file.close()
    return folder / "results.jsonl"


def pages(text: str, folder: Path) -> tuple[str, str]:
    results = written(text, folder)
    timings = timing_sample.write(folder / "benchmarks.json", hostile.timings(text))
    html, markdown = write_report(results, folder, timings)
    return html.read_text(encoding="utf-8"), markdown.read_text(encoding="utf-8")


def structure(markdown: str) -> list[tuple[str, str]]:
    """Return the structure of a Markdown page without its texts."""
    flat = (child for token in MARKDOWN.parse(markdown) for child in (token, *(token.children or ())))
    return [(token.type, token.tag) for token in flat if token.type not in ("text", "softbreak", "text_special")]


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, object]:
    html, markdown = pages(HARMLESS, tmp_path_factory.mktemp("harmless"))
    return Page(html).skeleton, structure(markdown)


@pytest.mark.parametrize("name", TEXTS)
def test_a_report_is_the_same_but_for_the_text(name: str, harmless: tuple[object, object], tmp_path: Path) -> None:
    with limited(60):
        html, markdown = pages(TEXTS[name], tmp_path)
    assert (Page(html).skeleton, structure(markdown)) == harmless
    for page in (html, markdown):
        assert no_controls(page) == set()


@pytest.mark.parametrize("name", TEXTS)
def test_results_are_read_as_they_were_written(name: str, tmp_path: Path) -> None:
    found = read_results(written(TEXTS[name], tmp_path))
    assert len(found.verdicts) == len(hostile.CELLS)
    assert [verdict.word for verdict in found.verdicts] == [verdict.word for verdict in verdicts(HARMLESS)]


@pytest.mark.parametrize("name", TEXTS)
def test_junit_is_xml_of_the_same_elements(name: str, tmp_path: Path) -> None:
    def tags(text: str, folder: Path) -> list[tuple[str, tuple[str, ...]]]:
        folder.mkdir()
        write_junit(folder / "junit.xml", read_results(written(text, folder)))
        root = ElementTree.parse(folder / "junit.xml").getroot()
        return [(element.tag, tuple(element.attrib)) for element in root.iter()]

    assert tags(TEXTS[name], tmp_path / "hostile") == tags(HARMLESS, tmp_path / "harmless")


def no_controls(text: str) -> set[str]:
    """Return the characters of a text that a terminal or an editor takes for an order."""
    return {ascii(c) for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\n"}


def events(text: str) -> Iterator[Event]:
    found = verdicts(text)
    yield Planned(len(found), 0, (f"note {text}",))
    for line in lines(text):
        if line["type"] == "implementation":
            yield Preparing(line["name"])
            yield Prepared(line["name"], line)
    yield from map(Judged, found)
    yield Finished({"violated": 1}, 1, 1.0, None)


@pytest.mark.parametrize("kind", ["lines", "bar"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_terminal_gets_no_orders(name: str, kind: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    console = Console(file=stream, width=120, force_terminal=kind == "bar", color_system=None, _environ={})
    with limited(60):
        follow(events(TEXTS[name]), console)
    stream.flush()
    shown = stream.buffer.getvalue().decode()
    own = (
        re.sub(r"\x1b\[(\?25[lh]|[0-9;]*[A-Km])|\r", "", shown) if kind == "bar" else shown
    )  # of the moving bar itself
    assert no_controls(own) == set()
    assert "\x1b]" not in shown
    if kind == "bar":
        assert not re.search(r"\x1b\[[0-9;]*[JH]", shown)


def of_a_path(text: str) -> str:
    """Return what of a text the name of a folder can hold, on Linux."""
    return "".join(
        c for c in text[:80] if c != "\0" and not ("\ud800" <= c <= "\udfff" and not "\udc80" <= c <= "\udcff")
    )


def origin(text: str, location: str | None) -> Origin:
    prop = replace(PROPERTIES[0], title=f"title {text}", statement=f"statement {text}")
    names = {
        None: None,
        "python": f"package.module{text}:Net",
        "file": f"{of_a_path(text)}.py:Net",
        "command": f"command:node {text}",
    }
    can = Capabilities()
    return Origin(
        f"net {text}",
        names[location],
        can,
        "float64",
        prop,
        find_profile("quick"),
        0,
        Path(f"/folder {of_a_path(text)}"),
    )


@pytest.mark.parametrize("location", [None, "python", "file", "command"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_script_is_the_same_code_but_for_the_text(name: str, location: str | None) -> None:
    hostile_one = scripts(TEXTS[name], location)
    harmless_one = scripts(HARMLESS, location)
    if hostile_one is None:
        return  # a command that no shell could split is none
    assert harmless_one is not None
    for script, other in zip(hostile_one, harmless_one, strict=True):
        source = script.encode("utf-8")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        assert encoding == "utf-8"
        assert code(source) == code(other.encode())
        assert no_controls(script) == set()


def scripts(text: str, location: str | None) -> list[str] | None:
    """Return scripts of a violation, an unsteady one and a call, or None where a command cannot be split."""
    violation = Violation(
        f"sentence {text}", f"quantity {text}", 1.0, 2.0, 0.5, ("assert gradient(parameters) is None",)
    )
    try:
        found = origin(text, location)
        return [
            of_violation(found, one_case(), violation).script,
            of_unsteady_violation(found, one_case(), violation, f"sentence {text}").script,
            of_call(found, one_case(), None, f"sentence {text}").script,
        ]
    except ValueError as error:
        if location == "command" and ("cannot be split" in str(error) or "must be a program" in str(error)):
            return None
        raise


class Texts(ast.NodeTransformer):
    """Puts one text, and one list of texts, into the place of all."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("text") if isinstance(node.value, str) else node

    def visit_List(self, node: ast.List) -> ast.AST:
        texts = all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in node.elts)
        return ast.Constant("texts") if texts else self.generic_visit(node)


def code(source: bytes) -> str:
    return ast.dump(Texts().visit(ast.parse(source)))


@pytest.mark.parametrize("name", TEXTS)
def test_known_failures_are_the_same_entries(name: str, tmp_path: Path) -> None:
    path, failing = tmp_path / "known.toml", [v for v in verdicts(TEXTS[name]) if v.word == "violated"]
    write_known(path, failing)
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(data) == {"properties", "known"}
    assert len(data["known"]) == len(failing)


@pytest.mark.parametrize("arguments", [("compare", "a", "b"), ("compare", "a", "b", "--json"), ("report", "a")])
@pytest.mark.parametrize("name", TEXTS)
def test_other_commands_write_text(name: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    for folder, text in (("a", HARMLESS), ("b", TEXTS[name])):
        (tmp_path / folder).mkdir()
        written(text if arguments[0] == "compare" else TEXTS[name], tmp_path / folder)
    told = call(*arguments, folder=tmp_path)
    assert told.status in (0, 1, 3), told.stderr
    assert told.stderr == ""
    if "--json" in arguments:
        assert json.loads(told.stdout)["type"] == "changes"
    else:
        assert no_controls(told.stdout) == set()
