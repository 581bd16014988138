"""Fault models of gradients: each says in words what may be wrong, and predicts the gradient."""
