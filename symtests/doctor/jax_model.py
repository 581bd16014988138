"""A model of JAX under examination: named arrays, a function that gives the loss, and an optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from symtests.doctor.axes import Axis
from symtests.doctor.grouping import expert_candidates, groups_of
from symtests.doctor.jax_trace import JaxTrace
from symtests.doctor.model import Facts, NotExaminable, Wiring
from symtests.model.groups import Group, Values

__all__ = ["JaxModel", "Program"]

Arrays = dict[str, Any]
Compute = Callable[[Arrays, Arrays, Any, Any, bool], tuple[Any, tuple[Any, Arrays]]]


def _no_code(_name: str, _deviation: float) -> str:
    return ""


@dataclass(frozen=True)
class Program:
    """A model as functions without state.

    Parameters
    ----------
    values, state
        Parameters and further state at the start, by name.
    compute
        ``compute(values, state, batch, key, training)`` returns the loss, and beside it the output (or None) and the
        next state.
    begin, update
        The memory of the optimizer for values, and ``update(gradients, memory, values)``, which returns the next
        values and the next memory; gradients and values of the trainable parameters alone.
    batch
        The batch of each step.
    parts
        The inputs and the target of a batch.
    frozen
        Parameters that are not trained.
    kinds
        What each parameter belongs to: Dense, Conv, Embedding, ...
    code
        Writes a line that draws a parameter: its name, and the deviation, 0 for zeros.
    """

    values: Arrays
    state: Arrays
    compute: Compute
    begin: Callable[[Arrays], Any]
    update: Callable[[Arrays, Any, Arrays], tuple[Arrays, Any]]
    batch: Callable[[int], Any]
    parts: Callable[[Any], tuple[Sequence[Any], Any]]
    frozen: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    code: Callable[[str, float], str] = _no_code


class JaxModel:
    """Takes real steps with a program.

    Parameters
    ----------
    program
        The model.
    seed
        Of the noise in each step.
    calm
        Whether nothing draws noise.
    """

    def __init__(self, program: Program, seed: int = 0, *, calm: bool = False) -> None:
        self._program, self._seed, self._calm = program, seed, calm
        self._batches: list[Any] = []
        self._given: Arrays = {}
        self._values: Arrays = {}
        self._state: Arrays = {}
        self._memory: Any = None
        self._trace: JaxTrace | None = None
        self._ids: dict[str, int] = {}
        self._axes: dict[str, list[Axis]] = {}
        self._facts = {
            name: Facts(
                name, tuple(each.shape), trainable=name not in program.frozen, order=place,
                kind=program.kinds.get(name, ""),
            )
            for place, (name, each) in enumerate(program.values.items())
        }  # fmt: skip
        self._jit = jax.jit(jax.value_and_grad(self._of_trained, has_aux=True), static_argnames="training")
        self._plain = jax.jit(program.compute, static_argnums=4)
        self.restart()

    def _of_trained(
        self, trained: Arrays, others: Arrays, state: Arrays, batch: Any, key: Any, *, training: bool
    ) -> Any:
        return self._program.compute({**others, **trained}, state, batch, key, training)

    @property
    def facts(self) -> Mapping[str, Facts]:
        """All parameters, by name, in the order of the model."""
        return self._facts

    @property
    def unit_roundoff(self) -> float:
        """Half the distance from 1 to the next number, in the coarsest dtype of the parameters."""
        return max(float(jnp.finfo(each.dtype).eps) / 2 for each in self._program.values.values())

    @property
    def wiring(self) -> Wiring:
        """Functions without state hide nothing: parameters are in the optimizer, and share no memory."""
        return Wiring()

    @property
    def batches_differ(self) -> bool:
        """Whether the batches of the steps so far differ."""
        first = self.inputs(0) if self._batches else []
        return any(
            a.shape != b.shape or not np.array_equal(a, b)
            for number in range(1, min(3, len(self._batches)))
            for a, b in zip(first, self.inputs(number), strict=False)
        )

    @property
    def unknown_operations(self) -> Sequence[str]:
        """Primitives of which it is not known what they say of axes."""
        return sorted(self._trace.unknown) if self._trace is not None else []

    def code(self, name: str, how: str) -> str:
        """Return a line that fills a parameter: "zeros", "normal" or, as its layer does, "layer"."""
        shape = self._facts[name].shape
        deviation = 1 / math.sqrt(max(1, math.prod(shape[:-1]))) if len(shape) > 1 else 0.02
        return self._program.code(name, 0.0 if how == "zeros" else deviation)

    def values(self) -> Mapping[str, Values]:
        """Return all parameters and further state of floating point."""
        return {name: np.asarray(each) for name, each in {**self._values, **self._floating()}.items()}

    def gradients(self) -> Mapping[str, Values | None]:
        """Return the gradients of the last step; None for what the loss does not depend on, or is frozen."""
        self._traced()
        return {
            name: np.asarray(self._given[name]) if name in self._given and self._facts[name].used else None
            for name in self._facts
        }

    def put(self, values: Mapping[str, Values]) -> None:
        """Set parameters and further state."""
        for name, value in values.items():
            own = self._values if name in self._values else self._state
            own[name] = jnp.asarray(value, own[name].dtype)

    def step(self, number: int, *, update: bool = True) -> float:
        """Take one step on batch `number`, or compute its gradients alone; return the loss before it."""
        trained, others = self._halves()
        try:
            (loss, (_, state)), self._given = self._jit(
                trained, others, self._state, self._batch(number), self._key(number), training=not self._calm
            )
        except NotExaminable:
            raise
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            raise NotExaminable(
                f"loss: its gradient cannot be computed ({type(error).__name__}: {said}); hand over a loss of one "
                "number for these parameters and this batch"
            ) from error
        if update:
            changed, self._memory = self._program.update(self._given, self._memory, trained)
            self._values.update(changed)
            self._state = dict(state)
        return float(loss)

    def evaluate(self) -> float:
        """Return the loss on the first batch, in evaluation mode."""
        return float(self._plain(self._values, self._state, self._batch(0), self._key(0), False)[0])

    def outputs(self, number: int) -> Values | None:
        """Return the outputs for batch `number`, in training mode."""
        made = self._plain(self._values, self._state, self._batch(number), self._key(number), not self._calm)[1][0]
        return None if made is None else np.asarray(made)

    def target(self, number: int) -> Values | None:
        """Return the target of batch `number`."""
        target = self._program.parts(self._batch(number))[1]
        return None if target is None else np.asarray(target)

    def inputs(self, number: int) -> Sequence[Values]:
        """Return the arrays of batch `number`."""
        return [np.asarray(each) for each in self._program.parts(self._batch(number))[0]]

    def restart(self) -> None:
        """Go back to the start: parameters, further state, and the memory of the optimizer."""
        self._values, self._state = dict(self._program.values), dict(self._program.state)
        self._memory = self._program.begin(self._halves()[0])

    def generic(self, names: Sequence[str] | None = None, seed: int = 0) -> Mapping[str, Values]:
        """Return random values of the size of a usual start: variance 1 / fan-in for matrices, about 1 for scales."""
        random = np.random.default_rng(seed)
        found: dict[str, Values] = {}
        for name, each in self._values.items():
            if names is not None and name not in names:
                continue
            shape = tuple(each.shape)
            if len(shape) > 1:
                value = random.standard_normal(shape) / math.sqrt(max(1, math.prod(shape[:-1])))
            elif name.endswith(("bias", "_b")):
                value = 0.3 * random.standard_normal(shape)
            else:
                value = random.uniform(0.5, 1.5, shape)
            found[name] = value.astype(each.dtype)
        return found

    def precise(self) -> None:
        """Return None: which of the casts of a program are meant is not known."""
        return

    def quiet(self) -> JaxModel:
        """Return the same at its start with nothing that draws noise."""
        return JaxModel(self._program, self._seed, calm=True)

    def candidates(self) -> Sequence[Group]:
        """Return the groups that the operations of a pass suggest."""
        trace = self._traced()
        tensors = dict(self._axes)
        return [*groups_of(trace.axes, tensors, self._facts), *expert_candidates(self._facts, {})]

    def flat_operations(self, name: str) -> Sequence[str]:
        """Return the primitives between a parameter and the loss that pass no gradient at any values."""
        return self._traced().flat(self._ids[name])

    def _halves(self) -> tuple[Arrays, Arrays]:
        frozen = self._program.frozen
        return (
            {name: each for name, each in self._values.items() if name not in frozen},
            {name: each for name, each in self._values.items() if name in frozen},
        )

    def _floating(self) -> Arrays:
        return {name: each for name, each in self._state.items() if jnp.issubdtype(each.dtype, jnp.floating)}

    def _batch(self, number: int) -> Any:
        while len(self._batches) <= number:
            self._batches.append(self._program.batch(len(self._batches)))
        return self._batches[number]

    def _key(self, number: int) -> Any:
        return jax.random.fold_in(jax.random.PRNGKey(self._seed), number)

    def _traced(self) -> JaxTrace:
        """Follow one pass; add to the facts what it shows."""
        if self._trace is not None:
            return self._trace
        trace, batch, key = JaxTrace(), self._batch(0), self._key(0)
        values, state = dict(self._program.values), dict(self._program.state)
        closed = jax.make_jaxpr(lambda v, s, b: self._program.compute(v, s, b, key, False)[0])(values, state, batch)
        names = [*sorted(values), *sorted(state)]  # JAX flattens a dict in the order of its keys
        inputs = closed.jaxpr.invars
        known = [trace.fresh(each.aval.shape, fixed=place >= len(names)) for place, each in enumerate(inputs)]
        trace.follow(closed, known)
        self._ids = {name: trace.number(each) for name, each in zip(names, inputs, strict=False)}
        self._axes = {name: trace.axes_of(each) for name, each in zip(names, inputs, strict=False)}
        reached = trace.reaching(trace.number(closed.jaxpr.outvars[0]))
        order = {place: number for number, step in reversed(list(enumerate(trace.steps))) for place in step[1]}
        for name, fact in self._facts.items():
            place = self._ids[name]
            self._facts[name] = Facts(**{
                **vars(fact), "used": place in reached, "order": order.get(place, len(trace.steps) + fact.order)
            })  # fmt: skip
        self._trace = trace
        return trace
