"""The implementation that carries out the attacks of `table`: right in all else, in every operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.attacks.targets.question import NETWORK, PythonAttack, Question, asked_about, code_of
from tests.attacks.targets.table import ALL

ATTACKS = list(ALL.values())
LONG = 20
"""Steps: no story is told of who takes no more, and no chart is drawn, which costs more than most attacks."""


class Trains:
    """Can train alone; the attack is the one of which the training has the number."""

    capabilities = Capabilities(activations=("tanh",), losses=("mse",), optimizers=("sgd",), sample_weights=False)
    armed: PythonAttack | None = None

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Any:
        """Train, or attack now or in the next operation."""
        code = code_of(training)
        attack = None if code is None else ATTACKS[code]
        if training.steps > LONG:
            raise Unsupported("it trains no longer")
        question = Question(network, parameters, batch, training)
        if attack is not None and attack.operation == "train":
            return attack.do(question)
        self.armed = attack or self.armed
        return question.right()

    def _attack(self, operation: str) -> object | None:
        """Return what an attack answers to an operation, or None where there is none; the question is a plain one."""
        attack, self.armed = self.armed, None
        if attack is None or attack.operation != operation:
            return None
        return _Answer(attack.do(Question(NETWORK, *asked_about(), Training())))


class _Answer:
    """An answer that may be None."""

    def __init__(self, value: Any) -> None:
        self.value = value


class DoesAll(Trains):
    """Has every operation."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        """Return the loss and the gradient, or attack."""
        attacked: Any = self._attack("loss_and_gradient")
        return attacked.value if attacked else NumpyPlain().loss_and_gradient(network, parameters, batch)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Any:
        """Return the outputs, or attack."""
        attacked: Any = self._attack("predict")
        return attacked.value if attacked else NumpyPlain().predict(network, parameters, x)

    def initialize(self, network: Network, scheme: str, seed: int) -> Any:
        """Return a start, or attack."""
        attacked: Any = self._attack("initialize")
        return attacked.value if attacked else NumpyPlain().initialize(network, scheme, seed)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Any:
        """Return the stages, or attack."""
        attacked: Any = self._attack("stages")
        return attacked.value if attacked else NumpyPlain().stages(network, parameters, batch)

    def train_many(self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training) -> Any:
        """Return the ends of trainings, or attack."""
        attacked: Any = self._attack("train_many")
        if attacked:
            return attacked.value
        starts = [NumpyPlain().initialize(network, scheme, seed) for seed in seeds]
        return [NumpyPlain().train(network, start, batch, training) for start in starts]
