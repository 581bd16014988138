"""Serves a network in Python over the protocol of docs/protocol.md, from an environment that symtests need not share.

    python -m symtests.serve --source > symtests_serve.py        once; the copy needs nothing of symtests
    symtests check --command "/other/env/bin/python symtests_serve.py my_file.py:MyNet"

It runs on Python 3.7 and newer, and imports nothing but the standard library, and NumPy where there is one. The network
is the same class as without it: it gets a network, parameters, a batch and a training with the same attributes. With
NumPy their numbers are arrays of the dtype that was asked for; without, lists of floats, and lists of such lists, in
which W and b are copies and not views.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import io
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

numpy: Any = importlib.import_module("numpy") if importlib.util.find_spec("numpy") else None
__all__ = ["Batch", "Network", "Parameters", "Training", "Unsupported", "main", "serve"]

PROTOCOL = 1
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_STAGES = ("pre_activations", "activations", "error_signals")
_OPTIONAL = ("loss_and_gradient", "predict", "initialize", "stages", "train_many")
_USAGE = "usage: python -m symtests.serve my_file.py:MyNet, or package.module:MyNet"


class Unsupported(Exception):
    """A network raises this to say that it cannot do what is asked; any class of this name will do."""


class Network:
    """Layer sizes, hidden activations, loss, and whether there are biases."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.sizes: tuple[int, ...] = tuple(said["sizes"])
        self.activations: tuple[str, ...] = tuple(said["activations"])
        self.loss: str = said["loss"]
        self.bias: bool = said["bias"]
        self.layer_count = len(self.sizes) - 1
        self.hidden_sizes = self.sizes[1:-1]
        self._starts = [0]
        for layer in range(self.layer_count):
            rows, columns = self.sizes[layer : layer + 2]
            self._starts.append(self._starts[-1] + (rows + self.bias) * columns)
        self.parameter_count = self._starts[-1]

    def weight_slice(self, layer: int) -> slice:
        """Where W of this layer (0 is the first) lies in the parameter vector, row by row."""
        rows, columns = self.sizes[layer : layer + 2]
        return slice(self._starts[layer], self._starts[layer] + rows * columns)

    def bias_slice(self, layer: int) -> slice:
        """Where b of this layer lies in the parameter vector: behind W; empty without biases."""
        stop = self._starts[layer + 1]
        return slice(stop - self.sizes[layer + 1] * self.bias, stop)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.sizes, self.activations, self.loss, self.bias))


class Parameters:
    """One flat vector: W1 row by row (a row for each unit below), b1, W2, b2, ...; views of it with NumPy."""

    def __init__(self, network: Network, vector: Any) -> None:
        self.network = network
        self.vector = vector

    @property
    def dtype(self) -> Any:
        """The dtype of the vector; None for a list."""
        return getattr(self.vector, "dtype", None)

    def weight(self, layer: int) -> Any:
        """Return W of this layer (0 is the first), shape (fan-in, fan-out)."""
        rows, columns = self.network.sizes[layer : layer + 2]
        return _rows(self.vector[self.network.weight_slice(layer)], rows, columns)

    def bias(self, layer: int) -> Any:
        """Return the biases of this layer; empty without biases."""
        return self.vector[self.network.bias_slice(layer)]

    @property
    def weights(self) -> tuple[Any, ...]:
        """All weight matrices, first layer first."""
        return tuple(map(self.weight, range(self.network.layer_count)))

    @property
    def biases(self) -> tuple[Any, ...]:
        """All bias vectors, first layer first."""
        return tuple(map(self.bias, range(self.network.layer_count)))

    def copy(self) -> Parameters:
        """Return parameters with a vector of their own."""
        return Parameters(self.network, self.vector.copy())


class Batch:
    """Samples that are used together: x of shape (N, inputs), y of shape (N, outputs), sample_weights or None."""

    def __init__(self, x: Any, y: Any, sample_weights: Any) -> None:
        self.x, self.y, self.sample_weights = x, y, sample_weights

    def __len__(self) -> int:
        return len(self.x)


