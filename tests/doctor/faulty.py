"""Faults seeded into every kind of layer, each with the finding that names it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from tests.doctor.healthy import (
    Adapter,
    Grouped,
    Mixture,
    Recurrent,
    Residual,
    Transformer,
    cnn,
    images,
    mlp,
    numbers,
    series,
    words,
)


@dataclass(frozen=True)
class Fault:
    """A model with a fault, and what is to be said of it.

    `kind` and `verdict` are those of the finding, `where` a tensor that it names, `said` a piece of its sentence.
    """

    build: Callable[[], nn.Module]
    batch: Callable[[int], Any]
    kind: str
    verdict: str
    where: str = ""
    said: str = ""
    optimizer: Callable[[nn.Module], torch.optim.Optimizer] | None = None


def constant(model: nn.Module, value: float, names: Sequence[str] = ("",)) -> nn.Module:
    for name, each in model.named_parameters():
        if name.startswith(tuple(names)):
            nn.init.constant_(each, value)
    return model


def copied(model: nn.Module, units: Sequence[tuple[str, int, int, int]]) -> nn.Module:
    """Copy unit 0 of some tensors over unit 1: (tensor, axis, units, block)."""
    with torch.no_grad():
        for name, axis, size, place in units:
            view = model.get_parameter(name).movedim(axis, 0)
            block = view.shape[0] // size
            view[place * block : (place + 1) * block] = view[:block].clone()
    return model


def dead(model: nn.Module, name: str, units: slice = slice(None)) -> nn.Module:
    with torch.no_grad():
        model.get_parameter(name)[units] = -100.0
    return model


class Detached(nn.Module):
    def __init__(self, layer: str) -> None:
        super().__init__()
        self.encoder = {"linear": nn.Linear(5, 8), "conv": nn.Conv1d(1, 8, 5)}[layer]
        self.head = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.encoder(x[:, None])[..., 0] if isinstance(self.encoder, nn.Conv1d) else self.encoder(x)
        return self.head(torch.tanh(h).detach())


class Rounded(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.head = nn.Linear(5, 8), nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(torch.round(3 * self.encoder(x)))


class Unused(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.spare = mlp(), nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x)


class OneUnit(nn.Module):
    """A softmax over one unit, the commonest fault of published faulty programs."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.softmax(self.body(x), dim=1)


