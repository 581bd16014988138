"""A start that was set, and drawn anew before the first step."""

from __future__ import annotations

import torch
from torch import nn

from symtests.doctor import diagnose
from symtests.doctor.torch_filling import lost_starts
from tests.doctor.healthy import HEALTHY, numbers


class Overwritten(nn.Module):
    """yz93/LAVT-RIS#15: a gate starts at 0, and a later `apply` draws all layers."""

    def __init__(self, *, again: bool) -> None:
        super().__init__()
        self.body, self.gate = nn.Linear(5, 5), nn.Linear(5, 2)
        nn.init.zeros_(self.gate.weight)
        if again:
            self.apply(lambda module: isinstance(module, nn.Linear) and nn.init.normal_(module.weight, std=0.02))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.gate(torch.tanh(self.body(x)))


def test_a_start_that_is_drawn_anew_got_lost() -> None:
    _, lost = lost_starts(lambda: Overwritten(again=True))
    assert lost == {"gate.weight": ("uniform_", "zero_", "normal_")}
    assert lost_starts(lambda: Overwritten(again=False))[1] == {}


def test_it_is_said() -> None:
    result = diagnose(lambda: Overwritten(again=True), numbers(5, 2), steps=2)
    (found,) = [each for each in result.findings if each.kind == "lost start"]
    assert found.verdict == "to know"
    assert found.sentence.startswith("gate.weight: set to a constant while the model was built, and drawn at random")


def test_usual_starts_are_not_lost() -> None:
    """A scale of a normalization that starts at 1 is drawn once: nobody set it before."""

    def drawn() -> nn.Module:
        norm = nn.BatchNorm1d(4)
        nn.init.normal_(norm.weight, 1.0, 0.02)
        return norm

    assert lost_starts(drawn)[1] == {}
    for build, _ in HEALTHY.values():
        assert lost_starts(build)[1] == {}
