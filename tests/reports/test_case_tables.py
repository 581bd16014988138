"""A counterexample is laid out with every number in its place."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.reports.case_tables import CaseView, case_view
from symtests.reports.record import Record
from symtests.validation import InvalidValue
from tests.reports import sample

MINUS = "\N{MINUS SIGN}"


def view(case: Any) -> CaseView:
    return case_view(Record(case, "results.jsonl, line 7"))


def test_weights_biases_and_samples_stand_under_their_names() -> None:
    seen = view(sample.CASE)
    first, second, data = seen.tables
    assert first.caption == "W1: 2 inputs to 2 tanh units"
    assert first.columns == ("unit 0", "unit 1")
    assert first.rows == (
        ("input 0", ("0.5", "0.5")),
        ("input 1", (f"{MINUS}0.25", f"{MINUS}0.25")),
        ("bias b1", ("0", "0")),
    )
    assert second.caption == "W2: 2 hidden units to 1 output"
    assert second.rows == (("unit 0", ("1",)), ("unit 1", ("1",)), ("bias b2", ("0.1",)))
    assert data.columns == ("x0", "x1", "y0", "weight")
    assert data.rows == (("sample 0", ("1", "0.5", "1", "1")), ("sample 1", ("0", f"{MINUS}1.5", "0", "2")))
    assert seen.network == "2-2-1 network, tanh, mse"
    assert seen.training == "3 steps of adam, learning rate 0.1, mean decay 0.9, square decay 0.999, epsilon 0.5"
    assert seen.details == "unit 0, twin 1"


@given(sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4), bias=st.booleans(), samples=st.integers(0, 4))
def test_tables_hold_what_the_parameters_say(sizes: list[int], bias: bool, samples: int) -> None:
    network = Network(sizes, "relu", "mse", bias)
    parameters = Parameters(network, np.arange(network.parameter_count, dtype=np.float64))
    rng = np.random.default_rng(0)
    batch = Batch(rng.integers(9, size=(samples, sizes[0])) * 1.0, rng.integers(9, size=(samples, sizes[-1])) * 1.0)
    seen = view(Case(network, parameters, batch).to_json())
    for layer, table in enumerate(seen.tables[:-1]):
        numbers = np.array([[float(text) for text in row] for _, row in table.rows])
        expected = parameters.weight(layer)
        assert np.array_equal(numbers, np.vstack([expected, parameters.bias(layer)]) if bias else expected)
    data = [[float(text) for text in row] for _, row in seen.tables[-1].rows]
    assert data == np.hstack([batch.x, batch.y]).tolist()


def test_a_large_matrix_is_cut_and_says_so() -> None:
    network = Network((2, 40, 1), "tanh")
    batch = Batch(np.ones((20, 2)), np.ones((20, 1)))
    case = Case(network, Parameters(network, np.ones(network.parameter_count)), batch)
    first, second, data = view(case.to_json()).tables
    assert len(first.columns) == 8
    assert first.note == "The first 8 rows and columns of 3 by 40. The script has all."
    assert [name for name, _ in second.rows] == [*(f"unit {k}" for k in range(8)), "bias b2"]
    assert len(data.rows) == 8
    assert data.note


def test_rounding_is_told() -> None:
    case = copy.deepcopy(sample.CASE)
    case["batch"] = {"dtype": "float64", "shape": [1, 2, 1], "x": [1 / 3, 0.0], "y": ["NaN"], "sample_weights": None}
    data = view(case).tables[-1]
    assert data.rows == (("sample 0", ("0.333333", "0", "NaN")),)
    assert data.note == "Rounded. The script has all."


def test_long_details_are_shortened() -> None:
    case = {**sample.CASE, "details": {"rows": list(range(500)), "name": "a"}}
    seen = view(case)
    assert len(seen.details) < 100
    assert seen.details.endswith("…, name a")


@pytest.mark.parametrize(
    ("part", "changes", "fault"),
    [
        ("network", {"sizes": [2]}, "case.network: sizes"),
        ("network", {"loss": None}, "case.network: loss=None"),
        ("parameters", {"vector": [1.0]}, "case.parameters.vector: has 1 numbers"),
        ("parameters", {"vector": ["a"] * 9}, "vector="),
        ("parameters", {"dtype": "int8"}, "dtype='int8'"),
        ("batch", {"y": [1.0]}, "case.batch: x, y and sample_weights"),
        ("batch", {"sample_weights": [1.0]}, "case.batch: x, y and sample_weights"),
        ("training", {"optimizer": 3}, "optimizer=3: must be a string"),
    ],
)
def test_what_is_no_case_is_refused(part: str, changes: dict[str, Any], fault: str) -> None:
    case: dict[str, Any] = {**sample.CASE, part: {**sample.CASE[part], **changes}}  # type: ignore[dict-item]
    with pytest.raises(InvalidValue) as error:
        view(case)
    assert str(error.value).startswith(f"results.jsonl, line 7: {fault}")
