"""Whatever stands in a file that symtests reads, reading it ends with one sentence, or with what it says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symtests.checking.known.known_failure import read_known
from symtests.checking.results.changes import changes_between
from symtests.checking.results.results_file import read_results
from symtests.implementations.protocol import BrokenProtocol, read_answer
from symtests.reports import write_report
from symtests.reports.changes import read_changes
from symtests.reports.diagnoses import read_diagnosis
from symtests.reports.pages import markdown_page
from symtests.reports.reading import read_results as read_for_report
from symtests.reports.report import report_of
from symtests.reports.timings import read_timings
from symtests.validation import InvalidValue
from symtests.vectors.answering import vectors
from symtests.vectors.document import document, read_vectors
from tests.checking import own_properties
from tests.forbidden import FORBIDDEN, HOSTILE
from tests.reports import comparison_sample, diagnosis_sample, sample, timing_sample

CASE = json.dumps(own_properties.one_case().to_json())
KNOWN = f"""properties = "0.1"

[[known]]
property = "SYM1"
version = 1
implementation = "mynet"
found = "violated"
reason = "why"
link = "https://example.org"
when = {{ dtype = "float32", version = "<2", platform = ["linux"], python = ">=3.10" }}
unsteady = true
counterexample = '{CASE}'
"""
CHANGES = {
    "type": "changes", "schema": 1, "same": 3, "counts": {"removed": 1}, "exit_status": 0,
    "old": {"symtests": "0.1", "started": "2026-01-01T00:00:00+00:00", "command": "symtests check"},
    "new": {"symtests": "0.1", "started": "2026-01-02T00:00:00+00:00", "command": "symtests check"},
    "changes": [
        {"kind": "removed", "implementation": "x", "property": "SYM1", "dtype": "float32", "before": "exact",
         "after": None, "sentence": "no"},
    ],
}  # fmt: skip
VALUES: list[Any] = [
    None, True, False, -1, 0, 1, 2, 10**400, -(10**30), 1e308, 0.5, "", "NaN", "Infinity", [], {}, [[]], [None],
    {"x": 1}, ["NaN"], "\ud800", "\x00", "\u202e[bold]", *HOSTILE[:6],
]  # fmt: skip


def engine(path: Path) -> None:
    found = read_results(path)
    changes = changes_between(found.verdicts, found.verdicts)
    json.dumps(changes.to_json(found, found))


def report_text(path: Path) -> None:
    markdown_page(report_of(read_for_report(path), None))


def timings(path: Path) -> None:
    results = read_for_report(sample.write(path.with_name("results.jsonl"), sample.lines(story=False)))
    markdown_page(report_of(results, read_timings(path)))


def diagnosed(path: Path) -> None:
    results = read_for_report(sample.write(path.with_name("results.jsonl"), sample.lines(story=False)))
    markdown_page(report_of(results, None, models=[read_diagnosis(path)]))


def lines_of(values: list[Any]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


FIRST = json.loads(document(vectors()[:2]))
READERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "results, engine": (engine, lines_of(sample.lines())),
    "results, report": (report_text, lines_of(sample.lines(story=False))),
    "known": (read_known, KNOWN),
    "vectors": (read_vectors, json.dumps(FIRST)),
    "benchmarks": (timings, json.dumps(timing_sample.benchmarks())),
    "comparisons": (timings, json.dumps(comparison_sample.benchmarks(comparison_sample.compared()))),
    "changes": (read_changes, json.dumps(CHANGES)),
    "diagnosis": (diagnosed, json.dumps(diagnosis_sample.RECORD)),
}


def changed(value: Any, chance: random.Random) -> Any:
    """The value with one thing in it another one, left out, or there twice."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        kind = chance.random()
        if kind < 0.08:
            return {name: each for name, each in value.items() if name != key}
        if kind < 0.12:
            return {**value, chance.choice(HOSTILE): value[key]}
        return {**value, key: changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        kind = chance.random()
        if kind < 0.08:
            return value[:place] + value[place + 1 :]
        if kind < 0.16:
            return [*value, value[place]]
        return [*value[:place], changed(value[place], chance), *value[place + 1 :]]
    return chance.choice(VALUES)


def damaged(text: str, chance: random.Random) -> bytes:
    """The bytes of a file to which something has happened."""
    content, kind = text.encode("utf-8", "surrogatepass"), chance.randrange(9)
    place = chance.randrange(len(content))
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]
    if kind == 2:
        return content[:place] + chance.randbytes(chance.randrange(1, 9)) + content[place:]
    if kind == 3:
        return content[place:]
    if kind == 4:
        many = chance.choice([b"[" * 100_000, b'{"a":' * 50_000, b"9" * 10_000, b"\x00" * 50, b"1e999", b"NaN", b"-0"])
        return content[:place] + many + content[place:]
    if kind == 5:
        return b"\xef\xbb\xbf" + content
    return lines_changed(text, chance).encode("utf-8", "surrogatepass")


