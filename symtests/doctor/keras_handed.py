"""From a compiled model of Keras to a program of JAX: the loss, the optimizer and the state are those of `fit`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from symtests.doctor.jax_handed import drawn
from symtests.doctor.jax_model import JaxModel, Program
from symtests.doctor.model import NotExaminable

__all__ = ["prepared"]

_SAMPLES = 32


def prepared(model: Any, batch: Any, loss: Any, optimizer: Any, seed: int) -> JaxModel:
    """Return a compiled model of Keras on JAX as one that can be examined; the model itself is not changed.

    Parameters
    ----------
    model
        Compiled, or with a loss and an optimizer beside it.
    batch
        ``(inputs, targets)``, or as for `symtests.diagnose`; the first 32 samples of arrays that are longer.
    loss, optimizer
        Those that it was compiled with, unless given.
    seed
        Of the noise in each step.
    """
    import keras

    if keras.backend.backend() != "jax":
        raise NotExaminable(
            f"model: Keras runs on {keras.backend.backend()}; run the same file with KERAS_BACKEND=jax set outside"
        )
    if batch is None:
        raise NotExaminable("batch=None: a model of Keras does not say what it is trained on; hand over (x, y)")
    batches = drawn(batch)
    if loss is not None or optimizer is not None or not model.compiled:
        is_function = callable(optimizer) and not isinstance(optimizer, keras.optimizers.Optimizer)
        made = optimizer() if is_function else optimizer
        if loss is None and not model.compiled:
            raise NotExaminable("model: is not compiled; hand over model.compile(optimizer, loss) first")
        model = _clone(keras, model)
        model.compile(optimizer=made or "adam", loss=loss)
    first = _pair(batches(0))
    if not model.built or not model.variables:
        model(first[0])
    if not model.trainable_variables:
        raise NotExaminable("model: no variable is trainable; hand over one with trainable = True")
    own = model.optimizer
    if not own.built:
        own = type(own).from_config(own.get_config())
        own.build(model.trainable_variables)
    names = _names(model.variables, model.name)
    paths = {names[id(each)]: each.path for each in model.variables}
    trained = [names[id(each)] for each in model.trainable_variables]
    rest = [names[id(each)] for each in model.non_trainable_variables]
    values = {names[id(each)]: jnp.asarray(each.value) for each in model.trainable_variables}
    state = {names[id(each)]: each.value for each in model.non_trainable_variables}
    begin, update = _steps(own, trained)
    return JaxModel(
        Program(
            values, state, _computing(model, trained, rest), begin, update, lambda number: _pair(batches(number)),
            lambda pair: ([np.asarray(each) for each in jax.tree_util.tree_leaves(pair[0])], pair[1]),
            kinds=_kinds(model, names), code=lambda name, deviation: _code(paths[name], deviation),
        ),
        seed,
    )  # fmt: skip


def _clone(keras: Any, model: Any) -> Any:
    copy = keras.models.clone_model(model)
    if not copy.built and model.built:
        copy.build(model.input_shape)
    copy.set_weights(model.get_weights())
    return copy


def _pair(batch: Any) -> tuple[Any, Any]:
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise NotExaminable("batch: hand over (inputs, targets), as for model.fit")
    inputs, targets = (
        jax.tree_util.tree_map(lambda each: jnp.asarray(np.asarray(each)[:_SAMPLES]), part) for part in batch[:2]
    )
    return inputs, targets


def _names(variables: Any, owner: str) -> dict[int, str]:
    """Return a name of each variable, by its identity: its path, with layers counted within this model alone."""
    counted: dict[str, dict[str, int]] = {}
    found: dict[int, str] = {}
    paths = [each.path.split("/") for each in variables]
    for each, path in zip(variables, paths, strict=True):
        steps = []
        for step in path[path[0] == owner : -1]:
            base = re.sub(r"_\d+$", "", step)
            of_base = counted.setdefault(base, {})
            number = of_base.setdefault(step, len(of_base))
            steps.append(f"{base}_{number}" if number else base)
        name = ".".join([*steps, path[-1]])
        found[id(each)] = name if name not in found.values() else f"{name}#{len(found)}"
    return found


def _computing(model: Any, trained: list[str], rest: list[str]) -> Callable[..., Any]:
    def compute(values: Any, state: Any, batch: Any, key: Any, training: bool) -> Any:
        inputs, targets = batch
        kept = {name: state[name] for name in rest}
        for name, value in kept.items():
            if "seed_generator" in name:
                kept[name] = jnp.asarray(key, value.dtype)
        others = model.metrics_variables
        loss, made = model.compute_loss_and_updates(
            [values[name] for name in trained], list(kept.values()), [each.value for each in others],
            inputs, targets, None, training=training,
            optimizer_variables=[each.value for each in model.optimizer.variables],
        )  # fmt: skip
        output, after = made[1], made[2]
        output = output if hasattr(output, "shape") else None
        return loss, (output, dict(zip(rest, after, strict=True)))

    return compute


def _steps(optimizer: Any, trained: list[str]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    start = [each.value for each in optimizer.variables]

    def update(gradients: Mapping[str, Any], memory: Any, values: Mapping[str, Any]) -> Any:
        after, memory = optimizer.stateless_apply(
            memory, [gradients[name] for name in trained], [values[name] for name in trained]
        )
        return dict(zip(trained, after, strict=True)), memory

    return lambda _values: start, update


def _kinds(model: Any, names: Mapping[int, str]) -> dict[str, str]:
    """Return the classes of layers by variable, with a note that the outputs of a kernel are its last axis."""
    found = {}
    for layer in model._flatten_layers():
        for each in layer.weights:
            kind = type(layer).__name__
            if id(each) in names:
                found[names[id(each)]] = kind if kind == "Embedding" else f"{kind}Last"
    return found


def _code(path: str, deviation: float) -> str:
    *_, layer, own = path.split("/")
    value = "0" if deviation == 0 else f"keras.random.normal(shape, stddev={deviation:.2g})"
    return f'model.get_layer("{layer}").{own}.assign({value})'
