"""The pytest plugin of bench_operations.py: whom to measure, and what to write beside the figures."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from symtests import __version__
from symtests.benchmarks.competitors import Competitor, LeftOut, gather, reason_to_leave_out
from symtests.benchmarks.workloads import OPERATIONS, Workload, workloads
from symtests.implementations import BUILT_IN
from symtests.validation import InvalidValue

_COMPETITORS = pytest.StashKey[list[Competitor]]()
_LEFT_OUT = pytest.StashKey[list[LeftOut]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options of the benchmarks."""
    group = parser.getgroup("symtests benchmarks")
    group.addoption(
        "--implementation",
        action="append",
        help="measure this one; may be repeated, the first is what the others are compared with; "
        f"{', '.join(BUILT_IN)} unless given",
    )
    group.addoption("--quick", action="store_true", help="few rounds and two networks, to see that it runs")


def pytest_configure(config: pytest.Config) -> None:
    """Find the competitors, so that a wrong name ends the run before it begins."""
    try:
        competitors, left_out = gather(config.getoption("implementation") or list(BUILT_IN))
    except InvalidValue as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[_COMPETITORS], config.stash[_LEFT_OUT] = competitors, left_out


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a benchmark of every operation, workload and competitor; peers stand beside each other."""
    config = metafunc.config
    competitors, left_out = config.stash[_COMPETITORS], config.stash[_LEFT_OUT]
    cases = []
    for operation, workload in product(OPERATIONS, workloads(config.getoption("quick"))):
        able = []
        for competitor in competitors:
            if reason := reason_to_leave_out(competitor, operation, workload):
                left_out.append(LeftOut(competitor.name, reason, operation, workload.name, workload.dtype))
            else:
                able.append(competitor.name)
        cases += [(operation, workload.name, workload.dtype, name, able[0]) for name in able]
    metafunc.parametrize(("operation", "network", "dtype", "implementation", "reference"), cases, ids=map(_name, cases))


@pytest.fixture
def workload(network: str, dtype: str) -> Workload:
    """Return the workload of this name and dtype."""
    return next(each for each in workloads(quick=False) if (each.name, each.dtype) == (network, dtype))


@pytest.fixture(scope="session")
def left_out(request: pytest.FixtureRequest) -> list[LeftOut]:
    """Return the measurements that are not made, to which a benchmark may add itself."""
    return request.config.stash[_LEFT_OUT]


@pytest.fixture(scope="session")
def competitors(request: pytest.FixtureRequest) -> dict[str, Competitor]:
    """Return the competitors by name."""
    return {competitor.name: competitor for competitor in request.config.stash[_COMPETITORS]}


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Keep the machine's name out of a file that people pass on."""
    machine_info.pop("node", None)


def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, Any]) -> None:
    """Write who was measured and who was not beside the figures."""
    for each in output_json["benchmarks"]:
        del each["stats"]["data"]  # thousands of single times; their quantiles stay
    output_json["symtests"] = {
        "version": __version__,
        "quick": config.getoption("quick"),
        "implementations": {competitor.name: competitor.version for competitor in config.stash[_COMPETITORS]},
        "left_out": [each.to_json() for each in config.stash[_LEFT_OUT]],
    }


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say who was left out, unless `symtests bench` does it."""
    if config.getoption("no_summary"):
        return
    for each in config.stash[_LEFT_OUT]:
        words = each.implementation, each.operation, each.network, each.dtype
        terminalreporter.write_line(f"not measured: {' '.join(filter(None, words))} ({each.reason})")


def _name(case: tuple[str, ...]) -> str:
    return "-".join(case[:-1])
