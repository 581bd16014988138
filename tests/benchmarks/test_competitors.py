from __future__ import annotations

from typing import Any

import pytest

from symtests.benchmarks import competitors
from symtests.benchmarks.competitors import Competitor, LeftOut, absent, gather, reason_to_leave_out
from symtests.benchmarks.workloads import workloads
from symtests.implementations import BUILT_IN, BuiltIn
from symtests.validation import InvalidValue

WIDE = workloads(quick=False)[-1]  # 256-256-10 in float64


class Able:
    """Something that can be asked for one operation and is called what a test wants."""

    def __init__(self, **capabilities: Any) -> None:
        self.capabilities = {"dtypes": ("float32", "float64"), **capabilities}

    def predict(self) -> None:
        """Never called here."""


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a built-in implementation whose library is not installed."""
    monkeypatch.setitem(BUILT_IN, "absent", BuiltIn("nowhere:Nothing", "not here", "surely_not_installed"))
    return "absent"


def test_what_needs_no_library_is_here() -> None:
    assert absent("numpy") is None
    assert absent("some.module:object") is None


def test_those_present_are_found_in_order_and_those_missing_are_counted(missing: str) -> None:
    present, left_out = gather([missing, "numpy", "numpy"])
    assert [each.name for each in present] == ["numpy"]
    assert present[0].version == competitors.find("numpy").version  # type: ignore[attr-defined] # found as an object
    assert left_out == [LeftOut("absent", "surely_not_installed is not installed; run pip install 'symtests[absent]'")]


def test_a_wrong_name_is_refused() -> None:
    with pytest.raises(InvalidValue, match="did you mean 'numpy'"):
        gather(["numpi"])


@pytest.mark.parametrize(
    ("capabilities", "reason"),
    [
        ({}, None),
        ({"max_width": 256, "max_samples": 128, "max_hidden_layers": 1}, None),
        ({"dtypes": ("float32",)}, "it cannot do float64"),
        ({"losses": ("mse",)}, "it cannot do softmax_cross_entropy"),
        ({"activations": ("tanh",)}, "it cannot do relu"),
        ({"optimizers": ("adam",)}, "it cannot do sgd"),
        ({"max_hidden_layers": 0}, "it cannot do 1 hidden layers"),
        ({"max_width": 255}, "it cannot do 256 units in a layer"),
        ({"max_samples": 1}, "it cannot do 128 samples in a batch"),
        ({"bias": (False,)}, "it cannot do biases"),
    ],
)
def test_what_it_says_of_itself_decides(capabilities: dict[str, Any], reason: str | None) -> None:
    assert reason_to_leave_out(Competitor("able", Able(**capabilities)), "predict", WIDE) == reason


def test_an_operation_that_it_lacks_is_left_out() -> None:
    assert reason_to_leave_out(Competitor("able", Able()), "train", WIDE) == "it has no operation 'train'"
