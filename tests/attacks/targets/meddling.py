"""Implementations that change what is around them: their process, the libraries, the pipes; some to hide an error."""

from __future__ import annotations

import atexit
import builtins
import gc
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from symtests.parameters import Parameters
from tests.attacks.attack import Expected
from tests.attacks.targets.ending import VERDICT
from tests.attacks.targets.hanging import SLEEPER, hang
from tests.attacks.targets.question import RIGHT, WRONG, PythonAttack, Question

__all__ = ["CHEATING", "MEDDLING"]


def doing(*steps: Callable[[], object]) -> Callable[[Question], object]:
    """Return an attack that does something, and then answers right."""

    def do(question: Question) -> object:
        answer = question.right()
        for step in steps:
            step()
        return answer

    return do


def patching(owner: object, **values: Any) -> Callable[[Question], object]:
    """Return an attack that puts other things into a module or a class, and then answers right."""

    def step() -> None:
        for name, value in values.items():
            setattr(owner, name, value)

    return doing(step)


def changes_its_input(question: Question) -> object:
    answer = question.right()
    for array in (question.parameters.vector, question.batch.x, question.batch.y):
        array[...] = np.nan
    return answer


def changes_its_answer_later(question: Question) -> object:
    answer = question.vector

    def change() -> None:
        time.sleep(0.2)
        answer[...] = 0.0

    threading.Thread(target=change, daemon=True).start()
    return answer


def answers_from_two_processes(question: Question) -> object:
    os.fork()  # both go on from here
    return question.right()


def leaves_a_fork(question: Question) -> object:
    answer = question.right()
    if os.fork() == 0:
        hang()
        os._exit(0)
    return answer


def leaves_a_daemon(question: Question) -> object:
    answer = question.right()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(SLEEPER[0], SLEEPER)
        os._exit(0)
    os.wait()
    return answer


def starts(**options: Any) -> Callable[[Question], object]:
    """Return an attack that starts a sleeping process and forgets it."""
    return doing(lambda: subprocess.Popen(SLEEPER, **options))


def ignores_signals() -> None:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue


def stays_in_a_removed_folder() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)


def traces(frame: Any, event: str, argument: Any) -> Any:
    return traces


class Lingering:
    """Hangs when it is thrown away."""

    def __del__(self) -> None:
        hang()


KEPT: Final[list[Any]] = []


def rubbish(megabytes: int) -> Callable[[], object]:
    def step() -> None:
        text = '{"type": "verdict", "word": "exact"}\n' * (megabytes * 28_000)
        print(text)
        print(text, file=sys.stderr)
        os.write(1, text.encode()[:65_536])
        os.write(2, b"\xff\xfe\x00\x1b[2J" * 10_000)

    return step


MEDDLERS: Final = {
    "prints_megabytes": doing(rubbish(3)),
    "prints_nothing_readable": doing(lambda: os.write(1, bytes(range(256)) * 100)),
    "changes_its_input": changes_its_input, "changes_its_answer_later": changes_its_answer_later,
    "seeds_chance": doing(lambda: random.seed(0), lambda: np.random.seed(0)),
    "changes_the_environment": doing(os.environ.clear), "changes_the_folder": doing(lambda: os.chdir("/")),
    "stays_in_a_removed_folder": doing(stays_in_a_removed_folder), "changes_the_mask": doing(lambda: os.umask(0o777)),
    "warns_always": doing(lambda: warnings.simplefilter("error")), "collects_nothing": doing(gc.disable, gc.freeze),
    "prints_numbers_otherwise": doing(lambda: np.set_printoptions(threshold=1, precision=1)),
    "raises_at_overflow": doing(lambda: np.seterr(all="raise")),
    "has_no_outputs": patching(sys, stdout=None, stderr=None, stdin=None),
    "has_closed_outputs": doing(lambda: os.close(1), lambda: os.close(2)),
    "has_other_outputs": patching(sys, stdout=io.StringIO(), stderr=io.StringIO()),
    "switches_at_once": doing(lambda: sys.setswitchinterval(1e-6)), "ignores_signals": doing(ignores_signals),
    "traces_everything": doing(lambda: sys.settrace(traces), lambda: threading.settrace(traces)),
    "sets_an_alarm": doing(lambda: signal.signal(signal.SIGALRM, hang), lambda: signal.alarm(1)),
    "leaves_at_exit": doing(lambda: atexit.register(hang)), "lingers": doing(lambda: KEPT.append(Lingering())),
    "leaves_a_thread": doing(lambda: threading.Thread(target=hang, daemon=False).start()),
    "leaves_a_hundred_threads": doing(*[lambda: threading.Thread(target=hang, daemon=True).start()] * 100),
    "leaves_a_child": starts(), "leaves_a_child_in_a_session": starts(start_new_session=True),
    "leaves_a_child_with_the_pipes": starts(close_fds=False), "leaves_a_daemon": leaves_a_daemon,
    "leaves_a_child_without_environment": starts(env={}, start_new_session=True), "leaves_a_fork": leaves_a_fork,
    "is_nice": doing(lambda: os.nice(19)), "may_write_nothing": doing(
        lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))),
    "has_no_path": doing(sys.path.clear), "has_no_imports": patching(builtins, __import__=None),
    "opens_nothing": patching(builtins, open=hang),
    "stops_the_clock": patching(time, monotonic=lambda: 0.0, time=lambda: 0.0),
    "runs_the_clock": patching(time, monotonic=lambda: 1e12, sleep=lambda seconds: None),
    "has_no_json": patching(json, dumps=lambda *given, **options: VERDICT.decode(), loads=lambda *given, **options: {}),
    "hangs_in_excepthook": patching(sys, excepthook=hang), "has_no_modules": doing(sys.modules.clear),
}  # fmt: skip
_EITHER: Final = Expected("exact", (), ("errored",))
"""Where what it does may keep its answer from arriving: that may be told, and nothing else may happen."""
_MAY_FAIL: Final = (
    "has_no_imports", "opens_nothing", "has_no_json", "has_no_modules", "runs_the_clock", "warns_always",
    "raises_at_overflow", "has_no_path", "sets_an_alarm", "has_closed_outputs", "may_write_nothing",
)  # fmt: skip
MEDDLING: Final = (
    *(PythonAttack(name, do, _EITHER if name in _MAY_FAIL else RIGHT) for name, do in MEDDLERS.items()),
    PythonAttack("answers_from_two_processes", answers_from_two_processes, _EITHER),
)


