"""Correct implementations that do what few others do are accused by nothing; a refusal is no fault."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import Profile
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.properties import find
from symtests.properties.base import Case
from tests.evidence.correct import CORRECT, UNUSUAL, is_asked
from tests.evidence.unusual import LazyAnswers, OrderOfTheMoment, PlainRowsOnly, RoundsOnceMore
from tests.mutants.base import Correct
from tests.properties.trying import outcomes, run_script, violation_of

FEW = Profile("few", 12, 6, shrink_cases=50, seconds=60.0, effort=0.0)
ASKED = ("ZERO5", "SAD2", "STEP2", "OPT6", "OPT4", "NUM5", "GRAD1", "GRAD8", "GRAD9", "MST1", "NUM4")
"""Those that accused one of them once, and those whose bounds were derived anew."""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", UNUSUAL)
def test_nothing_accuses_them(kind: type[Correct], dtype: str) -> None:
    for prop in ASKED:
        if is_asked(kind.name, prop):
            verdict = judge_check(Checked(kind(), dtype, kind.name), find(prop), FEW)
            assert verdict.word in ("exact", "holds"), (prop, verdict.sentence)


def test_they_are_on_record() -> None:
    assert {kind.name for kind in UNUSUAL} <= set(CORRECT)
    assert [prop for prop in ASKED if not is_asked(OrderOfTheMoment.name, prop)] == ["NUM4"]


@pytest.mark.parametrize("prop", ["ZERO5", "STEP2"])
def test_one_ulp_too_much_does_happen(prop: str) -> None:
    assert outcomes(find(prop), Correct(), "float64", "small")["bitwise"] >= 20
    counts = outcomes(find(prop), RoundsOnceMore(), "float64", "small")
    assert counts["held"] > 0
    assert counts["bitwise"] < 20


def test_what_differs_by_rounding_alone_is_told_once_and_by_its_name() -> None:
    case, violation = violation_of(find("NUM4"), OrderOfTheMoment(), tier="wide")
    assert "it is not deterministic: loss_and_gradient was asked the same question twice" in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, OrderOfTheMoment())


def test_a_training_alone_is_told_to_be_not_deterministic_as_well() -> None:
    class OnlyTrains(OrderOfTheMoment):
        loss_and_gradient = predict = stages = None  # type: ignore[assignment]  # an implementation need not have them

        def step_gradient(self, network, theta, batch, training):
            return Correct.gradient(self, network, batch, Correct.stages(self, network, theta, batch)).vector

    _, violation = violation_of(find("NUM4"), OnlyTrains(), tier="wide")
    assert "it is not deterministic: train was asked the same question twice" in violation.sentence


def test_a_refused_layout_is_not_supported_and_one_that_is_taken_is_judged() -> None:
    class Refuses(PlainRowsOnly):
        def train(self, network, parameters, batch, training):
            if not parameters.vector.flags.writeable:
                raise BufferError("parameters=<read-only>: must be writeable")
            return super().train(network, parameters, batch, training)

    verdict = judge_check(Checked(Refuses(), "float64"), find("NUM5"), FEW)
    assert verdict.word == "exact"
    assert verdict.tally.unsupported > verdict.tally.conclusive > 0


REFUSES = """
from symtests.implementations.numpy_plain import NumpyPlain

class Refuses(NumpyPlain):
    def train(self, network, parameters, batch, training):
        if not batch.x.flags.c_contiguous:
            raise TypeError("x: must lie row after row")
        if not batch.y.flags.c_contiguous:
            raise OSError("y cannot be read")
        return super().train(network, parameters, batch, training)
"""


def test_a_refusal_keeps_its_kind_on_its_way_out_of_a_process(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(REFUSES, encoding="utf-8")
    process = PythonProcess(f"{tmp_path / 'net.py'}:Refuses", (), TimeLimits(start=60.0, request=60.0))
    network = Network((2, 1, 2), "tanh", "mse")
    case = Case(network, Parameters.zeros(network), Batch(np.ones((3, 2)), np.ones((3, 2))))
    try:
        process.load()
        implementation = Checked(process, "float64")
        for name, refuses in (("batch.x", True), ("batch.y", False)):
            with implementation.laid_out({name: "column by column"}), pytest.raises(Misbehaviour) as caught:
                implementation.train(case.network, case.parameters, case.batch, case.training)
            assert (caught.value.kind, caught.value.refuses) == ("raised", refuses)
    finally:
        process.close()


def test_what_is_read_later_is_computed_then() -> None:
    implementation = Checked(LazyAnswers(), "float64")
    case, _ = violation_of(find("NUM4"), OrderOfTheMoment(), tier="wide")
    found = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    right = Correct().loss_and_gradient(case.network, case.parameters, case.batch)
    assert found.loss == right[0]
    assert np.array_equal(found.gradient.vector, right[1].vector)
    assert implementation.told is not None
    assert set(implementation.told.held()) == {"loss", "gradient"}
