"""Frozen, forgotten, shared, cut off, unused: told from a model's facts and a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symtests.doctor.findings import Finding
from symtests.doctor.model import Facts, Wiring
from symtests.doctor.streaming import digest
from symtests.doctor.watching import Record, TensorRecord, watch
from symtests.doctor.wiring import judge_wiring
from symtests.model.groups import Values
from tests.doctor.simple import Simple, random_simple


def digests(values: Mapping[str, Values]) -> dict[str, bytes]:
    """Return what is kept of values at the start."""
    return {name: digest(value) for name, value in values.items()}


def said(wiring: Wiring | None = None, without: tuple[str, ...] = (), **facts: Any) -> list[Finding]:
    """Judge a random model, in which some facts of `last` are others, or some tensors have no gradient."""
    model = random_simple()
    model.wiring = wiring or Wiring()
    model.facts = {**model.facts, "last": replace(model.facts["last"], **facts)}
    record = watch(model, model.candidates(), 3)
    for name in without:
        record.tensors[name].gradients[:] = [None] * 3
    return list(judge_wiring(model, record, digests(model.start)))


@pytest.mark.parametrize(
    ("changes", "kind", "verdict", "piece"),
    [
        ({"trainable": False}, "frozen", "to know", "8 of 20 numbers stay"),
        ({"in_optimizer": False}, "forgotten", "costly", "8 of 20 numbers never move"),
        ({"wiring": Wiring(foreign=7)}, "foreign", "costly", "7 numbers that are no parameters"),
        ({"wiring": Wiring(foreign=7), "in_optimizer": False}, "foreign", "costly", "7 numbers"),
        ({"wiring": Wiring(remembered=2)}, "memory", "to know", "for 2 tensors"),
        ({"other_names": ("head",)}, "shared", "to know", "last, head are one object: 2 names, 1 tensor"),
        ({"wiring": Wiring(storages={"first": 1, "last": 1})}, "storage", "to know", "in one storage"),
        ({"without": ("last",), "used": True}, "unused", "to know", "its result does not reach the loss"),
        ({"without": ("last",), "cut_at": "detach"}, "cut", "fatal", "ends at detach"),
        ({"without": ("last",), "cut_at": "detach", "shape": (8,)}, "cut", "costly", "None, not 0"),
    ],
)
def test_each_fact_has_its_finding(changes: dict[str, Any], kind: str, verdict: str, piece: str) -> None:
    found = {each.kind: each for each in said(**changes)}
    assert found[kind].verdict == verdict
    assert piece in found[kind].sentence


def test_of_a_sound_model_nothing_is_said() -> None:
    assert said() == []


def test_modules_that_are_one_are_named_by_their_modules() -> None:
    model = random_simple()
    names = ("heads.0.0.weight", "heads.0.1.weight")
    model.facts = {names[0]: Facts(names[0], (4, 3), names[1:])}
    (found,) = judge_wiring(model, Record([1.0], {names[0]: TensorRecord([1.0], [1.0], [1.0])}, []), {})
    assert found.sentence.startswith("heads.0.0, heads.0.1 are one object")


def test_copies_in_series_are_told_from_copies_that_stay() -> None:
    def judged(end: float) -> Finding:
        names = ("layers.0.w", "layers.1.w")
        model = Simple(np.zeros((1, 1)), np.zeros((1, 1)))
        model.facts = {name: Facts(name, (2, 2)) for name in names}
        model.wiring = Wiring(siblings=[["layers.0", "layers.1"]])
        start = {name: np.arange(4.0).reshape(2, 2) for name in names}
        model.now = {names[0]: start[names[0]], names[1]: start[names[1]] + end}
        records = {name: TensorRecord([1.0], [1.0], [1.0]) for name in names}
        (found,) = judge_wiring(model, Record([1.0], records, []), digests(start))
        return found

    assert judged(0.1).verdict == "to know"
    assert "they differ" in judged(0.1).sentence
    assert judged(0.0).verdict == "costly"
    assert "still alike" in judged(0.0).sentence


def test_a_target_network_is_cut_off_on_purpose() -> None:
    names = ("net.w", "target.w")
    facts = {names[0]: Facts(names[0], (2, 2)), names[1]: Facts(names[1], (2, 2), cut_at="mm")}
    records = {names[0]: TensorRecord([1.0], [1.0], [1.0]), names[1]: TensorRecord([None], [0.0], [1.0])}
    for offset, verdict in ((0.0, "to know"), (1.0, "fatal")):
        model = Simple(np.zeros((1, 1)), np.zeros((1, 1)))
        model.facts = facts
        values = np.arange(4.0).reshape(2, 2)
        start = digests({names[0]: values, names[1]: values + offset})
        (found,) = judge_wiring(model, Record([1.0], records, []), start)
        assert (found.kind, found.verdict) == ("cut", verdict)
