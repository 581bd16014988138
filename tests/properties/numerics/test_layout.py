"""NUM5 holds on correct code, and is broken by what it promises to catch."""

from typing import Any

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.memory_layout import LAYOUTS, lay_out
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.properties import find
from symtests.properties.base import Case, Tier
from symtests.properties.numerics.layout import arrays_of
from tests.mutants.base import Correct
from tests.mutants.layout_faults import (
    BackwardsOutOfRange,
    ColumnsTakenForRows,
    InputStridesIgnored,
    ParameterStridesIgnored,
    TargetStridesIgnored,
    WeightsAreScratchSpace,
)
from tests.properties.right_ones import OnlyTrains
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of

NUM5 = find("NUM5")


@pytest.mark.parametrize("implementation", [NumbaKernels, Correct, NumpyPlain, OnlyTrains])
@pytest.mark.parametrize(("dtype", "tier"), [("float64", "small"), ("float32", "wide"), ("float64", "wide")])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(NUM5, implementation(), dtype, tier, examples=25)
    assert counts["held"] >= 22
    if implementation in (NumbaKernels, Correct):
        assert counts["bitwise"] == 25


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (InputStridesIgnored, "batch.x "),
        (TargetStridesIgnored, "batch.y "),
        (ColumnsTakenForRows, "batch.x "),
        (ParameterStridesIgnored, "parameters "),
        (WeightsAreScratchSpace, "raised ValueError: output array is read-only, where "),
        (BackwardsOutOfRange, "raised IndexError: index 8 is out of bounds for axis 0 with size 8, where"),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant: type[Correct], said: str) -> None:
    assert said in found_and_shown(NUM5, mutant(), Correct()).sentence


def test_only_the_layout_that_matters_is_left() -> None:
    case, violation = violation_of(NUM5, InputStridesIgnored(), shrink=True)
    assert case.network.sizes == (1, 1, 1)
    assert case.details["layouts"] == {"batch.x": "every other number"}
    assert "where batch.x is every other number of a longer array" in violation.sentence


def test_a_fault_is_found_within_rounding_too() -> None:
    class NothingClaimed(InputStridesIgnored):
        capabilities = Capabilities(dtypes=DTYPES)

    case, violation = violation_of(NUM5, NothingClaimed())
    assert violation.bound > 0
    with pytest.raises(AssertionError):
        run_script(violation, case, NothingClaimed())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_reaches_the_implementation(layout: str) -> None:
    seen: dict[str, Any] = {}

    class Looks(Correct):
        def loss_and_gradient(self, network: Any, parameters: Any, batch: Any) -> Any:
            seen.update({"batch.x": batch.x, "parameters": parameters.vector})
            return super().loss_and_gradient(network, parameters, batch)

    case, _ = violation_of(NUM5, InputStridesIgnored(), tier="wide")
    case = Case.from_json(case.to_json())  # as it comes to a process of its own
    implementation = Checked(Looks(), "float64")
    for name in seen:
        with implementation.laid_out({name: layout}):
            implementation.loss_and_gradient(case.network, case.parameters, case.batch)
        wanted = lay_out(arrays_of(case)[name], layout)
        assert seen[name].strides == wanted.strides
        assert (seen[name].flags.aligned, seen[name].flags.writeable) == (wanted.flags.aligned, wanted.flags.writeable)
        assert np.array_equal(seen[name], wanted)
