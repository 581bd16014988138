"""Implementations that hang, crash and litter: each gets its own verdict, and spoils nothing else."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from symtests.checking import Judged, check
from symtests.checking.results.results_file import check_record, read_results
from symtests.checking.results.verdict import Verdict
from symtests.network import DTYPES
from symtests.properties.base import Case
from tests.checking import misbehaving

FOLDER = Path(misbehaving.__file__).parent
CALL_LIMIT = 6.0
"""Seconds: short for a test, and long enough for starting a process on a busy machine."""

# What STEP makes of each: the kind of failure, or the word where there is none. STILL holds for all of them.
EXPECTED = {
    "Good": "holds",
    "HalfTheStep": "violated",
    "Raises": "raised",
    "RaisesSystemExit": "raised",
    "WrongShape": "wrong shape",
    "NotANumber": "violated",
    "ChangesItsInput": "holds",
    "PrintsAMegabyte": "holds",
    "LeavesAChild": "holds",
    "HangsInPython": "hung",
    "HangsInC": "hung",
    "HoldsTheLock": "hung",
    "WaitsForAChild": "hung",
    "EndsTheProcess": "exited",
    "Segfaults": "killed",
    "IsKilled": "killed",
}


@dataclass(frozen=True)
class Outcome:
    """What a check of all of them has left."""

    verdicts: dict[tuple[str, str], Verdict]
    results: Path
    mark: str


def location(name: str) -> str:
    return f"{FOLDER / 'misbehaving.py'}:{name}"


def processes_with(mark: str) -> list[str]:
    """Return the processes that were started with this mark in their arguments or in their environment."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,stat,args"], capture_output=True, text=True, check=True).stdout
    found = [line for line in listed.splitlines() if mark in line and " Z" not in line]
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is somebody else's
            if mark.encode() in entry.read_bytes():
                found.append(f"{entry.parent.name} {(entry.parent / 'cmdline').read_bytes()!r}")
    return found


def children_with(mark: str) -> list[str]:
    """Return what implementations of the tests have started: the mark is in its arguments."""
    return [line for line in processes_with(mark) if "time.sleep(600)" in line]


def gone(mark: str) -> bool:
    """Tell whether no process with this mark is left; one that has been killed may need a moment."""
    for _ in range(100):
        if not processes_with(mark):
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def mark() -> Iterator[str]:
    """Let child processes find the properties of the tests, and mark what they start."""
    with pytest.MonkeyPatch.context() as patch:
        mark = f"symtests-{uuid.uuid4()}"
        patch.setenv("MARK_OF_TEST_PROCESSES", mark)
        patch.syspath_prepend(str(FOLDER))
        yield mark


