"""The kernels of this package, compiled by Numba."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.initialization import initialize
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

if TYPE_CHECKING:  # Numba takes half a second to load, so the kernels are imported when they are used
    from symtests.kernels import Stages

__all__ = ["NumbaKernels"]


class NumbaKernels:
    """Full-batch training whose arithmetic does not depend on a unit's index, on the width or on the batch."""

    name = "numba"
    capabilities = Capabilities(dtypes=("float32", "float64"), index_independent=True)

    @property
    def version(self) -> str:
        """Version of this package."""
        from symtests import __version__

        return __version__

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps, from a fresh optimizer state."""
        from symtests import kernels

        return kernels.train(network, parameters, batch, training)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient."""
        from symtests import kernels

        return kernels.loss_and_gradient(network, parameters, batch)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        from symtests import kernels

        return kernels.predict(network, parameters, x)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return the pre-activations, activations and error signals of one pass."""
        from symtests import kernels

        return kernels.stages(network, parameters, batch)

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return a fresh start in float64, which is rounded to the dtype in use."""
        return initialize(network, scheme, seed)
