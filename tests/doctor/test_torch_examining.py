"""Nothing of the caller's is changed, and what cannot be examined is refused in one sentence."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from symtests.doctor import NotExaminable, diagnose
from tests.doctor.healthy import mlp, numbers

BATCH = numbers(5, 2)


class Uncopyable(nn.Module):
    """A module that holds an open file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
        self.log = path.open("w")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


def state(model: nn.Module, optimizer: torch.optim.Optimizer) -> list[Any]:
    return [
        *(each.clone() for each in model.state_dict().values()),
        *(each.grad.clone() for each in model.parameters() if each.grad is not None),
        torch.random.get_rng_state(), torch.tensor(np.random.random()),  # noqa: NPY002 - the caller's
         torch.tensor(random.random()),
    ]  # fmt: skip


@pytest.mark.parametrize("copyable", [True, False])
def test_nothing_of_the_caller_is_changed(copyable: bool, tmp_path: Path) -> None:
    model = mlp(nn.ReLU, nn.BatchNorm1d) if copyable else Uncopyable(tmp_path / "log")
    optimizer = torch.optim.Adam(model.parameters())
    model.eval()
    nn.functional.mse_loss(model(BATCH(0)[0]), BATCH(0)[1]).backward()
    optimizer.step()
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the caller's
    before, memory, threads = state(model, optimizer), copy.deepcopy(optimizer.state_dict()), torch.get_num_threads()
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the caller's
    result = diagnose(model, BATCH, None, optimizer, steps=3)
    after = state(model, optimizer)
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert str(optimizer.state_dict()) == str(memory)
    assert not any(module.training for module in model.modules())
    assert torch.get_num_threads() == threads
    assert [each.kind for each in result.findings if each.kind == "memory"] == ["memory"]
    assert result.fatal == ()


@pytest.mark.parametrize(
    ("model", "optimizer", "said"),
    [
        (lambda: nn.ReLU(), None, "has no parameters"),
        (lambda: nn.LazyLinear(2), None, "lazy parameters"),
        (lambda: nn.Linear(5, 2, device="meta"), None, "device meta"),
        (lambda: nn.Linear(5, 2).requires_grad_(False), None, "no parameter asks for a gradient"),
        (lambda: torch.jit.trace(nn.Linear(5, 2), torch.randn(3, 5)), None, "compiled script"),
        (lambda: 3, None, "build: gave a int"),
        (lambda: [][0], None, "build: raised IndexError"),
        (mlp, "adam", "optimizer=str"),
        (mlp, lambda model, rate: None, "optimizer: raised TypeError"),
        (mlp, torch.optim.SGD(nn.Linear(1, 1).parameters(), 0.1), "belongs to another model"),
        (mlp, lambda model: torch.optim.LBFGS(model.parameters()), "LBFGS takes no step by itself"),
    ],
)
def test_what_cannot_be_examined_is_refused_with_what_to_hand_over(
    model: Callable[[], Any], optimizer: Any, said: str
) -> None:
    with pytest.raises(NotExaminable, match=said) as raised:
        diagnose(model, BATCH, None, optimizer)
    assert "hand over" in str(raised.value) or "run model(inputs)" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_model_at_all() -> None:
    with pytest.raises(NotExaminable, match=r"model=int: hand over a torch\.nn\.Module"):
        diagnose(3, BATCH)


def test_a_loss_without_a_gradient() -> None:
    with pytest.raises(NotExaminable, match="its loss has no gradient"):
        diagnose(mlp, BATCH, lambda y, t: (y.detach() - t).square().mean())


def test_a_compiled_model_is_examined_as_what_it_was_made_of() -> None:
    model = mlp()
    assert [each.group.title for each in diagnose(torch.compile(model), BATCH, steps=2).groups] == [
        "hidden units of 0",
        "hidden units of 2",
    ]


def test_a_model_in_bfloat16() -> None:
    def batch(step: int) -> Any:
        return tuple(each.bfloat16() for each in BATCH(step))

    result = diagnose(lambda: mlp().bfloat16(), batch, steps=5)
    assert result.fatal == ()
    assert len(result.groups) == 2


def test_a_function_that_gives_the_same_model_again_changes_nothing() -> None:
    model = mlp()
    before = [each.detach().clone() for each in model.parameters()]
    diagnose(lambda: model, BATCH, steps=3)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert all(each.grad is None for each in model.parameters())
