"""What a person sees: the matrix in families, troubles, merged observations, a summary that counts everything."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from symtests.checking.events import Check, Event, Finished, Judged, Planned, Prepared, Preparing, Started
from symtests.checking.results.verdict import Counterexample, Failure, Verdict, Word
from symtests.network import DTYPES
from symtests.properties import PROPERTIES
from symtests.terminal import Interrupted, follow
from symtests.terminal_matrix import matrix

HOSTILE = "[bold]evil[/bold]"


def shown(*things: object, width: int = 100, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    console.print(*things)
    return console.file.getvalue()  # type: ignore[attr-defined] # a StringIO


def verdicts() -> list[Verdict]:
    broken = Counterexample("broke", {}, 1, 2, "symtests check it --property GRAD1", "assert False")
    seen = [{"sentence": f"ties held ({where})", "data": {}} for where in ("a", "b")]
    return [
        Verdict("it", "SYM1", "float64", "exact", "held", observations=tuple(seen)),
        Verdict("it", "SYM3", "float64", "holds", "held"),
        Verdict("it", "GRAD1", "float64", "violated", "the gradient is 1, not 2", counterexample=broken),
        Verdict(HOSTILE, "GRAD1", "float32", "errored", HOSTILE, failure=Failure("exited", "gone", HOSTILE)),
    ]


def events(finished: bool = True) -> list[Event]:
    told: list[Event] = [Planned(4), Preparing(HOSTILE), Prepared(HOSTILE, {"smoke": {"message": HOSTILE}})]
    for verdict in verdicts():
        told += [Started(Check(verdict.implementation, verdict.property, verdict.dtype)), Judged(verdict)]
    counts: dict[Word, int] = {"exact": 1, "holds": 1, "violated": 1, "errored": 1}
    return [*told, *([Finished(counts, 1, 2.0, None)] if finished else [])]


def test_a_diagnosis_is_told_once_for_all_properties_that_it_is_about() -> None:
    alike = [
        Verdict("it", prop, "float64", "violated", f"violation of {prop}", counterexample=Counterexample(
            "broke", {}, 1, 2, "symtests check", "assert False", diagnosis=diagnosis))
        for prop, diagnosis in (("GRAD1", f"{HOSTILE} is 0"), ("GRAD2", f"{HOSTILE} is 0"), ("GRAD3", ""))
    ]  # fmt: skip
    counts: dict[Word, int] = {"violated": 3}
    console = Console(file=io.StringIO(), width=100, color_system=None)
    told: list[Event] = [Planned(3), *map(Judged, alike), Finished(counts, 1, 2.0, None)]
    follow(told, console)
    text = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    assert text.count(f"diagnosis: {HOSTILE} is 0") == 1
    assert text.count("diagnosis:") == 1
    assert "✗ GRAD1, GRAD2 violated by it in float64" in text
    assert "✗ GRAD3 violated by it in float64" in text


def test_the_matrix_has_a_row_for_each_family_in_the_order_of_the_catalogue() -> None:
    lines = shown(matrix(verdicts(), 100)).splitlines()
    assert [line.split()[:2] for line in lines if line.startswith(("SYM", "GRAD"))] == [["SYM", "1,3"], ["GRAD", "1"]]
    assert "= exact" in lines[-1]
    assert "✗ violated" in lines[-1]


@pytest.mark.parametrize(("width", "tables"), [(30, 24), (80, 8), (200, 3), (500, 1)])
def test_a_wide_matrix_is_broken_between_columns(width: int, tables: int) -> None:
    names = [f"implementation-{number}" for number in range(12)]
    many = [Verdict(name, prop.id, dtype, "holds", "held") for name in names for dtype in DTYPES for prop in PROPERTIES]
    lines = shown(matrix(many, width), width=width).splitlines()
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    for name in names:
        assert len(re.findall(rf"{name}\b", text)) == len(DTYPES)
    assert text.count("≈") == len(many) + 1  # and in the legend
    assert text.count("= exact") == 0
    assert sum(line.startswith("GRAD") for line in lines) == tables


@pytest.mark.parametrize("terminal", [False, True])
def test_nothing_is_passed_off_and_nothing_from_outside_is_markup(terminal: bool) -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=terminal, color_system=None)
    told: list[Verdict] = []
    assert follow(events(), console, told.append).exit_status == 1
    text = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    assert told == verdicts()
    assert HOSTILE in text
    assert "the gradient is 1, not 2" in text
    assert "counterexample: 1 hidden unit with 2 samples\nagain: symtests check it --property GRAD1\n" in text
    assert "it: ties held (a; b)" in text
    assert "✗ 4 checks: 1 violated, 1 errored, 1 exact, 1 holds" in text


def test_a_check_without_an_end_is_no_success() -> None:
    with pytest.raises(Interrupted):
        follow(events(finished=False), Console(file=io.StringIO()))


LONG = "symtests check " + "a_very_long_name/" * 12 + "net.py:Net --property GRAD1 --dtype float64 --profile quick"


@pytest.mark.parametrize("terminal", [False, True])
def test_a_line_to_type_is_one_line_and_says_where_the_script_is(terminal: bool) -> None:
    case = {"network": {"sizes": [31, 1, 65]}}
    broken = Counterexample("broke", case, 1, 32, LONG, "assert False")
    verdict = Verdict("it", "GRAD1", "float64", "violated", "is 1, not 2", counterexample=broken)
    script = Path("out of here") / "GRAD1-float64-it.py"
    console = Console(file=io.StringIO(), width=60, force_terminal=terminal, color_system=None)
    counts: dict[Word, int] = {"violated": 1}
    end = Finished(counts, 1, 2.0, None, scripts={Check("it", "GRAD1", "float64"): script})
    follow([Planned(1), Judged(verdict), end], console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined] # a StringIO
    assert f"again: {LONG}" in lines
    assert f"alone: python '{script}'" in lines
    assert "counterexample: a network of sizes 31-1-65 with 32 samples" in lines


def test_what_no_name_finds_is_not_to_be_typed() -> None:
    broken = Counterexample("broke", {}, 1, 2, "", "assert False")
    verdict = Verdict("it", "GRAD1", "float64", "violated", "is 1, not 2", counterexample=broken)
    console = Console(file=io.StringIO(), width=60, color_system=None)
    counts: dict[Word, int] = {"violated": 1}
    follow([Planned(1), Judged(verdict), Finished(counts, 1, 2.0, None)], console)
    text = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    assert "again:" not in text
    assert "alone:" not in text


def test_what_an_implementation_says_of_its_compiling_is_said_in_one_line() -> None:
    remark = "compiles its kernels, once; " + "they are kept somewhere, " * 5
    for terminal in (False, True):
        console = Console(file=io.StringIO(), width=60, force_terminal=terminal, color_system=None)
        told: list[Event] = [Planned(0), Preparing("numba", remark), Finished({}, 0, 2.0, None)]
        follow(told, console)
        assert f"numba: {remark}" in console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
        assert "warming up numba\n" not in console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
