"""Whether a change made something slower: two environments measured in turns, and a verdict with its error."""

from symtests.benchmarks.speed.evidence import Limits, Outcome, Verdict
from symtests.benchmarks.speed.gate import Gate, Sides, gate

__all__ = ["Gate", "Limits", "Outcome", "Sides", "Verdict", "gate"]
