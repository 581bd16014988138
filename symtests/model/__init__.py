"""What is trained, as plain data: the names of activations, losses, optimizers and starts, with their traits."""
