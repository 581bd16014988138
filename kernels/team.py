"""Threads that begin together and end together, whatever becomes of one of them.

The threads of a training wait for each other by looking at a counter in compiled code, which no error of Python could
end. So none begins before all have started, and one that fails, like an interrupt, ends the wait of all others.
"""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

from symtests.kernels.threads import Meeting, give_up, meeting_point
from symtests.validation import InvalidValue

__all__ = ["pool_of", "team"]

Result = TypeVar("Result")

_SECONDS_BETWEEN_LOOKS: Final = 0.5
"""Where a system interrupts no thread that waits (Windows), a Ctrl-C is seen when it has waited so long."""


@contextmanager
def team(threads: int) -> Iterator[Callable[[Callable[[Meeting, int], Result]], Result]]:
    """Have so many threads at hand; yield what calls a function once in each of them, at the same time.

    The function is given a meeting point and 0, 1, ..., ``threads - 1``; what the first returns is returned. Where one
    of them raises, or the calling thread is interrupted, the others leave at their next
    `symtests.kernels.threads.wait_for_all`, and the error is raised.

    Parameters
    ----------
    threads
        How many, at least 1. The calling thread is the only one where it is 1. Else it takes no part and waits: in
        compiled code it could not be interrupted.

    Raises
    ------
    InvalidValue
        Where the system does not start so many threads; none has begun then.
    """
    if threads == 1:  # making ready for more would cost as much as a step of a small network
        yield lambda function: function(meeting_point(), 0)
        return
    ends: SimpleQueue[_End] = SimpleQueue()
    asked: list[SimpleQueue[_Part | None]] = []
    try:
        asked.extend(_started(number, threads, ends) for number in range(threads))  # each as soon as it has started
        yield lambda function: _in_each(asked, ends, function)
    finally:
        for parts in asked:
            parts.put(None)
        for _ in asked:
            _next(ends, None)


class _Part(NamedTuple):
    """What each thread does in one call."""

    function: Callable[[Meeting, int], Any]
    meeting: Meeting


class _End(NamedTuple):
    """What has become of one thread's part; without one, the thread itself has ended."""

    part: _Part | None
    thread: int
    result: Any
    error: BaseException | None


def _started(number: int, threads: int, ends: SimpleQueue[_End]) -> SimpleQueue[_Part | None]:
    """Start a thread; return what hands it its parts."""
    parts: SimpleQueue[_Part | None] = SimpleQueue()
    try:
        # Not threading.Thread, whose start waits until the thread has begun: longer than a small training takes.
        start_new_thread(_do_parts, (number, parts, ends))
    except (RuntimeError, MemoryError) as error:
        _refuse(threads, number, error)
    return parts


def _do_parts(number: int, parts: SimpleQueue[_Part | None], ends: SimpleQueue[_End]) -> None:
    """Do one thread's part of each call, until it is given None."""
    while (part := parts.get()) is not None:
        try:
            end = _End(part, number, part.function(part.meeting, number), None)
        except BaseException as error:  # whatever it is: the others would wait for this thread
            give_up(part.meeting)
            end = _End(part, number, None, error)
        ends.put(end)
    ends.put(_End(None, number, None, None))


def _in_each(
    asked: Sequence[SimpleQueue[_Part | None]], ends: SimpleQueue[_End], function: Callable[[Meeting, int], Result]
) -> Result:
    part = _Part(function, meeting_point())
    try:
        for parts in asked:
            parts.put(part)
        found = sorted((_next(ends, part) for _ in asked), key=lambda end: end.thread)
    except BaseException:  # an interrupt
        give_up(part.meeting)
        raise
    for end in found:
        if end.error is not None:
            raise end.error
    result: Result = found[0].result
    return result


def _next(ends: SimpleQueue[_End], part: _Part | None) -> _End:
    """Return the next end of this part; those of a call that was interrupted are passed over."""
    while True:
        try:
            end = ends.get(timeout=_SECONDS_BETWEEN_LOOKS)
        except Empty:
            continue
        if end.part is part:
            return end


@contextmanager
def pool_of(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool whose threads all run already; leaving waits until what was begun is done.

    Raises
    ------
    InvalidValue
        Where the system does not start so many threads; those that it has started are ended.
    """
    begin, started = Event(), 0
    with ThreadPoolExecutor(threads) as pool:
        try:
            for started in range(threads):  # noqa: B007 # how many there were is said where one is refused
                pool.submit(begin.wait)  # the pool starts a thread, as those before it are not free
        except (RuntimeError, MemoryError) as error:
            _refuse(threads, started, error)
        finally:
            begin.set()
        yield pool


def _refuse(threads: int, started: int, error: BaseException) -> NoReturn:
    raise InvalidValue(
        f"threads={threads}: the system has started only {started} of them ({error or type(error).__name__}); use "
        "fewer, or raise the limit of threads (ulimit -u) and of memory"
    ) from None
