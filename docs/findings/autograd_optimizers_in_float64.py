"""autograd.misc.optimizers: parameters that are float32 come back as float64, as the state of the optimizers is."""

import sys

import numpy as np
from autograd.misc.optimizers import adam, sgd

seen = []


def gradient(x, _):
    """Note the dtype in which the model is asked."""
    seen.append(str(x.dtype))
    return x


for optimizer in (sgd, adam):
    seen.clear()
    after = optimizer(gradient, np.ones(1, "float32"), num_iters=2)
    print(f"{optimizer.__name__}: gradients at {', '.join(seen)}; returned {after.dtype}")
print("right: float32 throughout")
sys.exit(str(after.dtype) != "float32")
