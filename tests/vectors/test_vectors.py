"""The vectors: right, the same everywhere, strict when read, and each flag earns its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symtests.checking.selection import find_property
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.model.activations import ACTIVATIONS_OF_0_1
from symtests.model.losses import LOSSES_OF_0_1
from symtests.network import DTYPES, OPTIMIZERS
from symtests.oracle import expect, train
from symtests.properties import PROPERTIES
from symtests.properties.base import Domain
from symtests.validation import InvalidValue
from symtests.vectors.answering import answered, vectors
from symtests.vectors.document import document, read_vectors
from symtests.vectors.flags import FLAGS
from symtests.vectors.questions import questions
from symtests.vectors.vector_properties import case_in, judge, references
from tests.mutants.base import Correct
from tests.mutants.listing import MUTANTS
from tests.vectors.power import killers, power

ALL = vectors()


def of(name: str) -> Any:
    return next(vector for vector in ALL if vector.question.id == name)


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector.question.id)
def test_the_oracle_says_the_same(vector: Any) -> None:
    case = vector.question.case
    if vector.question.operation == "train":
        found = {"parameters": train(case.network, case.parameters, case.batch, case.training, 0.0).vector}
    else:
        right = expect(case.network, case.parameters, case.batch)
        outputs = right.stages.pre_activations[-1].ravel()
        found = {"loss": np.array([right.loss]), "gradient": right.gradient.vector, "outputs": outputs}
    assert set(found) == set(vector.expected)
    for name, numbers in found.items():
        assert (np.abs(numbers - vector.expected[name]) <= vector.bounds["float64"][name]).all()


def test_a_vector_that_can_be_followed_by_hand() -> None:
    vector = of("one-weight")
    assert {name: values.tolist() for name, values in vector.expected.items()} == {
        "loss": [4.0], "outputs": [1.0], "gradient": [-8.0],
    }  # fmt: skip
    assert all((values == 0).all() for numbers in vector.bounds.values() for values in numbers.values())


def test_bounds_are_much_smaller_than_the_faults_that_they_must_show() -> None:
    for vector in ALL:
        for name, numbers in vector.expected.items():
            size = max(float(np.abs(numbers).max()), 2.0**-10)
            assert vector.bounds["float32"][name].max() < 2e-3 * size, vector.question.id
            assert vector.bounds["float64"][name].max() < 4e-12 * size, vector.question.id


def test_every_question_is_exact_in_float32_and_every_name_is_met() -> None:
    cases = [question.case for question in questions()]
    for case in cases:
        for array in (case.parameters.vector, case.batch.x, case.batch.y):
            assert (array == array.astype(np.float32)).all()
    assert {name for case in cases for name in case.network.activations} == set(ACTIVATIONS_OF_0_1)
    assert {case.network.loss for case in cases} == set(LOSSES_OF_0_1)
    assert {case.training.optimizer for case in cases} == set(OPTIMIZERS)
    assert {size for case in cases for size in case.network.sizes} >= {17, 130}


def test_flags_are_used_and_name_properties() -> None:
    used = {flag for question in questions() for flag in question.flags}
    assert used == set(FLAGS)
    assert {prop for prop, _ in FLAGS.values()} <= {prop.id for prop in PROPERTIES}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", [NumpyPlain, Correct])
def test_correct_implementations_answer_all(kind: type, dtype: str) -> None:
    assert killers(Checked(kind(), dtype), ALL) == []


def test_one_that_only_trains_is_asked_gradients_too() -> None:
    class OnlyTrains:
        capabilities = Capabilities(dtypes=DTYPES)
        train = NumpyPlain.train

    class Halved(OnlyTrains):
        def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
            after = NumpyPlain().train(network, parameters, batch, training)
            return type(after)(network, (parameters.vector + after.vector) / after.dtype.type(2))

    inner = NumpyPlain()
    OnlyTrains.train = lambda self, *arguments: inner.train(*arguments)
    for dtype in DTYPES:
        assert killers(Checked(OnlyTrains(), dtype), ALL) == []
        assert "one-weight" in killers(Checked(Halved(), dtype), ALL)


def test_an_implementation_is_asked_only_what_it_can_do() -> None:
    prop = find_property("vectors:hidden-130")
    assert case_in(of("hidden-130"), Domain("float32", Capabilities(dtypes=DTYPES))).parameters.dtype == np.float32
    for limits in ({"max_width": 129}, {"activations": ("relu",)}, {"max_samples": 1}, {"max_hidden_layers": 0}):
        with pytest.raises(Exception, match="the vector needs what it cannot do"):
            prop.cases(Domain("float64", Capabilities(**limits)), "small")


def test_the_text_is_the_same_each_time_and_can_be_read_back(tmp_path: Path) -> None:
    text = document()
    assert text == document([answered(question) for question in questions()])
    path = tmp_path / "vectors.json"
    path.write_text(text, encoding="utf-8")
    assert document(read_vectors(path)) == text
    assert references(path)[0] == f"vectors:{path}#one-weight"
    assert judge(of("tie"), Checked(NumpyPlain(), "float64"), of("tie").question.case).outcome == "held"
    assert find_property(references(path)[0]).id == references(path)[0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data.pop("flags"), "'flags' is a required property"),
        (lambda data: data["vectors"][0].update(comments=3), "vectors.0"),
        (lambda data: data["vectors"][0]["parameters"].append("0.5"), "does not match"),
        (lambda data: data["vectors"][0]["parameters"].append("0x1p+0"), "must be a float array of shape (1,)"),
        (lambda data: data["vectors"][0]["expected"].pop("loss"), "one-weight: expected and bounds must have"),
        (lambda data: data["vectors"][0]["network"].update(loss="mes"), "did you mean 'mse'?"),
        (lambda data: data["vectors"].append(data["vectors"][0]), "two vectors are called 'one-weight'"),
        (lambda data: data["vectors"][0]["parameters"].__setitem__(0, "0x1p+99999"), "vectors="),
    ],
)
def test_a_bad_file_costs_one_sentence(change: Any, sentence: str, tmp_path: Path) -> None:
    data = json.loads(document([of("one-weight")]))
    change(data)
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InvalidValue) as raised:
        read_vectors(path)
    assert sentence in str(raised.value)
    assert str(path) in str(raised.value)


def test_the_vectors_find_most_broken_implementations() -> None:
    found = power(ALL)
    assert len(found) == len(MUTANTS)
    share = sum(map(bool, found.values())) / len(found)
    print(f"{sum(map(bool, found.values()))} of {len(found)} broken implementations are found by the vectors")
    # What is left needs calls that no vector makes: other layouts, seeds, many starts, threads, and sizes, steps and
    # numbers beyond the usual.
    assert share > 0.65
    useless = {vector.question.id for vector in ALL} - {name for by in found.values() for name in by}
    assert useless == set()
