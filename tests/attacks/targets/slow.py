"""An implementation that takes its time, so that it can be caught at work, and leaves processes behind."""

from __future__ import annotations

import os
import subprocess
import time

from symtests.batch import Batch
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.attacks.targets.hanging import SLEEPER
from tests.attacks.targets.implementations import Trains
from tests.attacks.targets.question import code_of

SECONDS = 0.12
WRONG_AT = (2, 5)
"""Numbers of attacks at which the answer is wrong: a run has violations too."""


class Slow(Trains):
    """Right but at two questions, slow, and with a child and a daemon of its own."""

    def __init__(self) -> None:
        subprocess.Popen(SLEEPER)
        subprocess.Popen(SLEEPER, start_new_session=True)
        if os.environ.get("SLOW_AT_IMPORT"):
            time.sleep(float(os.environ["SLOW_AT_IMPORT"]))

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after the training, a moment later."""
        code = code_of(training)
        if code is None:
            return NumpyPlain().train(network, parameters, batch, training)
        time.sleep(SECONDS)
        return parameters if code in WRONG_AT else NumpyPlain().train(network, parameters, batch, training)
