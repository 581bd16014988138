"""The implementations under check, found by name or by ``package.module:object``."""

from __future__ import annotations

import ctypes.util
import importlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from symtests.implementations.command_name import is_command
from symtests.implementations.own_files import import_file
from symtests.validation import InvalidValue, nearest

__all__ = ["BUILT_IN", "BuiltIn", "find", "missing"]


@dataclass(frozen=True)
class BuiltIn:
    """An adapter that comes with the package: where it is, what it wraps, and what it needs besides.

    `requires` is a Python package, and `extra` the extra of ours that installs it, where that is not the adapter's own
    name; `python` is the oldest Python that has it; `library` is a shared library, as in "m" for libm, and `install`
    what a person has to do about it.
    """

    location: str
    description: str
    requires: str | None = None
    extra: str | None = None
    python: tuple[int, int] | None = None
    library: str | None = None
    install: str = ""


_MOST_NAMED = 6
_PYTHON_OF_JAX = (3, 11)
_INSTALL_FANN = "install FANN 2.2, on Debian with apt-get install libfann2"

BUILT_IN: dict[str, BuiltIn] = {
    "numba": BuiltIn("symtests.implementations.numba_kernels:NumbaKernels", "the kernels of this package"),
    "numpy": BuiltIn("symtests.implementations.numpy_plain:NumpyPlain", "matrix products of NumPy, written plainly"),
    "torch": BuiltIn("symtests.implementations.pytorch:PyTorch", "PyTorch's autograd and optimizers", "torch"),
    "sklearn": BuiltIn(
        "symtests.implementations.scikit_learn:ScikitLearn", "scikit-learn's MLPRegressor and MLPClassifier", "sklearn"
    ),
    "opencv": BuiltIn("symtests.implementations.opencv:OpenCV", "OpenCV's ml.ANN_MLP", "cv2"),
    "opencv-sigmoid": BuiltIn(
        "symtests.implementations.opencv:OpenCV.with_sigmoid", "the same with SIGMOID_SYM", "cv2", "opencv"
    ),
    "fann": BuiltIn(
        "symtests.implementations.libfann:Fann", "FANN in batches", library="doublefann", install=_INSTALL_FANN
    ),
    "fann-incremental": BuiltIn(
        "symtests.implementations.libfann:Fann.incremental",
        "FANN sample by sample",
        library="doublefann",
        install=_INSTALL_FANN,
    ),
    "jax": BuiltIn(
        "symtests.implementations.jax_gradients:Jax",
        "JAX's gradients and example optimizers",
        "jax",
        python=_PYTHON_OF_JAX,
    ),
    "flax": BuiltIn(
        "symtests.implementations.flax_optax:FlaxOptax",
        "Flax's layers, Optax's optimizers",
        "flax",
        python=_PYTHON_OF_JAX,
    ),
    "keras": BuiltIn(
        "symtests.implementations.keras_layers:Keras", "Keras 3 on its JAX backend", "keras", python=_PYTHON_OF_JAX
    ),
    "autograd": BuiltIn("symtests.implementations.hips_autograd:Autograd", "HIPS autograd of NumPy code", "autograd"),
}


def find(name: str) -> object:
    """Return the implementation that `name` stands for.

    Parameters
    ----------
    name
        A key of `BUILT_IN`, or ``package.module:object``, or ``path/to/file.py:object``; the file may import what lies
        beside it, from whatever folder symtests runs. A class or
        function is called without arguments; anything else is the implementation itself. ``command:`` and a command,
        as in ``command:node my_net.mjs``, is one in another language (`symtests.implementations.process.Command`).

    Raises
    ------
    InvalidValue
        Where there is no such thing, or it cannot be made; the sentence says what to do.
    """
    if name in BUILT_IN:
        lacking = missing(name)
        if lacking:
            raise InvalidValue(f"implementation={name!r}: {lacking}")
        return _load(name, BUILT_IN[name].location)
    if is_command(name):
        from symtests.implementations.process import Command  # loads jsonschema, which nothing else here needs

        return Command(name)
    if ":" not in name and (name.endswith(".py") or "/" in name):
        raise InvalidValue(
            f"implementation={name!r}: must name a class or an object in the file too, as in {name}:MyNetwork"
        )
    if ":" not in name:
        raise InvalidValue(
            f"implementation={name!r}: must be one of {', '.join(BUILT_IN)}, or package.module:object"
            f"{nearest(name, BUILT_IN)}"
        )
    return _load(name, name)


def missing(name: str) -> str | None:
    """Return what the built-in implementation of this name needs and is not here, with what installs it, or None."""
    known = BUILT_IN[name]
    if known.requires and importlib.util.find_spec(known.requires) is None:
        if known.python is not None and sys.version_info < known.python:
            return f"{known.requires} is not installed, and needs Python {'.'.join(map(str, known.python))} or newer"
        return f"{known.requires} is not installed; run pip install 'symtests[{known.extra or name}]'"
    if known.library and ctypes.util.find_library(known.library) is None:
        return f"the shared library {known.library} is not installed; {known.install}"
    return None


def _load(name: str, location: str) -> object:
    place, _, attribute = location.rpartition(":")
    module = _module(name, place)
    value: object = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            raise InvalidValue(f"implementation={name!r}: {place} has no {part!r}{_offered(part, module)}")
        value = getattr(value, part)
    if isinstance(value, type) or (callable(value) and not hasattr(value, "train")):
        try:
            value = value()
        except Exception as error:
            raise InvalidValue(
                f"implementation={name!r}: {attribute}() raised {type(error).__name__}: {error}; "
                "it must be possible to call it without arguments"
            ) from error
    if not callable(getattr(value, "train", None)):
        raise InvalidValue(
            f"implementation={name!r}: {attribute} has no method 'train'; "
            "give it train(network, parameters, batch, training)"
        )
    return value


def _offered(wanted: str, module: ModuleType) -> str:
    """Return what a module has in place of what was wanted, as the end of a sentence."""
    own = [key for key, value in vars(module).items() if not key.startswith("_") and _has_home(value, module.__name__)]
    close = nearest(wanted, own)
    if close:
        return close
    if own:
        return f"; it has {', '.join(own[:_MOST_NAMED])}{', …' * (len(own) > _MOST_NAMED)}"
    return "; write a class with a method train(network, parameters, batch, training) there, and give its name"


def _has_home(value: object, module: str) -> bool:
    """Tell whether a thing, or its class, was defined in a module."""
    return module in (getattr(value, "__module__", None), type(value).__module__)


def _module(name: str, place: str) -> ModuleType:
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        return import_file(place)
    except Exception as error:
        raise InvalidValue(
            f"implementation={name!r}: cannot import {place} ({type(error).__name__}: {error}); "
            "check the spelling and that it is installed or below the current folder"
        ) from error