class Repeated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(5, 8), nn.Linear(8, 2)
        block = nn.Linear(8, 8)
        self.blocks = nn.ModuleList([block] * 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.tanh(self.first(x))
        for block in self.blocks:
            h = torch.tanh(block(h))
        return self.last(h)


class Dropping(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 2))
        constant(self, 0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


def alike_experts(*, router: bool) -> nn.Module:
    model = Mixture()
    for expert in model.experts[1:]:
        expert.load_state_dict(model.experts[0].state_dict())
    return constant(model, 0.0, ["router"]) if router else model


def both_zero() -> nn.Module:
    return constant(nn.Sequential(Adapter(), nn.Tanh(), Adapter(8, 2)), 0.0, ["0.lora", "2.lora"])


def alike_components() -> nn.Module:
    return constant(Adapter(), 0.05, ["lora"])


def frozen(model: nn.Module, name: str) -> nn.Module:
    model.get_submodule(name).requires_grad_(False)
    return model


def without_last(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(list(model.parameters())[:-2], 1e-3)


def of_another(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(copy.deepcopy(model).parameters(), 1e-3)


def two_zero_layers() -> nn.Module:
    """Both layers of a branch at 0 with a ReLU between, beside a layer that learns."""

    class Branch(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.outer, self.head = nn.Linear(5, 8), nn.Linear(8, 5), nn.Linear(5, 2)
            constant(self, 0.0, ["inner", "outer"])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(x + self.outer(functional.relu(self.inner(x))))

    return Branch()


def wide(step: int) -> Any:
    return numbers(5, 2)(step)


FAULTS: dict[str, Fault] = {
    "linear, constant": Fault(
        lambda: constant(mlp(), 0.5), wide, "tied", "fatal", "0.weight", "12 hidden units of 0, effectively 1"
    ),
    "linear, constant, one layer": Fault(
        lambda: constant(mlp(), 0.5, ["0", "2"]), wide, "tied", "fatal", "0.weight", "effectively 1"
    ),
    "linear, zero": Fault(lambda: constant(mlp(), 0.0), wide, "stuck", "fatal", "0.weight"),
    "linear, one unit copied": Fault(
        lambda: copied(mlp(), [("0.weight", 0, 12, 5), ("0.bias", 0, 12, 5), ("2.weight", 1, 12, 5)]),
        wide, "tied", "costly", "0.weight", "12 hidden units of 0, effectively 11: {0, 5} are alike",
    ),
    "linear, dead": Fault(lambda: dead(mlp(nn.ReLU), "0.bias"), wide, "stuck", "fatal", "0.weight"),
    "linear, most units dead": Fault(
        lambda: dead(mlp(nn.ReLU), "0.bias", slice(0, 9)), wide, "dead units", "costly", "0.weight",
        "of 12 hidden units of 0",
    ),
    "linear, detached": Fault(lambda: Detached("linear"), wide, "cut", "fatal", "encoder.weight", "ends at detach"),
    "convolution, detached": Fault(lambda: Detached("conv"), wide, "cut", "fatal", "encoder.weight", "ends at detach"),
    "linear, rounded": Fault(Rounded, wide, "no gradient passes", "fatal", "encoder.weight", "round"),
    "softmax over one unit": Fault(
        OneUnit, lambda step: (wide(step)[0], (wide(step)[1][:, :1] > 0).float()),
        "no gradient passes", "fatal", "body.0.weight", "softmax",
    ),
    "linear, shared": Fault(
        Repeated, wide, "shared", "to know", "blocks.0.weight", "blocks.0, blocks.1, blocks.2 are one object"
    ),
    "linear, unused": Fault(Unused, wide, "unused", "to know", "spare.weight", "not used by the loss"),
    "linear, frozen": Fault(lambda: frozen(mlp(), "2"), wide, "frozen", "to know", "2.weight", "156 of 254 numbers"),
    "linear, forgotten": Fault(mlp, wide, "forgotten", "costly", "4.weight", "26 of 254 numbers", without_last),
    "optimizer of another model": Fault(mlp, wide, "foreign", "fatal", "", "no step changes the model", of_another),
    "branch, both zero": Fault(two_zero_layers, wide, "stuck", "fatal", "inner.weight", "each waits for the other"),
    "dropout alone parts": Fault(Dropping, wide, "tied but for noise", "costly", "net.0.weight", "noise alone"),
    "convolution, constant": Fault(
        lambda: constant(cnn(norm=False), 0.05), images(), "tied", "fatal", "0.weight", "6 channels of 0, effectively 1"
    ),
    "convolution and norm, constant": Fault(
        lambda: constant(cnn(), 0.05, ["0", "4"]), images(), "tied", "fatal", "0.weight", "6 channels of 0"
    ),
    "convolution, one channel copied": Fault(
        lambda: copied(cnn(norm=False), [("3.weight", 0, 8, 2), ("3.bias", 0, 8, 2), ("7.weight", 1, 8, 2)]),
        images(), "tied", "costly", "3.weight", "8 channels of 3, effectively 7: {0, 2} are alike",
    ),
    "convolution, dead": Fault(lambda: dead(cnn(norm=False), "0.bias"), images(), "stuck", "fatal", "0.weight"),
    "convolution, zero": Fault(lambda: constant(cnn(norm=False), 0.0), images(), "stuck", "fatal", "0.weight"),
    "residual, both norms zero": Fault(
        lambda: constant(Residual(), 0.0, ["blocks.0.1", "blocks.0.4"]), images(), "stuck", "fatal", "blocks.0.0.weight"
    ),
    "lstm, constant": Fault(
        lambda: constant(Recurrent(), 0.2), series, "tied", "fatal", "cells.weight_ih_l0", "8 cells of cells"
    ),
    "gru, constant": Fault(
        lambda: constant(Recurrent("GRU"), 0.2), series, "tied", "fatal", "cells.weight_ih_l0", "8 cells"
    ),
    "rnn, constant": Fault(
        lambda: constant(Recurrent("RNN"), 0.2), series, "tied", "fatal", "cells.weight_ih_l0", "8 cells"
    ),
    "rnn, zero": Fault(lambda: constant(Recurrent("RNN"), 0.0), series, "stuck", "fatal", "cells.weight_hh_l0"),
    "rnn, zero but for the unit matrix": Fault(
        lambda: identity(constant(Recurrent("RNN"), 0.1)), series, "tied", "fatal", "cells.weight_hh_l0", "8 cells"
    ),
    "attention, constant": Fault(
        lambda: constant(Transformer(dropout=0.0), 0.1, ["blocks.layers.0.self_attn"]), words(), "tied", "fatal",
        "blocks.layers.0.self_attn.in_proj_weight", "4 heads of blocks.layers.0.self_attn, effectively 1",
    ),
    "attention, one head copied": Fault(
        lambda: heads_copied(Transformer(dropout=0.0)), words(), "tied", "costly",
        "blocks.layers.0.self_attn.in_proj_weight",
        "4 heads of blocks.layers.0.self_attn, effectively 3: {0, 2} are alike",
    ),
    "attention, no queries and no keys": Fault(
        lambda: constant(Grouped(), 0.0, ["q_proj", "k_proj"]), words(), "stuck", "fatal", "q_proj.weight", "each waits"
    ),
    "grouped-query attention, constant": Fault(
        lambda: constant(Grouped(), 0.1, ["q_proj", "k_proj", "v_proj", "o_proj"]), words(), "tied", "fatal",
        "q_proj.weight", "2 heads of q_proj, effectively 1",
    ),
    "embedding and all else, constant": Fault(
        lambda: constant(Grouped(), 0.1), words(), "tied", "fatal", "words.weight", "16 embedding dimensions of words"
    ),
    "experts and router, constant": Fault(
        lambda: alike_experts(router=True), numbers(8, 8), "tied", "fatal", "router.weight",
        "4 experts of experts, effectively 1",
    ),
    "one expert never chosen": Fault(
        lambda: dead(Mixture(chosen=2), "router.bias", slice(3, 4)), numbers(8, 8), "dead units", "to know",
        "experts.3.0.weight", "1 of 4 experts of experts got no gradient",
    ),
    "adapter, both zero": Fault(both_zero, numbers(8, 2), "stuck", "fatal", "0.lora_A", "each waits for the other"),
    "adapter, constant": Fault(
        alike_components, numbers(8, 8), "tied", "fatal", "lora_A", "2 components of lora_A, effectively 1"
    ),
}  # fmt: skip


def identity(model: nn.Module) -> nn.Module:
    nn.init.eye_(model.get_parameter("cells.weight_hh_l0"))
    return model


def heads_copied(model: nn.Module) -> nn.Module:
    """Copy head 0 over head 2: queries, keys and values of width 4, and what reads them."""
    attention = model.get_submodule("blocks.layers.0.self_attn")
    with torch.no_grad():
        for tensor in (attention.in_proj_weight, attention.in_proj_bias):
            for start in (0, 16, 32):
                tensor[start + 8 : start + 12] = tensor[start : start + 4].clone()
        attention.out_proj.weight[:, 8:12] = attention.out_proj.weight[:, 0:4].clone()
    return model
