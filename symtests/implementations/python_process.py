"""An implementation in Python in a process of its own: whatever it does there, who judges it is not touched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.direct import OUTPUT_KEPT, Told
from symtests.implementations.guarded import signal_name
from symtests.implementations.host_messages import (
    BadMessage,
    argument_to_json,
    line_of,
    parts_from_json,
    progress_of,
    read,
    require,
)
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process_pipe import ChildProcess, ProcessFault, TimeLimits
from symtests.validation import InvalidValue

__all__ = ["PythonProcess"]

# With `-c` and `-m` Python searches the current folder first: a checkout there would hide the installed package.
_RUN_HOST: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); from symtests.implementations.python_host import main; main()"
)
_LONGEST_HELLO: Final = 2**16
"""Bytes in which an implementation says what it is."""
_INSTEAD: Final = frozenset({"unusable", "unsupported", "misbehaviour"})
"""Fields of what comes in the place of an answer."""
_KINDS: Final = ("raised", "wrong type", "wrong shape", "wrong dtype", "not finite", "broken protocol")
_KINDS_OF_COMMANDS: Final = ("hung", "exited", "killed")


class PythonProcess:
    """An implementation that is imported and asked in a child process (`symtests.implementations.python_host`).

    The process is started at once, and imports while its owner does something else; `load` waits for it. After a fault
    it is killed with all that it has started, and started again for the next question.

    Parameters
    ----------
    location
        What `symtests.implementations.find` takes.
    path
        Entries of the search path of Python that the process needs besides its own.
    limits
        Seconds that the import and one question may take. May be replaced.

    Attributes
    ----------
    version, capabilities
        What it says of itself, once it is loaded.
    fingerprint
        Of its code (`symtests.implementations.fingerprint`), once it is loaded.
    starts
        How often its process was started.
    remark
        What a person should know before it is asked, once it is loaded; mostly nothing.
    on_progress
        Told what it does while it is asked, where it says so. May be replaced.
    """

    def __init__(self, location: str, path: Sequence[str], limits: TimeLimits) -> None:
        self.location = location
        self.limits = limits
        self.version = ""
        self.fingerprint = ""
        self.capabilities = Capabilities()
        self.starts = 0
        self.remark = ""
        self.on_progress: Callable[[str], None] = lambda _: None
        self._path = list(path)
        self._operations: dict[str, frozenset[str]] = {}
        self._seq = 0
        self._said: dict[str, Any] | None = None
        self._child: ChildProcess | None = None
        self._launch()

    def load(self) -> None:
        """Wait until it is imported, and note what it says of itself.

        Raises
        ------
        InvalidValue
            Where it cannot be found or made.
        Misbehaviour
            Where its process hangs or ends, or says what is no answer.
        """
        if self._child is None:
            self._launch()
        try:
            said = self._exchange("find", self.limits.start, {}, location=self.location, path=self._path)
            capabilities = Capabilities(**_tuples(said["capabilities"]))
            version, operations = str(said["version"]), frozenset(map(str, said["operations"]))
        except InvalidValue:
            self.close()
            raise
        except (KeyError, TypeError) as error:
            raise self._lost("broken protocol", "its process wrote what is no answer", "") from error
        del said["seq"]
        self.fingerprint = str(said.pop("fingerprint", ""))
        self.remark = str(said.pop("remark", ""))
        if self._said is not None and said != self._said:
            raise self._lost("broken protocol", "it was imported again and now says something else of itself", "")
        self._said, self.version, self.capabilities, self._operations[""] = said, version, capabilities, operations

    def operations(self, way: str) -> frozenset[str]:
        """Return the operations that it offers, run in this way."""
        if way not in self._operations:
            said = self._answer("operations", self.limits.start, {"operations": list}, way=way)
            self._operations[way] = frozenset(map(str, said["operations"]))
        return self._operations[way]

    def ask(self, operation: str, arguments: Sequence[Any], layouts: Mapping[str, str], way: str) -> Told:
        """Ask one question, as `symtests.implementations.direct.Direct.ask` does.

        Raises
        ------
        Unsupported
            Where it has no such operation or refuses.
        Misbehaviour
            Where it raises, returns what is no answer, takes too long, or ends its process.
        """
        said = self._answer(
            operation,
            self.limits.request,
            {"parts": dict, "changed": list},
            kind="ask",
            operation=operation,
            arguments=[argument_to_json(argument) for argument in arguments],
            layouts=dict(layouts),
            way=way,
        )
        changed = tuple(str(name) for name in said["changed"])
        return Told(self._parts(said), changed, partial(self._held, self.starts, self._seq))

    def close(self) -> None:
        """End the process with all that it has started; it is started again where it is asked again."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _held(self, start: int, seq: int) -> Mapping[str, Array]:
        if start != self.starts:
            raise Misbehaviour("exited", "its process has ended since it handed this out")
        return self._parts(self._answer("held", self.limits.request, {"parts": dict}, of=seq))

    def _parts(self, said: Mapping[str, Any]) -> dict[str, Array]:
        try:
            return parts_from_json(said["parts"])
        except BadMessage as problem:
            raise self._lost("broken protocol", str(problem), "") from None

    def _launch(self) -> None:
        self._child = ChildProcess([sys.executable, "-c", _RUN_HOST], tells_where=True)
        self.starts += 1

    def _answer(self, doing: str, seconds: float, fields: Mapping[str, type], **question: Any) -> dict[str, Any]:
        if self._child is None:
            self.load()
        return self._exchange(doing, seconds, fields, **question)

    def _exchange(self, doing: str, seconds: float, fields: Mapping[str, type], **question: Any) -> dict[str, Any]:
        """Ask the process and return its answer, which has these fields."""
        assert self._child is not None
        self._seq += 1
        called = "import" if doing == "find" else doing
        line = line_of({"kind": doing, **question, "seq": self._seq})
        try:
            said = self._child.exchange(line, seconds, self._takes_progress)
            if doing == "find" and len(said) > _LONGEST_HELLO:
                raise BadMessage(f"it said what it is in {len(said)} bytes")
            answer = read(said, self._seq)
            if not answer.keys() & _INSTEAD:
                require(answer, fields)
        except BadMessage as problem:
            raise self._lost("broken protocol", f"asked {called}, {problem}", self._child.errors) from None
        except ProcessFault as fault:
            raise self._lost(fault.kind, _in_words(fault, called, seconds), self._child.errors) from None
        if "unusable" in answer:
            raise InvalidValue(str(answer["unusable"]))
        if "unsupported" in answer:
            raise Unsupported(str(answer["unsupported"]))
        if "misbehaviour" in answer:
            raise self._misbehaviour(answer)
        return answer

    def _takes_progress(self, line: bytes) -> bool:
        what = progress_of(line)
        if what is not None:
            self.on_progress(what)
        return what is not None

    def _misbehaviour(self, answer: Mapping[str, Any]) -> Misbehaviour:
        kind, message, output = (str(answer.get(name, "")) for name in ("misbehaviour", "message", "output"))
        if kind not in (*_KINDS, *_KINDS_OF_COMMANDS):
            return self._lost("broken protocol", "it wrote a message that was not asked for", "")
        refuses = kind == "raised" and answer.get("refuses") is True
        return Misbehaviour(kind, message[:OUTPUT_KEPT], output[-OUTPUT_KEPT:], refuses=refuses)

    def _lost(self, kind: str, message: str, output: str) -> Misbehaviour:
        """Give up the process; return what it did."""
        self.close()
        return Misbehaviour(kind, message, output[-OUTPUT_KEPT:])


def _in_words(fault: ProcessFault, called: str, seconds: float) -> str:
    where = " while it was imported" if called == "import" else ""
    if fault.kind == "hung":
        return f"{called} had not answered after {seconds:g} s"
    if fault.kind == "exited" and fault.status is not None:
        return f"it ended the process with status {fault.status}{where}"
    if fault.kind == "killed" and fault.status is not None:
        name = signal_name(-fault.status)
        hint = "; the system does so when memory runs out" if name == "SIGKILL" else ""
        return f"the process was killed by {name}{hint}{where}"
    return f"asked {called}, {fault}"


def _tuples(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
