"""Forward pass, gradient and training of every contender, each group beside its reference.

pytest-benchmark's times are of one contender after the other; ``extra_info["ratio"]`` is of contender and reference in
turn (`symtests.benchmarks.paired`), and is what can be trusted on a busy machine.
"""

from __future__ import annotations

from typing import Any

import pytest

from symtests.benchmarks.agreement import difference, tolerance
from symtests.benchmarks.contenders import Contender
from symtests.benchmarks.paired import compare
from symtests.benchmarks.workloads import Workload, call, numbers


def test_operation(
    benchmark: Any,
    request: pytest.FixtureRequest,
    contenders: dict[str, Contender],
    workload: Workload,
    operation: str,
    implementation: str,
    reference: str,
) -> None:
    """Measure one operation of one contender."""
    function, other = (
        call(contenders[name].implementation, operation, workload) for name in (implementation, reference)
    )
    _check_that_they_do_the_same(function(), other(), workload.dtype)  # and let what is compiled be compiled
    benchmark.group = f"{operation} {workload.name} {workload.dtype}"
    benchmark.extra_info.update(
        operation=operation,
        implementation=implementation,
        network=workload.name,
        dtype=workload.dtype,
        samples=len(workload.batch),
        steps=workload.training.steps if operation == "train" else None,
        reference=reference,
    )
    if implementation != reference:
        rounds = 11 if request.config.getoption("quick") else 31
        benchmark.extra_info["ratio"] = compare(other, function, rounds=rounds).to_json()
    benchmark(function)


def _check_that_they_do_the_same(answer: object, expected: object, dtype: str) -> None:
    """Fail unless the answers agree."""
    assert difference(numbers(answer), numbers(expected)) <= tolerance(dtype)
