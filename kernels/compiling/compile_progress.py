"""How far the compilation of a kernel is: Numba compiles each function that the kernel calls, one by one."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from typing import Any

from numba.core import event
from numba.core.dispatcher import Dispatcher

from symtests.kernels.compiling.compile_cache import cache_folder

__all__ = ["compiled_before", "functions_of", "tell_progress"]


def tell_progress(tell: Callable[[int, int], None]) -> None:
    """Have `tell` called after each function that is compiled from now on in this process.

    Parameters
    ----------
    tell
        Takes how many functions of the kernel that is being compiled are done, and how many it has.
    """
    event.register("numba:compile", _Listener(tell))  # type: ignore[no-untyped-call] # Numba leaves its types out


def compiled_before() -> bool:
    """Return whether the folder of the cache holds machine code, of whichever kernel."""
    folder = cache_folder()
    return folder is not None and any(folder.rglob("*.nbi"))


def functions_of(kernel: Any) -> set[Any]:
    """Return the compiled functions that a kernel may call, directly or through others, and the kernel itself."""
    found: set[Any] = set()
    waiting = [kernel]
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += _called_by(function)
    return found


def _called_by(function: Any) -> Iterator[Any]:
    """Give the compiled functions that stand in the source of one, as a global name or in a closure."""
    python = function.py_func
    names = {each.argval for each in dis.get_instructions(python) if each.opname.startswith("LOAD_")}
    closure = dict(zip(python.__code__.co_freevars, python.__closure__ or (), strict=True))
    for name in names:
        value = closure[name].cell_contents if name in closure else python.__globals__.get(name)
        if isinstance(value, Dispatcher):
            yield value


class _Listener(event.Listener):
    """Counts what is compiled below the outermost function."""

    def __init__(self, tell: Callable[[int, int], None]) -> None:
        self._tell = tell
        self._depth = self._done = self._all = 0

    def on_start(self, event: Any) -> None:
        """Note that a function is begun; the outermost one is the kernel."""
        if self._depth == 0:
            self._done, self._all = 0, len(functions_of(event.data["dispatcher"]))
        self._depth += 1

    def on_end(self, event: Any) -> None:  # noqa: ARG002 - as Numba calls it
        """Note that a function is compiled, and tell it."""
        self._depth -= 1
        self._done += 1
        self._tell(self._done, max(self._all, self._done))
