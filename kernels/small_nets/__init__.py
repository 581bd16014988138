"""Training of one small network, compiled for its shape."""
