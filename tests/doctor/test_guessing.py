"""Groups without a pass that could be followed: guessed from shapes, confirmed by exchange."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from symtests.doctor import diagnose
from symtests.doctor.grouping import confirmed
from symtests.doctor.guessing import guessed
from symtests.doctor.model import Facts
from symtests.doctor.torch_model import TorchModel
from tests.doctor.simple import random_simple


def test_units_of_a_model_without_structure_are_confirmed() -> None:
    model = random_simple()
    (group, *_) = confirmed(model, guessed(model.facts), 50)
    assert [(part.tensors, part.axis) for part in group.parts] == [(("first",), 0), (("last",), 1)]


def test_what_reads_a_flattened_axis_is_a_block() -> None:
    facts = {name: Facts(name, shape) for name, shape in {"c.w": (3, 2, 5, 5), "d.w": (7, 12)}.items()}
    blocks = [part.positions for group in guessed(facts) for part in group.parts[1:] if group.size == 3]
    assert any(np.array_equal(each, np.arange(12).reshape(3, 4)) for each in blocks)
    assert any(np.array_equal(each, np.arange(12).reshape(4, 3).T) for each in blocks)


def test_a_pass_that_cannot_be_followed_still_has_its_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TorchModel, "_follow", lambda self: 1 / 0)

    def build() -> nn.Module:
        net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
        for each in net.parameters():
            nn.init.constant_(each, 0.3)
        return net

    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    result = diagnose(build, [(x, x[:, :2])], steps=3)
    assert any(
        each.kind == "tied" and "4 hidden units of 0.weight, effectively 1" in each.sentence for each in result.fatal
    )
