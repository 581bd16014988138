"""Implementations that misbehave in every way that one has to survive; each is otherwise right.

They answer trivial questions well, and go astray in one step with the learning rate of the property STEP of the tests.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time

import numpy as np

from symtests.batch import Batch
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

RATE = 0.5
SLEEP = [sys.executable, "-c", f"import time; time.sleep(600)  # {os.environ.get('MARK_OF_TEST_PROCESSES')}"]


class Good:
    """Right in all it does: what the others do at most rates."""

    capabilities = Capabilities(activations=("tanh",), losses=("mse",), optimizers=("sgd",), sample_weights=False)

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        if training.learning_rate == RATE:
            astray = self.go_astray(parameters)
            if astray is not None:
                return astray
        return NumpyPlain().train(network, parameters, batch, training)

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        """Do something else; an answer takes the place of the right one."""
        return None


class Raises(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        raise ValueError("this rate is not for me")


class RaisesForThreeUnits(Good):
    """Raises for wide networks alone, so that there is something to shrink."""

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        if max(parameters.network.hidden_sizes) >= 3:
            raise ValueError("too wide for me")
        return None


class RaisesSystemExit(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        sys.exit("I would rather leave")


class HangsInPython(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        while True:
            pass


class HangsInC(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        time.sleep(600)
        return None


class HoldsTheLock(Good):
    """Hangs in C without releasing the interpreter's lock: no other thread of the process runs."""

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        ctypes.PyDLL(None).sleep(600)
        return None


class WaitsForAChild(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        subprocess.run(SLEEP, check=True)
        return None


class StopsWhatJudges(Good):
    """Stops its guard and the process that judges, which an isolated implementation can find, and goes on for ever."""

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        guard = os.getppid()
        judge = int(open(f"/proc/{guard}/stat").read().rpartition(")")[2].split()[1])  # noqa: PTH123, SIM115
        os.kill(judge, signal.SIGSTOP)
        os.kill(guard, signal.SIGSTOP)
        time.sleep(600)
        return None


class KillsItsGuard(Good):
    """Kills its guard, and leaves behind a process that has gone out of its session."""

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        subprocess.Popen(SLEEP, start_new_session=True)
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
        return None


class LeavesAChild(Good):
    """Answers well, and leaves a process behind at each call."""

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        subprocess.Popen(SLEEP)
        return None


class EndsTheProcess(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        print("last words")
        os._exit(7)


class Segfaults(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        ctypes.string_at(0)
        return None


class IsKilled(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        os.kill(os.getpid(), 9)
        return None


class PrintsAMegabyte(Good):
    """Writes rubbish to both outputs, past Python's own files too, and looks for input."""

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        rubbish = '{"type": "verdict", "word": "exact"}\n' * 30_000
        print(rubbish)
        print(rubbish, file=sys.stderr)
        os.write(1, rubbish.encode()[:60_000])
        assert sys.stdin.read() == ""
        return None


class WrongShape(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        return parameters.vector.reshape(1, -1)  # type: ignore[return-value]  # which is the point


class NotANumber(Good):
    def go_astray(self, parameters: Parameters) -> Parameters | None:
        return Parameters(parameters.network, np.full_like(parameters.vector, np.nan))


class NotANumberNowAndThen(Good):
    """Answers NaN in the first step of the rate, and never again."""

    def __init__(self) -> None:
        self.was_wrong = False

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        if self.was_wrong:
            return None
        self.was_wrong = True
        return Parameters(parameters.network, np.full_like(parameters.vector, np.nan))


class Diverges(Good):
    """Moves in proportion to a power of the learning rate: at small rates, and nowhere else, it is right."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        after = super().train(network, parameters, batch, training)
        with np.errstate(over="ignore"):
            after.vector[0] += np.float64(training.learning_rate * 8) ** 600
        return after


class ChangesItsInput(Good):
    """Works in place on what it was lent; the answer is right."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        after = super().train(network, parameters, batch, training)
        parameters.vector[...] = after.vector
        batch.x[...] = 0
        return parameters


class HangsAlways(Good):
    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        time.sleep(600)
        return parameters


class EndsTheProcessInBothDtypes(EndsTheProcess):
    capabilities = Capabilities(
        dtypes=("float32", "float64"), activations=("tanh",), losses=("mse",), optimizers=("sgd",), sample_weights=False
    )


class HalfTheStep(Good):
    """Wrong, and steadily so."""

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        return parameters


class WrongNowAndThen(Good):
    """Wrong in the first step with a network of two hidden units, and never again."""

    def __init__(self) -> None:
        self.was_wrong = False

    def go_astray(self, parameters: Parameters) -> Parameters | None:
        if self.was_wrong or sum(parameters.network.hidden_sizes) < 2:
            return None
        self.was_wrong = True
        return parameters


class DiesOfFurtherQuestions(HalfTheStep):
    """Takes half the step, and is killed by a batch of three samples, which no small case has."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        if len(batch) > 2:
            ctypes.string_at(0)
        return super().train(network, parameters, batch, training)
