"""Benchmarks of the kernels and their peers."""
