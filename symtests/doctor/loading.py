"""What a file says of a model: the functions `build`, `batch`, `loss` and `optimizer`."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

from symtests.doctor.origins import Origin, of_function, of_name
from symtests.validation import InvalidValue, nearest

__all__ = ["Handed", "handed_in"]

_MODELS: Final = ("build", "model", "build_model", "get_model", "make_model", "create_model")
_BATCHES: Final = ("batch", "batches", "loader", "data", "train_loader", "get_batch", "example_batch", "example_input")
_LOSSES: Final = ("loss", "loss_fn", "criterion")
_OPTIMIZERS: Final = ("optimizer", "make_optimizer", "configure_optimizer")


@dataclass(frozen=True)
class Handed:
    """What a file has for an examination; None for what it leaves to the defaults.

    Parameters
    ----------
    model, batch, loss, optimizer
        As for `symtests.diagnose`.
    place
        The line at which the model is defined, or the function that builds it.
    """

    model: Any
    batch: Any = None
    loss: Any = None
    optimizer: Any = None
    place: Origin | None = None


def handed_in(place: str) -> Handed:
    """Return what a file has: ``my_file.py``, or ``my_file.py:build`` for another name of the function that builds.

    Parameters
    ----------
    place
        The file, with the name of a function or of a model behind a colon where it is not `build`.

    Raises
    ------
    InvalidValue
        For a file that cannot be read or run, and for a name that it does not have.
    """
    file, colon, name = place.rpartition(":")
    if not colon or not name.isidentifier():
        file, name = place, ""
    module = _module(place, Path(file))
    known = [each for each in vars(module) if not each.startswith("_")]
    if name:
        if not hasattr(module, name):
            raise InvalidValue(f"model={place!r}: {file} has no {name!r}{nearest(name, known)}")
        model = getattr(module, name)
    else:
        name = next((each for each in _MODELS if getattr(module, each, None) is not None), "")
        model = getattr(module, name, None)
        if model is None:
            raise InvalidValue(
                f"model={place!r}: {file} has no function 'build' that returns the model; name another: {file}:NAME"
            )
    defined = of_function(model) if isinstance(model, (FunctionType, type)) else None
    return Handed(
        model, _first(module, _BATCHES), _first(module, _LOSSES), _first(module, _OPTIMIZERS),
        defined or of_name(Path(file), name),
    )  # fmt: skip


def _first(module: ModuleType, names: tuple[str, ...]) -> Any:
    return next((getattr(module, name) for name in names if getattr(module, name, None) is not None), None)


def _module(place: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise InvalidValue(f"model={place!r}: no file {path}; name a Python file with a function 'build'")
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None:
        raise InvalidValue(f"model={place!r}: {path.name} is no Python file; its name must end with .py")
    module = importlib.util.module_from_spec(specification)
    with _found_first(path.resolve().parent, path.stem, module):
        try:
            specification.loader.exec_module(module)
        except Exception as error:
            said = " ".join(str(error).split())
            raise InvalidValue(
                f"model={place!r}: {path.name} cannot be run ({type(error).__name__}: {said}); run it with python first"
            ) from error
    return module


@contextmanager
def _found_first(folder: Path, name: str, module: ModuleType) -> Iterator[None]:
    """Let a file import what lies beside it; its own name stays known, as pickling and dataclasses ask for it."""
    sys.path.insert(0, str(folder))
    sys.modules.setdefault(name, module)
    try:
        yield
    finally:
        if str(folder) in sys.path:
            sys.path.remove(str(folder))
