"""Groups: named by what makes them, and confirmed by an exchange that must not change the loss."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.doctor.axes import Axes
from symtests.doctor.grouping import confirmed, expert_candidates, groups_of, layer_of
from symtests.doctor.model import Facts
from symtests.model.groups import Group, Part
from tests.doctor.simple import random_simple


def units(size: int) -> np.ndarray:
    return np.arange(size)[:, None]


def test_the_group_of_hidden_units_is_confirmed_and_the_model_comes_back() -> None:
    model = random_simple()
    before = {name: value.copy() for name, value in model.values().items()}
    (group,) = confirmed(model, model.candidates(), 10)
    assert group.title == "hidden units of first"
    assert all(np.array_equal(model.values()[name], before[name]) for name in before)


@pytest.mark.parametrize(
    "parts",
    [
        (Part(("first",), 0, units(4)),),
        (Part(("first",), 0, units(4)), Part(("last",), 1, units(4)[::-1])),
        (Part(("first",), 1, units(3)), Part(("last",), 0, units(2))),
    ],
)
def test_what_changes_the_loss_is_no_group(parts: tuple[Part, ...]) -> None:
    size = min(len(part.positions) for part in parts)
    parts = tuple(Part(part.tensors, part.axis, part.positions[:size]) for part in parts)
    assert list(confirmed(random_simple(), [Group("x", "units", size, parts)], 10)) == []


def test_only_so_many_are_tried() -> None:
    model = random_simple()
    assert list(confirmed(model, model.candidates(), 0)) == []


def test_groups_are_named_by_the_layer_that_makes_them() -> None:
    axes = Axes()
    hidden = axes.new(4)
    tensors = {
        "head.weight": [axes.new(2, fixed=True), hidden],
        "body.weight": [hidden, axes.new(3, fixed=True)],
        "norm.running_mean": [hidden],
    }
    facts = {
        "head.weight": Facts("head.weight", (2, 4), order=1, kind="Linear"),
        "body.weight": Facts("body.weight", (4, 3), order=0, kind="Conv1d"),
    }
    (group,) = groups_of(axes, tensors, facts)
    assert group.title == "channels of body"
    assert group.tensors == ("body.weight", "head.weight", "norm.running_mean")


@pytest.mark.parametrize(
    ("tensor", "layer"),
    [
        ("net.0.weight", "net.0"), ("rnn.weight_ih_l0", "rnn layer 0"),
        ("rnn.bias_hh_l1_reverse", "rnn layer 1_reverse"),
        ("a.in_proj_weight", "a"), ("lora_A", "lora_A"), ("x.lora_A", "x.lora_A"), ("weight", "weight"),
    ],
)  # fmt: skip
def test_layers_by_their_tensors(tensor: str, layer: str) -> None:
    assert layer_of(tensor) == layer


def test_experts_of_a_list_come_with_the_router_beside_them() -> None:
    facts = {f"moe.experts.{i}.weight": Facts(f"moe.experts.{i}.weight", (5, 3)) for i in range(2)}
    facts["moe.router.weight"] = Facts("moe.router.weight", (2, 3))
    facts["far.weight"] = Facts("far.weight", (2, 3))
    first, *_ = expert_candidates(facts, {"moe.experts": ["moe.experts.0", "moe.experts.1"]})
    assert first.tensors == ("moe.experts.0.weight", "moe.experts.1.weight", "moe.router.weight")


def test_lists_of_different_modules_are_no_experts() -> None:
    facts = {"m.0.weight": Facts("m.0.weight", (5, 3)), "m.1.weight": Facts("m.1.weight", (4, 3))}
    assert list(expert_candidates(facts, {"m": ["m.0", "m.1"]})) == []
    assert list(expert_candidates({"m.0.weight": facts["m.0.weight"]}, {"m": ["m.0", "m.1"]})) == []
