"""Stuck for ever, late and harmless: told apart by trials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from symtests.doctor import movement
from symtests.doctor.findings import Finding
from symtests.doctor.model import Facts
from symtests.doctor.movement import judge_movement
from symtests.doctor.watching import Record, TensorRecord, watch
from tests.doctor.simple import Simple, random_simple


def said(model: Simple) -> list[Finding]:
    return list(judge_movement(model, watch(model, model.candidates(), 5)))


def test_a_random_start_is_nothing_to_speak_of() -> None:
    assert said(random_simple()) == []


def test_two_zero_factors_wait_for_each_other_and_one_sets_both_free() -> None:
    (found,) = said(Simple(np.zeros((4, 3)), np.zeros((2, 4))))
    assert (found.kind, found.verdict) == ("stuck", "fatal")
    assert "each waits for the other" in found.sentence
    assert found.numbers["cure"] in (["first"], ["last"])
    assert found.numbers["moves_from_step"] == 1


def test_one_zero_factor_is_harmless() -> None:
    (found,) = said(Simple(np.zeros((4, 3)), random_simple().start["last"]))
    assert (found.kind, found.verdict) == ("late", "harmless")
    assert found.sentence == "first is 0: step 0 moves only first; from step 1 on every one of 2 tensors moves"


def test_what_is_explained_is_not_said_again() -> None:
    model = Simple(np.zeros((4, 3)), np.zeros((2, 4)))
    record = watch(model, model.candidates(), 3)
    assert list(judge_movement(model, record, {"first", "last"})) == []


def test_a_zero_gradient_at_random_values_too_is_not_the_start() -> None:
    class Flat(Simple):
        def step(self, number: int, *, update: bool = True) -> float:
            loss = super().step(number, update=update)
            self.now["first"][...] = self.start["first"] if update else self.now["first"]
            self.gradient["first"] = np.zeros_like(self.now["first"])
            return loss

        def flat_operations(self, name: str) -> list[str]:
            return ["round"] if name == "first" else []

    random = random_simple()
    (found,) = said(Flat(random.start["first"], random.start["last"]))
    assert (found.kind, found.verdict) == ("no gradient passes", "fatal")
    assert "round" in found.sentence


def test_a_loss_that_is_not_finite_is_said_first() -> None:
    model = random_simple()
    model.start["last"][0, 0] = np.nan
    assert [(each.kind, each.verdict) for each in said(model)] == [("not finite", "fatal")]


def test_a_gradient_that_vanishes_from_layer_to_layer() -> None:
    model = random_simple()
    model.facts = {f"layers.{i}.w": Facts(f"layers.{i}.w", (4, 4)) for i in range(3)}
    tensors = {f"layers.{i}.w": TensorRecord([10.0 ** (2 * i)], [1.0], [1.0]) for i in range(3)}
    (found,) = judge_movement(model, Record([1.0, 0.9], tensors, []))
    assert (found.kind, found.verdict) == ("vanishing", "to know")
    assert "layers.0.w: its gradient is 1/10000 of that of layers.2.w" in found.sentence
    assert "0.01 per layer" in found.sentence


def test_an_empty_tensor_is_not_called_stuck() -> None:
    model = random_simple()
    record = watch(model, model.candidates(), 3)
    model.facts = {**model.facts, "empty": Facts("empty", (0, 4))}
    record.tensors["empty"] = TensorRecord([0.0] * 3, [0.0] * 3, [0.0] * 3)
    assert list(judge_movement(model, record)) == []


def test_a_bias_alone_is_not_fatal() -> None:
    for name, verdict in (("last", "fatal"), ("last.bias", "costly")):
        model = random_simple()
        model.facts = {**model.facts, name: replace(model.facts["last"], name=name)}
        record = watch(random_simple(), [], 2)
        record.tensors[name] = record.tensors["last"]
        found = movement._stuck_by_start(model, record, [name], [], 0)
        assert (found.kind, found.verdict) == ("stuck", verdict)
