"""torch.nn.functional.hardsigmoid: in float64, its derivative is a sixth as float32 has it."""

import sys

import torch

z = torch.zeros(1, dtype=torch.float64, requires_grad=True)
torch.nn.functional.hardsigmoid(z).sum().backward()
found = float(z.grad)
print(f"derivative at 0 in float64: {found!r}; right: {1 / 6!r}")
sys.exit(abs(found - 1 / 6) > 1e-15)
