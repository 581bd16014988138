"""Batches and losses in the forms in which people have them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from symtests.doctor.model import NotExaminable
from symtests.doctor.torch_batches import Batches, Objective, tensors_in

CPU = torch.device("cpu")
X, Y = torch.randn(8, 3), torch.randn(8, 2)


@pytest.mark.parametrize(
    "source",
    [
        (X, Y), lambda: (X, Y), lambda step: (X, Y), [(X, Y)], DataLoader(TensorDataset(X, Y), 8),
        lambda step, scale=1: (X * scale, Y),
    ],
)  # fmt: skip
def test_a_batch_in_any_form(source: Any) -> None:
    batches = Batches(source, CPU)
    assert all(torch.equal(batches[2][place], each) for place, each in enumerate((X, Y)))


def test_a_batch_is_drawn_once() -> None:
    batches = Batches(lambda: torch.randn(3), CPU)
    assert torch.equal(batches[1], batches[1])
    assert batches.differ


def test_the_same_batches_do_not_differ() -> None:
    batches = Batches((X, Y), CPU)
    assert batches[1] is not None
    assert not batches.differ


def test_an_empty_loader_is_refused() -> None:
    with pytest.raises(NotExaminable, match="the loader gives none"):
        Batches([], CPU)[0]


class Own(nn.Module):
    """A model that returns its loss, as those of the transformers library do."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor, labels: torch.Tensor | None = None) -> dict[str, Any]:
        logits = self.net(x)
        return {"loss": None if labels is None else functional.mse_loss(logits, labels), "logits": logits}


NET = nn.Linear(3, 2)
EXPECTED = functional.mse_loss(NET(X), Y)


@pytest.mark.parametrize(
    ("loss", "batch"),
    [
        (None, (X, Y)), (functional.mse_loss, (X, Y)), (nn.MSELoss(), (X, Y)),
        (lambda model, batch: functional.mse_loss(model(batch[0]), batch[1]), (X, Y)),
        (lambda output: functional.mse_loss(output, Y), (X, Y)), (functional.mse_loss, {"input": X, "target": Y}),
    ],
)  # fmt: skip
def test_a_loss_in_any_form(loss: Any, batch: Any) -> None:
    objective = Objective(loss)
    assert torch.equal(objective(NET, batch), EXPECTED)
    assert objective.last_output is not None
    assert torch.equal(objective.last_output, NET(X))
    assert objective.last_target is Y


def test_a_model_that_returns_its_own_loss() -> None:
    model = Own()
    assert torch.equal(Objective(None)(model, {"x": X, "labels": Y}), functional.mse_loss(model.net(X), Y))


def test_whole_numbers_ask_for_cross_entropy() -> None:
    labels = torch.randint(0, 2, (8,))
    assert torch.equal(Objective(None)(NET, (X, labels)), functional.cross_entropy(NET(X), labels))


@pytest.mark.parametrize(
    ("loss", "batch", "said"),
    [
        (None, (X, torch.randn(8, 5)), r"output of shape \(8, 2\) and a target of shape \(8, 5\)"),
        (None, (torch.randn(8, 4), Y), "batch: the model cannot be called with it"),
        (lambda y, t: (y - t) ** 2, (X, Y), r"gave a shape \(8, 2\)"),
        (lambda y, t: 3.0, (X, Y), "gave a float"),
        (lambda y, t: y.nothing, (X, Y), "loss: raised AttributeError"),
        (lambda model, batch: model.nothing, (X, Y), "loss: raised AttributeError"),
    ],
)
def test_what_gives_no_loss_is_refused_in_one_sentence(loss: Any, batch: Any, said: str) -> None:
    with pytest.raises(NotExaminable, match=said):
        Objective(loss)(NET, batch)


def test_tensors_are_found_in_any_structure() -> None:
    assert len(tensors_in({"a": [X, (Y, 3)], "b": {"c": X}})) == 3
