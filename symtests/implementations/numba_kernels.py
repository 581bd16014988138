"""The kernels of this package as an implementation under check, like any other."""

from __future__ import annotations

import numba

from symtests import kernels
from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.initialization import initialize
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["NumbaKernels"]


class NumbaKernels:
    """The kernels of `symtests.kernels`, in float32 and float64.

    Their sums have one specified order, whatever the index of a unit, the width of its layer or the number of threads:
    equal units stay equal, bit for bit.
    """

    name = "numba"
    version = f"Numba {numba.__version__}"
    capabilities = Capabilities(dtypes=("float32", "float64"), index_independent=True)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        return kernels.predict(network, parameters, x)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient."""
        return kernels.loss_and_gradient(network, parameters, batch)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> kernels.Stages:
        """Return the pre-activations, activations and error signals of one pass."""
        return kernels.stages(network, parameters, batch)

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps, from a fresh optimizer state."""
        return kernels.train(network, parameters, batch, training)

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return the named start of `symtests.initialization`, in float64."""
        return initialize(network, scheme, seed)
