"""Commands: whatever the child does is one sentence, and nothing of it is left behind."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations import find
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process import Command
from symtests.implementations.process_pipe import LONGEST_ANSWER, TimeLimits
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="commands need a POSIX system")

HOSTILE = Path(__file__).with_name("hostile.py")
NETWORK = Network((2, 2, 1), "tanh")
THETA = Parameters(NETWORK, np.linspace(-1.0, 1.0, 9))
BATCH = Batch(np.ones((2, 2)), np.zeros((2, 1)))
QUICK = TimeLimits(start=60.0, request=60.0, end=0.3)


def command(way: str, *more: str, limits: TimeLimits = QUICK) -> Command:
    return Command([sys.executable, str(HOSTILE), way, *more], limits)


def fault_of(way: str, limits: TimeLimits = QUICK) -> Misbehaviour:
    """Return what goes wrong when this child is asked to train; it serves again after that."""
    with closing(command(way, limits=limits)) as child:
        with pytest.raises(Misbehaviour) as caught:
            child.train(NETWORK, THETA, BATCH, Training())
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 1500
        assert math.isnan(child.loss_and_gradient(NETWORK, THETA, BATCH)[0] or 0.0)
    return caught.value


def descriptors() -> int:
    """Return how many descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """See that a test leaves no descriptor and no thread."""
    before, threads = descriptors(), threading.active_count()
    yield
    assert descriptors() == before
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    ("way", "kind", "words"),
    [
        ("exit", "exited", "asked train (request 2), it ended with status 7"),
        ("last words", "exited", "it ended with status 3; it wrote to standard error: out of paper"),
        ("kill", "killed", "it was killed by SIGKILL"),
        ("close", "exited", "it closed its standard output and went on"),
        ("banner", "broken protocol", 'wrote "Loading the model ...", which is not JSON'),
        ("half", "broken protocol", "which is not JSON"),
        ("no seq", "broken protocol", "lacks 'seq'; repeat the request's seq, and flush standard output after"),
        ("seq of before", "broken protocol", "has seq 1; answer each request once, in the order"),
        ("seq as text", "broken protocol", 'has seq "2", which is no whole number'),
        ("huge seq", "broken protocol", "has seq 1000"),
        ("other field", "broken protocol", "lacks 'parameters': the parameters after the last step"),
        ("null", "broken protocol", "as some languages write NaN and infinities"),
        ("texts", "broken protocol", "a JSON number within the range of float64, or one of the texts NaN"),
        ("too few", "wrong shape", "8 numbers, and a network of sizes (2, 2, 1) with bias=True has 9"),
        ("nested", "broken protocol", "parameters[0] that is a list of 9"),
        ("a list", "broken protocol", "write a JSON object"),
        ("error", "raised", "train answered the error: no\\x1b[31m way"),
        ("error as number", "broken protocol", "has error that is 5: it must be a text that says what went wrong"),
        ("large integer", "broken protocol", "beyond the largest float64"),
        ("not UTF-8", "broken protocol", "not UTF-8 from byte 9 on"),
        ("deep", "broken protocol", "nested too deeply"),
        ("deep object", "broken protocol", "nested too deeply"),
        ("1e999", "broken protocol", "beyond the largest float64"),
        ("400 digits", "broken protocol", "a number of 401 digits"),
        ("4 million digits", "broken protocol", "a number of 4000000 digits"),
        ("bare NaN", "broken protocol", 'the bare word NaN, which is no JSON; write it as a text, "NaN"'),
        ("twice", "broken protocol", 'the field "seq" twice'),
        ("empty line", "broken protocol", "wrote an empty line"),
        ("zero bytes", "broken protocol", "which is not JSON"),
    ],
)
def test_whatever_it_answers_is_one_sentence(way: str, kind: str, words: str) -> None:
    fault = fault_of(way)
    assert (fault.kind, words) == (kind, words if words in str(fault) else str(fault))


@pytest.mark.parametrize("way", ["hang", "stop", "no line break", "flood of complaints"])
def test_one_that_does_not_answer_is_killed_at_its_limit(way: str) -> None:
    fault = fault_of(way, TimeLimits(start=60.0, request=2.0, end=0.3))
    assert fault.kind == "hung"
    assert "it had not answered after 2 s" in str(fault)


def test_a_flood_is_stopped_at_the_longest_answer() -> None:
    fault = fault_of("flood")
    assert fault.kind == "broken protocol"
    assert f"{LONGEST_ANSWER >> 20} MiB without a line break" in str(fault)


def test_a_flood_of_lines_is_stopped_at_the_first() -> None:
    assert "which is not JSON" in str(fault_of("flood of lines"))


def test_what_it_writes_unasked_is_told_with_the_next_question() -> None:
    with closing(command("afterwards")) as child:
        assert np.array_equal(child.train(NETWORK, THETA, BATCH, Training()).vector, THETA.vector)
        time.sleep(0.2)
        with pytest.raises(Misbehaviour, match=r"it wrote 'Done.\\n' without being asked"):
            child.train(NETWORK, THETA, BATCH, Training())


