"""The network, the parameters and the samples on which a check of one's own is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.initialization import initialize
from symtests.model.losses import LOSS_TABLE
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.validation import InvalidValue, integer_at_least

__all__ = ["Setting"]


@dataclass(frozen=True, eq=False)
class Setting:
    """A network, the parameters at which it is checked, and the batch.

    Parameters
    ----------
    network
        The network.
    parameters
        Where it is checked, shape (n,), any float dtype.
    batch
        The samples; at least one.

    Raises
    ------
    InvalidValue
        Where the parameters or the batch do not fit the network, or the batch is empty.
    """

    network: Network
    parameters: Parameters
    batch: Batch

    def __post_init__(self) -> None:
        if self.parameters.network != self.network:
            raise InvalidValue(f"parameters=<{self.parameters.network.sizes}>: must belong to {self.network.sizes}")
        shapes = self.batch.x.shape[1], self.batch.y.shape[1]
        wanted = self.network.sizes[0], self.network.sizes[-1]
        if shapes != wanted:
            raise InvalidValue(f"batch=<{shapes} inputs and targets>: must have {wanted}, as the network has")
        if not len(self.batch):
            raise InvalidValue("samples=0: must be at least 1; a mean over no sample is not defined")

    @classmethod
    def drawn(cls, network: Network, samples: int = 8, scheme: str = "glorot_uniform", seed: int = 0) -> Setting:
        """Return a setting with a random start and random samples.

        Inputs are normal with deviation 1. Targets are normal for mse, 0 or 1 for bce and logistic_mse, and one class
        each for softmax_cross_entropy.

        Parameters
        ----------
        network
            The network.
        samples
            Number of samples, at least 1.
        scheme
            One name of `symtests.initialization.INITIALIZATIONS`.
        seed
            Of the start and of the samples, at least 0.
        """
        samples = integer_at_least("samples", samples, 1)
        start = initialize(network, scheme, seed)
        random = np.random.Generator(np.random.PCG64([seed, 1]))
        x = random.normal(size=(samples, network.sizes[0]))
        return cls(network, start, Batch(x, _targets(random, network, samples)))

    @classmethod
    def of_case(cls, data: Mapping[str, Any]) -> Setting:
        """Return the setting of a case as a results file or the protocol writes it: network, parameters, batch.

        Raises
        ------
        InvalidValue
            Where one of them is missing or is not what it should be.
        """
        try:
            network = Network.from_json(data["network"])
            return cls(network, Parameters.from_json(network, data["parameters"]), Batch.from_json(data["batch"]))
        except InvalidValue:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidValue(
                f"case={type(error).__name__}({error}): must be an object with network, parameters and batch, as a "
                "counterexample in results.jsonl has it"
            ) from None

    def astype(self, dtype: str) -> Setting:
        """Return the setting rounded to a dtype; what is exact in float32 stays as it is in both."""
        return Setting(self.network, self.parameters.astype(dtype), self.batch.astype(dtype))

    @property
    def tensors(self) -> dict[str, slice]:
        """Where each tensor lies in the parameter vector, by name: W1, b1, W2, ..."""
        found: dict[str, slice] = {}
        for layer in range(self.network.layer_count):
            found[f"W{layer + 1}"] = self.network.weight_slice(layer)
            if self.network.bias:
                found[f"b{layer + 1}"] = self.network.bias_slice(layer)
        return found

    def in_words(self) -> str:
        """Name sizes, activations, loss and samples, as in ``2-2-1 tanh, mse, 4 samples``."""
        names: Sequence[str] = self.network.activations
        hidden = names[0] if len(set(names)) == 1 else "-".join(names) or "no hidden layer"
        sizes = "-".join(map(str, self.network.sizes))
        bias = "" if self.network.bias else ", no biases"
        return f"{sizes} {hidden}{bias}, {self.network.loss}, {len(self.batch)} samples"


def _targets(random: np.random.Generator, network: Network, samples: int) -> Array:
    shape = samples, network.sizes[-1]
    if LOSS_TABLE[network.loss].targets == "numbers":
        return random.normal(size=shape)
    if network.loss == "softmax_cross_entropy":
        return np.eye(shape[1])[random.integers(shape[1], size=samples)]
    return random.integers(2, size=shape).astype(np.float64)
