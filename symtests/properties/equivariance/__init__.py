"""EQV: networks that compute the same, and what they have in common."""
