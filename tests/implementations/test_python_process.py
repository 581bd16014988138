"""PythonProcess: whatever an implementation does in its own process, who asks it gets an answer or a misbehaviour."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="child processes need a POSIX system")

NETWORK = Network((2, 2, 1), "tanh")
THETA = Parameters(NETWORK, np.linspace(-1.0, 1.0, 9))
BATCH = Batch(np.ones((2, 2)), np.zeros((2, 1)))
STEP = Training("sgd", 0.5)
LIMITS = TimeLimits(start=60.0, request=2.0)

HEAD = "import ctypes, os, signal, sys, threading, time\nimport numpy as np\n"
# The body of `train`, and the kind of misbehaviour that it is.
BODIES = {
    "raises": ("raise KeyError('no')", "raised"),
    "interrupts": ("raise KeyboardInterrupt", "raised"),
    "leaves": ("sys.exit(3)", "raised"),
    "closes a generator": ("raise GeneratorExit", "raised"),
    "a base exception": ("raise type('Odd', (BaseException,), {})('odd')", "raised"),
    "hangs": ("time.sleep(600)", "hung"),
    "holds the lock": ("ctypes.PyDLL(None).sleep(600)", "hung"),
    "stops": ("os.kill(os.getpid(), signal.SIGSTOP)", "hung"),
    "ends": ("os._exit(7)", "exited"),
    "crashes": ("ctypes.string_at(0)", "killed"),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "killed"),
    "kills its guard": ("os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)", "killed or exited"),
    "closes all files": ("os.closerange(0, 1000); return np.zeros(9)", "exited"),
    "writes to all files": (
        (
            "for fd in range(3, 64):\n"
            '            try: os.write(fd, b\'{"seq": 1, "type": "verdict"}\\n\' * 3)\n'
            "            except OSError: pass\n"
            "        return np.zeros(9)"
        ),
        "broken protocol",
    ),
    "hangs in __array__": ("return Odd(array=600)", "hung"),
    "hangs in vector": ("return Odd(vector=600)", "hung"),
    "hangs in __repr__": ("return Unseen()", "hung"),
    "hangs in the text of an error": ("raise Mute(600)", "hung"),
    "refuses to be shown": ("raise Mute(0)", "raised"),
    "lone surrogates": ("raise ValueError('\\ud800')", "raised"),
    "objects": ("return np.array([None] * 9)", "wrong type"),
    "a structure": ("return np.zeros(9, [('a', float)])", "wrong type"),
    "much too large": ("return np.zeros(2**24)", "wrong shape"),
    "too short": ("return np.zeros(8)", "wrong shape"),
    "another dtype": ("return np.zeros(9, np.float32)", "wrong dtype"),
    "not a number": ("return np.full(9, np.nan)", "not finite"),
}
ODD = """
class Mute(Exception):
    def __init__(self, seconds):
        self.seconds = seconds
    def __str__(self):
        time.sleep(self.seconds)
        raise RuntimeError("no text")
    __repr__ = __str__
class Unseen:
    def __repr__(self):
        time.sleep(600)
class Odd:
    def __init__(self, array=0, vector=0):
        self.array, self.seconds = array, vector
    @property
    def vector(self):
        time.sleep(self.seconds)
        return self
    def __array__(self, *arguments, **settings):
        time.sleep(self.array)
        return np.zeros(9)
