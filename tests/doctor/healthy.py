"""Healthy models: random starts and the zeros that are usual, of which none may have a fatal finding."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Built = tuple[Callable[[], nn.Module], Callable[[int], Any]]


def numbers(inputs: int, outputs: int, samples: int = 32) -> Callable[[int], Any]:
    def batch(step: int) -> Any:
        random = torch.Generator().manual_seed(step)
        x = torch.randn(samples, inputs, generator=random)
        return x, torch.randn(samples, outputs, generator=random)

    return batch


def images(classes: int = 4, samples: int = 8, size: int = 8) -> Callable[[int], Any]:
    def batch(step: int) -> Any:
        random = torch.Generator().manual_seed(step)
        x = torch.randn(samples, 3, size, size, generator=random)
        return x, torch.randint(0, classes, (samples,), generator=random)

    return batch


def same_images(step: int) -> Any:
    x, _ = images()(step)
    return x, x


def words(samples: int = 8, length: int = 6, known: int = 11) -> Callable[[int], Any]:
    def batch(step: int) -> Any:
        random = torch.Generator().manual_seed(step)
        x = torch.randint(0, known, (samples, length), generator=random)
        return x, x.roll(1, 1)

    return batch


def series(step: int) -> Any:
    random = torch.Generator().manual_seed(step)
    return torch.randn(16, 5, 3, generator=random), torch.randn(16, 2, generator=random)


def mlp(activation: Callable[[], nn.Module] = nn.Tanh, norm: Callable[[int], nn.Module] | None = None) -> nn.Module:
    middle: list[nn.Module] = [norm(12)] if norm else []
    return nn.Sequential(
        nn.Linear(5, 12), *middle, activation(), nn.Linear(12, 12), activation(), nn.Linear(12, 2)
    )  # fmt: skip


def cnn(norm: bool = True, dropout: float = 0.0) -> nn.Module:
    middle: list[nn.Module] = [nn.BatchNorm2d(6)] if norm else []
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1, bias=not norm), *middle, nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(), nn.Dropout(dropout), nn.Flatten(), nn.Linear(8 * 16, 4),
    )  # fmt: skip


class Residual(nn.Module):
    """Two blocks, in each of which the last normalization starts at 0."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
                nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6),
            )
            for _ in range(2)
        )  # fmt: skip
        self.head = nn.Linear(6, 4)
        for block in self.blocks:
            nn.init.zeros_(block[4].weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.stem(x)
        for block in self.blocks:
            h = functional.relu(h + block(h))
        return self.head(h.mean((2, 3)))


class Transformer(nn.Module):
    """Two encoder blocks of PyTorch over an embedding with positions."""

    def __init__(self, known: int = 11, size: int = 16, *, tied: bool = False, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(known, size)
        self.places = nn.Parameter(0.1 * torch.randn(6, size))
        block = nn.TransformerEncoderLayer(size, 4, 24, dropout, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.head = nn.Linear(size, known, bias=False)
        if tied:
            self.head.weight = self.words.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.blocks(self.words(x) + self.places)).transpose(1, 2)


class Grouped(nn.Module):
    """Grouped-query attention with rotary positions and a gated layer, as in many language models."""

    def __init__(self, known: int = 11, size: int = 16, heads: int = 4, kept: int = 2) -> None:
        super().__init__()
        self.heads, self.kept, self.width = heads, kept, size // heads
        self.words = nn.Embedding(known, size)
        self.q_proj = nn.Linear(size, size, bias=False)
        self.k_proj = nn.Linear(size, kept * self.width, bias=False)
        self.v_proj = nn.Linear(size, kept * self.width, bias=False)
        self.o_proj = nn.Linear(size, size, bias=False)
        self.norm = nn.RMSNorm(size)
        self.gate_proj, self.up_proj = nn.Linear(size, 24, bias=False), nn.Linear(size, 24, bias=False)
        self.down_proj = nn.Linear(24, size, bias=False)
        self.head = nn.Linear(size, known, bias=False)
        self.register_buffer("frequencies", 1.0 / 100 ** (torch.arange(self.width // 2) / (self.width // 2)))

    def turned(self, x: torch.Tensor) -> torch.Tensor:
        angles = torch.arange(x.shape[2])[:, None] * self.frequencies
        angles = torch.cat([angles, angles], -1)
        half = self.width // 2
        return x * angles.cos() + torch.cat([-x[..., half:], x[..., :half]], -1) * angles.sin()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.words(x)
        samples, length, size = h.shape
        n = self.norm(h)
        q = self.q_proj(n).view(samples, length, self.heads, self.width).transpose(1, 2)
        k = self.k_proj(n).view(samples, length, self.kept, self.width).transpose(1, 2)
        v = self.v_proj(n).view(samples, length, self.kept, self.width).transpose(1, 2)
        q, k = self.turned(q), self.turned(k)
        k = k[:, :, None].expand(-1, -1, self.heads // self.kept, -1, -1).reshape(q.shape)
        v = v[:, :, None].expand(-1, -1, self.heads // self.kept, -1, -1).reshape(q.shape)
        a = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + self.o_proj(a.transpose(1, 2).reshape(samples, length, size))
        n = self.norm(h)
        h = h + self.down_proj(functional.silu(self.gate_proj(n)) * self.up_proj(n))
        return self.head(h).transpose(1, 2)


class Recurrent(nn.Module):
    """A recurrent layer, of which the last output is read."""

    def __init__(self, kind: str = "LSTM", layers: int = 1, *, both: bool = False) -> None:
        super().__init__()
        self.cells = getattr(nn, kind)(3, 8, layers, batch_first=True, bidirectional=both)
        self.head = nn.Linear(16 if both else 8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.cells(x)[0][:, -1])


class Tied(nn.Module):
    """An autoencoder whose decoder is the transposed encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(5, 3)
        self.bias = nn.Parameter(torch.zeros(5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(torch.tanh(self.encoder(x)), self.encoder.weight.T, self.bias)


class Mixture(nn.Module):
    """Four experts in a list behind a soft router, or the two that are chosen for each sample."""

    def __init__(self, *, chosen: int = 4, experts: int = 4) -> None:
        super().__init__()
        self.chosen = chosen
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(8, 12), nn.GELU(), nn.Linear(12, 8)) for _ in range(experts)
        )
        self.router = nn.Linear(8, experts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = self.router(x).softmax(-1)
        if self.chosen < len(self.experts):
            least = weights.topk(self.chosen, -1).values[:, -1:]
            weights = weights * (weights >= least)
        return sum(weights[:, i : i + 1] * expert(x) for i, expert in enumerate(self.experts))


class Adapter(nn.Module):
    """A frozen layer with two factors beside it, of which the second starts at 0."""

    def __init__(self, inputs: int = 8, outputs: int = 8, rank: int = 2) -> None:
        super().__init__()
        self.frozen = nn.Linear(inputs, outputs).requires_grad_(False)
        self.lora_A = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
        self.lora_B = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.frozen(x) + x @ self.lora_A.T @ self.lora_B.T


class Patches(nn.Module):
    """Patches of an image as tokens, with one more that is read at the end."""

    def __init__(self, size: int = 16) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, size, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, size))
        self.places = nn.Parameter(0.02 * torch.randn(1, 5, size))
        self.block = nn.TransformerEncoderLayer(size, 4, 24, 0.0, "gelu", batch_first=True)
        self.head = nn.Linear(size, 4)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.patches(x).flatten(2).transpose(1, 2)
        h = torch.cat([self.token.expand(len(h), -1, -1), h], 1) + self.places
        return self.head(self.block(h)[:, 0])


class Skipping(nn.Module):
    """Down, up, and a concatenation of both: as a small U-Net."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.down = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 6, 3, 2, 1)
        self.up, self.last = nn.ConvTranspose2d(6, 5, 2, 2), nn.Conv2d(9, 3, 3, padding=1)
        self.norm = nn.GroupNorm(2, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = functional.silu(self.norm(self.first(x)))
        b = functional.silu(self.down(a))
        return self.last(torch.cat([a, functional.silu(self.up(b))], 1))


class Gaussian(nn.Module):
    """A variational autoencoder, which draws noise in each step."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.mean, self.spread = nn.Linear(5, 8), nn.Linear(8, 3), nn.Linear(8, 3)
        self.decoder = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.relu(self.encoder(x))
        s = self.spread(h)
        return self.decoder(self.mean(h) + torch.exp(0.5 * s) * torch.randn_like(s))


def depthwise() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 1), nn.Conv2d(6, 6, 3, padding=1, groups=6), nn.BatchNorm2d(6), nn.SiLU(), nn.Conv2d(6, 4, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def same_numbers(step: int) -> Any:
    x, _ = numbers(5, 2)(step)
    return x, x


ACTIVATIONS = (nn.Tanh, nn.ReLU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.LeakyReLU, nn.ELU, nn.Softplus)

HEALTHY: dict[str, Built] = {
    **{f"mlp {each.__name__}": (partial(mlp, each), numbers(5, 2)) for each in ACTIVATIONS},
    "mlp with batch norm": (lambda: mlp(nn.ReLU, nn.BatchNorm1d), numbers(5, 2)),
    "mlp with layer norm": (lambda: mlp(nn.ReLU, nn.LayerNorm), numbers(5, 2)),
    "convolutions": (lambda: cnn(norm=False), images()),
    "convolutions with batch norm": (cnn, images()),
    "convolutions with dropout": (lambda: cnn(dropout=0.3), images()),
    "depthwise convolution": (depthwise, images()),
    "residual, last norm 0": (Residual, images()),
    "transformer": (Transformer, words()),
    "transformer, tied embedding": (lambda: Transformer(tied=True), words()),
    "grouped-query attention": (Grouped, words()),
    "lstm": (Recurrent, series),
    "two lstm layers, both ways": (lambda: Recurrent(layers=2, both=True), series),
    "gru": (lambda: Recurrent("GRU"), series),
    "rnn": (lambda: Recurrent("RNN"), series),
    "tied autoencoder": (Tied, same_numbers),
    "soft mixture": (Mixture, numbers(8, 8)),
    "mixture of two chosen": (lambda: Mixture(chosen=2), numbers(8, 8)),
    "adapter, B = 0": (Adapter, numbers(8, 8)),
    "patches, head 0": (Patches, images()),
    "skipping": (Skipping, same_images),
    "variational autoencoder": (Gaussian, same_numbers),
}
