"""How fast the kernels are, beside their peers."""

from symtests.benchmarks.running import BENCHMARKS_FILE, BenchmarksFailed, run_benchmarks

__all__ = ["BENCHMARKS_FILE", "BenchmarksFailed", "run_benchmarks"]
