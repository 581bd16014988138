"""Questions to an implementation that lives in this process: private copies go in, plain arrays come out."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import OPERATIONS, Unsupported
from symtests.implementations.checked_answers import brief
from symtests.implementations.memory_layout import lay_out
from symtests.implementations.misbehaviour import KINDS, REFUSALS, Misbehaviour
from symtests.parameters import Parameters

__all__ = ["OUTPUT_KEPT", "STAGES", "Answering", "Direct", "Told", "operations_of", "traceback_of"]

STAGES: Final = ("pre_activations", "activations", "error_signals")
"""What `stages` returns, each a sequence of arrays."""
OUTPUT_KEPT: Final = 4000
"""Characters kept of a traceback or of what an implementation wrote: the end, which says most."""
_MOST_PARTS: Final = 2**22
"""Of an answer that is read one by one."""
_MOST_BYTES: Final = 2**25
"""Of one array of an answer: no question of symtests has an answer as large."""


@dataclass(frozen=True, eq=False)
class Told:
    """What an implementation answered to one question.

    Parameters
    ----------
    parts
        Copies of its arrays by their names: ``parameters``, ``outputs``, ``loss`` (of no dimension, float64; absent
        where none is reported), ``gradient``, ``parameters[0]`` (of `train_many`), ``pre_activations[0]`` ...
    changed
        Names of the arguments that it changed in place, as in ``("batch.x",)``.
    held
        Returns the parts as the objects that were handed out say them now.
    """

    parts: Mapping[str, Array]
    changed: tuple[str, ...]
    held: Callable[[], Mapping[str, Array]]


class Answering(Protocol):
    """Whoever can be asked the questions of `Checked`."""

    def operations(self, way: str) -> frozenset[str]:
        """Return the operations that it offers, run in this way; an empty text for the usual one."""

    def ask(self, operation: str, arguments: Sequence[Any], layouts: Mapping[str, str], way: str) -> Told:
        """Ask one question; see `Direct.ask`."""


class Direct:
    """An implementation in this process, which is not protected from it.

    Parameters
    ----------
    implementation
        Anything that `symtests.implementations.base.Implementation` describes.
    caught
        What it may raise that is taken for its answer, and not let through.
    """

    def __init__(
        self, implementation: object, caught: tuple[type[BaseException], ...] = (Exception, SystemExit, GeneratorExit)
    ) -> None:
        self._implementation = implementation
        self._caught = caught
        self._ways: dict[str, object] = {"": implementation}

    def operations(self, way: str) -> frozenset[str]:
        """Return the operations that it offers, run in this way."""
        return operations_of(self._run_as(way))

    def ask(self, operation: str, arguments: Sequence[Any], layouts: Mapping[str, str], way: str) -> Told:
        """Call an operation with copies of the arguments.

        Parameters
        ----------
        operation, arguments
            The question.
        layouts
            Memory layouts of arrays by their names (`Checked.laid_out`).
        way
            The way in which it is run (`Checked.running`); an empty text for the usual one.

        Raises
        ------
        Unsupported
            Where it has no such operation or refuses.
        Misbehaviour
            Where it raises, or returns what is no answer.
        """
        implementation = self._run_as(way)
        function: Callable[..., Any] | None = getattr(implementation, operation, None)
        if not callable(function):
            raise Unsupported(f"it has no operation {operation!r}")
        originals = [_arrays(argument) for argument in arguments]
        copies = [_copy(argument, layouts) for argument in arguments]
        answer = self._called(operation, function, copies)
        if isinstance(answer, Iterator):  # it can be read once, and an answer is read again (`Told.held`)
            answer = self._called(operation, tuple, [islice(answer, _MOST_PARTS)])
        changed = tuple(
            name
            for argument, arrays in zip(copies, originals, strict=True)
            for (name, before), (_, after) in zip(arrays, _arrays(argument), strict=True)
            if before.tobytes() != after.tobytes()
        )

        def held() -> Mapping[str, Array]:
            return self._read(operation, answer)

        return Told(held(), changed, held)

    def _run_as(self, way: str) -> object:
        if way not in self._ways:
            function = getattr(self._implementation, "run_as", None)
            if not callable(function):
                raise Unsupported("it has no operation 'run_as'")
            other = self._called("run_as", function, [way])
            if not callable(getattr(other, "train", None)):
                raise Misbehaviour("wrong type", f"run_as returned {brief(other)}: it must return an implementation")
            self._ways[way] = other
        return self._ways[way]

    def _called(self, operation: str, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        try:
            with np.errstate(all="ignore"):
                return function(*arguments)
        except Unsupported:
            raise
        except self._caught as error:  # whatever it raises is the finding
            if isinstance(error, Misbehaviour) and error.kind in KINDS:
                raise  # an adapter of another process knows what went wrong there
            said = f"{operation} raised {type(error).__name__}: {brief(error, 300)}"
            refuses = isinstance(error, REFUSALS)
            raise Misbehaviour("raised", said, traceback_of(error), refuses=refuses) from error

    def _read(self, operation: str, answer: Any) -> Mapping[str, Array]:
        try:
            return _parts(operation, answer)
        except (Misbehaviour, Unsupported):
            raise
        except self._caught as error:  # an object may refuse in any way
            said = f"{operation} returned {brief(answer)}, which cannot be read ({type(error).__name__})"
            raise Misbehaviour("wrong type", said, traceback_of(error)) from error


def operations_of(implementation: object) -> frozenset[str]:
    """Return the operations that an implementation offers."""
    return frozenset(name for name in OPERATIONS if callable(getattr(implementation, name, None)))


def traceback_of(error: BaseException | None) -> str:
    """Return the end of the traceback of an error; nothing for None, and where it cannot be shown."""
    if error is None:
        return ""
    try:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))[-OUTPUT_KEPT:]
    except Exception:  # an exception that cannot be shown must not hide the finding
        return ""


def _parts(operation: str, answer: Any) -> dict[str, Array]:
    """Return copies of the arrays of an answer by their names."""
    if operation == "predict":
        return {"outputs": _array(operation, answer)}
    if operation == "loss_and_gradient":
        return _loss_and_gradient(answer)
    if operation == "stages":
        return _stages(answer)
    if operation == "train_many":
        return _ends(answer)
    return {"parameters": _vector(operation, answer)}


def _loss_and_gradient(answer: Any) -> dict[str, Array]:
    with _reading("loss_and_gradient", answer, "__iter__", "it must return a loss and a gradient"):
        loss, gradient = answer
    found = {"gradient": _vector("loss_and_gradient", gradient)}
    if loss is None:
        return found
    with _reading("loss_and_gradient", loss, "__float__", "it must return a number as the loss"):
        return {"loss": np.array(float(loss)), **found}


def _stages(answer: Any) -> dict[str, Array]:
    found = {}
    for kind in STAGES:
        advice = f"it must return an object with {', '.join(STAGES)}, and {kind} is no sequence of arrays"
        with _reading("stages", answer, kind, advice):
            arrays = list(getattr(answer, kind))
        for layer, array in enumerate(arrays):
            found[f"{kind}[{layer}]"] = _array(f"stages.{kind}[{layer}]", array)
    return found


def _ends(answer: Any) -> dict[str, Array]:
    with _reading("train_many", answer, "__iter__", "it must return parameters for each seed"):
        ends = list(answer)
    return {f"parameters[{number}]": _vector("train_many", end) for number, end in enumerate(ends)}


def _vector(operation: str, answer: Any) -> Array:
    """Return a copy of parameters, or of the plain vector that stands for them."""
    with _reading(operation, answer, "vector", "it must return parameters"):
        vector = getattr(answer, "vector", answer)
    return _array(operation, vector)


def _array(operation: str, answer: Any) -> Array:
    with _reading(operation, answer, "__array__", "which is no array"):
        array = np.asarray(answer)
    if array.dtype.kind != "f":
        raise Misbehaviour("wrong type", f"{operation} returned {brief(answer)}: it must return floats")
    if array.nbytes > _MOST_BYTES:
        raise Misbehaviour("wrong shape", f"{operation} returned shape {array.shape}, more numbers than were asked for")
    return np.array(array)


@contextmanager
def _reading(operation: str, answer: Any, method: str, advice: str) -> Iterator[None]:
    """Say what is wrong with an answer that cannot be read: it may be computed only then, and so fail only then.

    Parameters
    ----------
    operation, answer
        What was asked, and what is read.
    method
        The name in its class by which it computes what is read.
    advice
        What it must be.
    """
    try:
        yield
    except Unsupported:
        raise
    except Exception as error:
        if hasattr(type(answer), method) and type(answer).__module__ not in ("builtins", "numpy"):
            said = f"{operation} raised {type(error).__name__} when its answer was read: {brief(error, 300)}"
            refuses = isinstance(error, REFUSALS)
            raise Misbehaviour("raised", said, traceback_of(error), refuses=refuses) from error
        raise Misbehaviour("wrong type", f"{operation} returned {brief(answer)}: {advice}") from error


def _arrays(argument: Any) -> list[tuple[str, Array]]:
    """Return the arrays inside an argument with their names."""
    if isinstance(argument, Parameters):
        return [("parameters", argument.vector)]
    if isinstance(argument, Batch):
        weights = [] if argument.sample_weights is None else [("batch.sample_weights", argument.sample_weights)]
        return [("batch.x", argument.x), ("batch.y", argument.y), *weights]
    return [("x", argument)] if isinstance(argument, np.ndarray) else []


def _copy(argument: Any, layouts: Mapping[str, str]) -> Any:
    """Return a copy of an argument whose arrays have the layouts that are given for their names."""

    def copied(name: str, array: Array) -> Array:
        return lay_out(array, layouts[name]) if name in layouts else array.copy()

    if isinstance(argument, Parameters):
        return Parameters(argument.network, copied("parameters", argument.vector))
    if isinstance(argument, Batch):
        weights = argument.sample_weights
        kept = None if weights is None else copied("batch.sample_weights", weights)
        return Batch(copied("batch.x", argument.x), copied("batch.y", argument.y), kept)
    return copied("batch.x", argument) if isinstance(argument, np.ndarray) else argument
