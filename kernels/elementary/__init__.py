"""Functions of one number, and what they are made of."""
