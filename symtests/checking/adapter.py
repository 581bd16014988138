"""Tries an adapter alone: whether it can be asked and answers in the right form, before any property is tried."""

from __future__ import annotations

import json
import queue
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from symtests.batch import Batch
from symtests.checking.closer_look import closer_look
from symtests.checking.processes.isolation import Inbox, Worker
from symtests.checking.profile import find_profile
from symtests.checking.results.verdict import Failure
from symtests.checking.smoke import smoke_check
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.command_name import is_command
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process import Command
from symtests.implementations.process_pipe import TimeLimits
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue

__all__ = ["Step", "try_adapter"]


@dataclass(frozen=True)
class Step:
    """One thing that was tried: in words, and what is wrong with it, or an empty text."""

    tried: str
    wrong: str = ""


def try_adapter(name: str, time_limit: float = 30.0) -> Iterator[Step]:
    """Try an adapter step by step, up to the first that goes wrong.

    Parameters
    ----------
    name
        What `symtests.implementations.find` takes.
    time_limit
        Seconds that one request of a command may take; four times as long where everything is loaded.

    Raises
    ------
    InvalidValue
        Where there is no such implementation.
    """
    for step in _command_steps(name, time_limit) if is_command(name) else _python_steps(name, time_limit):
        yield step
        if step.wrong:
            return


def _command_steps(name: str, time_limit: float) -> Iterator[Step]:
    limits = TimeLimits(start=4 * time_limit, request=time_limit)
    try:
        command = Command(name, limits)
    except InvalidValue as error:
        yield Step("hello", str(error))
        return
    with closing(command):
        said = f"{command.name} {command.version}".strip() + (f", {command.language}" if command.language else "")
        yield Step(f"hello: {said}")
        for dtype in command.capabilities.dtypes:
            failure = smoke_check(Checked(command, dtype))
            yield Step(f"each operation and each capability in {dtype}", "" if failure is None else failure.message)
            failure = closer_look(Checked(command, dtype))
            yield Step(f"layers of one unit in {dtype}", "" if failure is None else failure.message)
        yield _step("NaN and infinities both ways", lambda: _ask_what_is_not_finite(command))
        yield _step("a request of 100,000 characters", lambda: _ask_at_length(command))
        yield _step("an operation that it does not know", lambda: _ask_what_nobody_knows(command))
        yield _step("the same again after bye", lambda: _start_again(command))
        status = command.end()
        advice = "answer bye, and end with status 0 when it comes or when standard input does"
        yield Step("bye", "" if status == 0 else f"it {_end_in_words(status)} after bye; {advice}")


def _step(tried: str, ask: Callable[[], object]) -> Step:
    try:
        ask()
    except Misbehaviour as problem:
        return Step(tried, str(problem))
    return Step(tried)


def _end_in_words(status: int | None) -> str:
    return "had to be killed" if status is None else f"ended with status {status}"


def _question(command: Command, width: int, numbers: float) -> tuple[Network, Parameters, Batch]:
    can = command.capabilities
    size = max(min(width, can.max_width or width), can.min_width)
    inputs = min(width, can.max_inputs or can.max_width or width)
    hidden = (size,) * max(can.max_hidden_layers != 0, can.min_hidden_layers)
    outputs = min(2, can.max_outputs or can.max_width or 2)
    network = Network((inputs, *hidden, outputs), can.activations[0], can.losses[0], can.bias[0])
    dtype = can.dtypes[0]
    parameters = Parameters(network, np.full(network.parameter_count, numbers, dtype))
    return network, parameters, Batch(np.ones((1, inputs), dtype), np.eye(1, outputs, dtype=dtype))


def _refusing_is_fine(ask: Callable[[], object]) -> None:
    try:
        ask()
    except Unsupported:
        return
    except Misbehaviour as problem:
        if problem.kind != "raised":
            raise


def _ask_what_is_not_finite(command: Command) -> None:
    """Train from NaN and from infinity: an error is fine, and so is any number, but not what is no JSON."""
    training = Training(command.capabilities.optimizers[0], steps=1)
    for number in (np.nan, np.inf, -np.inf):
        network, parameters, batch = _question(command, 2, number)
        _refusing_is_fine(lambda: command.train(network, parameters, batch, training))  # noqa: B023 # called at once


def _ask_at_length(command: Command) -> None:
    """Ask with so many parameters that the line fills a pipe."""
    network, parameters, batch = _question(command, 70, 1 / 3)
    training = Training(command.capabilities.optimizers[0], steps=0)
    _refusing_is_fine(lambda: command.train(network, parameters, batch, training))


def _ask_what_nobody_knows(command: Command) -> None:
    answer = command.ask_unknown("an_operation_of_tomorrow")
    if not {"unsupported", "error"} & set(answer):
        raise Misbehaviour(
            "broken protocol",
            f'it answered {json.dumps(answer)[:80]} to an operation that there is not; answer {{"seq": ..., '
            '"unsupported": "..."} to every operation that it does not know',
        )


def _start_again(command: Command) -> None:
    """Have it start once more; that it says the same to hello is seen by `Command` itself."""
    command.close()
    _ask_at_length(command)


def _python_steps(name: str, time_limit: float) -> Iterator[Step]:
    """Try an implementation in Python in a child process, in which it can do no harm."""
    inbox: Inbox = queue.SimpleQueue()
    profile = replace(find_profile("quick"), diagnosis_seconds=0.0)
    setup = {"name": name, "found_by": name, "profile": profile.to_json(), "seed": 0, "database": None}
    limits = {"call_limit": time_limit, "first_call_limit": 4 * time_limit}
    worker = Worker({**setup, **limits, "path": sys.path}, inbox)
    try:
        while True:
            _, message = inbox.get()
            if message is None:
                yield Step("each operation and each capability", worker.end().message)
            elif message["type"] == "unusable":
                raise InvalidValue(message["message"])
            elif message["type"] == "loaded":
                yield Step(f"import: {name} {message['version']}".strip())
                dtypes = message["capabilities"]["dtypes"]
                worker.ask({"job": "prepare", "dtypes": dtypes})
                continue
            elif message["type"] == "lost":
                yield Step("import", message["failure"]["message"])
            elif message["type"] == "ready":
                failure = None if message["smoke"] is None else Failure(**message["smoke"])
                yield Step("each operation and each capability", "" if failure is None else failure.message)
                if failure is None:
                    worker.ask({"job": "look closer", "dtypes": dtypes})
                    continue
            elif message["type"] == "looked":
                failure = None if message["smoke"] is None else Failure(**message["smoke"])
                yield Step("layers of one unit", "" if failure is None else failure.message)
            else:
                continue
            return
    finally:
        worker.kill()
        worker.join()