def lines_changed(text: str, chance: random.Random) -> str:
    """The same text with another value somewhere, where it is JSON; else with a line twice, or left out."""
    lines = text.splitlines()
    place = chance.randrange(len(lines))
    try:
        lines[place] = json.dumps(changed(json.loads(lines[place]), chance), ensure_ascii=chance.random() < 0.8)
    except (ValueError, RecursionError):
        lines.insert(place, lines[place]) if chance.random() < 0.5 else lines.pop(place)
    return "\n".join(lines) + "\n"


def refused(read: Callable[[Path], object], path: Path) -> str:
    """The sentence with which a file is refused; nothing where it is read."""
    try:
        read(path)
    except InvalidValue as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", READERS)
def test_what_is_whole_is_read(name: str, tmp_path: Path) -> None:
    read, text = READERS[name]
    (tmp_path / "file").write_text(text, encoding="utf-8")
    assert refused(read, tmp_path / "file") == ""


@pytest.mark.thorough
@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_what_is_damaged_costs_one_sentence(name: str, seed: int, tmp_path: Path) -> None:
    read, text = READERS[name]
    chance = random.Random(seed)
    path = tmp_path / "file"
    content = damaged(text, chance)
    while chance.random() < 0.3 and content.strip():
        content = damaged(content.decode("utf-8", "replace"), chance)
    path.write_bytes(content)
    said = refused(read, path)
    assert not said or "file" in said or "known" in said
    assert len(said) < 2000


@pytest.mark.thorough
@pytest.mark.parametrize("name", READERS)
def test_a_line_of_ten_megabytes_is_read_or_refused(name: str, tmp_path: Path) -> None:
    read, text = READERS[name]
    (tmp_path / "file").write_text(text.replace("mynet", "m" * 10_000_000).replace("no", "n" * 10_000_000, 1))
    assert len(refused(read, tmp_path / "file")) < 2000


LATER = {
    "results, engine": lines_of([{**sample.lines()[0], "schema": 3}, *sample.lines()[1:]]),
    "results, report": lines_of([{**sample.lines()[0], "schema": 7, "new": 1}]),
    "vectors": json.dumps({**FIRST, "schema": 3, "new": []}),
    "benchmarks": json.dumps({**timing_sample.benchmarks(), "symtests": {"schema": 3}}),
    "changes": json.dumps({**CHANGES, "schema": 2, "changes": {}}),
    "diagnosis": json.dumps({**diagnosis_sample.RECORD, "schema": 2, "new": 1}),
}


@pytest.mark.parametrize("name", LATER)
def test_a_file_of_a_later_version_gets_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(LATER[name], encoding="utf-8")
    with pytest.raises(
        InvalidValue,
        match=r"schema=\d: is of a later symtests, and this one reads version \d .*; install a newer symtests",
    ):
        READERS[name][0](tmp_path / "file")


@pytest.mark.parametrize("properties", ["99.0", "2.1.dev0"])
def test_a_list_of_known_failures_of_a_later_release_gets_a_sentence(properties: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(
        KNOWN.replace('properties = "0.1"', f'properties = "{properties}"'), encoding="utf-8"
    )
    with pytest.raises(InvalidValue, match=r"properties=.*: is newer than this symtests, .*install a newer symtests"):
        read_known(tmp_path / "file")


def test_a_command_that_speaks_a_later_protocol_gets_a_sentence() -> None:
    hello = {"seq": 1, "protocol": 2, "name": "x", "capabilities": {}, "new": 1}
    with pytest.raises(BrokenProtocol, match="speaks version 2 of the protocol, and this symtests speaks version 1"):
        read_answer(json.dumps(hello).encode(), "hello", 1)


def test_a_report_shows_marks_of_direction(tmp_path: Path) -> None:
    text = "a\u202eb\u2066c\u200bd\x1b[1m\ud800"
    lines = sample.lines(story=False)
    told = [{**line, "sentence": text} if line["type"] == "verdict" else line for line in lines]
    (tmp_path / "file").write_text(lines_of(told), encoding="utf-8")
    for page in write_report(tmp_path / "file", tmp_path / "out"):
        shown = page.read_text(encoding="utf-8")
        assert r"a\u202eb\u2066c\u200bd" in shown.replace("\\\\", "\\")
        assert not FORBIDDEN.search(shown.replace("\t", " "))
