"""The kernels compiled for another processor than the one at hand, in a child process.

Numba chooses the processor once, when it is imported: another one needs another process. It reads JSON lines from its
standard input and answers each with one on its standard output; it ends when its input does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Mapping
from typing import IO, Any, Final

import numpy as np

from symtests import kernels
from symtests.batch import Batch
from symtests.float_json import Array, numbers_from_json, numbers_to_json
from symtests.implementations.one_thread import with_one_thread
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["KernelsElsewhere", "serve"]

# With `-c` Python searches the current folder first: a checkout there would hide the installed package.
_SERVE: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); "
    "from symtests.implementations.kernels_elsewhere import serve; serve()"
)


class KernelsElsewhere:
    """The kernels as a processor of another name would run them, for `NumbaKernels.run_as`.

    It is compiled for both dtypes before the first question, which takes up to a minute unless it is kept on disk.

    Parameters
    ----------
    cpu
        A name that LLVM knows, as "haswell"; "generic" has no extensions at all.
    """

    def __init__(self, cpu: str) -> None:
        self.name = f"numba on {cpu}"
        environment = {**os.environ, "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": ""}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=with_one_thread(environment),
        )
        weakref.finalize(self, _end, self._process)
        network = Network((1, 1, 1), "tanh")
        for dtype in DTYPES:
            ones, batch = Parameters(network, np.ones(4, dtype)), Batch(np.ones((1, 1), dtype), np.zeros((1, 1), dtype))
            self.predict(network, ones, batch.x)
            self.loss_and_gradient(network, ones, batch)
            self.train(network, ones, batch, Training())

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        outputs = network.sizes[-1]
        batch = Batch(x, np.zeros((len(x), outputs), x.dtype))
        return self._ask("predict", network, parameters, batch)[1].reshape(-1, outputs)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient."""
        loss, gradient = self._ask("loss_and_gradient", network, parameters, batch)
        return loss, Parameters(network, gradient)

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps, from a fresh optimizer state."""
        return Parameters(network, self._ask("train", network, parameters, batch, training)[1])

    def _ask(
        self, operation: str, network: Network, parameters: Parameters, batch: Batch, training: Training | None = None
    ) -> tuple[float, Array]:
        """Return the loss (0 where it is not asked for) and all other numbers of the answer, flat."""
        question = {
            "operation": operation,
            "network": network.to_json(),
            "parameters": parameters.to_json(),
            "batch": batch.to_json(),
            "training": (training or Training()).to_json(),
        }
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        try:
            requests.write(json.dumps(question, allow_nan=False) + "\n")
            requests.flush()
            line = answers.readline()
        except OSError:
            line = ""
        if not line:
            raise RuntimeError(f"the process of {self.name} has ended with status {self._process.wait()}")
        answer = json.loads(line)
        if "refused" in answer:
            raise ValueError(answer["refused"])
        return numbers_from_json(answer["loss"], "float64")[0], numbers_from_json(answer["numbers"], parameters.dtype)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def serve() -> None:
    """Answer the questions that come as lines on standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed goes to standard error
    _answer_all(sys.stdin, answers)


def _answer_all(questions: IO[str], answers: IO[str]) -> None:
    for line in questions:
        try:
            answer = _answer(json.loads(line))
        except ValueError as error:
            answer = {"refused": str(error)}
        answers.write(json.dumps(answer, allow_nan=False) + "\n")
        answers.flush()


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    network = Network.from_json(question["network"])
    parameters, batch = Parameters.from_json(network, question["parameters"]), Batch.from_json(question["batch"])
    loss, numbers = 0.0, parameters.vector
    if question["operation"] == "predict":
        numbers = kernels.predict(network, parameters, batch.x)
    elif question["operation"] == "train":
        numbers = kernels.train(network, parameters, batch, Training.from_json(question["training"])).vector
    else:
        loss, gradient = kernels.loss_and_gradient(network, parameters, batch)
        numbers = gradient.vector
    return {"loss": numbers_to_json([loss]), "numbers": numbers_to_json(numbers)}
