"""Keras's Adam: epsilon is added to the root before the bias of the square is corrected."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

x = keras.Variable([0.0])
optimizer = keras.optimizers.Adam(learning_rate=1.0, beta_1=0.0, beta_2=0.75, epsilon=1.0)
optimizer.apply([np.array([1.0], "float32")], [x])
step = -float(x.numpy()[0])
print(f"first step from a gradient of 1 with epsilon = 1: {step:.6f}")
print("right, by Algorithm 1 of Kingma and Ba (2015), 1 / (1 + epsilon): 0.500000")
sys.exit(abs(step - 0.5) > 1e-6)
