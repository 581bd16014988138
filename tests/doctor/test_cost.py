"""What an examination costs beside the training of the same model: passes, and memory at its peak."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import nn

from symtests.doctor import diagnose, diagnosing

STEPS = 4
MODEL = """
import re, resource, sys, torch
from pathlib import Path
from torch import nn
torch.set_num_threads(1)
def build():
    return nn.Sequential(nn.Linear(1500, 2000), nn.Tanh(), nn.Linear(2000, 2000), nn.Tanh(), nn.Linear(2000, 1500))
def batch(step):
    x = torch.randn(4, 1500, generator=torch.Generator().manual_seed(step))
    return x, x
def peak():
    # Linux counts what the process held that has started this one into ru_maxrss.
    own = Path("/proc/self/status")
    found = re.search(r"VmHWM:\\s*(\\d+) kB", own.read_text()) if own.exists() else None
    return int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
import symtests.doctor.torch_examining, symtests.doctor.diagnosing
small = nn.Linear(2, 2)
optimizer = torch.optim.Adam(small.parameters())
small(torch.ones(1, 2)).sum().backward()
optimizer.step()
before = peak()
"""
TRAIN = """
model = build()
optimizer = torch.optim.Adam(model.parameters())
for step in range(4):
    optimizer.zero_grad()
    x, y = batch(step)
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
print(peak() - before)
"""
DIAGNOSE = """
symtests.doctor.diagnosing._LARGE = 1_000_000
symtests.doctor.torch_model._PRECISE = 1_000_000
assert not symtests.doctor.diagnosing.diagnose(build, batch, steps=4).fatal
print(peak() - before)
"""


def peak_of(what: str) -> int:
    """Return how much memory a program takes at its peak, beyond what its libraries take."""
    return int(subprocess.run([sys.executable, "-c", MODEL + what], check=True, capture_output=True).stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="the module resource is of Unix")
def test_an_examination_takes_at_most_three_times_the_memory_of_training() -> None:
    training = peak_of(TRAIN)
    assert training > 50_000  # kilobytes: three copies of 10 million parameters and more
    assert peak_of(DIAGNOSE) <= 3 * training


class Counting(nn.Sequential):
    """Counts how often it is called."""

    calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        Counting.calls += 1
        return super().forward(x)


@pytest.mark.parametrize("spoil", [lambda net: None, lambda net: nn.init.zeros_(net[-1].weight)])
def test_a_large_model_is_passed_through_a_few_times_more_than_there_are_steps(
    spoil: Callable[[nn.Sequential], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosing, "_LARGE", 10)

    def build() -> nn.Module:
        net = Counting(*(layer for _ in range(12) for layer in (nn.Linear(8, 8), nn.Tanh())), nn.Linear(8, 8))
        spoil(net)
        return net

    Counting.calls = 0
    result = diagnose(build, [(torch.randn(4, 8), torch.randn(4, 8))], steps=STEPS)
    assert len(result.groups) == diagnosing._CONFIRMED_OF_LARGE
    # one that is followed; of each group one as it is and two or four with members exchanged; the last one; the outputs
    assert Counting.calls <= 1 + STEPS + 1 + 5 * diagnosing._CONFIRMED_OF_LARGE + 4
