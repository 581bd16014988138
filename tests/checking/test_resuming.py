"""A run that goes on after it was cut short finds what it would have found; what is other code now is judged anew."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from symtests.checking import Event, Finished, Judged, Planned, check
from symtests.checking.results.results_file import read_results
from symtests.implementations import fingerprint
from symtests.parameters import Parameters
from tests.checking import misbehaving, own_properties

PROPERTIES = [own_properties.STEP, own_properties.STILL]
FEW: dict[str, Any] = {"properties": PROPERTIES, "profile": "quick", "examples": 8}
QUICK: dict[str, Any] = {**FEW, "examples": 2, "stories": False}
NET = """
import numpy as np
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain
import {helper}

class Net:
    version = "{version}"
    capabilities = Capabilities(activations=("tanh",), losses=("mse",), optimizers=("sgd",), dtypes=("float64",))

    def train(self, network, parameters, batch, training):
        return NumpyPlain().train(network, parameters, batch, training)
"""


class Wrong(misbehaving.Good):
    """Breaks STEP for networks with several units, so that there is something to shrink; may be killed at a call."""

    name = "wrong"
    version = "1.0"

    def __init__(self, killed_at: int | None = None) -> None:
        self.calls, self.killed_at = 0, killed_at

    def train(self, *arguments: Any) -> Parameters:
        self.calls += 1
        if self.calls == self.killed_at:
            raise KeyboardInterrupt
        return super().train(*arguments)

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        if max(parameters.network.hidden_sizes) < 2:
            return None
        return Parameters(parameters.network, parameters.vector + 0.25)


def found(folder: Path) -> list[Any]:
    """All that a results file says, but for times and the order in which it was found."""

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {n: timeless(v) for n, v in value.items() if n not in ("seconds", "started", "finished", "notes")}
        return [timeless(item) for item in value] if isinstance(value, list) else value

    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    return sorted((timeless(line) for line in lines), key=json.dumps)


def scripts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "counterexamples").glob("*.py")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int]:
    """The failing cases of an earlier run, the results of a whole run on them, and how many calls it took."""
    folder = tmp_path_factory.mktemp("whole")
    list(check([Wrong()], **{**FEW, "seed": 7}, out=folder / "earlier", database=folder / "start"))
    shutil.copytree(folder / "start", folder / "database")
    wrong = Wrong()
    list(check([wrong], **FEW, out=folder / "out", database=folder / "database"))
    assert [path for path in (folder / "start").rglob("*") if path.is_file()], "there are failing cases to start with"
    return folder / "start", folder / "out", wrong.calls


@pytest.mark.thorough
@pytest.mark.parametrize("share", [0.02, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.95, 0.99])
def test_killed_at_any_call_and_resumed_is_the_whole_run(
    share: float, whole: tuple[Path, Path, int], tmp_path: Path
) -> None:
    start, result, calls = whole
    shutil.copytree(start, tmp_path / "database")
    given = {**FEW, "database": tmp_path / "database"}
    with pytest.raises(KeyboardInterrupt):
        list(check([Wrong(killed_at=max(1, int(share * calls)))], **given, out=tmp_path / "out"))
    list(check([Wrong()], **{**FEW, "seed": 3}, out=tmp_path / "another", database=tmp_path / "database"))
    list(check([Wrong()], **given, resume=tmp_path / "out"))
    assert found(tmp_path / "out") == found(result)
    assert scripts(tmp_path / "out") == scripts(result)


@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_cut_at_any_verdict_and_resumed_is_the_whole_run(
    stop_after: int, whole: tuple[Path, Path, int], tmp_path: Path
) -> None:
    start, result, _ = whole
    shutil.copytree(start, tmp_path / "database")
    given = {**FEW, "database": tmp_path / "database"}
    events = check([Wrong()], **given, out=tmp_path / "out")
    next(event for event in events if isinstance(event, Planned))
    for _ in range(stop_after):
        next(event for event in events if isinstance(event, Judged))
    events.close()
    for script in (tmp_path / "out").glob("counterexamples/*.py"):
        script.unlink()  # as if it had been killed before it was written
    list(check([Wrong()], **given, resume=tmp_path / "out"))
    assert found(tmp_path / "out") == found(result)
    assert scripts(tmp_path / "out") == scripts(result)


def test_what_a_run_has_found_is_shared_when_it_has_ended(tmp_path: Path) -> None:
    list(check([Wrong()], **QUICK, out=tmp_path / "out", database=tmp_path / "database"))
    kept = {path.name for path in (tmp_path / "database").rglob("*") if path.is_file()}
    assert kept
    list(check([Wrong()], **QUICK, database=tmp_path / "without_results"))
    assert kept == {path.name for path in (tmp_path / "without_results").rglob("*") if path.is_file()}
    assert [path.name for path in (tmp_path / "out" / ".symtests").iterdir()] == ["lock"]


def test_what_a_run_that_was_cut_short_has_found_is_shared_by_the_next(tmp_path: Path) -> None:
    given = {**QUICK, "out": tmp_path / "out", "database": tmp_path / "database"}
    events = check([Wrong()], **given)
    next(event for event in events if isinstance(event, Judged))
    events.close()
    assert not (tmp_path / "database").exists()
    events = check([Wrong()], **given)
    next(event for event in events if isinstance(event, Planned))
    events.close()
    assert [path for path in (tmp_path / "database").rglob("*") if path.is_file()]


def planned(events: Iterator[Event]) -> Planned:
    return next(event for event in events if isinstance(event, Planned))


def test_another_version_is_judged_anew(tmp_path: Path) -> None:
    list(check([Wrong()], **FEW, out=tmp_path))
    mended = misbehaving.Good()
    mended.name, mended.version = "wrong", "2.0"  # type: ignore[attr-defined]
    events = list(check([mended], **FEW, resume=tmp_path))
    said = planned(iter(events))
    assert said.done == 0
    assert said.notes[0] == "judged anew: wrong is version 2.0 now and was version 1.0"
    assert isinstance(events[-1], Finished)
    assert events[-1].exit_status == 0
    results = read_results(tmp_path / "results.jsonl")
    assert len(results.verdicts) == 2
    assert {verdict.word for verdict in results.verdicts} <= {"exact", "holds"}
    assert results.implementations["wrong"]["version"] == "2.0"
    assert len(results.stories) == 1
    assert results.run["notes"][0] == said.notes[0]
    assert not scripts(tmp_path)


def test_other_code_under_the_same_version_is_judged_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(misbehaving.__file__).rpartition("/")[0])
    given = {**FEW, "properties": ["own_properties:STEP"], "stories": False, "out": tmp_path / "out", "processes": 1}
    (tmp_path / "beside_the_net.py").write_text("rate = 1")
    (tmp_path / "net.py").write_text(NET.format(version="1.0", helper="beside_the_net"))
    names = ["net.py:Net", f"{misbehaving.__file__}:Good"]
    list(check(names, **given))
    again = list(check(names, **given, resume=tmp_path / "out"))
    assert planned(iter(again)) == Planned(2, 2)
    assert [type(event).__name__ for event in again] == ["Planned", "Finished"]
    (tmp_path / "beside_the_net.py").write_text("rate = 2")
    said = planned(check(names, **given, resume=tmp_path / "out"))
    assert (said.total, said.done) == (2, 1)
    assert said.notes == ("judged anew: net.py:Net: its code has changed",)


COMMAND = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    answer = {{"seq": request["seq"]}}
    if request["operation"] == "hello":
        answer |= {{"protocol": 1, "name": "net", "version": "{version}", "capabilities": {{"dtypes": ["float64"]}}}}
    elif request["operation"] != "bye":
        answer["unsupported"] = "not yet"
    print(json.dumps(answer), flush=True)
"""


