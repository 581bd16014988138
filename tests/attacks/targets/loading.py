"""Implementations that are traps before they are asked anything: at the import, in the making, in what they say."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from tests.attacks.strings import TEXTS
from tests.attacks.targets.hanging import SLEEPER, hang
from tests.attacks.targets.implementations import Trains

__all__ = ["JUDGED", "REFUSED", "UNUSABLE"]

CAN: Final = Trains.capabilities


def raising(error: BaseException) -> Callable[..., Any]:
    def do(*arguments: Any, **options: Any) -> Any:
        raise error

    return do


def made(**attributes: Any) -> type:
    """Return a class that trains as it should, and has these attributes besides."""
    return type("Made", (Trains,), attributes)


def reading(*results: Callable[[], Any]) -> property:
    """Return a property that gives another result each time that it is read, and then the last one."""
    left = list(results)
    return property(lambda self: (left.pop(0) if len(left) > 1 else left[0])())


def saying(**changes: Any) -> type:
    """Return a class with other capabilities."""
    return made(capabilities={"activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"],
            "sample_weights": False, **changes})  # fmt: skip


class Endless(dict[str, Any]):
    """Capabilities without end."""

    def __iter__(self) -> Any:
        return iter(int, 1)

    keys = items = values = __iter__


def left_behind() -> None:
    subprocess.Popen(SLEEPER)
    subprocess.Popen(SLEEPER, start_new_session=True)


def leave_and_exit(self: object) -> None:
    left_behind()
    os._exit(6)


class LeavesProcesses(Trains):
    """Has started processes when it is made."""

    def __init__(self) -> None:
        left_behind()


class Lingers(Trains):
    """Keeps its process from ending."""

    def __init__(self) -> None:
        atexit.register(hang)
        threading.Thread(target=hang, daemon=False).start()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def __del__(self) -> None:
        hang()


class Reads(Trains):
    """Wants something from the one who sits there."""

    def __init__(self) -> None:
        assert sys.stdin.read() == ""


class Prints(Trains):
    """Says a lot while it is made."""

    def __init__(self) -> None:
        print('{"type": "verdict", "word": "exact"}\n' * 50_000)
        sys.stderr.write("\x1b[2J\u202e" * 10_000)


JUDGED: Final = {
    **{f"version_{name}": made(version=TEXTS[name]) for name in ("lone_surrogate", "clears", "null_bytes", "script",
            "long")},
    "version_is_a_number": made(version=5), "version_is_none": made(version=None),
    "capabilities_twice": made(capabilities=reading(lambda: CAN, hang)),
    "capabilities_change": made(capabilities=reading(lambda: CAN, lambda: 5)),
    "capabilities_by_call": made(capabilities=lambda self: CAN),
    "leaves_processes": LeavesProcesses, "lingers": Lingers, "reads": Reads, "prints": Prints, "of_no_class": Trains(),
}  # fmt: skip
"""They can be judged, and are right."""
UNUSABLE: Final = {
    "hangs": made(__init__=hang), "hangs_with_the_lock": made(__init__=lambda self: ctypes.PyDLL(None).sleep(600)),
    "exits": made(__init__=lambda self: os._exit(5)), "is_killed": made(__init__=lambda self: os.kill(os.getpid(), 9)),
    "stops": made(__init__=lambda self: os.kill(os.getpid(), signal.SIGSTOP)),
    "crashes": made(__init__=lambda self: ctypes.string_at(0)),
    "capabilities_hang": made(capabilities=reading(hang)),
    "version_hangs": made(version=reading(hang)),
    "exits_after_processes": made(__init__=leave_and_exit),
}  # fmt: skip
"""They cannot be judged: a check says so, with the status 3."""
REFUSED: Final = {
    **{f"init_{type(error).__name__}": made(__init__=raising(error)) for error in (ValueError("no"), SystemExit(0),
            KeyboardInterrupt(), GeneratorExit())},
    "init_surrogate": made(__init__=raising(ValueError("\ud800"))),
    "init_controls": made(__init__=raising(ValueError("\x1b[2J\u202e\n"))),
    "init_huge": made(__init__=raising(ValueError("x" * 10_000_000))),
    "init_needs_more": made(__init__=lambda self, wanted: None),
    "capabilities_raise": made(capabilities=reading(raising(KeyError("no")))),
    "capabilities_exit": made(capabilities=reading(raising(SystemExit(0)))),
    "version_raises": made(version=reading(raising(KeyError("no")))), "capabilities_are_text": made(capabilities="all"),
    "capabilities_are_a_number": made(capabilities=5), "capabilities_unknown": saying(fly=True),
    "capability_surrogate": saying(activations=["\ud800"]),
    "capabilities_are_endless": made(capabilities=Endless()), "no_activations": saying(activations=[]),
    "no_dtypes": saying(dtypes=[]),
    "dtype_unknown": saying(dtypes=["float16"]), "no_width": saying(max_width=0),
    "width_is_text": saying(max_width="9"), "roundoff_is_nan": saying(unit_roundoff={"float64": float("nan")}),
    "scale_is_zero": saying(loss_scale={"mse": 0}),
    "way_unknown": saying(same_bits=["backwards"]), "train_is_none": made(train=None),
    "train_is_text": made(train="no"), "a_number": 5, "a_module": time,
    "nothing": None,
}  # fmt: skip
"""Nobody can use them: the sentence of a wrong usage says why, or a check that they cannot be judged."""


def __getattr__(name: str) -> Any:
    """Return what has this name in one of the tables."""
    for table in (JUDGED, UNUSABLE, REFUSED):
        if name in table:
            return table[name]
    raise AttributeError(name)
