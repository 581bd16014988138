"""The extreme cases: what they meet, that an implementation can do them, and that correct code passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.model.activations import ACTIVATION_TABLE
from symtests.network import ACTIVATIONS, DTYPES, LOSSES
from symtests.oracle import stages
from symtests.properties import find
from symtests.properties.base import Domain
from symtests.properties.drawing.extremes import extreme_cases
from tests.evidence.roundings import FLOAT16
from tests.mutants.base import CorrectInAll

GRAD1 = find("GRAD1")


def domain(dtype: str = "float64", reach: int = 1, **can: Any) -> Domain:
    return Domain(
        dtype, Capabilities(**{"dtypes": DTYPES, "activations": ACTIVATIONS, "losses": LOSSES, **can}), reach=reach
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_correct_code_passes_and_most_are_conclusive(dtype: str) -> None:
    found = extreme_cases(domain(dtype))
    outcomes = [GRAD1.judge(Checked(CorrectInAll(), dtype), case).outcome for case in found]
    assert "violated" not in outcomes
    assert outcomes.count("held") > 0.85 * len(found)
    assert all(case.parameters.dtype == case.batch.x.dtype == case.batch.y.dtype == dtype for case in found)


def test_every_ordered_pair_of_activations_is_met_in_both_ways_of_asking() -> None:
    wanted = {(below, above) for below in ACTIVATIONS for above in ACTIVATIONS if below != above}
    for few_shapes, most in ((False, None), (True, None), (True, 5)):
        met = {
            pair
            for case in extreme_cases(domain(reach=4, few_shapes=few_shapes, max_hidden_layers=most))
            for pair in zip(case.network.activations, case.network.activations[1:], strict=False)
        }
        assert met == wanted
    chains = [case.network for case in extreme_cases(domain(reach=4, few_shapes=True)) if len(case.network.sizes) > 3]
    assert len(chains) <= 2 * len(wanted) / 15  # a chain of 16 layers holds 15 pairs


def test_pre_activations_reach_far_out_and_zero() -> None:
    for name in ACTIVATIONS:
        z = [
            stages(case.network, case.parameters, case.batch).pre_activations[0].ravel()
            for case in extreme_cases(domain())
            if case.network.activations == (name,) and case.network.sizes[1] == 3
        ]
        reached = np.concatenate(z)
        assert (reached.max(), reached.min()) == (2e4, -800)
        assert ((np.abs(reached) > 5) & (np.abs(reached) < 9)).sum() >= 3
        assert (0.0 in reached) == all(kink.at != 0 for kink in ACTIVATION_TABLE[name].kinks)


def test_every_loss_is_asked_at_exactly_zero_on_either_side() -> None:
    for loss in LOSSES:
        targets = [
            tuple(case.batch.y[0])
            for case in extreme_cases(domain())
            if case.network.loss == loss
            and not stages(case.network, case.parameters, case.batch).pre_activations[-1].any()
        ]
        assert len(set(targets)) >= 2


def test_numbers_are_tiny_and_huge() -> None:
    passes = [stages(case.network, case.parameters, case.batch) for case in extreme_cases(domain())]
    signals = [np.abs(each.error_signals[0]).max() for each in passes]
    assert min(size for size in signals if size) < 1e-30
    assert max(signals) > 1e6
    assert max(case.batch.x.max() for case in extreme_cases(domain())) > 1e6


@pytest.mark.parametrize(
    "can",
    [
        {"max_hidden_layers": 1},
        {"max_width": 1},
        {"max_samples": 1},
        {"losses": ("softmax_cross_entropy",)},
        {"losses": ("bce",), "bias": (False,)},
        {"activations": ("logistic",)},
    ],
)
def test_nothing_is_asked_that_cannot_be_done(can: dict[str, Any]) -> None:
    may = domain(**can)
    found = extreme_cases(may)
    assert found
    for case in found:
        network = case.network
        assert set(network.activations) <= set(may.capabilities.activations)
        assert network.loss in may.capabilities.losses
        assert network.bias in may.capabilities.bias
        assert len(network.hidden_sizes) <= (may.capabilities.max_hidden_layers or 99)
        assert max(network.hidden_sizes) <= (may.capabilities.max_width or 99)
        assert len(case.batch) <= (may.capabilities.max_samples or 99)
        assert len(case.batch.y) == len(case.batch.x)


def test_where_shapes_are_dear_or_arithmetic_is_coarse_there_are_fewer() -> None:
    assert extreme_cases(domain(few_shapes=True)) == []
    assert extreme_cases(domain(max_hidden_layers=0)) == []
    coarse = extreme_cases(domain("float32", unit_roundoff={"float32": FLOAT16}))
    assert {len(case.network.hidden_sizes) for case in coarse} == {2}


def test_a_round_that_has_some_of_the_activations_asks_for_all() -> None:
    some = domain()
    part = replace(some, capabilities=replace(some.capabilities, activations=("tanh",)), activations=ACTIVATIONS)
    assert len(extreme_cases(part)) == len(extreme_cases(some))
