"""Implementations that are right, each in a way of its own."""

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, LOSSES, Network
from tests.mutants.base import Correct


class OnlyTrains:
    """NumPy's training, and nothing else: the gradient is recovered from a step."""

    capabilities = NumpyPlain.capabilities
    train = NumpyPlain().train


class ThreeTimesTheLoss(Correct):
    """Its loss is three times ours, as it says."""

    capabilities = Capabilities(dtypes=DTYPES, loss_scale=dict.fromkeys(LOSSES, 3.0))

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return 3 * super().loss(network, z, batch)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        return 3 * super().output_error_signals(network, z, batch)
