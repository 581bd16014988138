"""A network that cannot learn, and nothing tells: symtests diagnose examples/dead_model.py says why.

The adapter is added to what a frozen layer computes. Both of its factors start at 0, so that each multiplies the
gradient of the other by 0; and the large negative bias below it lets no unit of the first layer ever be active.
"""

import torch
from torch import nn


class Adapted(nn.Module):
    """A frozen layer with a trainable adapter of low rank."""

    def __init__(self, inputs: int, outputs: int, rank: int = 4) -> None:
        super().__init__()
        self.frozen = nn.Linear(inputs, outputs).requires_grad_(False)
        self.down = nn.Parameter(torch.zeros(rank, inputs))
        self.up = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the layer's output, and the adapter's beside it."""
        return self.frozen(x) + x @ self.down.T @ self.up.T


def build() -> nn.Module:
    """Return the model."""
    first = nn.Linear(8, 16)
    nn.init.constant_(first.bias, -100.0)
    return nn.ModuleDict({"skip": Adapted(8, 3), "net": nn.Sequential(first, nn.ReLU(), nn.Linear(16, 3))})


def batch(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return inputs and targets of a step."""
    random = torch.Generator().manual_seed(step)
    x = torch.randn(32, 8, generator=random)
    return x, x[:, :3].tanh()


def loss(model: nn.ModuleDict, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Return the mean squared error."""
    x, y = batch
    return nn.functional.mse_loss(model["skip"](x) + model["net"](x), y)


def optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Return the optimizer."""
    return torch.optim.Adam([each for each in model.parameters() if each.requires_grad], 1e-2)