def test_what_it_cannot_do_is_unsupported() -> None:
    with closing(command("unsupported")) as child, pytest.raises(Unsupported, match="not today"):
        child.train(NETWORK, THETA, BATCH, Training())


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("banner at hello", 'wrote "Welcome!", which is not JSON'),
        ("other protocol", "it speaks version 2 "),
        ("wrong capability", 'capabilities.activations[0] that is "tahn"'),
        ("silent at hello", "it had not answered after 1 s"),
    ],
)
def test_one_that_does_not_say_what_it_is_cannot_be_used(way: str, words: str) -> None:
    limits = TimeLimits(start=1.0) if way == "silent at hello" else QUICK
    with pytest.raises(InvalidValue) as caught:
        command(way, limits=limits)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("command:no-such-program-anywhere", "it cannot be started: No such file or directory; check its spelling"),
        ("command:", "must be a program with its arguments"),
        ("command:node 'my net.mjs", "cannot be split into words"),
        (f"command:{HOSTILE.parent}", "cannot be started: Permission denied"),
    ],
)
def test_what_is_no_command_is_refused(name: str, words: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        find(name)
    assert words in str(caught.value)


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with pytest.raises(InvalidValue):
        find(f"command:false; touch {trace} $(touch {trace})")
    assert not trace.exists()


def test_floats_come_back_bit_for_bit() -> None:
    with closing(command("right")) as child:
        loss, gradient = child.loss_and_gradient(NETWORK, THETA, BATCH)
        assert loss is not None
        assert math.isnan(loss)
        expected = [-0.0, math.inf, -math.inf, 5e-324, 0.1, 1, 2, 3, 4]
        assert gradient.vector.tobytes() == np.array(expected).tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_travel_both_ways_exactly(dtype: str) -> None:
    network = Network((7, 5, 3), "tanh")
    words = np.random.default_rng(1).integers(0, 2**32, 2 * network.parameter_count, np.uint32)
    vector = words.view(dtype)[: network.parameter_count].copy()
    vector[:5] = [0.0, -0.0, np.inf, -np.inf, np.finfo(dtype).smallest_subnormal]
    with closing(Command([sys.executable, str(HOSTILE.with_name("echo.py"))], QUICK)) as child:
        batch = Batch(np.ones((2, 7), dtype), np.ones((2, 3), dtype))
        found = child.train(network, Parameters(network, vector), batch, Training()).vector
    assert found.dtype == vector.dtype
    numbers = ~np.isnan(vector)
    assert numbers.sum() > 50
    assert found[numbers].tobytes() == vector[numbers].tobytes()
    assert np.isnan(found[~numbers]).all()


def test_a_number_beyond_float32_is_not_finite() -> None:
    with closing(Command([sys.executable, str(HOSTILE.with_name("echo.py")), "1e300"], QUICK)) as child:
        implementation = Checked(child, "float32")
        theta, batch = THETA.astype("float32"), BATCH.astype("float32")
        with pytest.raises(Misbehaviour, match="returned inf at position 0 of 9 of its parameters for finite input"):
            implementation.train(NETWORK, theta, batch, Training())


def is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(processes: list[int]) -> bool:
    for _ in range(200):
        if not any(map(is_alive, processes)):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("way", ["exit", "hang", "close", "right", "kill", "stays after bye"])
def test_nothing_that_it_has_started_survives_it(way: str, tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    with closing(command(way, str(path), limits=TimeLimits(60.0, 1.0, 0.3))) as child:
        processes = [int(number) for number in path.read_text(encoding="ascii").split()]
        assert all(map(is_alive, processes))
        if way not in ("right", "stays after bye"):
            with pytest.raises(Misbehaviour):
                child.train(NETWORK, THETA, BATCH, Training())
    assert wait_until_gone(processes)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_the_process_that_uses_it(end: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    text = (
        f"from symtests.implementations.process import Command; import signal, sys, time\n"
        f"signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background ignores it
        f"child = Command([sys.executable, {str(HOSTILE)!r}, 'hang', {str(path)!r}])\n"
        f"print('ready', flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"ready\n"
        processes = [int(number) for number in path.read_text(encoding="ascii").split()]
        user.send_signal(end)
        user.wait(60)
    assert wait_until_gone(processes)


def test_an_interrupt_while_it_is_asked_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    child = command("hang", str(path))
    processes = [int(number) for number in path.read_text(encoding="ascii").split()]
    previous = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            child.train(NETWORK, THETA, BATCH, Training())
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert wait_until_gone(processes)
    child.close()


def test_death_after_death_leaks_nothing() -> None:
    before = descriptors()
    with closing(command("exit")) as child:
        for _ in range(30):
            with pytest.raises(Misbehaviour, match="ended with status 7"):
                child.train(NETWORK, THETA, BATCH, Training())
    assert descriptors() == before


def test_what_it_does_not_offer_is_as_if_it_were_not_there() -> None:
    with closing(command("right")) as child:
        implementation: Any = Checked(child, "float64")
        offered = {
            name: implementation.offers(name) for name in ("train", "loss_and_gradient", "predict", "stages", "run_as")
        }
    assert offered == {"train": True, "loss_and_gradient": True, "predict": False, "stages": False, "run_as": False}
