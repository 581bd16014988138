"""What is compared beyond the implementations: one kernel of ours, and others that do the same piece of work.

A comparison is plain data. What it needs is built when it is measured: a library that is missing, or a peer that
fails, costs its own line and no other.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from symtests.float_json import Array

__all__ = ["Comparison", "LongRun", "NotMeasured", "Peer", "Work", "jax_with_float64", "library"]


class NotMeasured(Exception):
    """A peer that cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Work:
    """A piece of work that can be timed.

    Attributes
    ----------
    run
        Does it once; what it returns is not looked at.
    answer
        Does a piece that is the same for all peers of a comparison, and returns its numbers, in any shape.
    count
        How many of what the comparison counts are done by one call of `run`.
    """

    run: Callable[[], object]
    answer: Callable[[], Array]
    count: float = 1


@dataclass(frozen=True)
class Peer:
    """Another way to do the same.

    Attributes
    ----------
    name
        What it is called, as in ``JAX, lax.fori_loop``.
    build
        Returns its work, or raises `NotMeasured`.
    target
        How many times as long as ours it should take, at least; None where there is no such aim.
    """

    name: str
    build: Callable[[], Work]
    target: float | None = None


@dataclass(frozen=True)
class LongRun:
    """Work of ours that takes so long that it is done once, and not where only few are measured.

    Attributes
    ----------
    run
        Does it, tells what it is given which share of it is done, and returns in words what was found.
    most_seconds
        That should pass, with all that belongs to it.
    """

    run: Callable[[Callable[[float], None]], str]
    most_seconds: float


@dataclass(frozen=True)
class Comparison:
    """Our kernel and its peers at one piece of work.

    Attributes
    ----------
    group
        Under which it is asked for, as in ``small-nets``.
    name
        The piece of work, unique in its group together with dtype and threads, as in ``2-2-1``.
    dtype
        Of all numbers.
    counted
        What a time is of, as in ``training step``.
    ours
        Returns the work of our kernel.
    peers
        The others, in the order in which they are shown.
    threads
        How many threads each may use. One thread is measured in processor time, which a busy machine does not
        stretch; more than one in the time that passes.
    quick
        Whether it is also measured where only few are.
    long_run
        What is done once besides, or None.
    """

    group: str
    name: str
    dtype: str
    counted: str
    ours: Callable[[], Work]
    peers: tuple[Peer, ...]
    threads: int = 1
    quick: bool = False
    long_run: LongRun | None = None


def library(module: str, package: str | None = None) -> ModuleType:
    """Return a library.

    Raises
    ------
    NotMeasured
        Where it is not installed; the message names the package to install.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = package or module.split(".")[0]
        raise NotMeasured(f"{error.name} is not installed; run pip install {package}") from None


def jax_with_float64() -> ModuleType:
    """Return JAX, which knows float64 only where it is told so.

    Raises
    ------
    NotMeasured
        Where it is not installed.
    """
    jax = library("jax")
    jax.config.update("jax_enable_x64", True)
    return jax
