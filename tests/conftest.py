"""How every test runs: Hypothesis profiles, and the folders that need a package which may be missing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
OPTIONAL = ("torch",)  # the folder of this name in tests/ needs the package of this name
# What is tried here at length is mathematics and text, the same on every Python: `tox` does it on one of them.
THOROUGH = ("checking", "diagnosis", "implementations", "kernels", "oracle", "properties", "reports")
THOROUGH_FILES = ("benchmarks/test_running.py", "test_readme.py")
NOT_THOROUGH = ("kernels/test_index_independence.py", "kernels/test_passes.py", "kernels/test_train.py")

# A machine that is busy with something else must not fail a test: no deadline, no complaint of slow drawing.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "randomized",
    deadline=None,
    max_examples=500,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci")  # --hypothesis-profile=randomized comes later and wins


def left_out() -> list[str]:
    """Return the optional packages that are missing although there are tests for them."""
    return [name for name in OPTIONAL if (TESTS / name).is_dir() and find_spec(name) is None]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave a folder out whose package is missing, so that no test of it is collected, let alone skipped."""
    return True if collection_path.parent == TESTS and collection_path.name in left_out() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `-m thorough` and `-m "not thorough"` tell apart."""
    for item in items:
        place = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""
        if (place.split("/")[0] in THOROUGH or place in THOROUGH_FILES) and place not in NOT_THOROUGH:
            item.add_marker(pytest.mark.thorough)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out: a run that is silent about it looks more complete than it is."""
    for name in left_out():
        terminalreporter.write_line(
            f"left out: tests/{name} ({name} is not installed; pip install 'symtests[{name}]')", yellow=True
        )
