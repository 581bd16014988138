"""symtests explain-check, as a real process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import run


def _said(*arguments: str, cwd: Path) -> str:
    done = run("explain-check", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_gradcheck_with_its_defaults(tmp_path: Path) -> None:
    said = _said("gradcheck", cwd=tmp_path)
    assert "central difference, step 1e-06, float64: |g - d| <= 1e-05 + 0.001 |d|" in said
    assert "passes in all 9 components" in said
    assert "It misses         all gradients are 0.01 % too large" in said


def test_a_central_difference_in_float32(tmp_path: Path) -> None:
    said = _said("difference", "--dtype", "float32", "--sizes", "3-4-2", "--activation", "relu", cwd=tmp_path)
    assert "FAILS in" in said
    assert "by rounding to float32" in said
    assert "Better" in said


def test_allclose_after_1_10_and_1000_steps(tmp_path: Path) -> None:
    said = _said("allclose", "--dtype", "float32", "--learning-rate", "0.5", cwd=tmp_path)
    for heading in ("After 1 step ", "After 10 steps", "After 1000 steps", "Growth"):
        assert heading in said


def test_a_case_from_a_file_and_json(tmp_path: Path) -> None:
    from symtests.network import Network
    from symtests.own_check import Setting

    setting = Setting.drawn(Network((2, 1), bias=False))
    case = {
        "network": setting.network.to_json(), "parameters": setting.parameters.to_json(),
        "batch": setting.batch.to_json(),
    }  # fmt: skip
    (tmp_path / "case.json").write_text(json.dumps(case))
    data = json.loads(_said("gradcheck", "--case", "case.json", "--json", cwd=tmp_path))
    assert data["components"] == 2
    assert data["fails_when_right"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gradcheck", "--sizes", "2x2"), "sizes='2x2': must be whole numbers with '-' between them"),
        (("gradcheck", "--sizes", "2"), "must name the inputs and the outputs at least"),
        (("gradcheck", "--activation", "tnh"), "did you mean 'tanh'?"),
        (("gradcheck", "--case", "nowhere.json"), "case='nowhere.json': cannot be read as JSON"),
        (("gradcheck", "--start", "xavier"), "did you mean 'glorot_uniform'?"),
        (("gradcheck", "--samples", "0"), "samples=0: must be a whole number of at least 1"),
        (("difference", "--step", "0"), "step=0.0: must be a finite number above 0"),
        (("allclose", "--steps", "1,ten"), "steps='1,ten': must be whole numbers with ',' between them"),
        (("allclose", "--learning-rate", "1e30"), "the training diverges"),
    ],
)
def test_wrong_usage_costs_one_sentence(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = run("explain-check", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
