from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from symtests.benchmarks import BenchmarksFailed, run_benchmarks
from symtests.implementations import BUILT_IN
from symtests.validation import InvalidValue

COMPETITORS = """
from symtests.implementations.base import Unsupported
from symtests.implementations.numpy_plain import NumpyPlain

class Slow(NumpyPlain):
    capabilities = {"dtypes": ("float32",)}

    def predict(self, network, parameters, x):
        for _ in range(9):
            super().predict(network, parameters, x)
        return super().predict(network, parameters, x)

class Wrong(NumpyPlain):
    def predict(self, network, parameters, x):
        return 1.01 * super().predict(network, parameters, x)

class Raising(NumpyPlain):
    def predict(self, network, parameters, x):
        raise ValueError("no inputs today")

class Refusing(NumpyPlain):
    def predict(self, network, parameters, x):
        raise Unsupported("it shows no outputs")
"""


@pytest.fixture(scope="module")
def file_of_competitors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mine") / "mine.py"
    path.write_text(COMPETITORS)
    return path


@pytest.fixture(scope="module")
def figures(file_of_competitors: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("out") / "made"
    path = run_benchmarks(["numpy", f"{file_of_competitors}:Slow"], out, quick=True)
    assert path == out.resolve() / "benchmarks.json"
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def test_peers_stand_beside_each_other_in_one_group(figures: dict[str, Any], file_of_competitors: Path) -> None:
    groups: dict[str, list[str]] = {}
    for each in figures["benchmarks"]:
        info = each["extra_info"]
        assert each["group"] == f"{info['operation']} {info['network']} {info['dtype']}"
        groups.setdefault(each["group"], []).append(info["implementation"])
    both, alone = ["numpy", f"{file_of_competitors}:Slow"], ["numpy"]
    assert groups == {
        f"{operation} {network} {dtype}": both if dtype == "float32" else alone
        for operation in ("predict", "loss_and_gradient", "train")
        for network in ("2-2-1", "64-128-10")
        for dtype in ("float32", "float64")
    }


def test_every_peer_has_its_ratio_to_the_reference(figures: dict[str, Any]) -> None:
    for each in figures["benchmarks"]:
        info = each["extra_info"]
        assert info["reference"] == "numpy"
        assert ("ratio" in info) == (info["implementation"] != "numpy")
        if "ratio" in info:
            assert 0 < info["ratio"]["low"] <= info["ratio"]["median"] <= info["ratio"]["high"]


def test_ten_passes_take_longer_than_one(figures: dict[str, Any]) -> None:
    ratios = [
        each["extra_info"]["ratio"]["median"]
        for each in figures["benchmarks"]
        if each["extra_info"]["operation"] == "predict" and "ratio" in each["extra_info"]
    ]
    assert len(ratios) == 2
    assert min(ratios) > 2  # ten times as long, but for what a busy machine does to eleven rounds


def test_a_training_says_how_many_steps_a_call_has(figures: dict[str, Any]) -> None:
    steps = {(each["extra_info"]["operation"], each["extra_info"]["steps"]) for each in figures["benchmarks"]}
    assert steps == {("predict", None), ("loss_and_gradient", None), ("train", 50), ("train", 20)}


def test_what_was_not_measured_is_written_down(figures: dict[str, Any], file_of_competitors: Path) -> None:
    assert figures["symtests"]["quick"] is True
    assert list(figures["symtests"]["implementations"]) == ["numpy", f"{file_of_competitors}:Slow"]
    left_out = figures["symtests"]["left_out"]
    assert len(left_out) == 6  # three operations of two networks in float64
    assert {each["reason"] for each in left_out} == {"it cannot do float64"}


def test_the_file_names_neither_the_machine_nor_single_times(figures: dict[str, Any]) -> None:
    assert "node" not in figures["machine_info"]
    assert all("data" not in each["stats"] and each["stats"]["rounds"] >= 5 for each in figures["benchmarks"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Wrong", "its answer differs from the reference's by 0.01 of it"),
        ("Raising", "ValueError: no inputs today"),
        ("Refusing", "it shows no outputs"),
    ],
)
def test_one_that_does_something_else_is_left_out_with_the_reason(
    name: str, reason: str, file_of_competitors: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    competitor = f"{file_of_competitors}:{name}"
    if name == "Refusing":
        run_benchmarks(["numpy", competitor], tmp_path, quick=True)
        assert "20 passed, 4 skipped" in capfd.readouterr().out
    else:
        with pytest.raises(BenchmarksFailed, match="4 of the measurements failed") as failed:
            run_benchmarks(["numpy", competitor], tmp_path, quick=True)
        assert failed.value.path == (tmp_path / "benchmarks.json").resolve()
        printed = capfd.readouterr().out
        assert "4 failed, 20 passed" in printed
        assert "Traceback" not in printed
        assert "def test_operation" not in printed
    figures = json.loads((tmp_path / "benchmarks.json").read_text())
    assert len(figures["benchmarks"]) == 20
    left_out = figures["symtests"]["left_out"]
    assert {(each["implementation"], each["operation"], each["reason"]) for each in left_out} == {
        (competitor, "predict", reason)
    }
    assert len(left_out) == 4  # two networks, two dtypes


def test_the_fault_of_a_reference_is_not_laid_at_another_door(file_of_competitors: Path, tmp_path: Path) -> None:
    reference = f"{file_of_competitors}:Raising"
    with pytest.raises(BenchmarksFailed, match="4 of the measurements failed"):
        run_benchmarks([reference, "numpy"], tmp_path, quick=True)
    left_out = json.loads((tmp_path / "benchmarks.json").read_text())["symtests"]["left_out"]
    assert {(each["implementation"], each["reason"], each["failed"]) for each in left_out} == {
        (reference, "ValueError: no inputs today", True),
        ("numpy", f"{reference}, with which it is compared, gives no answer", False),
    }


def test_a_wrong_name_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="did you mean 'numpy'"):
        run_benchmarks(["numpi"], tmp_path / "out", quick=True)
    assert not (tmp_path / "out").exists()


def test_nobody_there_is_refused_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = BUILT_IN["torch"]
    monkeypatch.setitem(BUILT_IN, "torch", type(known)(known.location, known.description, "surely_not_installed"))
    with pytest.raises(InvalidValue, match="pip install"):
        run_benchmarks(["torch"], tmp_path, quick=True)
