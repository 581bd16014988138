"""Tries how a library is called, in a process of its own: ``python -m symtests.commands.init_probe LIBRARY FILE``.

It imports the library and its modules, looks for a class with a backward pass, and tries ways to call it on one small
network, until one gives what NumPy gives. What it found is written to the file.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from symtests.commands.init_calls import ACTIVATIONS, Calls, activation_calls, calls_of

__all__ = ["found_by_trying", "probe"]

_SECONDS: Final = 60.0
_MODULES: Final = 60
_FUNCTIONS: Final = ("matmul", "dot", "mean", "sum", *(own for names in ACTIVATIONS.values() for own in names))
_FIRST: Final = ("Tensor", "Variable", "Value", "Var", "Node")
_ALIKE: Final = 1e-4
"""How near the change of a step has to be to that of NumPy, which float32 is too."""
_DOUBLE: Final = 1e-9
"""How near only float64 is."""
_WIDE: Final = 33
_MOST: Final = ((0.1, 9), (0.004, 33))
"""From how many seconds on a step of that width is slow, and how wide a layer may be then."""


def found_by_trying(library: str) -> tuple[Calls, bool] | None:
    """Return a way to call a library, and whether it gives what NumPy gives; None where none is found.

    It is tried in a process of its own: the library may print, hang or end its process.

    Parameters
    ----------
    library
        The name under which it is imported.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        command = [sys.executable, "-m", "symtests.commands.init_probe", library, str(path)]
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None
    return Calls(**{**found["calls"], "imports": tuple(found["calls"]["imports"])}), bool(found["alike"])


def probe(library: str) -> tuple[Calls, bool] | None:
    """Do what `found_by_trying` does, in this process."""
    modules = list(_modules(library))
    functions = {name: line for name in _FUNCTIONS if (line := _line_of(modules, name, library)) is not None}
    running: Calls | None = None
    for holder in _holders(modules, library):
        line = _line_of(modules, holder.__name__, library)
        for calls in calls_of(holder.__name__, str(line), functions):
            for name in ACTIVATIONS:
                for call, more in activation_calls(name, functions):
                    tried = replace(calls, imports=_with(calls.imports, more), activations={name: call})
                    error = _error_of(tried, name)
                    if error is None:
                        continue
                    if error <= _ALIKE:
                        return _with_all(tried, functions), True
                    running = running or tried
                    break
    return None if running is None else (running, False)


def _with_all(calls: Calls, functions: Mapping[str, str]) -> Calls:
    """Return the calls with all activations that the library has, and the dtype in which it computes."""
    for name in ACTIVATIONS:
        if name in calls.activations:
            continue
        for call, more in activation_calls(name, functions):
            imports = _with(calls.imports, more)
            if _error_of(replace(calls, imports=imports, activations={name: call}), name) is not None:
                calls = replace(calls, imports=imports, activations={**calls.activations, name: call})
                break
    name = next(iter(calls.activations))
    is_double = (_error_of(calls, name) or 0.0) < _DOUBLE
    return replace(calls, dtype="float64" if is_double else "float32", limits=_limits(calls, name))


def _limits(calls: Calls, activation: str) -> str:
    """Return the limits of a library that is slow: a check takes thousands of steps."""
    begin = time.perf_counter()
    _error_of(calls, activation, (_WIDE, _WIDE, _WIDE))
    seconds = time.perf_counter() - begin
    most = next((width for limit, width in _MOST if seconds > limit), None)
    if most is None:
        return ""
    return f'"max_width": {most}, "max_inputs": {most}, "max_outputs": {most}, "max_samples": 9,  # it is slow'


def _with(imports: tuple[str, ...], more: Any) -> tuple[str, ...]:
    return (*imports, *(line for line in more if line not in imports))


