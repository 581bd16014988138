"""micrograd: gradients are summed in the order of a set, which depends on where objects lie in memory."""

import sys

from micrograd.engine import Value


def gradient():
    """Return the derivative of a sum of three products by their common factor, 0.1 + 0.2 + 0.3 in some order."""
    x = Value(1.0)
    left, middle, right = x * 0.1, x * 0.2, x * 0.3
    (left + middle + right).backward()
    return x.grad


kept, found = [], set()
for number in range(10_000):
    found.add(gradient())
    kept.append([None] * (number % 13))  # so that objects lie elsewhere the next time
print(f"the same sum, 10,000 times: {len(found)} different gradients, {min(found)!r} to {max(found)!r}; right: one")
sys.exit(len(found) > 1)
