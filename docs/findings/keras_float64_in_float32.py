"""Keras on JAX, told float64 in every way there is: means and tanh are computed in float32, and so is the loss."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
import keras
import numpy as np

keras.config.set_floatx("float64")
z, y = np.array([[0.1]]), np.array([[0.3]])
tanh = keras.activations.tanh(keras.ops.convert_to_tensor(z, dtype="float64"))
loss = keras.losses.MeanSquaredError(dtype="float64")(y, z)
print(f"dtype of tanh(z):   {tanh.dtype}, relative error {abs(float(tanh[0, 0]) / np.tanh(0.1) - 1):.0e}")
print(f"dtype of the loss:  {loss.dtype}, relative error {abs(float(loss) / (0.1 - 0.3) ** 2 - 1):.0e}")
print("right: float64, and relative errors of 2e-16 at most")
sys.exit(str(tanh.dtype) != "float64" or abs(float(loss) / (0.1 - 0.3) ** 2 - 1) > 1e-15)
