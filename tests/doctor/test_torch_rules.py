"""Rules of layers: groups that are found in a layer of PyTorch, each confirmed by an exchange."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from symtests.doctor import diagnose
from symtests.doctor.torch_rules import RULES


def images(step: int) -> Any:
    random = torch.Generator().manual_seed(step)
    return torch.randn(4, 4, 6, 6, generator=random), torch.randn(4, 2, generator=random)


def after(*layers: nn.Module, channels: int = 6) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(4, 6, 3, padding=1), *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 2)
        )

    return build


@pytest.mark.parametrize(
    ("layers", "sizes"),
    [
        ([nn.BatchNorm2d(6)], [6]), ([nn.InstanceNorm2d(6, affine=True)], [6]), ([nn.GroupNorm(3, 6)], [2, 3]),
        ([nn.MaxPool2d(2)], [6]), ([nn.AvgPool2d(2)], [6]), ([nn.Upsample(scale_factor=2)], [6]),
        ([nn.ZeroPad2d(1)], [6]), ([nn.Dropout2d()], [6]), ([nn.PReLU(6)], [6]), ([nn.Softplus()], [6]),
        ([nn.Conv2d(6, 6, 3, padding=1, groups=6)], [6]), ([nn.Conv2d(6, 6, 3, groups=3)], [2, 2, 3]),
        ([nn.ConvTranspose2d(6, 5, 2)], [5, 6]), ([nn.Conv2d(6, 8, 1), nn.GLU(1), nn.Conv2d(4, 6, 1)], [4, 6, 6]),
    ],
)  # fmt: skip
def test_channels_are_found_through_layers(layers: list[nn.Module], sizes: list[int]) -> None:
    channels = 5 if isinstance(layers[0], nn.ConvTranspose2d) else 6
    result = diagnose(after(*layers, channels=channels), images, steps=1)
    assert result.unknown == ()
    assert sorted(each.group.size for each in result.groups) == sizes


@pytest.mark.parametrize(
    "loss",
    [
        functional.mse_loss, functional.l1_loss, functional.smooth_l1_loss, functional.huber_loss,
        lambda y, t: functional.binary_cross_entropy_with_logits(y, t.sigmoid()),
        lambda y, t: functional.cross_entropy(y, t.argmax(1)), lambda y, t: functional.kl_div(y, t.softmax(1)),
        lambda y, t: functional.cosine_embedding_loss(y, t, torch.ones(len(y))),
        lambda y, t: functional.gaussian_nll_loss(y, t, torch.ones_like(t)), lambda y, t: (y - t).pow(2).mean(),
    ],
)  # fmt: skip
def test_outputs_that_a_loss_compares_with_targets_are_no_group(loss: Any) -> None:
    result = diagnose(after(), images, loss, steps=1)
    assert [each.group.title for each in result.groups] == ["channels of 0"], result.unknown


def test_no_rule_stands_twice() -> None:
    assert len(RULES) > 100
    assert all(name == name.strip() and callable(rule) for name, rule in RULES.items())
