"""Failures that are expected: the file in which they stand."""
