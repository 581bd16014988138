"""The file of known failures is written by the tool and owned by a person: what either writes stays."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.checking.known.known_failure import read_known
from symtests.checking.known.writing import write_known
from symtests.checking.results.plain import plain
from symtests.checking.results.verdict import Counterexample, Failure, Listed, Verdict
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.validation import InvalidValue

NETWORK = Network((1, 1, 1), "tanh")
NUMBERS = st.floats(width=64, allow_nan=False)


def case_of(numbers: list[float], details: dict[str, object] | None = None) -> Case:
    batch = Batch(np.ones((1, 1)), np.zeros((1, 1)))
    return Case(NETWORK, Parameters(NETWORK, np.array(numbers, float)), batch, details=details or {})


def verdict(word: str = "violated", prop: str = "STEP1", dtype: str = "float64", **changes: object) -> Verdict:
    case = plain(case_of([1.0, 0.5, 0.25, -1.0]).to_json())
    found = Counterexample("it broke", case, 1, 1, "symtests check net", "assert False", diagnosis="halved. Always.")
    values = {"counterexample": found if word in ("violated", "errored", "known") else None, **changes}
    return Verdict("net", prop, dtype, word, "It broke.", **values)  # type: ignore[arg-type]


def listed(entry: int) -> Listed:
    return Listed("because", "", "known.toml", entry)


def test_a_new_file_has_an_entry_for_each_failure_and_pins_the_properties(tmp_path: Path) -> None:
    path = tmp_path / "new" / "known.toml"
    raised = verdict("errored", "GRAD1", failure=Failure("raised", "train raised"))
    hidden = verdict("errored", "GRAD2", failure=Failure("fault of symtests", "a property raised"))
    done = write_known(path, [verdict(), raised, hidden, verdict("holds", "NUM1"), verdict("inconclusive", "NUM3")])
    assert (done.added, done.updated, done.removed) == (2, 0, 0)
    known = read_known(path)
    assert [(entry.prop, entry.found) for entry in known.entries] == [("STEP1", "violated"), ("GRAD1", "raised")]
    assert known.properties == "0.1"
    assert known.entries[0].reason == "not explained yet: halved"
    assert known.entries[0].when.dtype == ("float64",)


def test_entries_stand_apart_in_a_new_file_and_behind_older_ones_whatever_their_end(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    write_known(path, [verdict(), verdict(prop="GRAD1")])
    write_known(path, [verdict(prop="GRAD2")])
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    write_known(path, [verdict(prop="NUM1")])
    blocks = path.read_text(encoding="utf-8").strip("\n").split("\n\n")
    assert [block.splitlines()[0] for block in blocks[1:]] == ["[[known]]"] * 4
    assert [entry.prop for entry in read_known(path).entries] == ["STEP1", "GRAD1", "GRAD2", "NUM1"]


def test_a_vector_can_be_known_to_fail_and_another_run_need_not_ask_it(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    write_known(path, [verdict(prop="vectors:one-weight")])
    assert [entry.prop for entry in read_known(path).entries] == ["vectors:one-weight"]
    path.write_text(path.read_text(encoding="utf-8").replace("one-weight", "one-wait"), encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"vector='one-wait': .*did you mean 'one-weight'"):
        read_known(path)


@given(st.lists(NUMBERS, min_size=4, max_size=4), st.text(max_size=20))
def test_every_bit_of_a_case_comes_back(numbers: list[float], word: str) -> None:
    case = plain(case_of(numbers, {"word": word}).to_json())
    found = Counterexample("it broke", case, 1, 1, "", "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "known.toml"
        write_known(path, [verdict(counterexample=found)])
        back = read_known(path).entries[0].case
    assert back == case
    assert Case.from_json(back).parameters.vector.tobytes() == np.array(numbers, float).tobytes()


def test_words_of_a_person_outlive_being_written_again(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    write_known(path, [verdict(), verdict(prop="GRAD1")])
    text = path.read_text(encoding="utf-8")
    text = text.replace('reason = "not explained yet: halved"', 'reason = "mine"\nlink = "https://example.org/1"', 1)
    text = text.replace("[[known]]", "# a remark of mine\n[[known]]", 1)
    path.write_text(text, encoding="utf-8")
    known = [verdict("known", known=listed(1)), verdict("known", "GRAD1", known=listed(2))]
    assert write_known(path, known).updated == 0
    assert path.read_text(encoding="utf-8") == text
    worse = replace(verdict(known=listed(1)), property_version=1)
    errored = verdict("errored", "GRAD1", failure=Failure("raised", "x"), known=listed(2))
    assert write_known(path, [worse, errored]).updated == 2
    entries = read_known(path).entries
    assert (entries[0].reason, entries[0].link) == ("mine", "https://example.org/1")
    assert [entry.found for entry in entries] == ["violated", "raised"]
    assert "# a remark of mine" in path.read_text(encoding="utf-8")


def test_what_is_mended_is_taken_out_and_what_was_not_asked_stays(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    write_known(path, [verdict(prop=prop) for prop in ("STEP1", "GRAD1", "NUM1")])
    done = write_known(path, [verdict("fixed", "GRAD1", known=listed(2))])
    assert (done.added, done.updated, done.removed) == (0, 0, 1)
    assert [entry.prop for entry in read_known(path).entries] == ["STEP1", "NUM1"]


def test_what_is_mended_in_one_dtype_stays_in_the_other(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    write_known(path, [verdict()])
    text = path.read_text(encoding="utf-8").replace('when = {dtype = "float64"}\n', "")
    path.write_text(text, encoding="utf-8")
    write_known(path, [verdict("fixed", known=listed(1)), verdict("known", dtype="float32", known=listed(1))])
    assert [entry.when.dtype for entry in read_known(path).entries] == [("float32",)]


def test_all_entries_may_go_and_new_ones_come(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    write_known(path, [verdict()])
    write_known(path, [verdict("fixed", known=listed(1))])
    assert read_known(path).entries == ()
    write_known(path, [verdict(prop="GRAD1")])
    assert [entry.prop for entry in read_known(path).entries] == ["GRAD1"]


def test_a_failure_that_comes_and_goes_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    found = verdict().counterexample
    assert found is not None
    write_known(path, [verdict(counterexample=replace(found, steady=False))])
    assert read_known(path).entries[0].unsteady


def test_a_file_that_cannot_be_read_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text("known = [", encoding="utf-8")
    with pytest.raises(InvalidValue, match="is no TOML"):
        write_known(path, [verdict()])
    assert path.read_text(encoding="utf-8") == "known = ["
    assert [each.name for each in tmp_path.iterdir()] == ["known.toml"]
