"""An implementation behind a guard: whatever it does, the laws see checked answers or a named misbehaviour."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported, capabilities_of
from symtests.implementations.checked_answers import brief, checked_array, checked_number
from symtests.implementations.memory_layout import lay_out
from symtests.implementations.misbehaviour import Misbehaviour, OutOfTime
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Answer", "Call", "Subject", "for_scaled_loss"]

RECOVERY_RATE = 1.0
"""Learning rate of the plain step from which a missing gradient is recovered; 1, so that nothing is divided."""


@dataclass(frozen=True, eq=False)
class Answer:
    """A loss (None where the implementation reports none) with its gradient.

    `recovered` tells that the gradient is theta - theta' after one plain step of `RECOVERY_RATE`.
    """

    loss: float | None
    gradient: Parameters
    recovered: bool


@dataclass(frozen=True, eq=False)
class Call:
    """One question: which operation, begun when (seconds of `time.monotonic`), and on which arguments."""

    operation: str
    started: float
    arguments: tuple[Any, ...] = ()


class Subject:
    """An implementation under check in one dtype.

    Each call hands over private copies of its arguments, turns every exception into `Misbehaviour`
    (and lets `Unsupported` through), checks shape, dtype and finiteness of the answer, and copies it.

    Parameters
    ----------
    implementation
        Anything that `symtests.implementations.base.Implementation` describes.
    dtype
        Dtype of the parameters and data that it is given.
    name
        What to call it; its own ``name`` unless given.

    Attributes
    ----------
    current_call
        The call that is under way, or None: a watcher in another thread may read it.
    latest_call
        The call that is under way, else the one before, else None; its arguments are not the implementation's copies.
    on_call
        What to tell of each call before it is made, or None.
    changed_inputs
        Names of the arguments that the latest call changed in place, as in ``("batch.x",)``.
    raw_answer
        What the latest call returned, unconverted and uncopied.
    """

    def __init__(self, implementation: object, dtype: str, name: str | None = None) -> None:
        self.implementation = implementation
        self.dtype = dtype
        self.name = name or str(getattr(implementation, "name", None) or type(implementation).__name__)
        self.version = str(getattr(implementation, "version", ""))
        self.capabilities: Capabilities = capabilities_of(implementation)
        self.current_call: Call | None = None
        self.latest_call: Call | None = None
        self.on_call: Callable[[Call], None] | None = None
        self.changed_inputs: tuple[str, ...] = ()
        self.raw_answer: Any = None
        self._layouts: Mapping[str, str] = {}
        self._ways: dict[str, object] = {}
        self._deadline = math.inf

    @property
    def unit_roundoff(self) -> float:
        """Largest relative error of one of its operations."""
        return self.capabilities.roundoff(self.dtype)

    def offers(self, operation: str) -> bool:
        """Tell whether the implementation itself has this operation."""
        return callable(getattr(self.implementation, operation, None))

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Ask for so many seconds at most, until the context ends; a context inside another has no more than that.

        Raises
        ------
        OutOfTime
            From the first call that is begun when the time is up.
        """
        before = self._deadline
        self._deadline = min(before, time.monotonic() + seconds)
        try:
            yield
        finally:
            self._deadline = before

    @contextmanager
    def laid_out(self, layouts: Mapping[str, str]) -> Iterator[None]:
        """Hand over arrays in other memory layouts than row after row, until the context ends.

        Parameters
        ----------
        layouts
            Names of `symtests.implementations.memory_layout.LAYOUTS` by the names of the arrays: ``parameters``,
            ``batch.x`` (which is the x of predict too), ``batch.y``, ``batch.sample_weights``.
        """
        self._layouts = layouts
        try:
            yield
        finally:
            self._layouts = {}

    @contextmanager
    def running(self, way: str) -> Iterator[None]:
        """Ask the implementation in another way of running, until the context ends.

        Parameters
        ----------
        way
            One of ``capabilities.same_bits``. In ``strided`` all arrays are every other number of longer ones; in any
            other way, what the implementation's own ``run_as`` returns is asked in its place.
        """
        if way == "strided":
            names = ("parameters", "batch.x", "batch.y", "batch.sample_weights")
            with self.laid_out(dict.fromkeys(names, "every other number")):
                yield
            return
        if way not in self._ways:
            other = self._call("run_as", way)
            if not callable(getattr(other, "train", None)):
                raise Misbehaviour("wrong type", f"run_as returned {brief(other)}: it must return an implementation")
            self._ways[way] = other
        own, self.implementation = self.implementation, self._ways[way]
        try:
            yield
        finally:
            self.implementation = own

    def train(
        self, network: Network, parameters: Parameters, batch: Batch, training: Training, *, finite: bool = True
    ) -> Parameters:
        """Return the parameters after the training; with `finite`, a NaN or infinity is a misbehaviour."""
        answer = self._call("train", network, parameters, batch, for_scaled_loss(training, self._scale(network)))
        return self._parameters("train", answer, network, finite)

    def loss_and_gradient(
        self, network: Network, parameters: Parameters, batch: Batch, *, finite: bool = True
    ) -> Answer:
        """Return the loss and its gradient, by the implementation's own operation or by one plain step."""
        if not self.offers("loss_and_gradient"):
            step = Training("sgd", RECOVERY_RATE, 1)
            after = self.train(network, parameters, batch, step, finite=finite)
            return Answer(None, Parameters(network, parameters.vector - after.vector), True)
        answer = self._call("loss_and_gradient", network, parameters, batch)
        try:
            loss, gradient = answer
        except Exception as error:  # an object may refuse in any way
            raise Misbehaviour(
                "wrong type", f"loss_and_gradient returned {brief(answer)}: it must return a loss and a gradient"
            ) from error
        scale = self._scale(network)
        found = self._parameters("loss_and_gradient", gradient, network, finite)
        value = None if loss is None else checked_number("loss_and_gradient", loss, finite) / scale
        return Answer(value, Parameters(network, found.vector / found.dtype.type(scale)), False)

    def predict(self, network: Network, parameters: Parameters, x: Array, *, finite: bool = True) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        answer = self._call("predict", network, parameters, x)
        return checked_array("predict", self.dtype, answer, (len(x), network.sizes[-1]), finite)

    def initialize(self, network: Network, scheme: str, seed: int, *, finite: bool = True) -> Parameters:
        """Return freshly initialized parameters, rounded to the dtype in use, which an initializer is not told."""
        answer = self._call("initialize", network, scheme, seed)
        vector = getattr(answer, "vector", answer)
        if isinstance(vector, np.ndarray) and vector.dtype.kind == "f":
            vector = vector.astype(self.dtype)
        return self._parameters("initialize", vector, network, finite)

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        """Return where the training ends from the start of each seed, by its own operation or one after another."""
        if not self.offers("train_many"):
            starts = (self.initialize(network, scheme, seed) for seed in seeds)
            return [self.train(network, start, batch, training) for start in starts]
        scaled = for_scaled_loss(training, self._scale(network))
        answer = self._call("train_many", network, scheme, tuple(seeds), batch, scaled)
        try:
            ends = list(answer)
        except Exception as error:  # an object may refuse in any way
            raise Misbehaviour(
                "wrong type", f"train_many returned {brief(answer)}: it must return parameters for each seed"
            ) from error
        if len(ends) != len(seeds):
            raise Misbehaviour("wrong shape", f"train_many returned {len(ends)} parameters for {len(seeds)} seeds")
        return [self._parameters("train_many", end, network, True, f"ends[{k}]") for k, end in enumerate(ends)]

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        """Return its pre-activations, activations and error signals, unchecked."""
        return self._call("stages", network, parameters, batch)

    def _scale(self, network: Network) -> float:
        return float(self.capabilities.loss_scale.get(network.loss, 1.0))

    def _call(self, operation: str, *arguments: Any) -> Any:
        """Call the implementation with copies; note what it changed; turn what it raises into a misbehaviour."""
        function: Callable[..., Any] | None = getattr(self.implementation, operation, None)
        if not callable(function):
            raise Unsupported(f"it has no operation {operation!r}")
        if time.monotonic() >= self._deadline:
            raise OutOfTime
        originals = [_arrays(argument) for argument in arguments]
        copies = [_copy(argument, self._layouts) for argument in arguments]
        self.changed_inputs, self.raw_answer = (), None
        self.latest_call = Call(operation, time.monotonic(), arguments)
        if self.on_call is not None:
            self.on_call(self.latest_call)
        self.current_call = self.latest_call
        try:
            with np.errstate(all="ignore"):
                answer = function(*copies)
        except (Unsupported, Misbehaviour):  # an adapter of another process knows what went wrong there
            raise
        except (Exception, SystemExit) as error:  # whatever it raises is the finding
            raise Misbehaviour("raised", f"{operation} raised {type(error).__name__}: {brief(error, 300)}") from error
        finally:
            self.current_call = None
        self.changed_inputs = tuple(
            name
            for argument, arrays in zip(copies, originals, strict=True)
            for (name, before), (_, after) in zip(arrays, _arrays(argument), strict=True)
            if before.tobytes() != after.tobytes()
        )
        self.raw_answer = answer
        return answer

    def _parameters(self, operation: str, answer: Any, network: Network, finite: bool, part: str = "") -> Parameters:
        vector, shape = getattr(answer, "vector", answer), (network.parameter_count,)
        return Parameters(network, checked_array(operation, self.dtype, vector, shape, finite, part))


def for_scaled_loss(training: Training, scale: float) -> Training:
    """Return the training that moves the parameters as `training` does, where the loss is `scale` times larger.

    A gradient that is c times larger needs a rate that is c times smaller in sgd, momentum and nesterov. The others
    divide the gradient by its own size, so that only epsilon has to grow with it.
    """
    if training.optimizer in ("sgd", "momentum", "nesterov"):
        return replace(training, learning_rate=training.learning_rate / scale)
    return replace(training, epsilon=training.epsilon * scale)


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
