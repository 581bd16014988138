"""check: what is asked, what is told, what is kept, and how a run that was cut short goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import symtests
from symtests.checking import (
    Event,
    Finished,
    Judged,
    Planned,
    Prepared,
    Preparing,
    Started,
    StoryTold,
    check,
    verdicts,
)
from symtests.checking.events import Doing, Waiting
from symtests.checking.results.results_file import check_record, read_results
from symtests.checking.results.verdict import Verdict
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.validation import InvalidValue
from tests.checking import misbehaving, own_properties

FOLDER = Path(misbehaving.__file__).parent
GOOD = f"{FOLDER / 'misbehaving.py'}:Good"
PROPERTIES = [own_properties.STEP, own_properties.STILL]
FEW: dict[str, Any] = {"properties": PROPERTIES, "profile": "quick", "examples": 3, "stories": False}
WITH_STORY = {**FEW, "stories": True}


class Counting(NumpyPlain):
    """Counts how often it trains."""

    name = "counting"

    def __init__(self) -> None:
        self.calls = 0

    def train(self, *arguments: Any) -> Any:
        self.calls += 1
        return super().train(*arguments)


def kinds(events: list[Event]) -> list[str]:
    """Return the kinds of events, but for those that come again and again."""
    return [type(event).__name__ for event in events if not isinstance(event, (Doing, Waiting))]


def checks(found: list[Verdict]) -> list[tuple[str, str]]:
    return [(verdict.property, verdict.dtype) for verdict in found]


def test_an_object_is_judged_here_and_told_step_by_step(tmp_path: Path) -> None:
    events = list(check([NumpyPlain()], **WITH_STORY, out=tmp_path))
    assert kinds(events) == [
        "Planned", "Preparing", "Prepared", *["Started", "Judged"] * 4, "StoryTold", "Finished",
    ]  # fmt: skip
    planned, finished = events[0], events[-1]
    assert planned == Planned(total=4, done=0)
    assert isinstance(finished, Finished)
    assert finished.results == tmp_path / "results.jsonl"
    assert (finished.counts, finished.exit_status) == ({"exact": 4}, 0)
    found = [event.verdict for event in events if isinstance(event, Judged)]
    assert checks(found) == [(prop.id, dtype) for prop in PROPERTIES for dtype in DTYPES]
    results = read_results(tmp_path / "results.jsonl")
    assert results.complete
    assert list(results.verdicts) == found
    assert results.run["properties"][0]["statement"] == "What STEP says."
    assert len(results.stories) == 1
    assert results.implementations["numpy"]["location"] == "symtests.implementations.numpy_plain:NumpyPlain"
    assert results.end is not None
    assert results.end["counts"] == {"exact": 4}


def test_nothing_is_written_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finished = list(check(NumpyPlain(), **FEW))[-1]
    assert isinstance(finished, Finished)
    assert finished.results is None
    assert not [path for path in tmp_path.iterdir() if path.name != ".hypothesis"]


def test_verdicts_alone_are_a_function_of_the_package() -> None:
    found = list(symtests.check(misbehaving.HalfTheStep(), **FEW))
    assert symtests.check is verdicts
    assert [verdict.word for verdict in found] == ["violated", "exact"]


def test_a_violation_decides_the_exit_status_and_leaves_a_script(tmp_path: Path) -> None:
    finished = list(check([misbehaving.HalfTheStep()], **FEW, out=tmp_path))[-1]
    assert isinstance(finished, Finished)
    assert finished.exit_status == 1
    assert [path.name for path in (tmp_path / "counterexamples").iterdir()] == ["STEP-float64-HalfTheStep.py"]
    list(check([misbehaving.Good()], **FEW, out=tmp_path))
    # A new run does not keep what the old one found, and does not lose it.
    assert not list(tmp_path.glob("counterexamples/*"))
    assert [path.name for path in tmp_path.glob("earlier/*/counterexamples/*")] == ["STEP-float64-HalfTheStep.py"]


def test_names_that_a_file_system_would_not_take_are_changed(tmp_path: Path) -> None:
    one, other = misbehaving.HalfTheStep(), misbehaving.HalfTheStep()
    one.name, other.name = "../a/b", "../a:b"  # type: ignore[attr-defined]
    list(check([one, other], **FEW, out=tmp_path))
    assert sorted(path.name for path in (tmp_path / "counterexamples").iterdir()) == [
        "STEP-float64-a_b-2.py", "STEP-float64-a_b.py",
    ]  # fmt: skip


def test_a_named_implementation_is_judged_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    events = list(check(GOOD, properties=["own_properties:STEP"], profile="quick", examples=3))
    assert kinds(events) == ["Planned", "Preparing", "Prepared", "Started", "Judged", "StoryTold", "Finished"]
    here = next(verdicts(misbehaving.Good(), properties=[own_properties.STEP], profile="quick", examples=3))
    there = next(event.verdict for event in events if isinstance(event, Judged))
    assert (there.word, there.tally) == (here.word, here.tally)
    assert there.implementation == GOOD


def test_what_fails_the_smoke_check_is_asked_no_further(tmp_path: Path) -> None:
    class StopsEarly(Counting):
        def train(self, *arguments: Any) -> Any:
            self.calls += 1
            raise ValueError("no")

    implementation = StopsEarly()
    events = list(check([implementation], **FEW, out=tmp_path))
    assert kinds(events) == ["Planned", "Preparing", "Prepared", *["Judged"] * 4, "Finished"]
    assert implementation.calls == 1
    for event in events:
        if isinstance(event, Judged):
            assert (event.verdict.word, event.verdict.tally.tried) == ("errored", 0)
            assert event.verdict.sentence == (
                "In float32, train raised ValueError: no; make this call work, which every property needs."
            )
    assert isinstance(events[-1], Finished)
    assert events[-1].exit_status == 3
    assert read_results(tmp_path / "results.jsonl").implementations["counting"]["smoke"]["kind"] == "raised"


def test_a_dtype_that_is_not_offered_is_unsupported() -> None:
    events = list(check([misbehaving.Good()], **FEW, dtypes=["float32", "float64"]))
    found = {(e.verdict.property, e.verdict.dtype): e.verdict for e in events if isinstance(e, Judged)}
    assert events[0] == Planned(4, 0)
    assert found["STEP", "float32"].word == "unsupported"
    assert found["STEP", "float32"].sentence == "Not tried: it offers float64 alone."
    assert found["STEP", "float64"].word == "holds"


def test_only_a_dtype_that_is_not_offered_is_nothing_judged(tmp_path: Path) -> None:
    events = list(check([misbehaving.Good()], **FEW, dtypes=["float32"], out=tmp_path))
    assert kinds(events) == ["Planned", "Prepared", "Judged", "Judged", "Finished"]
    assert isinstance(events[-1], Finished)
    assert events[-1].exit_status == 3
    assert read_results(tmp_path / "results.jsonl").complete


@pytest.mark.parametrize("stop_after", [1, 2, 3])
@pytest.mark.parametrize("torn", [b"", b'{"type": "verdict", "impl'])
def test_a_run_that_was_cut_short_goes_on(stop_after: int, torn: bytes, tmp_path: Path) -> None:
    events = check([Counting()], **FEW, out=tmp_path)
    judged = 0
    for event in events:
        judged += isinstance(event, Judged)
        if judged == stop_after:
            break
    events.close()
    path = tmp_path / "results.jsonl"
    path.write_bytes(path.read_bytes() + torn)
    assert not read_results(path).complete
    rest = list(check([Counting()], **FEW, resume=path))
    assert rest[0] == Planned(total=4, done=stop_after)
    assert kinds(rest).count("Judged") == 4 - stop_after
    assert isinstance(rest[-1], Finished)
    assert rest[-1].counts == {"exact": 4}
    results = read_results(path)
    assert results.complete
    assert sorted(checks(list(results.verdicts))) == sorted((prop.id, dtype) for prop in PROPERTIES for dtype in DTYPES)
    for line in (results.run, *results.implementations.values()):
        check_record(line)


def test_a_story_is_told_once(tmp_path: Path) -> None:
    events = check([Counting()], **WITH_STORY, out=tmp_path)
    next(event for event in events if isinstance(event, Judged))
    events.close()
    list(check([Counting()], **WITH_STORY, resume=tmp_path))
    list(check([Counting()], **WITH_STORY, resume=tmp_path))
    assert len(read_results(tmp_path / "results.jsonl").stories) == 1


def test_a_complete_run_has_nothing_left_to_do(tmp_path: Path) -> None:
    list(check([Counting()], **FEW, out=tmp_path))
    again = Counting()
    events = list(check([again], **FEW, out=tmp_path, resume=tmp_path))
    assert kinds(events) == ["Planned", "Finished"]
    assert again.calls == 0
    assert read_results(tmp_path / "results.jsonl").complete


def test_a_named_implementation_goes_on_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    given = {**FEW, "properties": ["own_properties:STEP", "own_properties:STILL"], "processes": 1, "out": tmp_path}
    events = check(GOOD, **given)
    next(event for event in events if isinstance(event, Judged))
    events.close()
    rest = list(check(GOOD, **given, resume=tmp_path))
    assert rest[0] == Planned(2, 1)
    assert [e.verdict.property for e in rest if isinstance(e, Judged)] == ["STILL"]
    assert kinds(list(check(GOOD, **given, resume=tmp_path))) == ["Planned", "Finished"]


def test_only_the_same_question_goes_on(tmp_path: Path) -> None:
    list(check([Counting()], **FEW, out=tmp_path))
    with pytest.raises(InvalidValue, match="seed=0, this one has seed=1"):
        check([Counting()], **FEW, resume=tmp_path, seed=1)
    with pytest.raises(InvalidValue, match="must be the folder of the run that is resumed"):
        check([Counting()], **FEW, resume=tmp_path, out=tmp_path / "elsewhere")


def test_every_night_has_a_seed_of_its_own_which_goes_on(tmp_path: Path) -> None:
    given = {**FEW, "profile": "nightly"}
    seeds = set()
    for night in ("one", "two"):
        events = check([Counting()], **given, out=tmp_path / night)
        next(event for event in events if isinstance(event, Judged))
        events.close()
        results = read_results(tmp_path / night / "results.jsonl")
        assert results.verdicts[0].seed == results.run["seed"]
        seeds.add(results.run["seed"])
        list(check([Counting()], **given, resume=tmp_path / night))
        assert {v.seed for v in read_results(tmp_path / night / "results.jsonl").verdicts} == {results.run["seed"]}
    assert len(seeds) == 2
    assert {verdict.seed for verdict in verdicts(Counting(), **given, seed=5)} == {5}


@pytest.mark.parametrize(
    ("implementations", "options", "complaint"),
    [
        ([], {}, r"implementations=\[\]: must name at least one"),
        ([NumpyPlain], {}, "of a class, hand over an instance"),
        ([3], {}, "must be names, or objects with a method"),
        ([NumpyPlain(), NumpyPlain()], {}, "two are called 'numpy'"),
        (
            ["numpy"],
            {"properties": [own_properties.STEP]},
            "a property of your own is found by a child process only as",
        ),
        ([NumpyPlain()], {"properties": ["SYM99"]}, "property='SYM99'"),
        ([NumpyPlain()], {"properties": ["no_module:PROPERTY"]}, "property='no_module:PROPERTY': cannot be imported"),
        ([NumpyPlain()], {"properties": ["symtests:Batch"]}, "must be a symtests.properties.base.Property"),
        ([NumpyPlain()], {"properties": []}, "must name at least one property"),
        ([NumpyPlain()], {"dtypes": ["float16"]}, "dtypes='float16': must be one of float32, float64"),
        ([NumpyPlain()], {"profile": "slow"}, "profile='slow'"),
        ([NumpyPlain()], {"seed": -1}, "seed=-1"),
        ([NumpyPlain()], {"examples": 0}, "examples=0"),
        ([NumpyPlain()], {"processes": 0}, "processes=0"),
        ([NumpyPlain()], {"call_limit": 0}, "call_limit=0"),
        ([NumpyPlain()], {"resume": "nowhere.jsonl"}, "cannot be read"),
    ],
)
def test_wrong_arguments_are_refused_at_once(
    implementations: list[object], options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidValue, match=complaint):
        check(implementations, **options)


@pytest.mark.parametrize("name", ["nunpy", "no_such_module:Net", f"{FOLDER / 'misbehaving.py'}:Nothing"])
def test_an_implementation_that_is_not_found_is_refused_before_any_is_judged(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="implementation="):
        next(check([GOOD, name], out=tmp_path))
    assert not list(tmp_path.iterdir())


def test_more_implementations_than_processes_are_all_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    names = [f"{FOLDER / 'misbehaving.py'}:{name}" for name in ("Good", "HalfTheStep", "WrongShape")]
    found = list(verdicts(names, properties=["own_properties:STEP"], profile="quick", examples=2, processes=1))
    assert sorted(verdict.word for verdict in found) == ["errored", "holds", "violated"]


def test_capabilities_that_cannot_be_read_are_refused() -> None:
    class Strange(NumpyPlain):
        @property
        def capabilities(self) -> Capabilities:  # type: ignore[override]
            raise RuntimeError("ask me later")

    with pytest.raises(InvalidValue, match=r"its capabilities cannot be read \(RuntimeError: ask me later\)"):
        check([Strange()])


def test_importing_the_package_imports_neither_engine_nor_hypothesis() -> None:
    program = "import sys, symtests; print(sorted({'hypothesis', 'numba', 'pytest', 'jsonschema'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_events_are_told_with_what_they_are_about() -> None:
    events = list(check([NumpyPlain()], **WITH_STORY, dtypes=["float64"]))
    preparing, prepared, started, story = (
        next(e for e in events if isinstance(e, kind)) for kind in (Preparing, Prepared, Started, StoryTold)
    )
    assert isinstance(preparing, Preparing)
    assert isinstance(prepared, Prepared)
    assert isinstance(started, Started)
    assert isinstance(story, StoryTold)
    assert preparing.implementation == prepared.implementation == started.check.implementation == "numpy"
    assert prepared.record["dtypes"] == ["float64"]
    assert (started.check.property, started.check.dtype) == ("STEP", "float64")
    assert story.story["implementation"] == "numpy"
