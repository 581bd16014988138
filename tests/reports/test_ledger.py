"""Evidence and observations as people read them."""

from pathlib import Path
from typing import Any

import pytest

from symtests.reports.anchors import anchors_of
from symtests.reports.ledger import as_words, evidence_of, seen_of
from symtests.reports.matrix import MatrixGroup, matrix_of
from symtests.reports.reading import read_results
from tests.reports import sample

CELLS = [("SYM1", "numba", dtype) for dtype in sample.DTYPES]


def matrix(folder: Path, planned: int = 2, **changes: Any) -> tuple[MatrixGroup, ...]:
    lines = [sample.run_line(planned), sample.implementation_line("numba")]
    lines += [sample.verdict_line(cell, **changes) for cell in CELLS[:planned]]
    results = read_results(sample.write(folder / "results.jsonl", [*lines, sample.end_line()]))
    return matrix_of(results, anchors_of(results))


@pytest.mark.parametrize(
    ("changes", "worst", "fault"),
    [
        ({"worst_fraction": None, "detectable": None}, "—", "—"),
        ({"worst_fraction": 0.0, "detectable": 0.0}, "0", "any bit"),
        ({"worst_fraction": 0.214, "detectable": 0.0013, "tolerance": "statistical"}, "21 % (statistical)", "0.0013"),
        ({"worst_fraction": "Infinity", "detectable": "Infinity"}, "∞", "∞"),
    ],
)
def test_how_sharp_the_look_was(changes: dict[str, Any], worst: str, fault: str, tmp_path: Path) -> None:
    row = evidence_of(matrix(tmp_path, **changes)[0])[0].rows[0]
    assert (row.worst, row.smallest_fault) == (worst, fault)
    assert row.counts == ("180", "12", "3", "0", "0", "180")


def test_the_words_of_a_property_are_counted(tmp_path: Path) -> None:
    prop = evidence_of(matrix(tmp_path)[0])[0]
    assert [(word.word, count) for word, count in prop.words] == [("exact", 2)]


def test_the_cases_of_a_property_are_added_up(tmp_path: Path) -> None:
    prop = evidence_of(matrix(tmp_path)[0])[0]
    assert prop.totals == (2 * 195, 360, 24, 6, 0, 0, 360)
    assert prop.undecided == 0
    nothing = {"conclusive": 0, "trivial": 0, "rejected": 5, "too_wide": 7, "unsupported": 1}
    prop = evidence_of(matrix(tmp_path, tally=nothing, bitwise_cases=0)[0])[0]
    assert prop.totals == (26, 0, 0, 10, 14, 2, 0)
    assert prop.undecided == 2


def test_a_check_that_nobody_judged_adds_nothing(tmp_path: Path) -> None:
    lines = [sample.run_line(2), sample.implementation_line("numba"), sample.verdict_line(CELLS[0])]
    results = read_results(sample.write(tmp_path / "results.jsonl", lines))
    groups = matrix_of(results, anchors_of(results))
    prop = next(each for group in groups for each in evidence_of(group) if each.prop.id == "SYM1")
    assert prop.totals == (195, 180, 12, 3, 0, 0, 180)
    assert (prop.undecided, len(prop.rows)) == (0, 2)


def test_observations_of_a_property_share_a_table(tmp_path: Path) -> None:
    observations = [
        {"sentence": "one", "data": {"dtype": "float32", "width": 7}},
        {"sentence": "two", "data": {"step": 29, "width": None}},
    ]
    tables = seen_of(matrix(tmp_path, observations=observations))
    assert len(tables) == 1
    assert tables[0].columns == ("width", "step")
    assert [(row.sentence, row.values) for row in tables[0].rows] == [("one", ("7", "—")), ("two", ("—", "29"))] * 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"), (None, "—"), (1234567, "1,234,567"), (10**400, f"{10**400:,}"), (0.000123, "1.23 × 10⁻⁴"),
        (["a", 1], "a, 1"), (list(range(20)), "20 values"), ({"mse": 2.0, "bce": [1]}, "mse: 2, bce: 1"), ("a", "a"),
    ],
)  # fmt: skip
def test_data_in_words(value: Any, text: str) -> None:
    assert as_words(value).replace("\N{MULTIPLICATION SIGN}", "×") == text
