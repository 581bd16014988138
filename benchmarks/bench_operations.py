"""Forward pass, gradient and training of every competitor, each group beside its reference.

pytest-benchmark's times are of one competitor after the other; ``extra_info["ratio"]`` is of competitor and reference
in turn (`symtests.benchmarks.paired`), and is what can be trusted on a busy machine.
"""

from __future__ import annotations

from typing import Any

import pytest

from symtests.benchmarks.agreement import difference, tolerance
from symtests.benchmarks.competitors import Competitor, LeftOut
from symtests.benchmarks.paired import compare
from symtests.benchmarks.workloads import Workload, call, numbers
from symtests.float_json import Array
from symtests.implementations.base import Unsupported


def test_operation(
    benchmark: Any,
    request: pytest.FixtureRequest,
    competitors: dict[str, Competitor],
    left_out: list[LeftOut],
    workload: Workload,
    operation: str,
    implementation: str,
    reference: str,
) -> None:
    """Measure one operation of one competitor, unless it does something else than its reference."""
    function, other = (
        call(competitors[name].implementation, operation, workload) for name in (implementation, reference)
    )
    place = operation, workload.name, workload.dtype
    try:
        expected = None if implementation == reference else numbers(other())
    except Exception:  # what it raised is told where the reference itself is measured
        reason = f"{reference}, with which it is compared, gives no answer"
        left_out.append(LeftOut(implementation, reason, *place))
        pytest.skip(reason)
    try:
        answer = numbers(function())  # the first call, in which what is compiled compiles
    except Unsupported as error:
        left_out.append(LeftOut(implementation, str(error), *place))
        pytest.skip(str(error))
    except Exception as error:  # whatever a competitor raises, the others are measured
        fault: str | None = f"{type(error).__name__}: {error}"
    else:
        fault = _difference(answer, answer if expected is None else expected, workload.dtype)
    if fault:
        left_out.append(LeftOut(implementation, fault, *place, failed=True))
        pytest.fail(fault, pytrace=False)
    benchmark.group = " ".join(place)
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


def _difference(answer: Array, expected: Array, dtype: str) -> str | None:
    """Return in words how far an answer is from the reference's, or None where they agree."""
    distance = difference(answer, expected)
    return None if distance <= tolerance(dtype) else f"its answer differs from the reference's by {distance:.2g} of it"
