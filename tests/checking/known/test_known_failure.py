"""Known failures: read strictly, asked first, and stale as soon as they no longer fail."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.checking import Judged, Planned, check
from symtests.checking.known.known_failure import read_known
from symtests.checking.known.writing import write_known
from symtests.checking.results.plain import plain
from symtests.checking.results.verdict import Verdict
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.validation import InvalidValue
from tests.checking import misbehaving, own_properties

FOLDER = Path(misbehaving.__file__).parent
ASKED: dict[str, Any] = {"properties": [own_properties.STEP, own_properties.STILL], "profile": "quick", "examples": 3}
NETWORK = Network((1, 1, 1), "tanh")
CASE = Case(NETWORK, Parameters(NETWORK, np.array([1.0, 0.5, 1.0, -0.5])), Batch(np.ones((1, 1)), np.zeros((1, 1))))
TEXT = json.dumps(CASE.to_json())


class Counting:
    """Anything else, with every call of train counted."""

    def __init__(self, inner: Any, name: str, version: str = "1.0") -> None:
        self.inner, self.name, self.version, self.calls = inner, name, version, 0
        self.capabilities = inner.capabilities

    def train(self, *arguments: Any) -> Any:
        self.calls += 1
        return self.inner.train(*arguments)


def judged(implementation: object, **options: Any) -> list[Verdict]:
    events = check(implementation, **{**ASKED, "stories": False, **options})
    return [event.verdict for event in events if isinstance(event, Judged)]


def words(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.word for verdict in verdicts]


def entered(path: Path, implementation: object, **options: Any) -> Path:
    write_known(path, judged(implementation, **options))
    return path


def entry(**changes: Any) -> str:
    values = {"property": "STEP1", "implementation": "net", "reason": "because", "counterexample": TEXT, **changes}
    lines = []
    for name, value in values.items():
        if value is not None:
            text = value if isinstance(value, str) and value.startswith("{dtype") else json.dumps(value)
            lines.append(f"{name} = {text}")
    return "\n".join(["[[known]]", *lines, ""])


def written(folder: Path, text: str) -> Path:
    path = folder / "known.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_listed_violation_is_known_and_no_example_is_drawn(tmp_path: Path) -> None:
    network = Counting(misbehaving.HalfTheStep(), "net")
    path = entered(tmp_path / "known.toml", network)
    network.calls = 0
    found = judged(network, known=path, properties=[own_properties.STEP], examples=500)
    assert words(found) == ["known"]
    assert found[0].tally.tried == 1
    assert network.calls <= 10, "the smoke check and one case; 500 examples would be more"
    assert found[0].counterexample is not None
    assert found[0].counterexample.case == read_known(path, ASKED["properties"]).entries[0].case
    assert found[0].known is not None
    assert (found[0].known.file, found[0].known.entry) == (str(path), 1)


def test_what_is_mended_is_fixed_and_names_file_and_entry(tmp_path: Path) -> None:
    path = entered(tmp_path / "known.toml", Counting(misbehaving.HalfTheStep(), "net"))
    found = judged(Counting(misbehaving.Good(), "net"), known=path)
    assert words(found) == ["fixed", "exact"]
    assert f"fixed: remove this entry: entry 1 of {path}" in found[0].sentence


def test_another_failure_than_the_listed_one_is_no_known_one(tmp_path: Path) -> None:
    path = entered(tmp_path / "known.toml", Counting(misbehaving.HalfTheStep(), "net"))
    found = judged(Counting(misbehaving.Raises(), "net"), known=path)
    assert words(found) == ["errored", "exact"]
    assert f"This is not what entry 1 of {path} shows" in found[0].sentence


def test_an_entry_whose_case_is_mended_while_others_fail_is_told_with_the_new_failure(tmp_path: Path) -> None:
    path = entered(tmp_path / "known.toml", Counting(misbehaving.HalfTheStep(), "net"))
    text = path.read_text(encoding="utf-8")
    data = read_known(path, ASKED["properties"]).entries[0].case
    harmless = {**data, "parameters": {**data["parameters"], "vector": [0.0] * len(data["parameters"]["vector"])},
                "batch": {**data["batch"], "y": [0.0] * len(data["batch"]["y"])}}  # fmt: skip
    path.write_text(text.replace(json.dumps(plain(data)), json.dumps(plain(harmless))), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    found = judged(Counting(misbehaving.HalfTheStep(), "net"), known=path, properties=[own_properties.STEP])
    assert words(found) == ["violated"]
    assert "write the entry again" in found[0].sentence


@pytest.mark.parametrize(
    ("name", "kind"), [("Raises", "raised"), ("WrongShape", "wrong shape"), ("IsKilled", "killed")]
)
def test_a_misbehaviour_can_be_known_too(name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))  # where a child process finds the property
    location = f"{FOLDER / 'misbehaving.py'}:{name}"
    asked: dict[str, Any] = {"properties": ["own_properties:STEP"], "processes": 1}
    path = entered(tmp_path / "known.toml", location, **asked)
    entries = read_known(path, [own_properties.STEP]).entries
    assert [each.found for each in entries] == [kind]
    found = judged(location, known=path, **asked)
    assert words(found) == ["known"]
    assert found[0].failure is not None


@pytest.mark.parametrize("word", ["violated", "not finite"])
def test_a_number_that_is_none_is_known_as_a_violation_however_the_entry_calls_it(word: str, tmp_path: Path) -> None:
    net = Counting(misbehaving.NotANumber(), "net")
    path = entered(tmp_path / "known.toml", net)
    text = path.read_text(encoding="utf-8")
    assert 'found = "violated"' in text
    path.write_text(text.replace('found = "violated"', f'found = "{word}"'), encoding="utf-8")
    found = judged(net, known=path)
    assert words(found) == ["known", "exact"]
    assert found[0].failure is None
    assert found[0].counterexample is not None


def test_a_condition_decides_where_it_applies_and_the_rest_is_told(tmp_path: Path) -> None:
    old = Counting(misbehaving.HalfTheStep(), "net", version="1.4")
    path = entered(tmp_path / "known.toml", old)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('{dtype = "float64"}', '{dtype = "float64", version = "<2"}'), encoding="utf-8")
    assert words(judged(old, known=path)) == ["known", "exact"]
    new = Counting(misbehaving.HalfTheStep(), "net", version="2.0")
    first = next(iter(check(new, **ASKED, known=path)))
    assert isinstance(first, Planned)
    assert first.notes == (
        f"entry 1 of {path} (STEP) is not looked at: the implementation's version is 2.0, and the entry is for <2",
    )
    assert words(judged(new, known=path)) == ["violated", "exact"]


def test_an_entry_for_something_that_is_not_checked_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    path = entered(tmp_path / "known.toml", Counting(misbehaving.HalfTheStep(), "my net"))
    first = next(iter(check(Counting(misbehaving.Good(), "my-net"), **ASKED, known=path)))
    assert isinstance(first, Planned)
    assert "my net is not checked in this run; did you mean 'my-net'?" in first.notes[0]


def test_two_entries_for_one_check_are_refused(tmp_path: Path) -> None:
    path = entered(tmp_path / "known.toml", Counting(misbehaving.HalfTheStep(), "net"))
    block = path.read_text(encoding="utf-8").partition("[[known]]")[2]
    path.write_text(f"[[known]]{block}\n[[known]]{block}", encoding="utf-8")
    with pytest.raises(InvalidValue, match="entries 1 and 2 are all for STEP, net and float64"):
        judged(Counting(misbehaving.HalfTheStep(), "net"), known=path)


def test_one_entry_may_stand_for_both_dtypes(tmp_path: Path) -> None:
    half = Counting(misbehaving.HalfTheStep(), "net")
    half.capabilities = replace(half.capabilities, dtypes=DTYPES)
    path = entered(tmp_path / "known.toml", half, dtypes=["float32"])
    path.write_text(path.read_text(encoding="utf-8").replace('when = {dtype = "float32"}\n', ""), encoding="utf-8")
    assert words(judged(half, known=path, properties=[own_properties.STEP])) == ["known", "known"]


def test_properties_that_came_later_are_left_out_and_told(tmp_path: Path) -> None:
    newer = replace(own_properties.STILL, since="0.1.0.post1")
    asked = {**ASKED, "properties": [own_properties.STEP, newer]}
    with pytest.raises(InvalidValue, match="is newer than this symtests"):
        check(NumpyPlain(), **asked, properties_of="99.0")
    for options in ({"properties_of": "0.1"}, {"known": written(tmp_path, 'properties = "0.1"\n')}):
        events = list(check(NumpyPlain(), **asked, **options, out=tmp_path / "out"))
        assert isinstance(events[0], Planned)
        assert "new, not counted: STILL came after symtests 0.1" in events[0].notes[0]
        assert {event.verdict.property for event in events if isinstance(event, Judged)} == {"STEP"}
        head = json.loads((tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()[0])
        assert head["left_out"] == {"properties_of": "0.1", "properties": ["STILL"]}
    with pytest.raises(InvalidValue, match="none of the properties is so old"):
        check(NumpyPlain(), **{**asked, "properties": [newer]}, properties_of="0.1")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("known = [", "is no TOML"),
        ("knwon = 3", "did you mean 'known'?"),
        ("properties = 0.1", "properties=0.1: must be a release of symtests as a string"),
        ("known = 3", "must be a list of entries"),
        ("known = [3]", "entry 1: known='3': must be a table"),
        (entry(property="STEP9"), "entry 1: property='STEP9': must be one of"),
        (entry() + entry(resaon="x"), "entry 2: resaon='x': is no setting of an entry"),
        (entry(reason="  "), "reason='  ': must be a string that says something"),
        (entry(implementation=None), "implementation='': must be a string that says something"),
        (entry(version=0), "version=0: must be a whole number of at least 1"),
        (entry(version=99), "version=99: STEP1 has version 1 here"),
        (entry(found="violted"), "did you mean 'violated'?"),
        (entry(link=3), "link=3: must be a string"),
        (entry(when={"dtype": "float32"}).replace('{"dtype": ', "{dtype = ").replace("float32", "float9"), "float9"),
        (entry(unsteady="yes"), "unsteady='yes': must be True or False"),
        (entry(counterexample="no JSON"), "counterexample='no JSON': is no case"),
        (entry(counterexample="{}"), "counterexample='{}': is no case (KeyError"),
        (entry(counterexample="[1]"), "is no case"),
    ],
)
def test_a_bad_file_costs_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InvalidValue) as raised:
        read_known(path)
    assert str(raised.value).startswith(f"known={str(path)!r}")
    assert sentence in str(raised.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"cannot be read .*--write-known"):
        read_known(tmp_path / "known.toml")


@given(st.text(alphabet=st.sampled_from("[]{}=\"'#\n known.1property"), max_size=80))
def test_no_text_does_worse_than_one_sentence(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(InvalidValue):
        read_known(written(Path(folder), text))
