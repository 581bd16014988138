"""The truth: float64, written to be obviously right."""