@pytest.fixture(scope="module")
def outcome(mark: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    out = tmp_path_factory.mktemp("misbehaving")
    events = check(
        [location(name) for name in EXPECTED],
        properties=["own_properties:STEP", "own_properties:STILL"],
        profile="quick",
        examples=4,
        processes=2,
        call_limit=CALL_LIMIT,
        first_call_limit=60.0,
        stories=False,
        out=out,
    )
    verdicts = [event.verdict for event in events if isinstance(event, Judged)]
    found = {(verdict.implementation.rpartition(":")[2], verdict.property): verdict for verdict in verdicts}
    assert len(found) == len(verdicts)
    return Outcome(found, out / "results.jsonl", mark)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_gets_its_own_verdict(outcome: Outcome, name: str) -> None:
    verdict = outcome.verdicts[name, "STEP"]
    kind = verdict.failure.kind if verdict.failure else verdict.word
    assert kind == EXPECTED[name], verdict
    assert (verdict.failure is not None) == (verdict.word == "errored")
    assert verdict.sentence.endswith((".", verdict.counterexample.sentence if verdict.counterexample else "."))


@pytest.mark.parametrize("name", EXPECTED)
def test_the_other_property_is_judged_none_the_less(outcome: Outcome, name: str) -> None:
    verdict = outcome.verdicts[name, "STILL"]
    assert (verdict.word, verdict.tally.conclusive) == ("exact", 8)


@pytest.mark.parametrize(
    "name", ["HangsInPython", "HangsInC", "WaitsForAChild", "EndsTheProcess", "Segfaults", "IsKilled"]
)
def test_the_case_is_known_on_which_it_hung_or_died(outcome: Outcome, name: str) -> None:
    found = outcome.verdicts[name, "STEP"].counterexample
    assert found is not None
    case = Case.from_json(found.case)
    assert (case.hidden_units, len(case.batch)) == (found.hidden_units, found.samples)
    assert f"find('{location(name)}')" in found.script
    assert "learning_rate=0.5" in found.script  # the call at which it happened


def test_what_it_did_is_told(outcome: Outcome) -> None:
    def failure(name: str) -> tuple[str, str]:
        found = outcome.verdicts[name, "STEP"].failure
        assert found is not None
        return found.message, found.output

    message, output = failure("EndsTheProcess")
    assert (message, output) == ("it ended the process with status 7", "last words")
    assert failure("Segfaults")[0] == "the process was killed by SIGSEGV"
    assert "memory runs out" in failure("IsKilled")[0]
    message, output = failure("HangsInC")
    assert message == f"train had not answered after {CALL_LIMIT:g} s"
    assert 'misbehaving.py", line' in output  # where it stands
    assert "in go_astray" in output
    assert failure("HoldsTheLock") == (message, failure("HoldsTheLock")[1])
    assert "in go_astray" in failure("HoldsTheLock")[1]


def test_rubbish_in_the_output_does_no_harm(outcome: Outcome) -> None:
    verdict = outcome.verdicts["PrintsAMegabyte", "STEP"]
    assert verdict.tally == outcome.verdicts["Good", "STEP"].tally


def test_all_that_was_found_is_on_disk(outcome: Outcome) -> None:
    results = read_results(outcome.results)
    assert results.complete
    # As JSON, in which one NaN is like another.
    assert {(v.implementation, v.property): v.to_json() for v in results.verdicts} == {
        (v.implementation, v.property): v.to_json() for v in outcome.verdicts.values()
    }
    assert results.run["checks"] == len(results.verdicts) == 2 * len(EXPECTED)
    scripts = {path.name for path in (outcome.results.parent / "counterexamples").iterdir()}
    assert len(scripts) == sum(verdict.counterexample is not None for verdict in results.verdicts)
    for name in ("HalfTheStep", "Segfaults", "HangsInC"):
        assert any(script.startswith("STEP-float64-") and script.endswith(f"{name}.py") for script in scripts)


def test_no_process_is_left(outcome: Outcome) -> None:
    assert gone(outcome.mark)


def judge(names: list[str], **options: object) -> list[Verdict]:
    given: dict[str, object] = {
        "properties": ["own_properties:STEP", "own_properties:STILL"], "profile": "quick",
        "examples": 2, "stories": False,
        "call_limit": CALL_LIMIT, "first_call_limit": 60.0, "processes": 2, **options,
    }  # fmt: skip
    events = check([location(name) for name in names], **given)  # type: ignore[arg-type]
    return [event.verdict for event in events if isinstance(event, Judged)]


THREE_PROPERTIES = ["own_properties:STEP", "own_properties:STEP_AGAIN", "own_properties:STILL"]


def test_what_always_hangs_costs_one_time_limit(mark: str) -> None:
    verdicts = judge(["HangsAlways"], first_call_limit=CALL_LIMIT)
    assert [verdict.word for verdict in verdicts] == ["errored"] * 2
    for verdict in verdicts:
        assert verdict.failure is not None
        assert verdict.failure.kind == "hung"
    assert all(v.seconds == 0 and v.tally.tried == 0 for v in verdicts)  # no check was begun


def test_what_dies_again_and_again_is_given_up(mark: str) -> None:
    verdicts = judge(["EndsTheProcessInBothDtypes"], properties=THREE_PROPERTIES, processes=1)
    sentences = [(v.property, v.dtype, v.sentence) for v in verdicts if v.word == "errored"]
    assert [(prop, dtype) for prop, dtype, _ in sentences] == [
        ("STEP", "float32"), ("STEP", "float64"), ("STEPAGAIN", "float32"), ("STEPAGAIN", "float64"),
        ("STILL", "float32"), ("STILL", "float64"),
    ]  # fmt: skip
    assert [sentence.startswith("It ended the process") for _, _, sentence in sentences] == [True] * 3 + [False] * 3
    assert sentences[3][2] == (
        "Not tried: 3 checks before this one ended in the same way (it ended the process with status 7)."
    )


def test_each_check_has_one_verdict_when_processes_die_at_the_same_time(mark: str) -> None:
    verdicts = judge(["EndsTheProcessInBothDtypes"], properties=THREE_PROPERTIES, processes=2)
    checks = sorted((verdict.property, verdict.dtype) for verdict in verdicts)
    assert checks == sorted((prop, dtype) for prop in ("STEP", "STEPAGAIN", "STILL") for dtype in DTYPES)


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("import os; os._exit(5)", "exited", "it ended the process with status 5 while it was imported"),
        ("import sys; sys.exit(5)", "raised", "import raised SystemExit: 5"),
        ("import os; os.abort()", "killed", "the process was killed by SIGABRT while it was imported"),
        ("import time; time.sleep(600)", "hung", f"import had not answered after {CALL_LIMIT:g} s"),
    ],
)
def test_what_cannot_be_imported_is_errored_as_a_whole(
    line: str, kind: str, words: str, mark: str, tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(line)
    events = check(
        [f"{tmp_path / 'net.py'}:Net", location("Good")],
        properties=["own_properties:STILL"], profile="quick", examples=2, stories=False, call_limit=CALL_LIMIT,
        first_call_limit=CALL_LIMIT, dtypes=["float64"], out=tmp_path,
    )  # fmt: skip
    verdicts = {event.verdict.implementation: event.verdict for event in events if isinstance(event, Judged)}
    assert verdicts[location("Good")].word == "exact"
    failure = verdicts[f"{tmp_path / 'net.py'}:Net"].failure
    assert failure is not None
    assert (failure.kind, failure.message) == (kind, words)
    smoke = read_results(tmp_path / "results.jsonl").implementations[f"{tmp_path / 'net.py'}:Net"]["smoke"]
    check_record(read_results(tmp_path / "results.jsonl").run)
    assert (smoke["kind"], smoke["message"]) == (kind, words)


def test_closing_a_check_ends_its_processes(mark: str) -> None:
    events = check(
        [location("LeavesAChild")], properties=["own_properties:STEP"], profile="quick", examples=50, stories=False
    )
    for event in events:
        if type(event).__name__ == "Started":
            break
    deadline = time.monotonic() + 30
    while not children_with(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children_with(mark)
    events.close()
    assert gone(mark)


PROGRAM = (
    "import signal, sys; sys.path.insert(0, sys.argv[1])\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background ignores it
    "from symtests.checking import Started, check\n"
    "properties = ['own_properties:STILL', 'own_properties:STEP']\n"
    "for event in check([sys.argv[2]], properties=properties, examples=50, stories=False, processes=1, out='.'):\n"
    "    if isinstance(event, Started) and event.check.property == 'STEP': print('going', flush=True)\n"
)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        *((signal.SIGKILL, each) for each in ("WaitsForAChild", "HoldsTheLock", "StopsWhatJudges", "KillsItsGuard")),
        (signal.SIGTERM, "HoldsTheLock"),
        (signal.SIGINT, "WaitsForAChild"),
    ],
)
def test_a_check_that_is_stopped_takes_its_processes_along(
    sent: signal.Signals, name: str, mark: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PROGRAM, str(FOLDER), location(name)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        time.sleep(1.0)  # until it is at the step at which it goes astray
        process.send_signal(sent)
        ended = process.wait(timeout=30)
    assert gone(mark), processes_with(mark)
    results = read_results(tmp_path / "results.jsonl")
    # Where the guard is killed, the check is lost, and on a slow machine the run is over before the signal.
    if name == "KillsItsGuard" and results.complete:
        assert ended in (0, -sent)
        assert [verdict.word for verdict in results.verdicts] == ["exact", "errored"]
        return
    assert ended == -sent
    assert not results.complete
    assert [(verdict.property, verdict.word) for verdict in results.verdicts] == [("STILL", "exact")]