def _modules(library: str) -> Iterator[ModuleType]:
    """Yield a library and its modules, those that can be imported."""
    top = importlib.import_module(library)
    yield top
    names = [each.name for each in pkgutil.walk_packages(getattr(top, "__path__", ()), f"{library}.", lambda _: None)]
    for name in [each for each in names if "test" not in each and "__main__" not in each][:_MODULES]:
        with suppress(Exception, SystemExit):  # an optional part of the library
            yield importlib.import_module(name)


def _holders(modules: list[ModuleType], library: str) -> list[type]:
    """Return the classes with a backward pass that can be computed with, those of usual names first."""
    found = {
        each
        for module in modules
        for each in vars(module).values()
        if inspect.isclass(each) and each.__module__.split(".")[0] == library.split(".")[0]
        and hasattr(each, "backward") and "__add__" in dir(each) and "__mul__" in dir(each)
    }  # fmt: skip
    return sorted(found, key=lambda each: (_FIRST.index(each.__name__) if each.__name__ in _FIRST else len(_FIRST),
                                           each.__name__))  # fmt: skip


def _line_of(modules: list[ModuleType], name: str, library: str) -> str | None:
    """Return the line that imports something of the library under its own name."""
    defined = {getattr(vars(module).get(name), "__module__", "") for module in modules}
    order = sorted(modules, key=lambda each: (each is not modules[0], each.__name__ not in defined, each.__name__))
    for module in order:
        each = vars(module).get(name)
        own = callable(each) and str(getattr(each, "__module__", "")).split(".")[0] == library.split(".")[0]
        if own and getattr(each, "__name__", "") == name:
            return f"from {module.__name__} import {name}"
    return None


def _error_of(calls: Calls, activation: str, sizes: tuple[int, int, int] = (2, 3, 1)) -> float | None:
    """Return how far one step is from that of NumPy, against its size; None where it cannot be done."""
    random = np.random.default_rng(0)
    inputs, hidden, outputs = sizes
    weights = [random.normal(size=(inputs, hidden)), random.normal(size=(hidden, outputs))]
    biases = [random.normal(size=hidden) + 0.5, random.normal(size=outputs)]
    x, y = random.normal(size=(4, inputs)), random.normal(size=(4, outputs))
    names: dict[str, Any] = {}
    try:
        exec(calls.source, names)  # the very source that stands in the adapter
        after = names["step"](weights, biases, x, y, 0.5, (activation,))
        moved = [new - old for new, old in zip([*after[0], *after[1]], [*weights, *biases], strict=True)]
        wanted = _wanted(weights, biases, x, y, activation)
        flat, right = (np.concatenate([np.ravel(each) for each in all_]) for all_ in (moved, wanted))
        if flat.shape != right.shape or not np.all(np.isfinite(flat)) or not np.any(flat):
            return None
        return float(np.max(np.abs(flat + 0.5 * right)) / np.max(np.abs(0.5 * right)))
    except (Exception, SystemExit):  # whatever a library raises that is called in a wrong way
        return None


def _wanted(weights: list[Any], biases: list[Any], x: Any, y: Any, activation: str) -> list[Any]:
    """Return the gradient of the mean squared error of a network with one hidden layer, by NumPy."""
    z = x @ weights[0] + biases[0]
    above, slope = {
        "tanh": (np.tanh(z), 1 - np.tanh(z) ** 2),
        "logistic": (1 / (1 + np.exp(-z)), np.exp(-z) / (1 + np.exp(-z)) ** 2),
        "relu": (np.maximum(z, 0), (z > 0) * 1.0),
    }[activation]
    signal = 2 * (above @ weights[1] + biases[1] - y) / y.size
    below = signal @ weights[1].T * slope
    return [x.T @ below, above.T @ signal, below.sum(axis=0), signal.sum(axis=0)]


def main(arguments: list[str]) -> int:
    """Try a library and write what was found."""
    library, path = arguments
    found = probe(library)
    if found is None:
        return 1
    Path(path).write_text(json.dumps({"calls": asdict(found[0]), "alike": found[1]}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
