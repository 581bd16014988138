"""The matrix shows every check once, worst first, and leads to what there is to know of it."""

from pathlib import Path

import pytest

from symtests.reports.anchors import anchors_of
from symtests.reports.matrix import MatrixGroup, matrix_of
from symtests.reports.reading import read_results
from symtests.reports.words import worst
from tests.reports import sample


@pytest.fixture
def matrix(tmp_path: Path) -> tuple[MatrixGroup, ...]:
    results = read_results(sample.write(tmp_path / "results.jsonl", sample.lines(story=False)))
    return matrix_of(results, anchors_of(results))


def test_every_check_stands_there_once(matrix: tuple[MatrixGroup, ...]) -> None:
    cells = {
        (row.prop.id, *cell.column): cell.word.word for group in matrix for row in group.rows for cell in row.cells
    }
    assert cells == sample.WORDS


def test_groups_and_properties_come_worst_first(matrix: tuple[MatrixGroup, ...]) -> None:
    assert [group.name for group in matrix[:3]] == ["symmetry", "numerics", "gradient"]
    assert [row.prop.id for row in matrix[0].rows] == ["SYM1", "SYM2"]
    for group in matrix:
        ranks = [worst(row.words) for row in group.rows]
        assert ranks == sorted(ranks)


def test_a_check_leads_to_its_counterexample_its_failure_or_its_evidence(matrix: tuple[MatrixGroup, ...]) -> None:
    targets = {(row.prop.id, *cell.column): cell.target for group in matrix for row in group.rows for cell in row.cells}
    assert targets["SYM1", "mynet", "float32"] == "counterexample-sym1--mynet-float32"
    assert targets["NUM3", "mynet", "float32"] == "failure-num3--mynet-float32"
    assert targets["SYM1", "numba", "float32"] == "check-sym1--numba-float32"
    assert len(set(targets.values())) == len(targets)


def test_one_violation_is_worse_than_any_number_of_lesser_words() -> None:
    assert worst(["violated", "exact"]) < worst(["errored"] * 5) < worst(["fixed"]) < worst(["inconclusive"])
    assert worst(["violated"] * 2) < worst(["violated"])
    assert worst(["holds"]) < worst(["exact"])
