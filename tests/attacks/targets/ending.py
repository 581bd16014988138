"""Implementations that end their process, or others': by exits, signals, crashes, other programs, exhausted limits."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.attacks.attack import Expected
from tests.attacks.targets.hanging import SLEEPER, hang
from tests.attacks.targets.question import PythonAttack, Question

__all__ = ["ENDING"]

EXITED: Final = Expected("errored", ("exited",))
KILLED: Final = Expected("errored", ("killed",))
ENDED: Final = Expected("errored", ("exited", "killed", "broken protocol", "hung"))
ENDED_OR_RIGHT: Final = Expected(ENDED.word, ENDED.failure, or_else=("exact", "holds"))  # the answer may come first
RAISED_OR_KILLED: Final = Expected("errored", ("raised", "killed", "exited"))
VERDICT: Final = b'{"type": "verdict", "word": "exact", "verdict": {"word": "exact"}}\n'


def exits(status: int) -> Callable[[Question], object]:
    def do(question: Question) -> object:
        os._exit(status)

    return do


def sends(number: int) -> Callable[[Question], object]:
    """Return an attack that sends itself a signal, with the action that the system has for it."""

    def do(question: Question) -> object:
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return hang()

    return do


def becomes(*words: str) -> Callable[[Question], object]:
    """Return an attack that puts another program into the place of its process, on the same pipes."""

    def do(question: Question) -> object:
        os.execv(words[0], words)

    return do


def overflows_the_stack(question: Question) -> object:
    faulthandler.disable()
    sys.setrecursionlimit(10**9)

    def deeper(depth: int) -> Any:
        return sorted([depth, 0], key=lambda number: deeper(depth + 1))

    return deeper(0)


def reads_nowhere(question: Question) -> object:
    return ctypes.string_at(0)


def writes_everywhere(question: Question) -> object:
    return ctypes.memset(ctypes.c_void_p(id(question)), 0xFF, 10**9)


def frees_what_is_not_its_own(question: Question) -> object:
    libc = ctypes.CDLL(None)
    libc.free(ctypes.c_void_p(id(question) + 8))
    return hang()


def ends_in_a_thread(question: Question) -> object:
    threading.Thread(target=os._exit, args=(3,)).start()
    return hang()


def kills_its_group(question: Question) -> object:
    os.killpg(0, signal.SIGKILL)
    return hang()


def kills_its_parent(question: Question) -> object:
    os.kill(os.getppid(), signal.SIGKILL)
    return question.right()


def stops_its_parent(question: Question) -> object:
    os.kill(os.getppid(), signal.SIGSTOP)
    return hang()


def leaves_and_is_killed(question: Question) -> object:
    subprocess.Popen(SLEEPER, start_new_session=True)
    os.kill(os.getpid(), signal.SIGKILL)
    return hang()


def closes_every_descriptor(question: Question) -> object:
    os.closerange(0, 4096)
    return question.right()


def points_every_descriptor_elsewhere(question: Question) -> object:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3, 64):
        if descriptor != nothing:
            os.dup2(nothing, descriptor)
    return question.right()


def writes_verdicts_and_exits(question: Question) -> object:
    for name in (path.name for path in Path("/proc/self/fd").iterdir()):
        try:
            os.write(int(name), VERDICT)
        except OSError:
            continue
    os._exit(0)


def writes_half_an_answer(question: Question) -> object:
    for name in (path.name for path in Path("/proc/self/fd").iterdir()):
        try:
            os.write(int(name), b'{"type": "answ')
        except OSError:
            continue
    os._exit(0)


def needs_more_than_there_is(question: Question) -> object:
    return np.ones(2**50)


def needs_more_than_it_may(question: Question) -> object:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, used + 2**26))
    return [np.ones(2**20) for _ in range(10**6)]


def needs_more_time_than_it_may(question: Question) -> object:
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass


def may_open_nothing(question: Question) -> object:
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return Path("/dev/zero").open()


def answers_and_exits_a_moment_later(question: Question) -> object:
    def later() -> None:
        time.sleep(0.3)
        os._exit(9)

    threading.Thread(target=later, daemon=True).start()
    return question.right()


ENDING: Final = (
    *(PythonAttack(f"exits_at_once_{status}", exits(status), EXITED) for status in (0, 1, 4, 130, 255)),
    *(
        PythonAttack(f"gets_{number.name}", sends(number), KILLED)
        for number in (
            signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL,
            signal.SIGPIPE, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM, signal.SIGXFSZ,
        )
    ),
    PythonAttack("gets_a_signal_without_a_name", sends(40), KILLED),
    PythonAttack("aborts", lambda question: os.abort(), KILLED),
    PythonAttack("becomes_true", becomes("/bin/true"), EXITED),
    PythonAttack("becomes_false", becomes("/bin/false"), EXITED),
    PythonAttack("becomes_an_echo", becomes("/bin/echo", VERDICT.decode()), ENDED),
    PythonAttack("becomes_a_mirror", becomes("/bin/cat"), ENDED),
    PythonAttack("overflows_the_stack", overflows_the_stack, RAISED_OR_KILLED),
    PythonAttack("reads_nowhere", reads_nowhere, KILLED),
    PythonAttack("writes_everywhere", writes_everywhere, KILLED),
    PythonAttack("frees_what_is_not_its_own", frees_what_is_not_its_own, KILLED),
    PythonAttack("ends_in_a_thread", ends_in_a_thread, EXITED),
    PythonAttack("kills_its_group", kills_its_group, KILLED),
    PythonAttack("kills_its_parent", kills_its_parent, ENDED_OR_RIGHT),
    PythonAttack("stops_its_parent", stops_its_parent, ENDED),
    PythonAttack("leaves_and_is_killed", leaves_and_is_killed, KILLED),
    PythonAttack("closes_every_descriptor", closes_every_descriptor, ENDED),
    PythonAttack("points_every_descriptor_elsewhere", points_every_descriptor_elsewhere, ENDED),
    PythonAttack("writes_verdicts_and_exits", writes_verdicts_and_exits, ENDED),
    PythonAttack("writes_half_an_answer", writes_half_an_answer, ENDED),
    PythonAttack("needs_more_than_there_is", needs_more_than_there_is, RAISED_OR_KILLED),
    PythonAttack("needs_more_than_it_may", needs_more_than_it_may, RAISED_OR_KILLED),
    PythonAttack("needs_more_time_than_it_may", needs_more_time_than_it_may, Expected("errored", ("hung", "killed"))),
    PythonAttack("may_open_nothing", may_open_nothing, RAISED_OR_KILLED),
    PythonAttack(
        "answers_and_exits_a_moment_later", answers_and_exits_a_moment_later,
        Expected("errored", ("exited",), ("exact",))
    ),
)  # fmt: skip
