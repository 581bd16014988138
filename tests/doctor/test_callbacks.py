"""The callback for Lightning, called as Lightning calls it; that of Keras is tried in tests/peers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from symtests.doctor import CannotLearn
from symtests.doctor.callbacks import for_keras, for_lightning
from symtests.validation import InvalidValue

BATCH = torch.randn(8, 3, generator=torch.Generator().manual_seed(0)), torch.ones(8, 1)


class Module(nn.Module):
    """A module in the manner of Lightning."""

    def __init__(self, *, dead: bool) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
        if dead:
            nn.init.constant_(self.net[0].bias, -99.0)

    def training_step(self, batch: Any, batch_idx: int) -> dict[str, torch.Tensor]:
        x, y = batch
        return {"loss": (self.net(x) - y).square().mean()}


def start(module: Module, callback: Any) -> None:
    trainer = SimpleNamespace(optimizers=[torch.optim.SGD(module.parameters(), 0.1)])
    callback.on_train_batch_start(trainer, module, BATCH, 0)
    callback.on_train_batch_start(trainer, module, BATCH, 1)


def test_a_dead_module_stops_before_its_first_step() -> None:
    with pytest.raises(CannotLearn, match="before the first step"):
        start(Module(dead=True), for_lightning(steps=3))


def test_a_warning_lets_training_go_on() -> None:
    callback = for_lightning(on_fatal="warn", steps=3)
    with pytest.warns(UserWarning, match="fatal"):
        start(Module(dead=True), callback)
    assert callback.diagnosis.fatal


def test_a_sound_module_is_left_as_it_is() -> None:
    module, callback = Module(dead=False), for_lightning(steps=3)
    before = [each.clone() for each in module.parameters()]
    start(module, callback)
    assert not callback.diagnosis.fatal
    assert all(map(torch.equal, before, module.parameters()))


@pytest.mark.parametrize("make", [for_lightning, lambda on_fatal: for_keras(None, on_fatal=on_fatal)])
def test_what_to_do_has_to_be_known(make: Any) -> None:
    with pytest.raises(InvalidValue, match="must be 'raise' or 'warn'"):
        make(on_fatal="shout")
