"""What people asked in public of their own models, rebuilt small: each gets the sentence that would have ended it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from symtests.doctor import Diagnosis, Finding, diagnose
from tests.doctor.healthy import numbers


def adam(rate: float) -> Any:
    return lambda model: torch.optim.Adam([each for each in model.parameters() if each.requires_grad], rate)


def the(result: Diagnosis, kind: str) -> Finding:
    found = [each for each in result.findings if each.kind == kind]
    assert len(found) == 1, str(result)
    return found[0]


class Gate(nn.Module):
    """yz93/LAVT-RIS#25: a gate of two layers that both start at 0, with a ReLU between."""

    def __init__(self) -> None:
        super().__init__()
        self.fusion, self.head = nn.Linear(6, 6), nn.Linear(6, 1)
        self.gate = nn.Sequential(nn.Linear(6, 6, bias=False), nn.ReLU(), nn.Linear(6, 6, bias=False), nn.Tanh())
        nn.init.zeros_(self.gate.get_parameter("0.weight"))
        nn.init.zeros_(self.gate.get_parameter("2.weight"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        r = self.fusion(x)
        return self.head(x + self.gate(r) * r)


def test_two_zero_layers_in_series_wait_for_each_other() -> None:
    found = the(diagnose(Gate, numbers(6, 1), None, adam(1e-2)), "stuck")
    assert found.verdict == "fatal"
    assert "gate.0.weight, gate.2.weight are 0, and each waits for the other" in found.sentence
    assert "with gate.0.weight alone drawn at random, all of them move from step 1 on" in found.sentence
    assert found.cure == 'nn.init.normal_(model.get_parameter("gate.0.weight"), std=0.41)'


def test_one_zero_layer_alone_is_harmless() -> None:
    def build() -> nn.Module:
        model = Gate()
        nn.init.kaiming_uniform_(model.get_parameter("gate.0.weight"))
        return model

    result = diagnose(build, numbers(6, 1), None, adam(1e-2))
    assert the(result, "late").verdict == "harmless"
    assert result.fatal == ()


def test_a_zero_last_layer_is_explained() -> None:
    """facebookresearch/DiT#82, and ten more of the kind."""

    def build() -> nn.Module:
        net = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 3, 3, padding=1)
        )  # fmt: skip
        nn.init.zeros_(net.get_parameter("3.weight"))
        nn.init.zeros_(net.get_parameter("3.bias"))
        return net

    def batch(step: int) -> Any:
        random = torch.Generator().manual_seed(step)
        return torch.randn(4, 3, 8, 8, generator=random), torch.randn(4, 3, 8, 8, generator=random)

    result = diagnose(build, batch)
    assert the(result, "late").sentence == (
        "3.weight is 0: step 0 moves only 3.weight, 3.bias; from step 1 on every one of 6 tensors moves"
    )
    assert {each.group.title for each in result.groups} == {"groups of channels of 0", "channels of each group of 0"}
    assert [each.width for each in result.groups] == [each.group.size for each in result.groups]


