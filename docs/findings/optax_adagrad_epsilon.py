"""optax.adagrad: epsilon is added inside of the root, so that it does not bound the step as elsewhere."""

import sys

import numpy as np
import optax

optimizer = optax.adagrad(learning_rate=1.0, initial_accumulator_value=0.0, eps=3.0)
theta = np.zeros(1, "float32")
update, _ = optimizer.update(np.ones(1, "float32"), optimizer.init(theta), theta)
step = -float(update[0])
print(f"first step from a gradient of 1 with epsilon = 3: {step:.6f}")
print("right where epsilon is added to the root, 1 / (1 + epsilon): 0.250000")
sys.exit(abs(step - 0.25) > 1e-6)
