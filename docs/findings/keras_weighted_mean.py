"""Keras's usual mean of a loss: weights of samples multiply the loss, but are not divided out."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

z, y, weights = np.zeros((2, 1), "float32"), np.ones((2, 1), "float32"), np.array([4.0, 4.0], "float32")
loss = float(keras.losses.MeanSquaredError()(y, z, sample_weight=weights))
print(f"loss of two samples that each have the loss 1 and the weight 4: {loss:.6f}")
print("right for a weighted mean: 1.000000")
sys.exit(abs(loss - 1) > 1e-6)