class Heads(nn.Module):
    """linkedin/Liger-Kernel#269: the blocks of a head are one object."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Sequential(*([nn.Linear(6, 6)] * 2), nn.Linear(6, 5)) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([head(x) for head in self.heads], 1)


def test_one_block_in_every_head_is_named_under_its_names() -> None:
    found = the(diagnose(Heads, numbers(6, 5), lambda y, t: functional.mse_loss(y, t[:, None].expand_as(y))), "shared")
    assert found.verdict == "to know"
    assert found.sentence.startswith("heads.0.0, heads.0.1 are one object (and 2 more such sets): 2 names, 2 tensors")


class Stacked(nn.Module):
    """marin-community/levanter#987: experts copied from one dense layer, behind a router that starts at 0."""

    def __init__(self, *, router: bool) -> None:
        super().__init__()
        self.w1 = nn.Parameter((torch.randn(8, 6) / 6**0.5).repeat(4, 1, 1))
        self.w2 = nn.Parameter((torch.randn(6, 8) / 8**0.5).repeat(4, 1, 1))
        self.router, self.head = nn.Linear(6, 4, bias=False), nn.Linear(6, 1)
        if not router:
            nn.init.zeros_(self.router.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.softmax(self.router(x), -1)
        h = functional.gelu(torch.einsum("nd,ehd->neh", x, self.w1))
        return self.head(x + torch.einsum("ne,neh,edh->nd", weights, h, self.w2))


def test_copied_experts_under_a_zero_router_stay_one() -> None:
    result = diagnose(lambda: Stacked(router=False), numbers(6, 1))
    found = the(result, "tied")
    assert found.verdict == "fatal"
    assert found.sentence.startswith("4 experts of w1, effectively 1: {0, 1, 2, 3} are alike in w1, w2, router.weight")
    assert "with router.weight alone drawn at random, all of them differ from step 1 on" in found.sentence
    assert "with noise of 0.001 of their size on them alone" in found.sentence
    assert [each.width for each in result.groups if each.group.kind == "experts"] == [1]


def test_copied_experts_under_a_random_router_part_and_are_harmless() -> None:
    found = the(diagnose(lambda: Stacked(router=True), numbers(6, 1)), "parted")
    assert found.verdict == "harmless"
    assert "different from step 1 on" in found.sentence


class Range(nn.Module):
    """gallenszl/CFNet#21: parameters that are used under no_grad only."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6))
        self.gamma, self.beta = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        p = torch.softmax(self.net(x), -1)
        with torch.no_grad():
            width = 1 + torch.relu(self.gamma * p.var(-1, keepdim=True) + self.beta)
        return (p * torch.clamp(torch.arange(6.0), 2 - width, 2 + width)).sum(-1, keepdim=True)


def test_parameters_outside_of_the_graph_have_none_and_not_zero() -> None:
    found = the(diagnose(Range, numbers(4, 1)), "cut")
    assert found.where == ("gamma", "beta")
    assert "no gradient at any of 20 steps (None, not 0)" in found.sentence
    assert "ends at add, mul" in found.sentence


class LowRank(nn.Module):
    """microsoft/LoRA#167: adapters with sigmoids between, trained from scratch beside frozen layers."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.base = nn.Linear(inputs, outputs)
        self.base.weight.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.randn(4, inputs) / inputs**0.5)
        self.lora_B = nn.Parameter(torch.zeros(outputs, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + x @ self.lora_A.T @ self.lora_B.T / 4


def test_what_is_small_is_told_from_what_is_zero() -> None:
    def build() -> nn.Module:
        return nn.Sequential(LowRank(16, 64), nn.Sigmoid(), LowRank(64, 32), nn.Sigmoid(), LowRank(32, 1), nn.Sigmoid())

    def batch(step: int) -> Any:
        x, y = numbers(16, 1)(step)
        return x, (y > 0).float()

    result = diagnose(build, batch, functional.binary_cross_entropy, adam(1e-3))
    late = the(result, "late")
    assert late.verdict == "harmless"
    assert late.sentence.startswith("0.lora_B, 2.lora_B, 4.lora_B are 0: at step 0 0.lora_A, 2.lora_A, 4.lora_A get")
    assert the(result, "vanishing").sentence.startswith("0.lora_B: its gradient is 1/")
    assert "the entropy of the targets" in the(result, "loss").sentence


class Modulated(nn.Module):
    """KU-VGI/LFS-GAN#2: a weight that two factors modulate, both 0 or both constant."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.base = nn.Linear(8, 6).requires_grad_(False)
        self.w_out, self.w_in = nn.Parameter(torch.full((6, 2), value)), nn.Parameter(torch.full((2, 8), value))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ (self.base.weight * (1 + self.w_out @ self.w_in)).T + self.base.bias


def test_both_factors_zero_and_both_constant() -> None:
    zero = the(diagnose(lambda: Modulated(0.0), numbers(8, 6)), "stuck")
    assert zero.sentence.startswith("w_out, w_in: a gradient of exactly 0 at all 20 steps")
    assert "with w_out alone drawn at random" in zero.sentence
    alike = the(diagnose(lambda: Modulated(0.01), numbers(8, 6)), "tied")
    assert alike.verdict == "fatal"
    assert alike.sentence.startswith("2 components of w_in, effectively 1: {0, 1} are alike in w_in, w_out together")


def test_widened_by_copies() -> None:
    """leela-zero#704: channels that were copied, with outgoing weights halved, stay copies."""
    narrow = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 2, 3, padding=1)

    def build() -> nn.Module:
        first, last = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 2, 3, padding=1)
        with torch.no_grad():
            first.weight.copy_(narrow[0].weight.repeat(2, 1, 1, 1))
            first.bias.copy_(narrow[0].bias.repeat(2))
            last.weight.copy_(narrow[1].weight.repeat(1, 2, 1, 1) / 2)
        return nn.Sequential(first, nn.ReLU(), last, nn.Flatten(), nn.Linear(2 * 64, 3))

    def batch(step: int) -> Any:
        random = torch.Generator().manual_seed(step)
        return torch.randn(4, 3, 8, 8, generator=random), torch.randn(4, 3, generator=random)

    found = the(diagnose(build, batch), "tied")
    assert found.verdict == "fatal"
    assert "8 channels of 0, effectively 4: {0, 4} are and 3 more such classes" in found.sentence or (
        "8 channels of 0, effectively 4" in found.sentence
    )
