"""ZERO, BRK and MST: what becomes of a start at zero, of a random one, and of many."""
