"""The process in which an implementation in Python lives, apart from what judges it.

It reads questions as lines from its standard input and answers each with a line (`host_messages`). Both pipes are
moved away before the implementation is imported, which finds its input empty, and whose output goes to standard error.
All that is read of an answer is read here: by the time that it leaves, it is plain arrays. The implementation can
write what it wants to the pipe, but nothing that it cannot say by answering: no verdict comes from here.
"""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final

from symtests.float_json import Array
from symtests.implementations import find
from symtests.implementations.base import Capabilities, Unsupported, capabilities_of
from symtests.implementations.checked_answers import brief
from symtests.implementations.direct import Direct, operations_of, traceback_of
from symtests.implementations.fingerprint import fingerprint_of
from symtests.implementations.host_messages import argument_from_json, line_of, parts_to_json, progress_line
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.validation import InvalidValue

__all__ = ["main"]

_BETWEEN_PROGRESS: Final = 0.25
"""Seconds between two words about what is being done."""
_HELD: Final = 32
"""Answers whose objects are kept, so that one can look at them again."""


class _Host:
    """One implementation, and what it has handed out."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._told_at = 0.0
        self._direct: Direct | None = None
        self._held: OrderedDict[int, Callable[[], Mapping[str, Array]]] = OrderedDict()

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a question, whatever happens."""
        try:
            return self._answer(question)
        except InvalidValue as error:
            return {"unusable": str(error)}
        except Unsupported as reason:
            return {"unsupported": brief(reason, 1000)}
        except Misbehaviour as problem:
            output = problem.output or traceback_of(problem.__cause__)
            return {
                "misbehaviour": problem.kind, "message": str(problem), "output": output, "refuses": problem.refuses,
            }  # fmt: skip
        except BaseException as error:  # at the import, or in a property
            doing = "import" if question["kind"] == "find" else question["kind"]
            said = f"{doing} raised {type(error).__name__}: {brief(error, 300)}"
            return {"misbehaviour": "raised", "message": said, "output": traceback_of(error)}

    def _answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        kind = question["kind"]
        if kind == "find":
            return self._find(question["location"])
        assert self._direct is not None
        if kind == "operations":
            return {"operations": sorted(self._direct.operations(question["way"]))}
        if kind == "held":
            return {"parts": parts_to_json(self._held[question["of"]]())}
        arguments = [argument_from_json(argument) for argument in question["arguments"]]
        told = self._direct.ask(question["operation"], arguments, question["layouts"], question["way"])
        self._held[question["seq"]] = told.held
        if len(self._held) > _HELD:
            self._held.popitem(last=False)
        return {"parts": parts_to_json(told.parts), "changed": list(told.changed)}

    def _find(self, location: str) -> dict[str, Any]:
        """Import the implementation; return what it says of itself, each thing read once."""
        implementation = find(location)
        capabilities: Capabilities = capabilities_of(implementation)
        self._direct = Direct(implementation, (BaseException,))
        report = getattr(implementation, "report_progress_to", None)
        if callable(report):
            report(self._tell)
        remark = getattr(implementation, "remark", "")
        return {
            "version": str(getattr(implementation, "version", ""))[:1000],
            "capabilities": capabilities.to_json(),
            "operations": sorted(operations_of(implementation)),
            "fingerprint": fingerprint_of(location, sys.modules, Path.cwd()),
            "remark": remark[:1000] if isinstance(remark, str) else "",
        }

    def _tell(self, what: str) -> None:
        """Say what is done in the course of a call, now and then; only the thread that answers may say so."""
        now = time.monotonic()
        if threading.current_thread() is threading.main_thread() and now - self._told_at > _BETWEEN_PROGRESS:
            self._told_at = now
            self._answers.write(progress_line(what))
            self._answers.flush()


def main() -> None:
    """Answer questions until there are no more."""
    questions, answers = _private_pipes()
    faulthandler.enable()
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, all_threads=False)
    host = _Host(answers)
    for line in questions:
        question = _loads(line)
        if question["kind"] == "find":
            sys.path.extend(entry for entry in question["path"] if entry not in sys.path)
        answers.write(line_of({"seq": question["seq"], **host.answer(question)}))
        answers.flush()
    os._exit(0)  # with no regard to threads and exit handlers of the implementation


def _loads(line: bytes) -> Any:
    import json

    return json.loads(line)


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Move both pipes away from the standard descriptors; child processes do not inherit them."""
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # last words are lost if they wait in a buffer
    return questions, answers
