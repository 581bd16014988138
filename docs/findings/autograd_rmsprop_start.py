"""autograd.misc.optimizers.rmsprop: the running mean of squares starts from 1, as if such gradients had been seen."""

import sys

import numpy as np
from autograd.misc.optimizers import rmsprop

for size in (1.0, 1e-3):
    after = rmsprop(lambda *_, size=size: np.full(1, size), np.zeros(1), None, 1, 1.0, 0.9, 0.0)
    step = -after[0]
    print(f"first step from a gradient of {size:g}: {step:.6f}")
print("right, for whatever size of the gradient, 1 / sqrt(1 - 0.9): 3.162278")
sys.exit(abs(step - 10**0.5) > 1e-6)
