"""Which library a model is written with, and what examines it: PyTorch, JAX, or Keras on JAX."""

from __future__ import annotations

import inspect
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np

from symtests.doctor.model import Examined, NotExaminable

__all__ = ["installed", "is_keras", "of_jax"]


def installed() -> bool:
    """Tell whether a library is there whose models can be examined."""
    return find_spec("torch") is not None or find_spec("jax") is not None


def is_keras(model: Any) -> bool:
    """Tell whether it is a model of Keras, whatever runs it."""
    return any(base.__name__ == "Model" and base.__module__.startswith("keras.") for base in type(model).__mro__)


def of_jax(model: Any, batch: Any, loss: Callable[..., Any] | None, optimizer: Any, seed: int) -> Examined:
    """Return a model of JAX or Keras, or one that a function builds, as one that can be examined.

    Parameters
    ----------
    model, batch, loss, optimizer
        As for `symtests.diagnose`; a function of one argument is given a key of JAX.
    seed
        Of building it and of the noise in each step.
    """
    if find_spec("jax") is None:
        raise NotExaminable(
            f"model={type(model).__name__}: is no module of PyTorch, and jax is not installed; "
            "run pip install 'symtests[jax]'"
        )
    from symtests.doctor import jax_handed

    with _seeded(seed):
        built = model
        if not is_keras(model) and not jax_handed.is_tree(model):
            if not callable(model):
                raise NotExaminable(
                    f"model={type(model).__name__}: hand over a torch.nn.Module, a keras.Model or arrays of JAX, or a "
                    "function that builds one"
                )
            built = _called(model, seed)
        if is_keras(built):
            from symtests.doctor import keras_handed

            return keras_handed.prepared(built, batch, loss, optimizer, seed)
        if not jax_handed.is_tree(built):
            raise NotExaminable(
                f"build: gave a {type(built).__name__}; hand over a function that returns a torch.nn.Module, a "
                "keras.Model or arrays of JAX"
            )
        return jax_handed.prepared(built, batch, loss, optimizer, seed)


def _called(build: Callable[..., Any], seed: int) -> Any:
    import jax

    needs = [
        each for each in inspect.signature(build).parameters.values() if each.default is inspect.Parameter.empty
    ]  # fmt: skip
    try:
        return build(jax.random.PRNGKey(seed)) if needs else build()
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise NotExaminable(
            f"build: raised {type(error).__name__}: {said}; hand over a function of nothing, or of a key"
        ) from error


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed Python, NumPy and Keras, and put the first two back."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - the user's own
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - for a model that draws from it
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002 - the user's own
