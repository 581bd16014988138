"""Implementations that hang: in Python, in C, with the interpreter's lock held, and in whatever reads their answers."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from tests.attacks.attack import Expected
from tests.attacks.targets.question import PythonAttack, Question

__all__ = ["HANGING", "SLEEPER", "hang"]

HUNG: Final = Expected("errored", ("hung",))
LONG: Final = 600
SLEEPER: Final = [
    sys.executable, "-c", f"import time; time.sleep({LONG})  # {os.environ.get('MARK_OF_TEST_PROCESSES')}"
]  # fmt: skip


def hang(*arguments: Any, **options: Any) -> Any:
    """Sleep for so long that nobody waits for the end."""
    time.sleep(LONG)


def with_the_lock(*arguments: Any) -> Any:
    """Hang in C without releasing the interpreter's lock: no other thread of the process runs."""
    ctypes.PyDLL(None).sleep(LONG)


def answering(**methods: Callable[..., Any]) -> Callable[[Question], object]:
    """Return an attack whose answer is an object with these methods; beside them it is the right answer."""

    def do(question: Question) -> object:
        vector = question.vector
        right = {"__array__": lambda self, *given, **options: vector, "__len__": lambda self: len(vector)}
        return type("Answer", (), {**right, **methods})()

    return do


def refuses(*arguments: Any, **options: Any) -> Any:
    raise ValueError("no array")


def in_python(question: Question) -> object:
    while True:
        pass


def in_a_regular_expression(question: Question) -> object:
    import re

    return re.match("(a+)+$", "a" * 60 + "b")


def in_a_big_number(question: Question) -> object:
    return 10 ** (10**10)


def in_a_lock(question: Question) -> object:
    lock = threading.Lock()
    lock.acquire()
    return lock.acquire()


def in_a_pipe(question: Question) -> object:
    read, _ = os.pipe()
    return os.read(read, 1)


def in_a_child(question: Question) -> object:
    return subprocess.run(SLEEPER, check=True)


def catching_everything(question: Question) -> object:
    while True:
        try:
            time.sleep(LONG)
        except BaseException:  # whoever interrupts it is not heard
            continue


def ignoring_signals(question: Question) -> object:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    return hang()


def stopping_itself(question: Question) -> object:
    os.kill(os.getpid(), signal.SIGSTOP)
    return question.right()


def stopping_its_group(question: Question) -> object:
    os.killpg(0, signal.SIGSTOP)
    return question.right()


def in_a_thread_that_stays(question: Question) -> object:
    threading.Thread(target=hang, daemon=False).start()
    return hang()


def printing(question: Question) -> object:
    while True:
        print("still busy " * 1000)


def writing_to_the_error_output(question: Question) -> object:
    while True:
        os.write(2, b"e" * 65536)


class Endless:
    """An answer without end."""

    def __iter__(self) -> Iterator[float]:
        while True:
            yield 0.0


class VectorHangs:
    """An answer whose vector never comes."""

    @property
    def vector(self) -> Any:
        return hang()


class SlowSequence:
    """A sequence of the right length, each number of which takes a quarter of a minute."""

    def __len__(self) -> int:
        return 13

    def __getitem__(self, place: int) -> float:
        time.sleep(15)
        return 0.0


class HangsInUfunc(np.ndarray):
    """An array that hangs in whatever is computed with it."""

    def __array_ufunc__(self, *arguments: Any, **options: Any) -> Any:
        return hang()

    def __array_function__(self, *arguments: Any, **options: Any) -> Any:
        return hang()

    def __array_finalize__(self, other: Any) -> None:
        if other is not None and getattr(other, "shape", None) == (14,):
            hang()


class HangsWhenShown(Exception):
    """Hangs when it is shown."""

    def __str__(self) -> str:
        return str(hang())

    __repr__ = __str__


def raises_what_hangs(question: Question) -> object:
    raise HangsWhenShown


TRAPS: Final = {
    "python": in_python, "c": hang, "the_lock": with_the_lock, "a_regular_expression": in_a_regular_expression,
    "a_big_number": in_a_big_number, "a_lock": in_a_lock, "a_pipe": in_a_pipe, "a_child": in_a_child,
    "spite_of_interrupts": catching_everything, "spite_of_signals": ignoring_signals, "a_stop": stopping_itself,
    "a_stop_of_its_group": stopping_its_group, "a_thread_too": in_a_thread_that_stays, "printing": printing,
    "complaining": writing_to_the_error_output, "array": answering(__array__=hang),
    "array_with_the_lock": answering(__array__=with_the_lock), "vector": lambda q: VectorHangs(),
    "iteration": answering(__array__=refuses, __len__=hang, __getitem__=hang), "endless_answer": lambda q: Endless(),
    "items": lambda q: SlowSequence(), "text": answering(__array__=refuses, __repr__=hang),
    "attributes": answering(__getattr__=hang), "text_of_an_exception": raises_what_hangs,
}  # fmt: skip
_MAY_BE_READ_OTHERWISE: Final = {
    "endless_answer": Expected("errored", ("hung", "wrong type", "wrong shape")),
    "text": Expected("errored", ("hung", "wrong type")),
    "iteration": Expected("errored", ("hung", "wrong type", "wrong shape", "raised")),
    "attributes": Expected("errored", ("hung",)),
    "text_of_an_exception": Expected("errored", ("hung", "raised")),
    "a_big_number": Expected("errored", ("hung", "killed", "raised")),
}
"""Where one may find something else wrong with the answer before it hangs."""

HANGING: Final = (
    *(PythonAttack(f"hangs_in_{name}", do, _MAY_BE_READ_OTHERWISE.get(name, HUNG)) for name, do in TRAPS.items()),
    PythonAttack("hangs_in_ufunc", lambda q: q.vector.view(HangsInUfunc), Expected("exact")),
    PythonAttack(
        "hangs_in_float", lambda q: (answering(__array__=refuses, __float__=hang)(q), q.vector), HUNG,
        "loss_and_gradient"
    ),
    PythonAttack("hangs_in_unpacking", lambda q: VectorHangs(), Expected("errored", ("hung", "wrong type")),
        "loss_and_gradient"),
    PythonAttack("hangs_in_predict", answering(__array__=hang), HUNG, "predict"),
    PythonAttack("hangs_in_initialize", lambda q: VectorHangs(), HUNG, "initialize"),
    PythonAttack("hangs_in_stages", answering(__getattr__=hang), HUNG, "stages"),
    PythonAttack("hangs_in_train_many", lambda q: iter(hang, None), HUNG, "train_many"),
)  # fmt: skip
