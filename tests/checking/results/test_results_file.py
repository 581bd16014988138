"""Results on disk: written as they come, read strictly, also where a run was killed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from symtests.checking.profile import find_profile
from symtests.checking.recording import head_of_run
from symtests.checking.results import results_file as results
from symtests.checking.results.growing_file import GrowingFile
from symtests.checking.results.plain import plain
from symtests.checking.results.results_file import check_record, property_to_json, read_results
from symtests.checking.results.verdict import Counterexample, Tally, Verdict
from symtests.checking.resuming import results_of_same_run
from symtests.properties import PROPERTIES
from symtests.validation import InvalidValue
from tests.checking import own_properties

SCHEMA = Path(results.__file__).with_name("results.schema.json")
HEAD = head_of_run(["mine"], None, [own_properties.STEP], find_profile("quick"), 0, "symtests check mine") | {
    "checks": 2
}
IMPLEMENTATION = {
    "type": "implementation", "name": "mine", "location": "my:Net", "version": "1", "capabilities": {"bias": [True]},
    "dtypes": ["float32", "float64"], "smoke": None,
}  # fmt: skip
FOUND = Counterexample(
    "it broke",
    own_properties.one_case().to_json(),
    1,
    1,
    "symtests check mine",
    "assert False",
    "loss",
    1.0,
    math.inf,
    0.0,
)
VERDICTS = (
    Verdict("mine", "STEP", "float32", "holds", "Held.", worst_fraction=math.inf, detectable=math.nan, seconds=0.5),
    Verdict("mine", "STEP", "float64", "violated", "It broke.", tally=Tally(1), counterexample=FOUND),
)
END = {
    "type": "end", "finished": "2024-01-01T00:00:00+00:00", "seconds": 1.5, "counts": {"holds": 1, "violated": 1},
    "exit_status": 1,
}  # fmt: skip
LINES: list[dict[str, Any]] = [HEAD, IMPLEMENTATION, *(verdict.to_json() for verdict in VERDICTS), END]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "results.jsonl"
    file = GrowingFile(path, LINES[:2])
    for line in LINES[2:]:
        file.add(line)
    file.close()
    return path


def test_the_schema_is_one() -> None:
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    whole = Draft202012Validator(schema)
    for line in LINES:
        whole.validate(plain(line))


def test_what_is_written_obeys_the_schema_and_is_strict_json(path: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    for line in path.read_text().splitlines():
        check_record(json.loads(line, parse_constant=refuse))


def test_what_is_written_is_read(path: Path) -> None:
    found = read_results(path)
    assert found.complete
    assert not found.torn
    assert found.run == HEAD
    assert found.implementations == {"mine": IMPLEMENTATION}
    assert found.verdicts[1] == VERDICTS[1]
    assert found.verdicts[0].worst_fraction == math.inf
    assert found.verdicts[0].detectable is not None
    assert math.isnan(found.verdicts[0].detectable)
    assert found.end == END


def test_every_property_of_symtests_can_be_written_down() -> None:
    check_record(plain({**HEAD, "properties": [property_to_json(prop) for prop in PROPERTIES]}))


@given(cut=st.data())
def test_a_run_that_was_killed_at_any_moment_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, cut: st.DataObject
) -> None:
    content = b"".join(json.dumps(plain(line)).encode() + b"\n" for line in LINES)
    head = content.index(b"\n") + 1
    kept = cut.draw(st.integers(head, len(content)))
    path = tmp_path_factory.mktemp("killed") / "results.jsonl"
    path.write_bytes(content[:kept])
    found = read_results(path)
    assert found.complete == (kept == len(content))
    assert found.torn == (content[kept - 1 : kept] != b"\n")
    assert len(found.verdicts) == max(0, min(content[:kept].count(b"\n"), 4) - 2)  # they are lines 3 and 4


@pytest.mark.parametrize(
    ("number", "line", "complaint"),
    [
        (1, "{}", "type=None"),
        (1, json.dumps(IMPLEMENTATION), "must be the head of a run"),
        (
            1,
            json.dumps({**HEAD, "schema": 3}),
            "schema=3: is of a later symtests, and this one reads version 2",
        ),
        (2, "not JSON", "is no JSON"),
        (2, "[1, 2]", "must be a JSON object"),
        (2, json.dumps({**IMPLEMENTATION, "dtypes": ["float16"]}), "dtypes.0: 'float16' is not one of"),
        (2, json.dumps(HEAD), "a line of type 'run' cannot stand here"),
        (2, json.dumps(END), "a line of type 'end' cannot stand here"),
        (3, '{"type": "verdict", "detectable": NaN}', "NaN must stand as the string"),
        (3, json.dumps({**plain(VERDICTS[0].to_json()), "word": "fine"}), "word: 'fine' is not one of"),
        (4, json.dumps({**VERDICTS[1].to_json(), "counterexample": {}}), "counterexample: "),
        (3, '{"type": "verdict", "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "line 3: "),
    ],
)
def test_a_bad_line_is_named(path: Path, number: int, line: str, complaint: str) -> None:
    lines = path.read_text().splitlines()
    lines[number - 1] = line
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InvalidValue) as caught:
        read_results(path)
    message = str(caught.value)
    assert f"line {number}: " in message
    assert complaint in message
    assert str(path) in message
    assert len(message) < 500


def test_bytes_that_are_no_text_are_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n")
    with pytest.raises(InvalidValue, match="line 6: is no JSON"):
        read_results(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"results='.*none.jsonl': cannot be read \(No such file or directory\)"):
        read_results(tmp_path / "none.jsonl")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").touch()
    with pytest.raises(InvalidValue, match="line 1: must be the head of a run"):
        read_results(tmp_path / "results.jsonl")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"seed": 1}, "seed=0, this one has seed=1"),
        ({"profile": "nightly"}, "profile='quick', this one has profile='nightly'"),
        ({"examples": {"small": 1, "wide": 1}}, "examples="),
        ({"implementations": ["other"]}, r"implementations=\['mine'\]"),
        ({"dtypes": ["float32"]}, "dtypes=None"),
        (
            {"properties": [{"id": "STEP", "version": 2}]},
            "other properties, or other versions of them .STEP 1, STEP 2.",
        ),
    ],
)
def test_only_the_same_question_is_gone_on_with(path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidValue, match=complaint):
        results_of_same_run(path, {**HEAD, **change})


def test_the_same_question_is_gone_on_with(path: Path) -> None:
    assert len(results_of_same_run(path, {**HEAD, "started": "later", "command": "again"}).verdicts) == 2


def test_anything_becomes_plain_data() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    tables = (np.array([[1, 2]]), {"c": np.bool_(True)})
    given = {1: np.float32(0.5), "b": tables, "n": [math.nan, -math.inf], "o": Odd()}
    assert plain(given) == {
        "1": 0.5, "b": [[[1, 2]], {"c": True}], "n": ["NaN", "-Infinity"], "o": "odd",
    }  # fmt: skip
    assert json.dumps(plain(given), allow_nan=False)
