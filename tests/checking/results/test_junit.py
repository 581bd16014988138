"""JUnit XML: every verdict is counted once, under the right heading, whatever characters it holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.checking.results.junit import write_junit
from symtests.checking.results.results_file import Results
from symtests.checking.results.verdict import EXIT_STATUS, Counterexample, Failure, Verdict, Word
from symtests.validation import InvalidValue

WORDS = get_args(Word)
RUN = {"symtests": "0.1", "profile": "quick", "seed": 7}
FOUND = Counterexample("it broke", {}, 1, 1, "symtests check net", "assert 1 < 0 & True")


def results(*verdicts: Verdict) -> Results:
    implementations = {verdict.implementation: {"version": "1.0"} for verdict in verdicts}
    return Results(RUN, implementations, verdicts, (), None)


def written(folder: Path, *verdicts: Verdict) -> ElementTree.Element:
    write_junit(folder / "made" / "properties.xml", results(*verdicts))
    return ElementTree.parse(folder / "made" / "properties.xml").getroot()


def test_each_word_is_a_passed_failed_erroneous_or_skipped_case(tmp_path: Path) -> None:
    verdicts = [Verdict("net", "STEP1", "float64", word, f"{word}.", counterexample=FOUND) for word in WORDS]
    (suite,) = written(tmp_path, *verdicts)
    kinds = {}
    for word, case in zip(WORDS, suite.findall("testcase"), strict=True):
        kinds[word] = next(child.tag for child in case)
        assert case.get("name", "").startswith("STEP1 ")
        assert case.get("classname") == "net"
    assert kinds == {
        word: "skipped" if word in ("known", "unsupported")
        else {0: "system-out", 1: "failure", 3: "error"}[EXIT_STATUS[word]]
        for word in WORDS
    }  # fmt: skip
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(attribute, "")) == list(kinds.values()).count(tag)
    assert suite.get("tests") == str(len(WORDS))
    assert "assert 1 < 0 & True" in "".join(suite.itertext())


def test_each_implementation_has_a_suite_with_its_version_and_how_it_was_asked(tmp_path: Path) -> None:
    one = Verdict("one", "STEP1", "float64", "holds", "Held.", seconds=0.25)
    suites = written(tmp_path, one, replace(one, dtype="float32"), replace(one, implementation="two"))
    assert [(suite.get("name"), suite.get("tests"), suite.get("time")) for suite in suites] == [
        ("one", "2", "0.500"),
        ("two", "1", "0.250"),
    ]
    values = {each.get("name"): each.get("value") for each in suites[0].iter("property")}
    assert values == {"version": "1.0", "symtests": "0.1", "profile": "quick", "seed": "7"}


@given(st.text(), st.text(st.characters(max_codepoint=40)), st.text(st.sampled_from("<>&\"'\x00\x1b\ud800\ufffe]]>")))
def test_whatever_an_implementation_writes_the_file_is_xml(
    tmp_path_factory: pytest.TempPathFactory, one: str, two: str, three: str
) -> None:
    failure = Failure("raised", two, output=three)
    verdict = Verdict(one, two, "float64", "errored", three, counterexample=FOUND, failure=failure)
    (suite,) = written(tmp_path_factory.mktemp("junit"), verdict)
    assert len(suite.findall("testcase")) == 1


def test_a_file_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"junit=.*cannot be written"):
        write_junit(tmp_path, results())
