"""The kernels in a child process: the same answers, and it ends when it should."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from symtests import kernels
from symtests.batch import Batch
from symtests.implementations import kernels_elsewhere
from symtests.implementations.base import Unsupported
from symtests.implementations.kernels_elsewhere import KernelsElsewhere
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

NETWORK = Network((2, 3, 2), "tanh", "softmax_cross_entropy")
PARAMETERS = Parameters(NETWORK, np.linspace(-1, 1, NETWORK.parameter_count))
BATCH = Batch(np.array([[0.1, -2.0], [0.3, 1e-300]]), np.eye(2), np.array([1.0, 0.5]))
STEPS = Training("adam", 0.01, 3)


@pytest.fixture(scope="module")
def here() -> Iterator[KernelsElsewhere]:
    """Kernels in a child process for the processor at hand, for which they are compiled already."""
    start: Any = subprocess.Popen

    def without_names(*arguments: Any, env: dict[str, str], **settings: Any) -> Any:
        kept = {name: value for name, value in env.items() if not name.startswith("NUMBA_CPU_")}
        return start(*arguments, env=kept, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", without_names)
        found = KernelsElsewhere("this one")
    yield found
    assert found._process.poll() is None  # one process has served all tests


def test_every_bit_comes_through(here: KernelsElsewhere) -> None:
    loss, gradient = here.loss_and_gradient(NETWORK, PARAMETERS, BATCH)
    wanted = kernels.loss_and_gradient(NETWORK, PARAMETERS, BATCH)
    assert loss == wanted[0]
    assert gradient.vector.tobytes() == wanted[1].vector.tobytes()
    z = here.predict(NETWORK, PARAMETERS, BATCH.x)
    assert z.shape == (2, 2)
    assert z.tobytes() == kernels.predict(NETWORK, PARAMETERS, BATCH.x).tobytes()
    after, right = (run(NETWORK, PARAMETERS, BATCH, STEPS) for run in (here.train, kernels.train))
    assert after.vector.tobytes() == right.vector.tobytes()


def test_float32_stays_float32(here: KernelsElsewhere) -> None:
    parameters, batch = PARAMETERS.astype("float32"), BATCH.astype("float32")
    found = here.loss_and_gradient(NETWORK, parameters, batch)[1].vector
    assert found.dtype == "float32"
    assert found.tobytes() == kernels.loss_and_gradient(NETWORK, parameters, batch)[1].vector.tobytes()


def test_what_the_kernels_refuse_is_refused(here: KernelsElsewhere) -> None:
    with pytest.raises(ValueError, match="must have at least one row"):
        here.predict(NETWORK, PARAMETERS, BATCH.x[:0])
    assert here.predict(NETWORK, PARAMETERS, BATCH.x).shape == (2, 2)  # and goes on


def test_a_process_that_ended_is_named_with_its_status() -> None:
    ended = object.__new__(KernelsElsewhere)
    ended.name = "numba on another"
    ended._process = subprocess.Popen(
        [sys.executable, "-c", "raise SystemExit(3)"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with pytest.raises(RuntimeError, match="the process of numba on another has ended with status 3"):
        ended.predict(NETWORK, PARAMETERS, BATCH.x)
    kernels_elsewhere._end(ended._process)


def test_a_process_ends_when_its_input_does() -> None:
    """So it does when the one that started it is gone, however that went."""
    run = subprocess.run(
        [sys.executable, "-c", kernels_elsewhere._SERVE], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, b"")


def test_each_line_has_its_answer() -> None:
    question = {
        "operation": "train", "network": NETWORK.to_json(), "parameters": PARAMETERS.to_json(),
        "batch": BATCH.to_json(), "training": STEPS.to_json(),
    }  # fmt: skip
    wrong = {**question, "training": {"optimizer": "none"}}
    answers = io.StringIO()
    kernels_elsewhere._answer_all(io.StringIO(f"{json.dumps(wrong)}\n{json.dumps(question)}\n"), answers)
    first, second = map(json.loads, answers.getvalue().splitlines())
    assert first["refused"].startswith("optimizer='none'")
    assert second["numbers"] == kernels.train(NETWORK, PARAMETERS, BATCH, STEPS).vector.tolist()


def test_one_process_serves_all_who_ask_for_a_processor(here: KernelsElsewhere) -> None:
    implementation = NumbaKernels()
    implementation._elsewhere["this one"] = here
    assert implementation.run_as("cpu=this one") is here


def test_two_threads_give_the_same_bits() -> None:
    shared = NumbaKernels().run_as("threads=2")
    after, right = (run(NETWORK, PARAMETERS, BATCH, STEPS) for run in (shared.train, kernels.train))
    assert after.vector.tobytes() == right.vector.tobytes()


def test_other_ways_are_refused() -> None:
    with pytest.raises(Unsupported, match="cannot be run as 'memory=2'"):
        NumbaKernels().run_as("memory=2")