def test_a_command_that_says_another_version_is_judged_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = {**FEW, "properties": ["GRAD1"], "stories": False, "out": tmp_path / "out", "processes": 1}
    (tmp_path / "net.py").write_text(COMMAND.format(version="1"))
    list(check("command:python net.py", **given))
    (tmp_path / "net.py").write_text(COMMAND.format(version="2"))
    said = planned(check("command:python net.py", **given, resume=tmp_path / "out"))
    assert said.notes == ("judged anew: net is version 2 now and was version 1",)
    list(check("command:python net.py", **given, resume=tmp_path / "out"))
    (tmp_path / "net.py").write_text(COMMAND.format(version="2") + "\n")
    said = planned(check("command:python net.py", **given, resume=tmp_path / "out"))
    assert said.notes == ("judged anew: net: its code has changed",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"fingerprint": "0" * 64}, "everything, as the code of symtests, or of a library that it computes with, has"),
        ({"fingerprint": None}, "everything, as the results do not say which code they are about"),
        ({"symtests": "0.0.1"}, "everything, as symtests is version .* now and was version 0.0.1"),
    ],
)
def test_another_symtests_judges_all_anew(change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    list(check([Wrong()], **QUICK, out=tmp_path))
    path = tmp_path / "results.jsonl"
    head, *rest = path.read_text().splitlines(keepends=True)
    changed = {**json.loads(head), **change}
    if changed["fingerprint"] is None:  # as older versions wrote it
        del changed["fingerprint"]
    path.write_text(json.dumps(changed) + "\n" + "".join(rest))
    said = planned(check([Wrong()], **QUICK, resume=tmp_path))
    assert said.done == 0
    assert len(said.notes) == 1
    assert re.match(f"judged anew: {reason}", said.notes[0])
    assert read_results(path).run["fingerprint"] == fingerprint.fingerprint_of_symtests()


def test_results_that_do_not_say_which_code_was_judged_are_read_and_judged_anew(tmp_path: Path) -> None:
    list(check([Wrong()], **QUICK, out=tmp_path))
    path = tmp_path / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["type"] == "implementation":
            del line["fingerprint"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    said = planned(check([Wrong()], **QUICK, resume=tmp_path))
    assert said.notes == ("judged anew: wrong, as the results do not say which code of it was judged",)


def test_the_file_is_rewritten_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list(check([Wrong()], **QUICK, out=tmp_path))
    before = (tmp_path / "results.jsonl").read_bytes()
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(ValueError, match="No space left on device"):
        list(check([Wrong()], **QUICK, resume=tmp_path))
    assert (tmp_path / "results.jsonl").read_bytes() == before
