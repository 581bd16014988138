"""LOSS: what a loss is of outputs and targets, and of a batch."""
