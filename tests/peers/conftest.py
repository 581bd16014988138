"""What has to be said before a library is imported."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")  # Keras takes TensorFlow unless told otherwise, installed or not
