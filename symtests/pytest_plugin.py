"""Laws as tests: a decorator that makes one test of each implementation, law and dtype, and its options.

Loaded by pytest itself in every project that has symtests installed, so it imports nothing heavy
until a law is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from symtests.network import DTYPES
from symtests.validation import InvalidValue

if TYPE_CHECKING:  # the engine loads Hypothesis, which most runs of pytest do not need
    from symtests.checking.verdict import Verdict
    from symtests.properties.base import Property

__all__ = ["Cell", "parametrize_with_properties"]

_TestFunction = Callable[..., None]


@dataclass(frozen=True)
class Cell:
    """One implementation, one law and one dtype."""

    implementation: object
    name: str
    law: Property
    dtype: str


def parametrize_with_properties(
    implementations: Sequence[object], *, properties: Sequence[str] | None = None
) -> Callable[[_TestFunction], _TestFunction]:
    """Turn a test into one test of each implementation, law and dtype.

    The test takes the fixture ``symtests_check`` and calls it; a breach fails the test with the
    law, the smallest counterexample and the line that reproduces it. What an implementation cannot
    do is skipped with the reason, and so counted by pytest::

        @parametrize_with_properties([MyNetwork(), "torch"])
        def test_laws(symtests_check):
            symtests_check()

    Parameters
    ----------
    implementations
        Implementations, or names and locations that the command line takes.
    properties
        Laws or groups to ask, as in ``["GRAD1", "symmetry"]``; all unless given.

    Raises
    ------
    InvalidValue
        Where a name stands for no implementation, no law or no group.
    """
    cells = [cell for given in implementations for cell in _cells(given, properties)]
    ids = [f"{cell.name}-{cell.law.id}-{cell.dtype}" for cell in cells]
    return pytest.mark.parametrize("symtests_check", cells, ids=ids, indirect=True)


def _cells(given: object, properties: Sequence[str] | None) -> list[Cell]:
    from symtests.implementations import find
    from symtests.implementations.base import capabilities_of
    from symtests.properties import select

    implementation = find(given) if isinstance(given, str) else given
    if not callable(getattr(implementation, "train", None)):
        raise InvalidValue(
            f"implementations={given!r}: must have a method train(network, parameters, batch, training)"
        )
    name = given if isinstance(given, str) else str(getattr(given, "name", None) or type(given).__name__)
    dtypes = capabilities_of(implementation).dtypes
    return [Cell(implementation, name, law, dtype) for law in select(properties) for dtype in dtypes]


@pytest.fixture
def symtests_check(request: pytest.FixtureRequest) -> Callable[[], Verdict]:
    """Return a function that judges one cell, fails the test on a breach, and returns the verdict."""
    cell = getattr(request, "param", None)
    if not isinstance(cell, Cell):
        raise InvalidValue(f"symtests_check={cell!r}: decorate the test with parametrize_with_properties([...])")
    return lambda: _judge(cell, request.config)


def _judge(cell: Cell, config: pytest.Config) -> Verdict:
    from symtests.checking.cell import judge_cell
    from symtests.checking.diagnosis import with_diagnosis
    from symtests.checking.profile import find_profile
    from symtests.diagnosis import Examination
    from symtests.implementations.subject import Subject

    __tracebackhide__ = True
    profile = find_profile(config.getoption("symtests_profile"), examples=config.getoption("symtests_examples"))
    subject = Subject(cell.implementation, cell.dtype, cell.name)
    verdict = judge_cell(subject, cell.law, profile, seed=config.getoption("symtests_seed"))
    verdict = with_diagnosis(verdict, cell.law, subject, Examination(subject, profile.diagnosis_seconds))
    if verdict.word == "unsupported":
        pytest.skip(f"unsupported: {verdict.sentence}")
    if verdict.word not in ("exact", "holds", "known"):
        pytest.fail(explain(verdict, cell.law), pytrace=False)
    return verdict


def explain(verdict: Verdict, law: Property) -> str:
    """Return what a person needs to act on a verdict: law, sentence, reproduction line and script."""
    lines = [f"{law.id} {verdict.word}: {verdict.sentence}", f"the law: {law.statement}"]
    if verdict.failure is not None and verdict.failure.output:
        lines += ["it wrote:", verdict.failure.output]
    if verdict.counterexample is not None:
        if verdict.counterexample.diagnosis:
            lines.append(f"diagnosis: {verdict.counterexample.diagnosis}")
        lines += ["", "a script that shows it:", "", verdict.counterexample.script]
    return "\n".join(lines)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add options that mirror those of ``symtests check``."""
    group = parser.getgroup("symtests", "laws of backpropagation")
    group.addoption(
        "--symtests-profile", default="default", choices=("quick", "default", "nightly"), help="how many cases to try"
    )
    group.addoption("--symtests-seed", type=int, default=0, help="another number, other cases")
    group.addoption("--symtests-examples", type=int, default=None, help="cases a law and tier; the profile's if absent")
    group.addoption(
        "--symtests-property", action="append", default=[], help="only this law or group; may be repeated"
    )
    group.addoption(
        "--symtests-dtype", action="append", default=[], choices=DTYPES, help="only this dtype; may be repeated"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the laws and dtypes that the options do not name; pytest counts them as deselected."""
    wanted, dtypes = config.getoption("symtests_property"), config.getoption("symtests_dtype")
    if not wanted and not dtypes:
        return
    laws = _selected(wanted)
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        cell = _cell_of(item)
        fits = cell is None or ((not wanted or cell.law.id in laws) and (not dtypes or cell.dtype in dtypes))
        (kept if fits else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def _selected(wanted: Sequence[str]) -> set[str]:
    from symtests.properties import select

    try:
        return {law.id for law in select(wanted or None)}
    except InvalidValue as error:
        raise pytest.UsageError(f"--symtests-property: {error}") from None


def _cell_of(item: pytest.Item) -> Cell | None:
    call: Any = getattr(item, "callspec", None)
    cell = call.params.get("symtests_check") if call is not None else None
    return cell if isinstance(cell, Cell) else None
