"""How every test runs: Hypothesis profiles, and the folders that need a package which may be missing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from symtests.implementations import BUILT_IN, missing
from tests import quick_set

TESTS = Path(__file__).parent
OPTIONAL = {  # the folder or file of this name in tests/ needs the package of that name
    "torch": "torch", "doctor": "torch", "checking/cluster": "distributed", "peers/test_diagnose_jax.py": "jax",
    "peers/test_jax_trace.py": "jax", "peers/test_diagnose_keras.py": "keras",
}  # fmt: skip
EXTRAS = {"distributed": "cluster"}  # where they have another name than the package
# What is tried here at length is mathematics and text, the same on every Python: `tox` does it on one of them.
THOROUGH = (
    "benchmarks", "checking", "diagnosis", "evidence", "implementations", "kernels", "landscape", "oracle",
    "properties", "reports",
    "vectors",
)  # fmt: skip
THOROUGH_FILES = (
    "test_compare_command.py", "test_internal_errors.py", "test_known_command.py", "test_merge_command.py",
    "test_protocol_page.py", "test_starts_command.py", "test_speed_command.py",
    "test_readme.py", "test_terminal_of_hostile_names.py", "test_tolerances_page.py", "test_typed_lines.py",
    "test_vectors_command.py", "test_vectors_page.py", "test_wrong_inputs.py",
)  # fmt: skip
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


def left_out() -> dict[str, str]:
    """Return what is left out, as its package or library is missing, with what would install that.

    It is the folder or file of a package in `OPTIONAL`, or tests/peers/test_NAME.py of a built-in implementation.
    """
    folders = {
        folder: f"{package} is not installed; run pip install 'symtests[{EXTRAS.get(package, package)}]'"
        for folder, package in OPTIONAL.items()
        if (TESTS / folder).exists() and find_spec(package) is None
    }
    files = {f"peers/test_{name}.py": missing(name) for name in BUILT_IN}
    return folders | {file: why for file, why in files.items() if why and (TESTS / file).is_file()}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what lacks its package, so that no test of it is collected, let alone skipped."""
    inside = collection_path.is_relative_to(TESTS)
    return True if inside and collection_path.relative_to(TESTS).as_posix() in left_out() else None


def pytest_configure(config: pytest.Config) -> None:
    """Run the quick set where nothing is chosen."""
    if quick_set.is_asked_for(config):
        config.option.markexpr = quick_set.MARKER


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say that not all is run."""
    if config.option.markexpr != quick_set.MARKER:
        return None
    return "the quick set: one example of each test that is not long; `pytest tests` runs them all"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `-m thorough` and `-m "not thorough"` tell apart, and the quick set."""
    quick_set.mark(items)
    for item in items:
        place = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""
        if (place.split("/")[0] in THOROUGH or place in THOROUGH_FILES) and place not in NOT_THOROUGH:
            item.add_marker(pytest.mark.thorough)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out: a run that is silent about it looks more complete than it is."""
    for place, why in left_out().items():
        terminalreporter.write_line(f"left out: tests/{place} ({why})", yellow=True)
