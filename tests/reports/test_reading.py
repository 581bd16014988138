"""A results file is read whole, or the sentence says why not."""

import json
from pathlib import Path
from typing import Any

import pytest

from symtests.checking.results.results_file import check_record
from symtests.reports.reading import read_results
from symtests.validation import InvalidValue
from tests.reports import sample


def test_the_sample_is_what_the_engine_writes() -> None:
    for line in sample.lines():
        check_record(line)


def test_everything_is_read(tmp_path: Path) -> None:
    results = read_results(sample.write(tmp_path / "results.jsonl", sample.lines()))
    assert [prop.id for prop in results.run.properties] == list(sample.PROPERTIES)
    assert {verdict.cell: verdict.word for verdict in results.verdicts} == sample.WORDS
    assert results.columns == (
        ("numba", "float32"), ("numba", "float64"), ("mynet", "float32"), ("mynet", "float64")
    )  # fmt: skip
    assert (results.missing, results.torn) == (0, False)
    assert results.end is not None
    assert results.end.seconds == 125.4
    found = results.by_cell["SYM1", "mynet", "float32"].counterexample
    assert found is not None
    assert found.found == 0.2500000298023224
    assert [start.start for start in results.stories[0].starts] == ["constant", "zero", "random"]


def test_a_run_that_was_cut_short_is_read(tmp_path: Path) -> None:
    lines = sample.lines(story=False)[:10]
    results = read_results(sample.write(tmp_path / "results.jsonl", lines, end='\n{"type": "verd'))
    assert results.end is None
    assert results.torn
    assert len(results.verdicts) == 7
    assert results.missing == len(sample.WORDS) - 7
    assert results.properties == results.run.properties
    assert len(results.columns) == 4


def test_a_line_torn_within_a_character_is_left_out(tmp_path: Path) -> None:
    path = sample.write(tmp_path / "results.jsonl", sample.lines(story=False)[:4])
    path.write_bytes(path.read_bytes() + '{"type": "é'.encode()[:-1])
    assert read_results(path).torn


def test_a_complete_last_line_needs_no_line_end(tmp_path: Path) -> None:
    results = read_results(sample.write(tmp_path / "results.jsonl", sample.lines(story=False), end=""))
    assert results.end is not None
    assert not results.torn


def test_properties_and_columns_that_were_not_asked_are_no_part_of_a_complete_run(tmp_path: Path) -> None:
    line = sample.verdict_line(("SYM1", "numba", "float32"))
    lines = [sample.run_line(1), sample.implementation_line("numba"), line, sample.end_line()]
    results = read_results(sample.write(tmp_path / "results.jsonl", lines))
    assert [prop.id for prop in results.properties] == ["SYM1"]
    assert results.columns == (("numba", "float32"),)


def changed(line: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**line, **changes}


CELL = ("SYM1", "numba", "float32")
RUN, NUMBA, VERDICT = sample.run_line(), sample.implementation_line("numba"), sample.verdict_line(CELL)
START = {"start": "zero", "steps": [0], "loss": [0.5], "units": [{"incoming": [[0, 0, 0]], "outgoing": [0]}]}
STORY = {"type": "story", "implementation": "numba", "dtype": "float64", "training": {}, "starts": [START],
         "network": {"sizes": [2, 1, 1], "activations": ["tanh"], "loss": "mse", "bias": True}}  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([], "line 1: must be a run line"),
        ([NUMBA], "line 1: must be a run line"),
        ([changed(RUN, schema=3)], "line 1: schema=3: is of a later symtests"),
        ([changed(RUN, properties=[sample.prop("SYM1")] * 2)], "line 1: properties: two have the same id"),
        ([changed(RUN, machine=None)], "line 1: machine=None: must be an object"),
        ([RUN, RUN], "line 2: a line of type 'run' cannot stand here"),
        ([RUN, sample.end_line(), NUMBA], "line 3: a line of type 'implementation' cannot stand here"),
        ([RUN, {"type": "other"}], "line 2: type='other': must be one of run, implementation"),
        ([RUN, NUMBA, NUMBA], "line 3: a second line about 'numba'"),
        ([RUN, VERDICT], "line 2: implementation='numba': must stand on a line before this one"),
        ([RUN, NUMBA, changed(VERDICT, property="XYZ9")], "line 3: property='XYZ9': must stand"),
        ([RUN, NUMBA, VERDICT, VERDICT], "line 4: a second line about"),
        ([RUN, NUMBA, changed(VERDICT, word="fine")], "line 3: word='fine': must be one of violated"),
        ([RUN, NUMBA, changed(VERDICT, word="not judged")], "line 3: word='not judged': must be one of"),
        ([RUN, NUMBA, changed(VERDICT, tally={"conclusive": -1})], "line 3: conclusive=-1: must be a whole number"),
        ([RUN, NUMBA, changed(VERDICT, observations=[{"sentence": "s"}])], "line 3: has no 'data'"),
        ([RUN, changed(STORY, network={"sizes": [2]})], "line 2: network: "),
        ([RUN, changed(STORY, starts=[changed(START, start="other")])], "line 2: start='other': must be one of"),
        ([RUN, changed(STORY, starts=[changed(START, steps=[0, 1])])], "line 2: starts: loss, incoming and outgoing"),
        ([RUN, changed(STORY, starts=[changed(START, units=[])])], "line 2: starts: loss, incoming and outgoing"),
    ],
)
def test_a_file_that_is_none_is_refused(lines: list[Any], fault: str, tmp_path: Path) -> None:
    path = sample.write(tmp_path / "results.jsonl", lines)
    with pytest.raises(InvalidValue) as error:
        read_results(path)
    assert str(error.value).startswith(f"results.jsonl, {fault}")


def test_a_broken_line_that_is_not_the_last_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(json.dumps(RUN) + "\n{\n" + json.dumps(NUMBA) + "\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"^results\.jsonl, line 2: is no JSON"):
        read_results(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(InvalidValue, match=r"^results\.jsonl, line 1: is no UTF-8 text"):
        read_results(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"^results='.*none\.jsonl': cannot be read .*run symtests check first"):
        read_results(tmp_path / "none.jsonl")
