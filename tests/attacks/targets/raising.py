"""Implementations that raise: any exception, of any class, with any text, and exceptions that are traps themselves."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any, Final

import numpy as np

from symtests.implementations.misbehaviour import Misbehaviour
from symtests.validation import InvalidValue
from tests.attacks.attack import Expected
from tests.attacks.targets.question import PythonAttack, Question, raised

__all__ = ["RAISING"]


class OfNoClass(BaseException):
    """An exception of an implementation's own that is no `Exception`."""


class BadText(Exception):
    """Raises when it is shown."""

    def __str__(self) -> str:
        raise ValueError("I am not to be read")

    __repr__ = __str__


class BadTextForEver(Exception):
    """Hangs when it is shown."""

    def __str__(self) -> str:
        while True:
            time.sleep(0.01)

    __repr__ = __str__


class EndsWhenShown(Exception):
    """Ends the program when it is shown."""

    def __str__(self) -> str:
        sys.exit("and out")

    __repr__ = __str__


class InterruptsWhenShown(Exception):
    """Looks like a user who wants to stop when it is shown."""

    def __str__(self) -> str:
        raise KeyboardInterrupt

    __repr__ = __str__


class NoText(Exception):
    """Has a text that is none."""

    def __str__(self) -> str:
        return 5  # type: ignore[return-value]  # which is the point


class HugeText(Exception):
    """Is ten million characters long."""

    def __str__(self) -> str:
        return "long " * 2_000_000


class BadName(type):
    """Makes classes whose name cannot be asked."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]  # which is the point
        raise RuntimeError("no name")


class Nameless(Exception, metaclass=BadName):
    """Has no name."""


class BadCause(Exception):
    """Raises when its cause is asked."""

    @property
    def __cause__(self) -> Any:  # type: ignore[override]
        raise ValueError("no cause")

    @property
    def __context__(self) -> Any:  # type: ignore[override]
        raise ValueError("no context")


class LooksLikeARefusal(Exception):
    """Calls itself what only symtests raises."""


LooksLikeARefusal.__name__ = LooksLikeARefusal.__qualname__ = "Unsupported"

TEXTS: Final = {
    "nothing": "",
    "lone_surrogate": "\ud800 and \udfff",
    "surrogate_escapes": "\udc80\udcff",
    "zero_bytes": "a\0b",
    "clears_the_terminal": "\x1b[2J\x1b]0;title\x07",
    "c1_controls": "\x9b31m\x85",
    "overrides_direction": "\u202egnp.exe\u2066",
    "line_breaks": "a\r\nb\u2028c\u2029d\x0be",
    "html": "<script>alert(1)</script>",
    "markup": "[bold red]x[/] [link=file:///etc/passwd]y",
    "broken_markup": "[/nothing] [[[",
    "templates": "{{ 7*7 }} {% raw %} {0} %s %(x)s",
    "verdict_line": '{"type": "verdict", "word": "exact"}',
    "not_characters": "\ufffe\uffff\ufdd0",
    "private_plane": "\U0010ffff",
    "combining": "e" + "\u0301" * 3000,
    "long": "x" * 1_000_000,
    "very_many_lines": "\n" * 100_000,
}


def recursive(question: Question) -> object:
    return recursive(question)


def with_itself_as_cause(question: Question) -> object:
    error = ValueError("round and round")
    error.__cause__ = error
    raise error


def with_a_long_chain(question: Question) -> object:
    latest: BaseException | None = None
    for number in range(5000):
        error = ValueError(str(number))
        error.__cause__ = latest
        latest = error
    assert latest is not None
    raise latest


def with_bad_notes(question: Question) -> object:
    error = ValueError("with notes")
    error.__notes__ = 5  # type: ignore[attr-defined]
    raise error


def with_huge_notes(question: Question) -> object:
    error = ValueError("with notes")
    error.__notes__ = ["note \ud800 " * 1_000_000]  # type: ignore[attr-defined]
    raise error


def from_generated_code(question: Question) -> object:
    source = "def f():\n    raise ValueError('generated')\n"
    names: dict[str, Any] = {}
    exec(compile(source, "/dev/zero", "exec"), names)  # whose lines no traceback may read for ever
    return names["f"]()


def warns_as_an_error(question: Question) -> object:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.warn("strict", RuntimeWarning, stacklevel=1)
    return question.right()


def group_of_errors(question: Question) -> object:
    if sys.version_info >= (3, 11):
        raise ExceptionGroup("several", [ValueError("\ud800"), BadText()])  # noqa: F821 - of Python 3.11
    raise ValueError("several")


RAISING: Final = (
    *(
        PythonAttack(f"raises_{error.__name__}", raised(error("not for me")))
        for error in (
            ValueError,
            KeyError,
            IndexError,
            AttributeError,
            OSError,
            ZeroDivisionError,
            MemoryError,
            RecursionError,
            NotImplementedError,
            AssertionError,
            StopIteration,
            StopAsyncIteration,
            EOFError,
            BrokenPipeError,
            ConnectionResetError,
            TimeoutError,
            InterruptedError,
            Warning,
            SystemError,
            ImportError,
            BufferError,
            SystemExit,
            KeyboardInterrupt,
            GeneratorExit,
            BaseException,
            OfNoClass,
            LooksLikeARefusal,
            InvalidValue,
        )
    ),
    *(PythonAttack(f"raises_with_{name}", raised(ValueError(text))) for name, text in TEXTS.items()),
    *(PythonAttack(f"exits_with_{name}", raised(SystemExit(text))) for name, text in list(TEXTS.items())[:3]),
    *(PythonAttack(f"exits_with_status_{status}", raised(SystemExit(status))) for status in (None, 0, 1, 4, -9)),
    *(
        PythonAttack(f"raises_{error.__name__}", raised(error()))
        for error in (BadText, EndsWhenShown, InterruptsWhenShown, NoText, HugeText)
    ),
    PythonAttack("raises_nameless", raised(Nameless())),
    PythonAttack("raises_with_bad_cause", raised(BadCause())),
    PythonAttack("raises_what_symtests_raises", raised(Misbehaviour("fault of symtests", "not mine"))),
    PythonAttack("raises_a_kind_that_there_is_not", raised(Misbehaviour("\ud800", "not mine"))),
    PythonAttack("raises_unicode_error", raised(UnicodeDecodeError("utf-8", b"\xff" * 100_000, 0, 1, "no"))),
    PythonAttack("raises_child_error", raised(subprocess.CalledProcessError(-9, ["\ud800"], b"\xff"))),
    PythonAttack("raises_numpy_error", raised(np.linalg.LinAlgError("singular"))),
    PythonAttack("raises_with_an_object_that_cannot_be_shown", raised(ValueError(BadText()))),
    PythonAttack("raises_group_of_errors", group_of_errors),
    PythonAttack("recurses_for_ever", recursive),
    PythonAttack("raises_with_itself_as_cause", with_itself_as_cause),
    PythonAttack("raises_with_a_long_chain", with_a_long_chain),
    PythonAttack("raises_with_bad_notes", with_bad_notes),
    PythonAttack("raises_with_huge_notes", with_huge_notes),
    PythonAttack("raises_from_generated_code", from_generated_code, Expected("errored", ("raised", "hung"))),
    PythonAttack("raises_warnings_as_errors", warns_as_an_error),
)
