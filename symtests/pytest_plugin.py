"""Properties as tests: a decorator that makes one test of each implementation, property and dtype, and its options.

Loaded by pytest itself in every project that has symtests installed, so it imports nothing heavy
until a property is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from symtests.network import DTYPES
from symtests.shown_text import shown
from symtests.validation import InvalidValue
from symtests.whole_file import require_folder

if TYPE_CHECKING:  # the engine loads Hypothesis, which most runs of pytest do not need
    from symtests.checking.known.known_failure import KnownFailure, KnownFailures
    from symtests.checking.results.verdict import Verdict
    from symtests.implementations.checked import Checked
    from symtests.properties.base import Property

__all__ = ["Check", "parametrize_with_properties"]

_TestFunction = Callable[..., None]
_SMOKE = pytest.StashKey[dict[tuple[str, str], str]]()
_KNOWN = pytest.StashKey["KnownFailures"]()
_JUDGED = pytest.StashKey[dict[str, Any]]()


@dataclass(frozen=True)
class Check:
    """One implementation, one property and one dtype."""

    implementation: object
    name: str
    prop: Property
    dtype: str


def parametrize_with_properties(
    implementations: Sequence[object], *, properties: Sequence[str] | None = None
) -> Callable[[_TestFunction], _TestFunction]:
    """Turn a test into one test of each implementation, property and dtype.

    The test takes the fixture ``symtests_check`` and calls it; a violation fails the test with the
    property, the smallest counterexample and the line that reproduces it. What an implementation cannot
    do is skipped with the reason, and so counted by pytest; a failure that `--symtests-known` lists is an
    expected one (``xfailed``), and fails the test once it is mended::

        @parametrize_with_properties([MyNetwork(), "torch"])
        def test_properties(symtests_check):
            symtests_check()

    Parameters
    ----------
    implementations
        Implementations, or names and locations that the command line takes.
    properties
        Properties or groups to ask, as in ``["GRAD1", "symmetry"]``; all unless given.

    Raises
    ------
    InvalidValue
        Where a name stands for no implementation, no property or no group.
    """
    checks = [check for given in implementations for check in _checks(given, properties)]
    ids = [shown(f"{check.name}-{check.prop.id}-{check.dtype}") for check in checks]
    return pytest.mark.parametrize("symtests_check", checks, ids=ids, indirect=True)


def _checks(given: object, properties: Sequence[str] | None) -> list[Check]:
    from symtests.implementations import find
    from symtests.implementations.base import capabilities_of
    from symtests.properties import select

    implementation = find(given) if isinstance(given, str) else given
    if not callable(getattr(implementation, "train", None)):
        raise InvalidValue(f"implementations={given!r}: must have a method train(network, parameters, batch, training)")
    name = given if isinstance(given, str) else str(getattr(given, "name", None) or type(given).__name__)
    dtypes = capabilities_of(implementation).dtypes
    return [Check(implementation, name, prop, dtype) for prop in select(properties) for dtype in dtypes]


@pytest.fixture
def symtests_check(request: pytest.FixtureRequest) -> Callable[[], Verdict]:
    """Return a function that judges one check, fails the test on a violation, and returns the verdict."""
    check = getattr(request, "param", None)
    if not isinstance(check, Check):
        raise InvalidValue(f"symtests_check={check!r}: decorate the test with parametrize_with_properties([...])")
    return lambda: _judge(check, request)


def _judge(check: Check, request: pytest.FixtureRequest) -> Verdict:
    from symtests.checking.diagnosis import with_diagnosis
    from symtests.checking.one_check.judge_check import judge_check
    from symtests.checking.profile import find_profile
    from symtests.diagnosis import Examination
    from symtests.implementations.checked import Checked

    __tracebackhide__ = True
    config = request.config
    profile = find_profile(config.getoption("symtests_profile"), examples=config.getoption("symtests_examples"))
    if config.getoption("symtests_no_diagnosis"):
        profile = profile.without_diagnosis()
    implementation = Checked(check.implementation, check.dtype, check.name)
    _smoke(implementation, check, config)
    database, seed = config.getoption("symtests_database"), config.getoption("symtests_seed")
    known = _known_failure(implementation, check, config)
    verdict = judge_check(implementation, check.prop, profile, seed=seed, database=database, known=known)
    verdict = with_diagnosis(
        verdict,
        check.prop,
        implementation,
        Examination(implementation, profile.diagnosis_seconds),
        profile.explaining_seconds,
    )
    _record(verdict, check, request.node)
    if verdict.word == "unsupported":
        pytest.skip(shown(f"unsupported: {verdict.sentence}"))
    if verdict.word == "known":
        pytest.xfail(shown(verdict.sentence))
    if verdict.word not in ("exact", "holds"):
        pytest.fail(explain(verdict, check.prop), pytrace=False)
    return verdict


def _smoke(implementation: Checked, check: Check, config: pytest.Config) -> None:
    """Ask trivial questions once for each implementation and dtype; what cannot answer them is asked no property."""
    from symtests.checking.smoke import smoke_check

    __tracebackhide__ = True
    asked = config.stash.setdefault(_SMOKE, {})
    if (check.name, check.dtype) not in asked:
        failure = smoke_check(implementation)
        asked[check.name, check.dtype] = "" if failure is None else failure.message
    if asked[check.name, check.dtype]:
        pytest.fail(
            shown(f"{check.name} cannot be checked: {asked[check.name, check.dtype]}", lines=True), pytrace=False
        )


def _known_failure(implementation: Checked, check: Check, config: pytest.Config) -> KnownFailure | None:
    from symtests.checking.one_check.judge_check import location_of

    known = _known(config)
    if known is None:
        return None
    return known.of_check(
        {check.name, location_of(implementation) or ""}, check.prop.id, check.dtype, implementation.version
    )


def _known(config: pytest.Config) -> KnownFailures | None:
    """Return what the file of known failures says, read once."""
    path = config.getoption("symtests_known")
    if path is None:
        return None
    if _KNOWN not in config.stash:
        from symtests.checking.known.known_failure import read_known

        try:
            config.stash[_KNOWN] = read_known(path)
        except InvalidValue as error:
            raise pytest.UsageError(shown(f"--symtests-known: {error}")) from None
    return config.stash[_KNOWN]


def _record(verdict: Verdict, check: Check, item: pytest.Item) -> None:
    """Leave the verdict with the test: in short for JUnit, and whole for `--symtests-out`."""
    from symtests.checking.processes.in_process import assignment_of

    facts = {"property": verdict.property, "implementation": check.name, "dtype": check.dtype, "verdict": verdict.word}
    item.user_properties += [(f"symtests_{name}", value) for name, value in facts.items()]
    item.user_properties.append(("symtests_seed", verdict.seed))
    if item.config.getoption("symtests_out") is not None:
        assignment = assignment_of(check.implementation)
        assignment.name, assignment.dtypes = (
            check.name,
            assignment.capabilities.dtypes if assignment.capabilities else (),
        )
        item.stash[_JUDGED] = {"verdict": verdict.to_json(), "implementation": assignment.prepared(None)}


def explain(verdict: Verdict, prop: Property) -> str:
    """Return what a person needs to act on a verdict: property, sentence, reproduction line and script."""
    lines = [f"{prop.id} {verdict.word}: {verdict.sentence}", f"the property: {prop.statement}"]
    if verdict.failure is not None and verdict.failure.output:
        lines += ["it wrote:", verdict.failure.output]
    if verdict.counterexample is not None:
        if verdict.counterexample.diagnosis:
            lines.append(f"diagnosis: {verdict.counterexample.diagnosis}")
        lines += ["", "a script that shows it:", "", verdict.counterexample.script]
    return shown("\n".join(lines), lines=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add options that mirror those of ``symtests check``."""
    group = parser.getgroup("symtests", "properties of backpropagation")
    group.addoption(
        "--symtests-profile", default="default", choices=("quick", "default", "nightly"), help="how many cases to try"
    )
    group.addoption("--symtests-seed", type=int, default=0, help="another number, other cases")
    group.addoption(
        "--symtests-examples", type=int, default=None, help="cases a property and tier; the profile's if absent"
    )
    group.addoption(
        "--symtests-property", action="append", default=[], help="only this property, family or group; may be repeated"
    )
    group.addoption(
        "--symtests-dtype", action="append", default=[], choices=DTYPES, help="only this dtype; may be repeated"
    )
    group.addoption(
        "--symtests-no-diagnosis",
        action="store_true",
        help="do not ask further what is wrong with what breaks a property",
    )
    group.addoption("--symtests-known", type=Path, default=None, help="file of known failures, tried first")
    group.addoption(
        "--symtests-properties-of", default=None, help="no property that is newer than this release, as in 0.1"
    )
    group.addoption("--symtests-database", type=Path, default=None, help="folder that keeps failing cases")
    group.addoption("--symtests-out", type=Path, default=None, help="folder for results.jsonl and the report")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the properties and dtypes that the options do not name; pytest counts them as deselected."""
    checks = {item: check for item in items if (check := _check_of(item)) is not None}
    known = _known(config)
    release = config.getoption("symtests_properties_of") or (known and known.properties)
    wanted, dtypes = config.getoption("symtests_property"), config.getoption("symtests_dtype")
    if not checks or not (wanted or dtypes or release):
        return
    properties = _selected(wanted)
    newer = _newer([check.prop for check in checks.values()], release) if release else set()
    left_out = [
        item
        for item, check in checks.items()
        if (wanted and check.prop.id not in properties)
        or (dtypes and check.dtype not in dtypes)
        or check.prop.id in newer
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _newer(properties: Sequence[Property], release: str) -> set[str]:
    """Return the ids of the properties that came after a release."""
    from symtests.checking.selection import properties_of_release

    try:
        return set(properties_of_release({prop.id: prop for prop in properties}, release)[1])
    except InvalidValue as error:
        raise pytest.UsageError(shown(f"--symtests-properties-of: {error}")) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the verdict along with the report of its test, from a process of pytest-xdist too."""
    report = yield
    if report.when == "call" and _JUDGED in item.stash:
        report.__dict__["symtests_judged"] = item.stash[_JUDGED]  # pytest-xdist sends along what stands there
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Collect verdicts where they are to be written: in the process that hears of all tests."""
    out = config.getoption("symtests_out")
    if out is not None and not hasattr(config, "workerinput"):
        try:
            require_folder("--symtests-out", out)
        except InvalidValue as error:
            raise pytest.UsageError(str(error)) from None
        config.pluginmanager.register(_Results(out, config), "symtests_results")


class _Results:
    """Writes the results file and the report when all tests have run."""

    def __init__(self, out: Path, config: pytest.Config) -> None:
        self.out, self.config = out, config
        self.judged: list[Mapping[str, Any]] = []
        self.said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        judged = getattr(report, "symtests_judged", None)
        if judged is not None:
            self.judged.append(judged)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.judged:
            return
        from symtests.internal_error import told

        try:
            self.said = f"symtests report: {self._written()}"
        except InvalidValue as error:
            self.said = f"symtests: {error}"
        except Exception as error:
            self.said = f"symtests: {told(error, self.out, 'the results were written')}"
        else:
            return
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _written(self) -> Path:
        from symtests.checking.profile import find_profile
        from symtests.checking.recording import write_judged
        from symtests.reports import write_report

        option = self.config.getoption
        profile = find_profile(option("symtests_profile"), examples=option("symtests_examples"))
        results = write_judged(self.out, self.judged, profile, option("symtests_seed"), "pytest")
        page, _ = write_report(results, self.out)
        return page

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.said:
            terminalreporter.write_line(shown(self.said))


def _selected(wanted: Sequence[str]) -> set[str]:
    from symtests.properties import select

    try:
        return {prop.id for prop in select(wanted or None)}
    except InvalidValue as error:
        raise pytest.UsageError(shown(f"--symtests-property: {error}")) from None


def _check_of(item: pytest.Item) -> Check | None:
    call: Any = getattr(item, "callspec", None)
    check = call.params.get("symtests_check") if call is not None else None
    return check if isinstance(check, Check) else None
