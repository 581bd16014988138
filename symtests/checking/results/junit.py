"""Writes results as JUnit XML, which CI systems show beside other tests: a test case for each check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from symtests.checking.results.results_file import Results
from symtests.checking.results.verdict import EXIT_STATUS, Verdict
from symtests.properties import PROPERTIES
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["write_junit"]

_NOT_IN_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold, not even escaped."""
_SKIPPED: Final = ("known", "unsupported")


def write_junit(path: Path, results: Results) -> None:
    """Write a test suite for each implementation, and a test case for each property and dtype.

    A verdict for which the exit status of a check is 1 is a failure, one for which it is 3 an error; what is known to
    fail, or cannot be done, is skipped with the reason; the others pass.

    Raises
    ------
    InvalidValue
        Where the file cannot be written.
    """
    suites = ElementTree.Element("testsuites", name="symtests")
    by_name: dict[str, list[Verdict]] = {name: [] for name in results.implementations}
    for verdict in results.verdicts:
        by_name.setdefault(verdict.implementation, []).append(verdict)
    titles = {prop.id: prop.title for prop in PROPERTIES}
    for name, verdicts in by_name.items():
        kinds = Counter(_kind(verdict) for verdict in verdicts)
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=_text(name),
            tests=str(len(verdicts)),
            failures=str(kinds["failure"]),
            errors=str(kinds["error"]),
            skipped=str(kinds["skipped"]),
            time=f"{sum(verdict.seconds for verdict in verdicts):.3f}",
        )
        properties = ElementTree.SubElement(suite, "properties")
        version = results.implementations.get(name, {}).get("version", "")
        for key, value in (("version", version), *((key, results.run[key]) for key in ("symtests", "profile", "seed"))):
            ElementTree.SubElement(properties, "property", name=key, value=_text(value))
        for verdict in verdicts:
            title = f"{verdict.property} {titles.get(verdict.property, '')}".strip()
            suite.append(_case(verdict, f"{title} [{verdict.dtype}]"))
    ElementTree.indent(suites)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True))
    except OSError as error:
        raise InvalidValue(f"junit={str(path)!r}: cannot be written ({error.strerror}); name another file") from None


def _kind(verdict: Verdict) -> str:
    if verdict.word in _SKIPPED:
        return "skipped"
    return {0: "passed", 1: "failure", 3: "error"}[EXIT_STATUS[verdict.word]]


def _case(verdict: Verdict, name: str) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", classname=_text(verdict.implementation), name=_text(name), time=f"{verdict.seconds:.3f}"
    )
    kind = _kind(verdict)
    if kind == "skipped":
        ElementTree.SubElement(case, kind, message=_text(f"{verdict.word}: {verdict.sentence}"))
    elif kind != "passed":
        found = ElementTree.SubElement(case, kind, type=verdict.word, message=_text(verdict.sentence))
        found.text = _text("\n\n".join(_details(verdict)))
    else:
        ElementTree.SubElement(case, "system-out").text = _text(f"{verdict.word}: {verdict.sentence}")
    return case


def _details(verdict: Verdict) -> Iterator[str]:
    """Give what a person wants to see of a failure: how to ask again, the script, and what the implementation said."""
    yield verdict.sentence
    if verdict.counterexample is not None:
        if verdict.counterexample.command:
            yield f"again: {verdict.counterexample.command}"
        yield verdict.counterexample.script
    if verdict.failure is not None and verdict.failure.output:
        yield verdict.failure.output


def _text(value: object) -> str:
    """Return a text that XML can hold: what it cannot hold is shown as a question mark in a diamond."""
    return _NOT_IN_XML.sub("\ufffd", str(value))
