"""Threads that share a training end together: one that cannot start, fails or is interrupted leaves none that spins."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

# Each trial runs in a process of its own: a thread that spins for ever must not keep the other tests from ending.
_HEAD = """
import os, signal, threading, time
from importlib import import_module
from _thread import _count
import numpy as np
from symtests import Batch, Network, Parameters, Training
from symtests.kernels import loss_and_gradient, runs, team, train, train_many
from symtests.validation import InvalidValue

network = Network((6, 40, 40, 3), "tanh")
parameters = Parameters.zeros(network, "float32")
parameters.vector[...] = np.linspace(-1, 1, network.parameter_count)
batch = Batch(np.ones((64, 6), "float32"), np.zeros((64, 3), "float32"))
share = dict(threads=3, least_work=0)
take_steps = runs.take_steps

def ask(steps=3, threads=3):
    return train(network, parameters, batch, Training("sgd", 1e-3, steps), threads=threads, least_work=0)

def many(steps=2000):
    starts = np.tile(parameters.vector, (400, 1))
    return train_many(network, starts, batch, Training("adam", 1e-3, steps), threads=3)

right = ask(threads=1).vector.tobytes()
assert ask().vector.tobytes() == right
many(1)  # what is compiled is compiled now
before = _count()

def raised(function):
    began = time.monotonic()
    try:
        function()
    except BaseException as error:
        print(type(error).__name__, error)
    print("in time:", time.monotonic() - began < 3)

def interrupt_after(seconds):
    threading.Thread(target=lambda: (time.sleep(seconds), os.kill(os.getpid(), signal.SIGINT))).start()
"""
_TAIL = """
deadline = time.monotonic() + 3
while _count() > before and time.monotonic() < deadline:
    time.sleep(0.01)
busy = time.process_time()
time.sleep(0.5)
print("calm:", time.process_time() - busy < 0.2, "threads left:", _count() - before)
"""
_CALM = "calm: True threads left: 0"


def tried(trial: str) -> list[str]:
    """The lines that a trial prints, with those on what it leaves behind."""
    script = _HEAD + textwrap.dedent(trial) + _TAIL
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.thorough
@pytest.mark.parametrize("thread", [0, 1, 2])
@pytest.mark.parametrize("before", [True, False])
def test_a_part_that_raises_ends_all_others(thread: int, before: bool) -> None:
    told = tried(f"""
        def broken(*arguments):
            if arguments[-1] == {thread} and {before}:
                raise ValueError("the part of {thread}")
            *others, schedule, work, order, powers, meeting, number = arguments
            if number == {thread}:  # it leaves the training in the middle, where the others wait for it
                schedule = schedule._replace(steps=1)
            found = take_steps(*others, schedule, work, order, powers, meeting, number)
            if number == {thread}:
                raise ValueError("the part of {thread}")
            return found
        runs.take_steps = broken
        raised(lambda: ask(steps=50))
        raised(lambda: loss_and_gradient(network, parameters, batch, **share) if {before} else ask())
        runs.take_steps = take_steps
        print(ask().vector.tobytes() == right)
    """)
    failed = [f"ValueError the part of {thread}", "in time: True"]
    assert told == [*failed, *failed, "True", _CALM]


@pytest.mark.thorough
@pytest.mark.parametrize("started", [0, 1, 2])
def test_none_begins_where_one_cannot_be_started(started: int) -> None:
    told = tried(f"""
        def refuse(*arguments, start=team.start_new_thread, left=list(range({started}))):
            if not left:
                raise RuntimeError("can't start new thread")
            left.pop()
            return start(*arguments)
        team.start_new_thread = refuse
        runs.take_steps = lambda *arguments: print("began")
        raised(ask)
    """)
    sentence = f"InvalidValue threads=3: the system has started only {started} of them (can't start new thread); "
    assert told[0].startswith(sentence)
    assert told[1:] == ["in time: True", _CALM]


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory holds on Linux alone")
@pytest.mark.parametrize("call", ["ask", "many"])
def test_a_limit_of_the_system_is_told(call: str) -> None:
    told = tried(f"""
        import resource
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        threading.stack_size(2**30)
        resource.setrlimit(resource.RLIMIT_AS, (used + 3 * 2**29, used + 3 * 2**29))  # room for one thread's stack
        raised({call})
        threading.stack_size(0)
        print(ask(threads=1).vector.tobytes() == right)
    """)
    assert told[0].startswith("InvalidValue threads=3: the system has started only 1 of them (can't start new thread);")
    assert told[1:] == ["in time: True", "True", _CALM]


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to a process of its own")
@pytest.mark.parametrize("call", ["ask(steps=10**9)", "many(10**4)"])
def test_an_interrupt_ends_all_threads(call: str) -> None:
    told = tried(f"""
        interrupt_after(0.5)
        raised(lambda: {call})
        print(ask().vector.tobytes() == right)
    """)
    assert told == ["KeyboardInterrupt ", "in time: True", "True", _CALM]


@pytest.mark.thorough
@pytest.mark.parametrize("fault", ["the part", "the report of progress", "the general kernel"])
def test_what_fails_among_many_trainings_ends_all_of_them(fault: str) -> None:
    told = tried(f"""
        module = import_module("symtests.kernels.train_many")
        fault, calls, progress = {fault!r}, [], None
        if fault == "the report of progress":
            progress = lambda share: 1 / 0
        else:
            whole = module._Work._trained
            def broken(work, first, stop):
                calls.append(first)
                if len(calls) == 2:
                    raise ZeroDivisionError("division by zero")
                return whole(work, first, stop)
            module._Work._trained = broken
        steps = 10**9 if fault != "the report of progress" else 50
        small = Network((2, 2, 1), "tanh") if fault != "the general kernel" else network
        starts = np.full((4000, small.parameter_count), 0.5, "float32")
        data = Batch(np.ones((4, small.sizes[0]), "float32"), np.zeros((4, small.sizes[-1]), "float32"))
        module.train_many(small, starts[:64], data, Training("sgd", 1e-3, 1))
        calls.clear()
        long = Training("sgd", 1e-3, steps)
        raised(lambda: module.train_many(small, starts, data, long, threads=3, progress=progress))
    """)
    assert told == ["ZeroDivisionError division by zero", "in time: True", _CALM]
