"""An implementation in another language: a command that speaks the protocol of docs/protocol.md."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, Final

from symtests.batch import Batch
from symtests.float_json import Array, numbers_to_json
from symtests.implementations.base import OPERATIONS, Capabilities, Unsupported
from symtests.implementations.command_name import name_of_command, words_of
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process_pipe import ChildProcess, ProcessFault, TimeLimits
from symtests.implementations.protocol import PROTOCOL, BrokenProtocol, read_answer, request_line
from symtests.implementations.protocol_arrays import table, tables, vector
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.shown_text import shown
from symtests.training import Training
from symtests.validation import InvalidValue

__all__ = ["Command", "TimeLimits"]

_TO_STAY: Final = "; it must stay, and answer each line of its standard input by a line of JSON on its standard output"


class Command:
    """A command that is asked by lines of JSON on its standard input and answers on its standard output.

    It is started at once. After a fault of any kind it is killed with all that it has started, and started again for
    the next question. What it writes to standard error is kept for the report, the end of it.

    Parameters
    ----------
    command
        A program and its arguments: as words, or as one text that is split as a shell would split it. No shell
        is run.
    limits
        How long it may take.
    way
        One of its ``capabilities.same_bits`` in which it runs.

    Attributes
    ----------
    name, version, language, capabilities
        What it says of itself.
    location
        What `symtests.implementations.find` takes to find it again.
    limits
        May be replaced.
    starts
        How often it was started.

    Raises
    ------
    InvalidValue
        Where it cannot be started, or does not say what it is.
    """

    def __init__(self, command: str | Sequence[str], limits: TimeLimits | None = None, way: str | None = None) -> None:
        self._words = words_of(command) if isinstance(command, str) else list(command)
        self.location = name_of_command(self._words)
        self.limits = limits or TimeLimits()
        self.starts = 0
        self._way = way
        self._seq = 0
        self._child: ChildProcess | None = None
        self._hello: dict[str, Any] | None = None
        try:
            with self._told():
                said = self._start()
        except Misbehaviour as problem:
            raise InvalidValue(f"command={shlex.join(self._words)!r}: {problem}") from None
        self.name: str = said["name"]
        self.version: str = said.get("version", "")
        self.language: str = said.get("language", "")
        try:
            self.capabilities = Capabilities(**_settings(said["capabilities"]))
        except InvalidValue as error:
            self.close()
            raise InvalidValue(f"command={shlex.join(self._words)!r}: its capabilities are refused: {error}") from None
        offered = {"train", *said.get("operations", ()), *(("run_as",) if self.capabilities.same_bits else ())}
        for operation in OPERATIONS:
            if operation not in offered:
                setattr(self, operation, None)  # as if it had no such method

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after the training."""
        question = _question(network, parameters, batch)
        answer = self._ask("train", **question, training=training.to_json())
        return vector("train", "parameters", answer["parameters"], network, parameters.dtype)

    def loss_and_gradient(
        self, network: Network, parameters: Parameters, batch: Batch
    ) -> tuple[float | None, Parameters]:
        """Return the loss, or None where it reports none, and the gradient."""
        answer = self._ask("loss_and_gradient", **_question(network, parameters, batch))
        loss = None if answer["loss"] is None else float(answer["loss"])
        return loss, vector("loss_and_gradient", "gradient", answer["gradient"], network, parameters.dtype)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        inputs = {
            "dtype": str(x.dtype), "shape": [len(x), network.sizes[0], network.sizes[-1]], "x": numbers_to_json(x),
        }  # fmt: skip
        answer = self._ask("predict", network=network.to_json(), parameters=parameters.to_json(), batch=inputs)
        return table("predict", "outputs", answer["outputs"], len(x), network.sizes[-1], parameters.dtype)

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return the parameters with which a training starts, in float64."""
        answer = self._ask("initialize", network=network.to_json(), scheme=scheme, seed=seed)
        return vector("initialize", "parameters", answer["parameters"], network, "float64")

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return the pre-activations, activations and error signals of one pass."""
        answer = self._ask("stages", **_question(network, parameters, batch))
        above, below = network.sizes[1:], network.sizes[:-1]
        layers = {"pre_activations": above, "activations": below, "error_signals": above}
        return Stages(*(
            tables("stages", name, answer[name], len(batch), sizes, parameters.dtype)
            for name, sizes in layers.items()
        ))  # fmt: skip

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        """Return where the training ends from the start of each seed."""
        answer = self._ask(
            "train_many",
            network=network.to_json(),
            scheme=scheme,
            seeds=list(seeds),
            batch=batch.to_json(),
            training=training.to_json(),
        )
        ends = answer["parameters"]
        return [vector("train_many", f"parameters[{n}]", end, network, batch.x.dtype) for n, end in enumerate(ends)]

    def run_as(self, way: str) -> Command:
        """Return a further process of the command that runs in another way."""
        return Command(self._words, self.limits, way)

    def close(self) -> None:
        """Say bye, and kill what is left after that; it is started again where it is asked again."""
        if self._child is not None:
            self.end()

    def end(self) -> int | None:
        """Say bye and return the exit status with which it ends; None where it had to be killed, or does not run."""
        child, self._child = self._child, None
        self._seq += 1
        return None if child is None else _say_bye(child, self._seq, self.limits.end)

    def ask_unknown(self, operation: str) -> dict[str, Any]:
        """Return the answer to an operation that there is not; it may have any fields besides seq.

        Raises
        ------
        Misbehaviour
            Where there is no answer.
        """
        with self._told():
            if self._child is None:
                self._start()
            assert self._child is not None
            self._seq += 1
            try:
                line = self._child.exchange(request_line(self._seq, operation), self.limits.request)
                return read_answer(line, operation, self._seq)
            except (BrokenProtocol, ProcessFault) as error:
                kind = error.kind if isinstance(error, ProcessFault) else "broken protocol"
                message = f"asked an operation that it does not know, {error}; answer it with unsupported"
                raise Misbehaviour(kind, message) from None

    def _ask(self, operation: str, **values: Any) -> dict[str, Any]:
        """Return the answer to a question, checked against the schema.

        Raises
        ------
        Unsupported
            Where it says so.
        Misbehaviour
            Where it says that it failed, says what is no answer, says nothing, or ends.
        """
        with self._told():
            if self._child is None:
                self._start()
            return self._exchange(operation, self.limits.request, values)

    def _start(self) -> dict[str, Any]:
        """Start the process and return what it says of itself; after the first time, see that it is the same."""
        self._child = ChildProcess(self._words)
        self.starts += 1
        try:
            answer = self._exchange("hello", self.limits.start, {"protocol": PROTOCOL})
        except Unsupported as reason:
            message = f"it answered hello by unsupported ({reason}); it must say what it is there"
            raise Misbehaviour("broken protocol", message) from None
        del answer["seq"]
        if self._hello is not None and answer != self._hello:
            raise Misbehaviour("broken protocol", "it was started again and now says something else to hello")
        self._hello = answer
        if self._way is not None:
            self._exchange("run_as", self.limits.start, {"way": self._way})
        return answer

    def _exchange(self, operation: str, seconds: float, values: Mapping[str, Any]) -> dict[str, Any]:
        assert self._child is not None
        self._seq += 1
        try:
            line = self._child.exchange(request_line(self._seq, operation, **values), seconds)
            answer = read_answer(line, operation, self._seq)
        except BrokenProtocol as error:
            raise Misbehaviour("broken protocol", str(error)) from None
        except ProcessFault as fault:
            message = f"asked {operation} (request {self._seq}), {fault}"
            advice = _TO_STAY if operation == "hello" and str(fault).startswith("it ended") else ""
            raise Misbehaviour(fault.kind, message + advice) from None
        if "unsupported" in answer:
            raise Unsupported(_printable(answer["unsupported"]))
        if "error" in answer:
            raise Misbehaviour("raised", f"{operation} answered the error: {_printable(answer['error'])}")
        return answer

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Kill the process after a fault, and add to it what the process wrote to standard error."""
        try:
            yield
        except Unsupported:
            raise
        except BaseException as fault:
            child, self._child = self._child, None
            if child is None:
                raise
            said = _printable(child.errors, 300)
            if isinstance(fault, Misbehaviour) and fault.kind == "raised":
                self._child = child  # it has answered, and is as good as before
            else:
                child.kill()
            if said and isinstance(fault, Misbehaviour):
                raise Misbehaviour(fault.kind, f"{fault}; it wrote to standard error: {said}") from None
            raise


def _say_bye(child: ChildProcess, seq: int, seconds: float) -> int | None:
    """Ask a process to end; return its exit status, or None if it had to be killed."""
    try:
        read_answer(child.exchange(request_line(seq, "bye"), seconds), "bye", seq)
        return child.end_within(seconds)
    except (BrokenProtocol, ProcessFault):
        return None
    finally:
        child.kill()


def _settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return capabilities as arguments; those that an implementation leaves out have their defaults."""
    known = {field.name for field in fields(Capabilities)}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items() if name in known}


def _question(network: Network, parameters: Parameters, batch: Batch) -> dict[str, Any]:
    return {"network": network.to_json(), "parameters": parameters.to_json(), "batch": batch.to_json()}


def _printable(text: str, length: int = 1000) -> str:
    """Return the end of a text from outside in one line."""
    return shown(" ".join(text.split()), longest=length)