class Training:
    """An optimizer, learning_rate, steps and the optimizer's settings."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.__dict__.update(said)

    def with_steps(self, steps: int) -> Training:
        """Return the same training with another number of steps."""
        return Training({**self.__dict__, "steps": steps})


class _Wrong(Exception):
    """What is wrong with an answer."""


def serve(implementation: Any) -> None:
    """Answer the requests on standard input for an object with `train`; what else is printed goes to standard error."""
    _answer_all(*_private_pipes(), lambda: implementation)


def main() -> None:
    """Serve what the command line names."""
    if sys.argv[1:] == ["--source"]:
        print(Path(__file__).read_text(encoding="utf-8"), end="")
        return
    if len(sys.argv) != 2 or ":" not in sys.argv[1]:
        sys.exit(_USAGE)
    place, _, attribute = sys.argv[1].rpartition(":")
    # The pipes come before anything of the network's is imported, which may print.
    _answer_all(*_private_pipes(), lambda: _found(place, attribute))


def _answer_all(requests: IO[bytes], answers: IO[bytes], find: Callable[[], Any]) -> None:
    served = _Served(find)
    for line in requests:
        request = json.loads(line.decode("utf-8"))
        try:
            answer = served.answer(request)
            text = json.dumps({"seq": request["seq"], **answer}, allow_nan=False)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also what a library raises to end the process
            text = json.dumps({"seq": request["seq"], **_told(error)})
        try:
            answers.write(text.encode("ascii") + b"\n")
            answers.flush()
        except BrokenPipeError:  # nobody listens any more
            break
        if request["operation"] == "bye":
            break
    sys.stdout.flush()
    os._exit(0)  # with no regard to threads and exit handlers of libraries


def _told(error: BaseException) -> dict[str, str]:
    """Return what an exception answers."""
    try:
        said = str(error)
    except Exception:
        said = ""  # a broken __str__ must not end the process
    if any(kind.__name__ == "Unsupported" for kind in type(error).__mro__):
        return {"unsupported": said or "it says so"}
    return {"error": said if isinstance(error, _Wrong) else f"{type(error).__name__}: {said}"}


class _Served:
    """One network and how it is asked."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find
        self._implementation: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of the answer to a request."""
        operation = request["operation"]
        if operation == "bye":
            return {}
        if self._implementation is None:
            self._implementation = self._find()  # only now: where it cannot be imported, hello is told why
        if operation == "hello":
            return self._hello()
        if operation == "run_as":
            self._implementation = self._implementation.run_as(request["way"])
            return {}
        if operation not in ("train", *_OPTIONAL) or not callable(getattr(self._implementation, operation, None)):
            raise Unsupported("it has no operation " + str(operation))
        asked = getattr(self._implementation, operation)
        answered: dict[str, Any] = getattr(self, "_" + operation)(asked, Network(request["network"]), request)
        return answered

    def _hello(self) -> dict[str, Any]:
        own = self._implementation
        said: Any = getattr(own, "capabilities", None)
        said = said() if callable(said) else said
        said = dict(said.to_json() if hasattr(said, "to_json") else said or {})
        return {
            "protocol": PROTOCOL,
            "name": str(getattr(own, "name", None) or type(own).__name__)[:80],
            "version": str(getattr(own, "version", ""))[:80],
            "language": "Python {}.{}".format(*sys.version_info),
            "operations": [name for name in _OPTIONAL if callable(getattr(own, name, None))],
            # a single word may stand alone
            "capabilities": {name: [value] if isinstance(value, str) else value for name, value in said.items()},
        }

    def _train(self, asked: Any, network: Network, request: dict[str, Any]) -> dict[str, Any]:
        parameters, batch = _parameters(network, request), _batch(network, request)
        after = asked(network, parameters, batch, Training(request["training"]))
        return {"parameters": _flat("train", after, parameters.dtype)}

    def _loss_and_gradient(self, asked: Any, network: Network, request: dict[str, Any]) -> dict[str, Any]:
        parameters = _parameters(network, request)
        answer = asked(network, parameters, _batch(network, request))
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise _Wrong("loss_and_gradient must return a loss and a gradient")
        loss, gradient = answer
        number = None if loss is None else _word(float(loss))
        return {"loss": number, "gradient": _flat("loss_and_gradient", gradient, parameters.dtype)}

    def _predict(self, asked: Any, network: Network, request: dict[str, Any]) -> dict[str, Any]:
        parameters, said = _parameters(network, request), request["batch"]
        x = _rows(_numbers(said["x"], said["dtype"]), said["shape"][0], network.sizes[0])
        return {"outputs": _table("predict", asked(network, parameters, x), network.sizes[-1], parameters.dtype)}

    def _initialize(self, asked: Any, network: Network, request: dict[str, Any]) -> dict[str, Any]:
        return {"parameters": _flat("initialize", asked(network, request["scheme"], request["seed"]))}

    def _stages(self, asked: Any, network: Network, request: dict[str, Any]) -> dict[str, Any]:
        found = asked(network, _parameters(network, request), _batch(network, request))
        return {name: [_flat(name, array) for array in getattr(found, name)] for name in _STAGES}

    def _train_many(self, asked: Any, network: Network, request: dict[str, Any]) -> dict[str, Any]:
        batch, training = _batch(network, request), Training(request["training"])
        ends = asked(network, request["scheme"], request["seeds"], batch, training)
        return {"parameters": [_flat("train_many", end, getattr(batch.x, "dtype", None)) for end in ends]}


def _parameters(network: Network, request: dict[str, Any]) -> Parameters:
    said = request["parameters"]
    return Parameters(network, _numbers(said["vector"], said["dtype"]))


def _batch(network: Network, request: dict[str, Any]) -> Batch:
    said = request["batch"]
    samples, weights = said["shape"][0], said["sample_weights"]
    x = _rows(_numbers(said["x"], said["dtype"]), samples, network.sizes[0])
    y = _rows(_numbers(said["y"], said["dtype"]), samples, network.sizes[-1])
    return Batch(x, y, None if weights is None else _numbers(weights, said["dtype"]))


def _numbers(said: Sequence[Any], dtype: str) -> Any:
    values = [_WORDS[value] if isinstance(value, str) else float(value) for value in said]
    return values if numpy is None else numpy.array(values, dtype)


def _rows(flat: Any, rows: int, columns: int) -> Any:
    if numpy is not None and isinstance(flat, numpy.ndarray):
        return flat.reshape(rows, columns)
    return [flat[row * columns : (row + 1) * columns] for row in range(rows)]


def _table(operation: str, answer: Any, columns: int, dtype: Any) -> list[Any]:
    shape = tuple(getattr(answer, "shape", (0, columns)))
    if len(shape) != 2 or shape[1] != columns:
        raise _Wrong(f"{operation} returned shape {shape}: it must be (samples, {columns})")
    return _flat(operation, answer, dtype)


def _flat(operation: str, answer: Any, dtype: Any = None) -> list[Any]:
    """Return all numbers of an array, of nested lists, or of parameters, in the order of their rows.

    An array of another dtype than was handed over is refused, as symtests does with one of its own environment.
    """
    answer = getattr(answer, "vector", answer)
    if numpy is None:
        return [_word(float(value)) for value in _leaves(answer)]
    array = numpy.asarray(answer)
    if array.dtype.kind != "f":
        raise _Wrong(f"{operation} returned {array.dtype}: it must return floats")
    if dtype is not None and array.dtype != dtype:
        raise _Wrong(f"{operation} returned {array.dtype}: it was given {dtype}")
    return [_word(value) for value in array.astype("float64").ravel().tolist()]


def _leaves(answer: Any) -> Iterator[Any]:
    for part in answer:
        yield from _leaves(part) if isinstance(part, (list, tuple)) else (part,)


def _word(value: float) -> Any:
    """Return a number as JSON has it, NaN and infinities as texts."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Move both pipes away from the standard descriptors: what libraries print goes to standard error.

    Child processes do not inherit them.
    """
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # last words are lost if they wait in a buffer
    return requests, answers


def _found(place: str, attribute: str) -> Any:
    """Return the network that ``place:attribute`` names: an object, or what a class or a function returns."""
    file = Path(place)
    sys.path.insert(0, str(file.resolve().parent if file.suffix == ".py" else Path.cwd()))  # for what lies beside it
    if file.suffix == ".py":
        specification = importlib.util.spec_from_file_location(file.stem, place)
        if specification is None or specification.loader is None or not file.is_file():
            raise _Wrong(f"there is no file {place}")
        module = sys.modules[file.stem] = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
    else:
        module = importlib.import_module(place)
    found: Any = functools.reduce(getattr, attribute.split("."), module)
    found = found() if isinstance(found, type) or not hasattr(found, "train") else found
    if not callable(getattr(found, "train", None)):
        raise _Wrong(f"{attribute} has no method train")
    return found


if __name__ == "__main__":
    main()
