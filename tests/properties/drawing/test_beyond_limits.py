"""The cases beyond the usual limits: which limits they exceed, how far, and that correct code passes."""

from __future__ import annotations

from typing import Any

import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.properties import find
from symtests.properties.base import Domain
from symtests.properties.drawing.beyond_limits import cases_beyond_limits


def domain(dtype: str = "float64", reach: int = 4, **can: Any) -> Domain:
    return Domain(dtype, Capabilities(dtypes=DTYPES, **can), reach=reach)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reach", [4, 10])
def test_correct_code_passes(dtype: str, reach: int) -> None:
    judged = [
        find("GRAD1").judge(Checked(NumpyPlain(), dtype), case).outcome
        for case in cases_beyond_limits(domain(dtype, reach))
    ]
    assert "violated" not in judged
    assert judged.count("held") >= len(judged) - 3


@pytest.mark.parametrize("reach", [4, 10])
def test_each_limit_is_exceeded_by_cases_that_are_small_in_all_else(reach: int) -> None:
    found = cases_beyond_limits(domain(reach=reach))
    assert max(len(case.network.hidden_sizes) for case in found) == 4 * reach
    assert max(case.network.sizes[0] for case in found) == 130 * reach
    assert max(max(case.network.hidden_sizes) for case in found) == 130 * reach
    assert max(case.network.sizes[-1] for case in found) == 65 * reach
    assert max(len(case.batch) for case in found) == 130 * reach
    assert {len(case.network.hidden_sizes) for case in found} >= {8, 16}
    assert all(case.network.parameter_count * len(case.batch) < 20_000 for case in found)


def test_there_are_none_in_a_hurry_nor_beyond_what_is_declared() -> None:
    assert cases_beyond_limits(domain(reach=1)) == []
    limited = cases_beyond_limits(domain(max_hidden_layers=1, max_width=4, max_samples=3))
    assert limited == []
    assert {case.network.hidden_sizes for case in cases_beyond_limits(domain(max_hidden_layers=0))} == {()}
    assert len(cases_beyond_limits(domain(few_shapes=True))) == 5
