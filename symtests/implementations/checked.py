"""An implementation behind a guard: whatever it does, the properties see checked answers or a named misbehaviour."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported, capabilities_of
from symtests.implementations.checked_answers import checked_array, checked_number
from symtests.implementations.direct import STAGES, Answering, Direct, Told
from symtests.implementations.limits import outside
from symtests.implementations.misbehaviour import Misbehaviour, OutOfTime
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Answer", "Call", "CallLimits", "Checked", "for_scaled_loss"]

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
    """One question: which operation, and on which arguments."""

    operation: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class CallLimits:
    """Seconds that a call may take, and the first call of an operation in a process, which may compile."""

    call: float
    first_call: float


class Checked:
    """An implementation under check in one dtype.

    Each call hands over private copies of its arguments, turns every exception into `Misbehaviour`
    (and lets `Unsupported` through), checks shape, dtype and finiteness of the answer, and copies it.

    Parameters
    ----------
    implementation
        Anything that `symtests.implementations.base.Implementation` describes, or a `PythonProcess` that has one.
    dtype
        Dtype of the parameters and data that it is given.
    name
        What to call it; its own ``name`` unless given.
    limits
        How long a call may take; kept only where the implementation has a process of its own.

    Attributes
    ----------
    latest_call
        The call that is under way, else the one before, else None; its arguments are not the implementation's copies.
    on_call
        What to tell of each call before it is made, or None.
    told
        What the latest call that was answered has told, or None.
    """

    def __init__(
        self, implementation: object, dtype: str, name: str | None = None, limits: CallLimits | None = None
    ) -> None:
        self.implementation = implementation
        self.dtype = dtype
        self.name = name or str(getattr(implementation, "name", None) or type(implementation).__name__)
        self.version = str(getattr(implementation, "version", ""))
        self.capabilities: Capabilities = capabilities_of(implementation)
        self.latest_call: Call | None = None
        self.on_call: Callable[[Call], None] | None = None
        self.told: Told | None = None
        self._limits = limits
        self._answering: Answering = (
            implementation if isinstance(implementation, PythonProcess) else Direct(implementation)
        )
        self._calls: Counter[tuple[int, str, str]] = Counter()
        self._deadline = math.inf
        self._layouts: Mapping[str, str] = {}
        self._way = ""

    @property
    def call_limit(self) -> float | None:
        """Seconds that one call may take, or None where nobody has said it."""
        return None if self._limits is None else self._limits.call

    @property
    def unit_roundoff(self) -> float:
        """Largest relative error of one of its operations."""
        return self.capabilities.roundoff(self.dtype)

    @property
    def changed_inputs(self) -> tuple[str, ...]:
        """Names of the arguments that the latest call changed in place, as in ``("batch.x",)``."""
        return () if self.told is None else self.told.changed

    def offers(self, operation: str) -> bool:
        """Tell whether the implementation itself has this operation."""
        return operation in self._answering.operations(self._way)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Have no question begin later than so many seconds from now, until the context ends.

        Raises
        ------
        OutOfTime
            By the first call for which there is no time left. A call that has begun ends by itself, or by its limit.
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
        self._way = way
        try:
            yield
        finally:
            self._way = ""

    def train(
        self, network: Network, parameters: Parameters, batch: Batch, training: Training, *, finite: bool = True
    ) -> Parameters:
        """Return the parameters after the training; with `finite`, a NaN or infinity is a misbehaviour."""
        told = self._call(
            "train", network, parameters, batch, for_scaled_loss(training, self._scale_in_training(network))
        )
        return self._parameters("train", told["parameters"], network, finite)

    def loss_and_gradient(
        self, network: Network, parameters: Parameters, batch: Batch, *, finite: bool = True
    ) -> Answer:
        """Return the loss and its gradient, by the implementation's own operation or by one plain step."""
        if not self.offers("loss_and_gradient"):
            step = Training("sgd", RECOVERY_RATE, 1)
            after = self.train(network, parameters, batch, step, finite=finite)
            return Answer(None, Parameters(network, parameters.vector - after.vector), True)
        told = self._call("loss_and_gradient", network, parameters, batch)
        scale = self._scale(network)
        found = self._parameters("loss_and_gradient", told["gradient"], network, finite)
        loss = told.get("loss")
        value = None if loss is None else checked_number("loss_and_gradient", loss, finite) / scale
        return Answer(value, Parameters(network, found.vector / found.dtype.type(scale)), False)

    def predict(self, network: Network, parameters: Parameters, x: Array, *, finite: bool = True) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        told = self._call("predict", network, parameters, x)
        return checked_array("predict", self.dtype, told["outputs"], (len(x), network.sizes[-1]), finite)

    def initialize(self, network: Network, scheme: str, seed: int, *, finite: bool = True) -> Parameters:
        """Return freshly initialized parameters, rounded to the dtype in use, which an initializer is not told."""
        vector = self._call("initialize", network, scheme, seed)["parameters"].astype(self.dtype)
        return self._parameters("initialize", vector, network, finite)

    def train_many(
        self,
        network: Network,
        scheme: str,
        seeds: Sequence[int],
        batch: Batch,
        training: Training,
        *,
        finite: bool = True,
    ) -> list[Parameters]:
        """Return where the training ends from the start of each seed, by its own operation or one after another."""
        if not self.offers("train_many"):
            starts = (self.initialize(network, scheme, seed) for seed in seeds)
            return [self.train(network, start, batch, training, finite=finite) for start in starts]
        scaled = for_scaled_loss(training, self._scale_in_training(network))
        ends = self._call("train_many", network, scheme, tuple(seeds), batch, scaled)
        if len(ends) != len(seeds):
            raise Misbehaviour("wrong shape", f"train_many returned {len(ends)} parameters for {len(seeds)} seeds")
        return [
            self._parameters("train_many", ends[f"parameters[{k}]"], network, finite, f"ends[{k}]")
            for k in range(len(seeds))
        ]

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return its pre-activations, activations and error signals: arrays of floats, otherwise unchecked."""
        told = self._call("stages", network, parameters, batch)
        return Stages(*(tuple(array for name, array in told.items() if name.startswith(f"{kind}[")) for kind in STAGES))

    def _scale(self, network: Network) -> float:
        return self.capabilities.scale_of(network.loss)

    def _scale_in_training(self, network: Network) -> float:
        return self.capabilities.scale_in_training(network.loss)

    def _call(self, operation: str, *arguments: Any) -> Mapping[str, Array]:
        """Ask one question within its time limit; return the arrays of the answer by their names."""
        if time.monotonic() >= self._deadline:
            raise OutOfTime
        self._refuse_what_is_outside(arguments)
        self.told = None
        self.latest_call = Call(operation, arguments)
        if self.on_call is not None:
            self.on_call(self.latest_call)
        self._limit(operation)
        self.told = self._answering.ask(operation, arguments, self._layouts, self._way)
        return self.told.parts

    def _refuse_what_is_outside(self, arguments: tuple[Any, ...]) -> None:
        """Raise `Unsupported` for a question that the capabilities leave out, as one that a property derives."""
        given = {type(argument): argument for argument in arguments}
        missing = outside(self.capabilities, given[Network], given.get(Batch), given.get(Training))
        if missing:
            raise Unsupported(f"its capabilities leave out {', '.join(missing)}")

    def _limit(self, operation: str) -> None:
        """Have the process of the implementation, if it has one, answer within the limit that holds for this call."""
        asked: Any = self.implementation
        if self._limits is None or not isinstance(getattr(asked, "limits", None), TimeLimits):
            return
        key = (int(getattr(asked, "starts", 0)), operation, self._way)
        self._calls[key] += 1
        limit = self._limits.first_call if self._calls[key] == 1 else self._limits.call
        asked.limits = replace(asked.limits, request=limit)

    def _parameters(self, operation: str, vector: Array, network: Network, finite: bool, part: str = "") -> Parameters:
        shape = (network.parameter_count,)
        return Parameters(network, checked_array(operation, self.dtype, vector, shape, finite, part))


def for_scaled_loss(training: Training, scale: float) -> Training:
    """Return the training that moves the parameters as `training` does, where the loss is `scale` times larger.

    A gradient that is c times larger needs a rate that is c times smaller in sgd, momentum and nesterov. The others
    divide the gradient by its own size, so that only epsilon has to grow with it.
    """
    if training.optimizer in ("sgd", "momentum", "nesterov"):
        return replace(training, learning_rate=training.learning_rate / scale)
    return replace(training, epsilon=training.epsilon * scale)
