"""What is said while a person waits: a moving sign on a terminal, and a line every ten seconds elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from rich.console import Console

from symtests.terminal_text import line_of

__all__ = ["SECONDS_BETWEEN_LINES", "said_between", "said_while_it_lasts", "ticking"]

Item = TypeVar("Item")

SECONDS_BETWEEN_LINES: Final = 10.0
"""After so many seconds without a line, where there is no terminal, one says what is being done."""
_TICK: Final = 1.0


class _End:
    """What no item is."""


_END: Final = _End()


@contextmanager
def ticking(tick: Callable[[], None]) -> Iterator[None]:
    """Call `tick` every second from a thread of its own, until the context ends."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(_TICK):
            tick()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def said_while_it_lasts(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Say what is being done until the context ends: with a moving sign on a terminal, every ten seconds elsewhere.

    What it gives is called with other words when something else is being done.

    Parameters
    ----------
    console
        Where to write.
    what
        As in "writing the report".
    """
    if console.is_terminal:
        with console.status(line_of(what)) as status:
            yield lambda words: status.update(line_of(words))
        return
    last = time.monotonic()

    def tell(words: str) -> None:
        nonlocal what
        what = words

    def tick() -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            console.print(line_of(f"still {what}"))

    with ticking(tick):
        yield tell


def said_between(console: Console, what: str, items: Iterable[Item]) -> Iterator[Item]:
    """Give items on, and say what is being done while each is waited for; nothing is said while one is looked at.

    Parameters
    ----------
    console
        Where to write.
    what
        As in "measuring".
    items
        Each may take long to come.
    """
    waiting = iter(items)
    while True:
        with said_while_it_lasts(console, what):
            found = next(waiting, _END)
        if isinstance(found, _End):
            return
        yield found
