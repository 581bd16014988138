"""GRAD, STEP1 and OWN: what a gradient is."""
