"""The trial of every float32 number: that it sees what is wrong, and that its record is of these very sources."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import mpmath
import numpy as np
import pytest
from typer.testing import CliRunner

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.elementary.tanh import tanh
from symtests.kernels.machine.intrinsics import where_less
from tests.evidence import every_float, float_trial
from tests.evidence.elementary import FUNCTIONS, compiled, sources_of
from tests.evidence.float_page import broken_promises, page
from tests.evidence.float_record import Row, read, write
from tests.evidence.float_trial import (
    CHUNK_SIZE,
    Trial,
    against_mpmath,
    chunks_of,
    errors_of,
    many_floats,
    outputs_of,
    try_chunk,
)
from tests.kernels.bits import ulps

DOCS = Path(__file__).resolve().parents[2] / "docs"
RECORD = read(DOCS / "elementary_functions.json")
AGAIN = "run tox -e every-float, which tries every float32 number again, and commit docs/elementary_functions.*"
FACTOR = 1.0


@scalar_function
def falling_tanh(x: float) -> float:
    """It makes a step back at 1, and is not odd."""
    number = type(x)
    return where_less(x, number(1.0), tanh(x), tanh(x) - number(0.1))


@scalar_function
def scaled(x: float) -> float:
    """A comment would not change what it computes."""
    return type(x)(FACTOR) * tanh(x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_record_is_of_these_sources(name: str) -> None:
    assert name in RECORD, f"{name} is not on record; {AGAIN}"
    assert RECORD[name].sources == FUNCTIONS[name].sources, f"{name} has been changed since it was tried; {AGAIN}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_here_are_those_on_record(name: str) -> None:
    """Whatever the processor and the compiler; and no machine operation that they are made of has changed."""
    assert outputs_of(FUNCTIONS[name]) == RECORD[name].outputs, f"{name} gives other bits than on record; {AGAIN}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_promise_is_kept(name: str) -> None:
    assert not list(broken_promises(FUNCTIONS[name], RECORD[name]))
    assert RECORD[name].trial.inputs == (1 << 32) >> FUNCTIONS[name].from_zero
    assert RECORD[name].trial.off_known < 1e-3  # of a float32 unit


def test_page_shows_the_record() -> None:
    assert page(RECORD) == (DOCS / "elementary_functions.md").read_text(encoding="utf-8")


@pytest.mark.thorough
@pytest.mark.parametrize("name", FUNCTIONS)
def test_float64_is_as_near_as_promised_at_other_numbers(name: str) -> None:
    function = FUNCTIONS[name]
    error, at = against_mpmath(function, many_floats(function, 20_000, seed=1))
    assert error <= function.most_in_double, f"{name}({at!r})"


def test_errors_are_in_units_in_the_last_place() -> None:
    truth = np.concatenate([
        2.0 ** np.random.default_rng(0).uniform(-160, 127, 4000), [1.0, 2.0**-126, 2.0**-149, 2.0**-150],
    ])  # fmt: skip
    found = (truth * (1 + 3e-7)).astype(np.float32)
    errors = errors_of(found, truth)
    normal = truth >= 2.0**-126
    for number, exact, error in zip(found[normal], truth[normal], errors[normal], strict=True):
        assert error == pytest.approx(ulps(np.array([number]), [mpmath.mpf(float(exact))], 0.0), rel=1e-12)
    np.testing.assert_allclose(errors[~normal], np.abs(found - truth)[~normal] * 2.0**149)


def test_an_infinity_is_right_only_where_the_exact_result_is_too_large() -> None:
    found = np.array([np.inf, np.inf, -np.inf, np.nan], np.float32)
    errors = errors_of(found, np.array([1e300, 2.0**127, -np.inf, np.nan]))
    np.testing.assert_array_equal(errors, [0, 2.0**23, 0, 0])


def test_a_step_back_and_a_fault_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(float_trial, "CHUNK_SIZE", 1 << 16)
    one = 0x3F80_0000 >> 16  # the chunk that begins with 1
    right, wrong = FUNCTIONS["tanh"], replace(FUNCTIONS["tanh"], kernel=falling_tanh)
    monkeypatch.setitem(FUNCTIONS, "tanh", right)
    assert (try_chunk("tanh", one).steps_back, try_chunk("tanh", one).faults) == (0, 0)
    monkeypatch.setitem(FUNCTIONS, "tanh", wrong)
    found = try_chunk("tanh", one)
    assert (found.inputs, found.steps_back, found.faults) == (1 << 16, 1, 1 << 16)
    assert [try_chunk("tanh", one + where).steps_back for where in (-1, 1, 1 << 15)] == [0, 0, 0]
    assert found.largest_error < 1.5  # its own float64 result is as wrong
    assert found.off_known > 1e5  # but not SciPy's


def test_where_a_function_falls_a_rise_is_a_step_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(float_trial, "CHUNK_SIZE", 1 << 16)
    monkeypatch.setitem(FUNCTIONS, "tanh", replace(FUNCTIONS["tanh"], turns=math.inf))
    below, above = 0xBF80_0000 >> 16, 0x3F80_0000 >> 16
    assert min(try_chunk("tanh", chunk).steps_back for chunk in (below, above)) > 1 << 14
    monkeypatch.setitem(FUNCTIONS, "tanh", replace(FUNCTIONS["tanh"], turns=0.0))
    assert try_chunk("tanh", above).steps_back == 0
    assert try_chunk("tanh", below).steps_back > 1 << 14


def test_chunks_hold_every_number_once() -> None:
    assert len(chunks_of(FUNCTIONS["tanh"])) * CHUNK_SIZE == 1 << 32
    assert len(chunks_of(FUNCTIONS["normal_tail"])) * CHUNK_SIZE == 1 << 31


def test_trials_join() -> None:
    trial = Trial(10, 1.0, 3.0, 1, 0, 0.5)
    trial.join(Trial(5, 2.0, 4.0, 0, 2, 0.25))
    assert trial == Trial(15, 2.0, 4.0, 1, 2, 0.5)
    trial.join(Trial(1, 0.5, 7.0))
    assert (trial.largest_error, trial.largest_at) == (2.0, 4.0)


def test_hash_of_sources_sees_code_and_constants_and_no_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sources_of(scaled)
    monkeypatch.setitem(scaled.py_func.__globals__, "FACTOR", 2.0)  # type: ignore[attr-defined] # of a dispatcher
    assert sources_of(scaled) != before
    assert len({function.sources for function in FUNCTIONS.values()}) == len(FUNCTIONS)


def test_results_are_those_of_the_kernel_that_the_forward_pass_calls() -> None:
    from symtests.kernels.activations import activate
    from symtests.network import ACTIVATIONS

    x = many_floats(FUNCTIONS["tanh"], 500, 3)
    for name in ("tanh", "logistic", "softplus", "gelu", "silu"):
        first, second = np.empty_like(x), np.empty_like(x)
        activate(ACTIVATIONS.index(name), x, first)
        compiled(FUNCTIONS[name].kernel)(x, second)
        np.testing.assert_array_equal(first, second)


def test_a_broken_promise_is_a_sentence() -> None:
    tanh_ = FUNCTIONS["tanh"]
    row = Row(tanh_.sources, chunks=256, trial=Trial(1 << 32, 1.6, 0.5, 7, 3), float64_error=9.0, float64_at=0.25)
    assert list(broken_promises(tanh_, row)) == [
        "tanh(0.5) is off by 1.60 ulp in float32: at most 1.5 is promised",
        "tanh(0.25) is off by 9.00 ulp in float64: at most 1.5 is promised",
        "tanh: 3 results are out of range, not odd, or wrongly NaN or not",
        "tanh: 7 results lie on the wrong side of that of a neighbour",
    ]
    assert "not all float32 numbers" in next(broken_promises(tanh_, Row(tanh_.sources, chunks=255)))


def test_a_run_goes_on_where_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record.json"
    rows = {"tanh": Row(FUNCTIONS["tanh"].sources, chunks=254), "softplus": Row("other", chunks=3)}
    write(rows, path)
    assert read(path) == rows
    assert every_float.tasks_of(rows, ["tanh"]) == [("tanh", 254), ("tanh", 255)]
    # Processes find a copy: in the checkout they would find its folders in place of the installed package.
    for folder in ("evidence", "kernels"):
        shutil.copytree(Path(__file__).parents[1] / folder, tmp_path / "tests" / folder)
    monkeypatch.syspath_prepend(tmp_path)
    done = _run("tanh", "-n", "1", "--record", str(path))
    assert done.exit_code == 0, done.output
    assert read(path)["tanh"].chunks == 256
    assert read(path)["tanh"].trial.inputs == 2 * CHUNK_SIZE
    assert read(path)["softplus"] == rows["softplus"]  # not asked for


def test_an_unknown_function_is_refused() -> None:
    done = _run("sine")
    assert done.exit_code == 2
    assert "function='sine': must be one of exponential," in " ".join(done.output.split())


def _run(*arguments: str):
    import typer

    app = typer.Typer()
    app.command()(every_float.main)
    return CliRunner().invoke(app, arguments)