"""


@contextmanager
def process(folder: Path, body: str, more: str = "", limits: TimeLimits = LIMITS) -> Iterator[PythonProcess]:
    """Give an implementation that does this when its learning rate is that of STEP, and otherwise is right."""
    text = (
        f"{HEAD}{ODD}{more}\nclass Net:\n    version = '3'\n"
        "    def train(self, network, parameters, batch, training):\n"
        f"        if training.learning_rate != 0.5:\n            return parameters.copy()\n        {body}\n"
    )
    (folder / "net.py").write_text(text, encoding="utf-8")
    started = PythonProcess(f"{folder / 'net.py'}:Net", [], limits)
    try:
        yield started
    finally:
        started.close()


@pytest.mark.parametrize("name", BODIES)
def test_what_it_does_is_a_misbehaviour_and_the_next_question_is_answered(name: str, tmp_path: Path) -> None:
    body, kind = BODIES[name]
    with process(tmp_path, body) as asked:
        asked.load()
        implementation = Checked(asked, "float64")
        started = time.monotonic()
        with pytest.raises(Misbehaviour) as caught:
            implementation.train(NETWORK, THETA, BATCH, STEP)
        assert caught.value.kind in kind.split(" or "), caught.value
        assert time.monotonic() - started < 12.0
        after = implementation.train(NETWORK, THETA, BATCH, Training("sgd", 0.25))
        assert after.vector.tobytes() == THETA.vector.tobytes()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("os._exit(5)", "exited"),
        ("sys.exit(5)", "raised"),
        ("time.sleep(600)", "hung"),
        ("threading.Thread(target=time.sleep, args=(600,)).start()", None),
        ("import atexit; atexit.register(time.sleep, 600)", None),
    ],
)
def test_what_it_does_at_its_import_is_told(line: str, kind: str | None, tmp_path: Path) -> None:
    with process(tmp_path, "return parameters", line, TimeLimits(start=8.0, request=2.0)) as asked:
        if kind is None:
            asked.load()
            assert asked.version == "3"
        else:
            with pytest.raises(Misbehaviour) as caught:
                asked.load()
            assert caught.value.kind == kind
    assert asked._child is None  # closing it took no longer than killing does


def test_what_is_not_found_is_refused(tmp_path: Path) -> None:
    with process(tmp_path, "pass") as asked:
        asked.location = asked.location.replace(":Net", ":Nothing")
        with pytest.raises(InvalidValue, match="has no 'Nothing'"):
            asked.load()


@pytest.mark.parametrize("field", ["version", "capabilities"])
def test_each_thing_that_it_says_of_itself_is_read_once(field: str, tmp_path: Path) -> None:
    more = (
        "class Once:\n    reads = 0\n    def __get__(self, *_):\n        Once.reads += 1\n"
        "        if Once.reads > 1: time.sleep(600)\n        return {}\n"
    )
    with process(tmp_path, f"pass\n    {field} = Once()", more) as asked:
        asked.load()
        for dtype in ("float32", "float64"):
            assert Checked(asked, dtype).capabilities == asked.capabilities


def test_a_hang_says_where_it_stands(tmp_path: Path) -> None:
    with process(tmp_path, "time.sleep(600)") as asked:
        asked.load()
        with pytest.raises(Misbehaviour) as caught:
            Checked(asked, "float64").train(NETWORK, THETA, BATCH, STEP)
    assert str(caught.value) == "train had not answered after 2 s"
    assert "net.py" in caught.value.output
    assert "in train" in caught.value.output


def test_what_was_handed_out_can_be_looked_at_again(tmp_path: Path) -> None:
    shared = "shared = np.zeros(9)"
    with process(tmp_path, "shared[:] += 1; return shared", shared) as asked:
        asked.load()
        implementation = Checked(asked, "float64")
        first = implementation.train(NETWORK, THETA, BATCH, STEP)
        assert implementation.told is not None
        held = implementation.told.held
        implementation.train(NETWORK, THETA, BATCH, STEP)
        assert (first.vector == 1.0).all()
        assert (held()["parameters"] == 2.0).all()


def test_layouts_and_changes_of_arguments_reach_both_sides(tmp_path: Path) -> None:
    body = "parameters.vector[0] += batch.x.strides[0]; return parameters"
    with process(tmp_path, body) as asked:
        asked.load()
        implementation = Checked(asked, "float64")
        with implementation.laid_out({"batch.x": "backwards"}):
            after = implementation.train(NETWORK, THETA, BATCH, STEP)
    assert after.vector[0] == THETA.vector[0] - 16
    assert implementation.changed_inputs == ("parameters",)
    assert THETA.vector[0] == -1.0


def test_a_refusal_passes_through(tmp_path: Path) -> None:
    with process(tmp_path, "from symtests import Unsupported; raise Unsupported('not today')") as asked:
        asked.load()
        with pytest.raises(Unsupported, match="not today"):
            Checked(asked, "float64").train(NETWORK, THETA, BATCH, STEP)


def test_it_must_say_the_same_when_it_is_started_again(tmp_path: Path) -> None:
    with process(tmp_path, "os._exit(1)") as asked:
        asked.load()
        implementation = Checked(asked, "float64")
        with pytest.raises(Misbehaviour, match="status 1"):
            implementation.train(NETWORK, THETA, BATCH, STEP)
        path = tmp_path / "net.py"
        # Of another length: of a file with the same length and time, in seconds, Python takes what it has compiled.
        text = path.read_text(encoding="utf-8").replace("version = '3'", "version = '4, no less'")
        path.write_text(text, encoding="utf-8")
        with pytest.raises(Misbehaviour, match="something else of itself") as caught:
            implementation.train(NETWORK, THETA, BATCH, STEP)
        assert caught.value.kind == "broken protocol"


@pytest.mark.parametrize("what", ["__import__('json').dumps = lambda *a, **k: '{}'", "np.asarray = lambda a: a + 1"])
def test_what_it_changes_in_its_process_changes_nothing_in_this_one(what: str, tmp_path: Path) -> None:
    before: Callable[..., object] = np.asarray
    # That it cannot answer any more is its own affair.
    with process(tmp_path, "return parameters", what) as asked, suppress(Misbehaviour):
        asked.load()
        after = Checked(asked, "float64").train(NETWORK, THETA, BATCH, STEP)
        assert after.vector.shape == (9,)
    assert np.asarray is before


def reporting(folder: Path, body: str) -> PythonProcess:
    """Return an implementation that can say what it does in the course of a call."""
    text = (
        f"{HEAD}from contextlib import suppress\nclass Net:\n    remark = 'compiles, once'\n"
        "    def report_progress_to(self, tell):\n        self.tell = tell\n"
        "    def train(self, network, parameters, batch, training):\n"
        f"        {body}\n        return parameters.copy()\n"
    )
    (folder / "net.py").write_text(text, encoding="utf-8")
    return PythonProcess(f"{folder / 'net.py'}:Net", [], LIMITS)


def test_what_it_says_in_the_course_of_a_call_is_heard_and_is_no_answer(tmp_path: Path) -> None:
    body = "\n        ".join(["for k in range(3):", "    self.tell(f'compiling: {k} \\u2264 3'); time.sleep(0.3)"])
    with closing(reporting(tmp_path, body)) as asked:
        asked.load()
        heard: list[str] = []
        asked.on_progress = heard.append
        assert asked.remark == "compiles, once"
        after = Checked(asked, "float64").train(NETWORK, THETA, BATCH, STEP)
        assert (after.vector == THETA.vector).all()
        assert heard == [f"compiling: {k} ≤ 3" for k in range(3)]


def to_all_files(line: str) -> str:
    """Return the body of a call that writes a line to every open file."""
    return f"for fd in range(3, 64):\n            with suppress(OSError): os.write(fd, {line!r}.encode() + b'\\n')"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("while True: self.tell('x' * 10_000); time.sleep(0.3)", "hung"),
        ("threading.Thread(target=self.tell, args=['x']).start(); time.sleep(0.5)", None),
        (to_all_files('{"progress": "\\ud800"}'), None),
        (to_all_files('{"progress": 3}'), "broken protocol"),
        (to_all_files('{"progress": "", "seq": 2}'), "broken protocol"),
        (to_all_files(f'{{"progress": "{"x" * 9999}"}}'), "broken protocol"),
    ],
)
def test_nothing_is_gained_by_saying_much(body: str, kind: str | None, tmp_path: Path) -> None:
    with closing(reporting(tmp_path, body)) as asked:
        asked.load()
        if kind is None:
            Checked(asked, "float64").train(NETWORK, THETA, BATCH, STEP)
            return
        with pytest.raises(Misbehaviour) as caught:
            Checked(asked, "float64").train(NETWORK, THETA, BATCH, STEP)
        assert caught.value.kind == kind


def test_a_remark_that_is_no_text_is_none(tmp_path: Path) -> None:
    with process(tmp_path, "return parameters.copy()", "") as asked:
        path = tmp_path / "net.py"
        path.write_text(path.read_text(encoding="utf-8") + "    remark = 3\n    report_progress_to = 'no'\n", "utf-8")
        asked.close()
        asked.load()
        assert asked.remark == ""
