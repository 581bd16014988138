"""The long trainings: what they reach, that correct code passes, and that they are asked of what can do them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.network import DTYPES, OPTIMIZERS
from symtests.oracle import loss_and_gradient
from symtests.properties import find
from symtests.properties.base import Domain
from symtests.properties.drawing.long_trainings import long_trainings, long_ways
from tests.evidence.roundings import BFLOAT16
from tests.mutants.base import Correct


def domain(dtype: str = "float64", reach: int = 1, **can: Any) -> Domain:
    return Domain(dtype, Capabilities(dtypes=DTYPES, **can), reach=reach)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("prop", ["OPT2", "OPT6"])
@pytest.mark.parametrize("can", [{}, {"losses": ("bce",)}, {"losses": ("softmax_cross_entropy",)}])
def test_correct_code_passes(prop: str, dtype: str, can: dict[str, Any]) -> None:
    asked = find(prop)
    assert asked.always is not None
    judged = [
        asked.judge(Checked(Correct(), dtype), case).outcome for case in asked.always(domain(dtype, **can), "small")
    ]
    assert set(judged) <= {"held", "too_wide"}
    assert judged.count("held") >= len(judged) - 1
    assert asked.always(domain(dtype), "wide") == []


@pytest.mark.parametrize(("reach", "steps", "followed"), [(1, 256, 10), (4, 1000, 60), (10, 5000, 300)])
def test_they_are_longer_than_what_is_drawn(reach: int, steps: int, followed: int) -> None:
    assert all(training.steps >= steps for training in long_trainings(domain(reach=reach)))
    assert max(case.training.steps for case in long_ways(domain(reach=reach))) >= followed
    assert {case.training.optimizer for case in long_ways(domain(reach=reach))} == set(OPTIMIZERS)
    if reach > 1:
        assert {training.optimizer for training in long_trainings(domain(reach=reach))} == set(OPTIMIZERS)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_loss_may_be_infinite_and_its_gradient_not(dtype: str) -> None:
    case = long_ways(domain(dtype))[-1]
    with np.errstate(over="ignore"):
        loss, gradient = Correct().loss_and_gradient(case.network, case.parameters, case.batch)
    assert np.isinf(np.dtype(dtype).type(loss))
    assert np.isfinite(gradient.vector).all()
    assert gradient.vector.any()


def test_a_relu_dies_in_the_first_step() -> None:
    dying = [case for case in long_ways(domain()) if case.network.hidden_sizes]
    assert len(dying) == len(OPTIMIZERS)
    for case in dying:
        after = Correct().train(case.network, case.parameters, case.batch, case.training.with_steps(1))
        assert loss_and_gradient(case.network, case.parameters, case.batch)[1].weight(0).any()
        assert not loss_and_gradient(case.network, after, case.batch)[1].weight(0).any()


def test_coarse_arithmetic_is_not_asked() -> None:
    coarse = domain("float32", unit_roundoff={"float32": BFLOAT16})
    assert long_ways(coarse) == []
    assert long_trainings(coarse) == []