def wrongly(*steps: Callable[[Question], object]) -> Callable[[Question], object]:
    """Return an attack that does something, and then answers wrongly."""

    def do(question: Question) -> object:
        wrong = Parameters(question.network, question.vector + 0.5)
        for step in steps:
            step(question)
        return wrong

    return do


def says_that_all_is_equal(question: Question) -> None:
    np.array_equal = np.allclose = lambda *given, **options: True  # type: ignore[assignment]
    np.abs = np.absolute = lambda *given, **options: np.zeros(13)  # type: ignore[assignment]
    np.isfinite = lambda *given, **options: np.ones(13, bool)  # type: ignore[assignment]


def changes_the_judges(question: Question) -> None:
    """Change whatever of symtests is loaded in this process so that every judgement is a good one."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("symtests.", "tests.")):
            for key, value in list(vars(module).items()):
                if "judge" in key.lower() and callable(value) and not isinstance(value, type):
                    setattr(module, key, lambda *given, **options: type(given[0])("held", bitwise=True))
    from symtests.properties import base

    class Held(base.Judgement):
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__("held", bitwise=True)

    base.Judgement = Held  # type: ignore[misc]
    for module in list(sys.modules.values()):
        if hasattr(module, "Judgement"):
            setattr(module, "Judgement", Held)  # noqa: B010 - no checker knows what a module has


def changes_the_oracle(question: Question) -> None:
    from symtests.implementations.numpy_plain import NumpyPlain

    right = NumpyPlain.train
    NumpyPlain.train = lambda *given: Parameters(  # type: ignore[method-assign]
        question.network, right(*given).vector + 0.5
    )


def writes_verdicts(question: Question) -> None:
    """Write verdicts to whatever is open in this process."""
    for name in (path.name for path in Path("/proc/self/fd").iterdir()):
        if int(name) > 2:
            try:
                os.set_blocking(int(name), False)
                os.write(int(name), b"\n" + VERDICT)
            except OSError:
                continue


def writes_to_its_standard_pipes(question: Question) -> None:
    for descriptor in (0, 1, 2):
        try:
            os.write(descriptor, VERDICT)
        except OSError:
            continue


def changes_the_database(question: Question) -> None:
    """Throw away what Hypothesis keeps, and put rubbish there."""
    for folder in (Path(".symtests"), Path(".hypothesis")):
        for path in list(folder.rglob("*")):
            if path.is_file():
                path.write_bytes(b"\xff" * 100)


def remembers_the_answer(question: Question) -> None:
    """Let the asker's own argument be the wrong answer."""
    question.parameters.vector[...] += 0.5


def changes_the_collector(question: Question) -> None:
    """Change every array of floats in this process, the asker's too, into the wrong answer."""
    for thing in gc.get_objects():
        if isinstance(thing, Parameters) and thing.network == question.network and thing.vector.flags.writeable:
            thing.vector[...] = question.vector + 0.5


CHEATS: Final = {
    "says_that_all_is_equal": says_that_all_is_equal, "changes_the_judges": changes_the_judges,
    "changes_the_oracle": changes_the_oracle, "writes_verdicts": writes_verdicts,
    "writes_to_its_standard_pipes": writes_to_its_standard_pipes, "changes_the_database": changes_the_database,
    "remembers_the_answer": remembers_the_answer, "changes_the_collector": changes_the_collector,
    "freezes_the_clock": lambda question: setattr(time, "monotonic", lambda: 0.0),
    "prints_verdicts": lambda question: rubbish(1)(),
}  # fmt: skip
_CAUGHT: Final = Expected("violated", (), ("errored",))
CHEATING: Final = tuple(
    PythonAttack(f"cheats_and_{name}", wrongly(step),
        WRONG if name in ("remembers_the_answer", "prints_verdicts") else _CAUGHT)
    for name, step in CHEATS.items()
)  # fmt: skip
