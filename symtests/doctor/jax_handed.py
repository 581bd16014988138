"""From what a person hands over to a program of JAX: parameters with a loss, modules of Flax and Equinox, and Keras."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from symtests.doctor.jax_model import JaxModel, Program
from symtests.doctor.model import NotExaminable

__all__ = ["drawn", "is_tree", "named", "prepared"]

_RATE: Final = 1e-3


def is_tree(model: Any) -> bool:
    """Tell whether it is a structure of arrays of JAX, or a module that holds some."""
    return _is_nnx(model) or any(isinstance(each, jax.Array) for each in jax.tree_util.tree_leaves(model))


def _is_nnx(model: Any) -> bool:
    return any(base.__module__.startswith("flax.nnx") for base in type(model).__mro__)


def named(tree: Any) -> dict[str, Any]:
    """Return the arrays of a structure by name, as in layers.0.kernel."""
    found = {}
    for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        steps = [str(getattr(step, "key", getattr(step, "name", getattr(step, "idx", step)))) for step in path]
        found[".".join(step for step in steps if step != "value")] = leaf
    return found


def drawn(source: Any) -> Callable[[int], Any]:
    """Return the batch of each step: of a function, a list, a loader, or one batch.

    Parameters
    ----------
    source
        As for `symtests.diagnose`.
    """
    if callable(source):
        takes_one = len(inspect.signature(source).parameters) >= 1
        return source if takes_one else lambda _number: source()
    if isinstance(source, (tuple, Mapping)) or hasattr(source, "shape"):
        return lambda _number: source
    endless = _again(source)
    return lambda _number: next(endless)


def _again(source: Any) -> Iterator[Any]:
    while True:
        none = True
        for each in source:
            none = False
            yield each
        if none:
            raise NotExaminable("batch: the loader gives none; hand over one that gives a batch at least")


def _parts(batch: Any) -> tuple[list[Any], Any]:
    if isinstance(batch, (tuple, list)) and len(batch) > 1:
        return [np.asarray(each) for each in batch[:-1] if hasattr(each, "shape")], batch[-1]
    return [np.asarray(each) for each in jax.tree_util.tree_leaves(batch)], None


def prepared(model: Any, batch: Any, loss: Callable[..., Any] | None, optimizer: Any, seed: int) -> JaxModel:
    """Return a model of JAX that can be examined.

    Parameters
    ----------
    model
        A structure of parameters, or a module of Flax (nnx) or Equinox; already built.
    batch
        As for `symtests.diagnose`.
    loss
        ``loss(model, batch)``, a number, or a number and an output.
    optimizer
        Of Optax, or any with ``init`` and ``update``; Adam without Optax unless given.
    seed
        Of the noise in each step.
    """
    if batch is None:
        raise NotExaminable("batch=None: what a function of JAX takes is not evident; hand over batch(step)")
    if loss is None:
        raise NotExaminable("loss=None: parameters have none of their own; hand over loss(model, batch)")
    tree, rebuild = _apart(model)
    leaves, structure = jax.tree_util.tree_flatten(tree)
    names = list(named(tree))
    if len(set(names)) != len(names):  # two nodes that print alike
        names = [f"{name}#{place}" for place, name in enumerate(names)]
    floating = [isinstance(e, (jax.Array, np.ndarray)) and jnp.issubdtype(e.dtype, jnp.floating) for e in leaves]
    values = {name: jnp.asarray(leaf) for name, leaf, is_one in zip(names, leaves, floating, strict=True) if is_one}
    if not values:
        raise NotExaminable("model: has no parameters of floating point; hand over the structure that holds them")

    def compute(own: Any, state: Any, data: Any, key: Any, _training: bool) -> Any:
        merged = [own.get(name, leaf) for name, leaf in zip(names, leaves, strict=True)]
        whole = rebuild(jax.tree_util.tree_unflatten(structure, merged))
        found = _called(loss, whole, data, key)
        value, output = found if isinstance(found, tuple) else (found, None)
        value = jnp.asarray(value)
        if value.size != 1:
            raise NotExaminable(f"loss: gave shape {value.shape}; hand over one that returns a single number")
        return value.reshape(()), (output, state)

    begin, update = _optimizer(optimizer)
    return JaxModel(
        Program(values, {}, compute, begin, update, drawn(batch), _parts, code=_code, kinds=_kinds(names)), seed
    )


def _apart(model: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return the structure of what is trained, and what makes the model of it again."""
    if not _is_nnx(model):
        return model, lambda tree: tree
    from flax import nnx

    definition, state, rest = nnx.split(model, nnx.Param, ...)
    return nnx.to_pure_dict(state), lambda tree: _merged(nnx, definition, state, tree, rest)


def _merged(nnx: Any, definition: Any, state: Any, tree: Any, rest: Any) -> Any:
    copy = jax.tree_util.tree_map(lambda each: each, state)
    nnx.replace_by_pure_dict(copy, tree)
    return nnx.merge(definition, copy, rest)


def _called(loss: Callable[..., Any], model: Any, batch: Any, key: Any) -> Any:
    takes = len([
        each for each in inspect.signature(loss).parameters.values() if each.default is inspect.Parameter.empty
    ])  # fmt: skip
    return loss(model, batch, key) if takes >= 3 else loss(model, batch)


def _optimizer(optimizer: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return what begins a memory and what makes a step; Adam by hand where none was given."""
    if optimizer is None:
        return _begin_adam, _adam
    if callable(optimizer) and not hasattr(optimizer, "update"):
        optimizer = optimizer(None) if len(inspect.signature(optimizer).parameters) else optimizer()
    if not hasattr(optimizer, "init") or not hasattr(optimizer, "update"):
        raise NotExaminable(
            f"optimizer={type(optimizer).__name__}: hand over one of Optax, or any with init and update"
        )

    def update(gradients: Any, memory: Any, values: Any) -> Any:
        changes, memory = optimizer.update(gradients, memory, values)
        return {name: values[name] + changes[name].astype(values[name].dtype) for name in values}, memory

    return optimizer.init, update


def _begin_adam(values: Any) -> Any:
    zeros = {name: jnp.zeros_like(each) for name, each in values.items()}
    return zeros, zeros, 0


def _adam(gradients: Any, memory: Any, values: Any) -> Any:
    """Make one step of Adam (Kingma and Ba, 2015, Algorithm 1) with the defaults of its authors."""
    first, second, number = memory
    number += 1
    first = {name: 0.9 * first[name] + 0.1 * each for name, each in gradients.items()}
    second = {name: 0.999 * second[name] + 0.001 * each**2 for name, each in gradients.items()}
    found = {
        name: value - _RATE * (first[name] / (1 - 0.9**number)) / (jnp.sqrt(second[name] / (1 - 0.999**number)) + 1e-8)
        for name, value in values.items()
    }
    return found, (first, second, number)


def _kinds(names: list[str]) -> dict[str, str]:
    """Return what the own name of a parameter says of its layer; the axis of its outputs is the last one."""
    own = {name: name.rpartition(".")[2] for name in names}
    return {name: "Embedding" if last in ("embedding", "embeddings") else "Last" for name, last in own.items()}


def _code(name: str, deviation: float) -> str:
    value = "jnp.zeros(shape)" if deviation == 0 else f"{deviation:.2g} * jax.random.normal(key, shape)"
    return f"{name} = {value}"
