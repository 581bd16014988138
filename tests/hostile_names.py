"""An implementation whose name, version, answers and exceptions are made to steer a terminal."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain

TEXT = "x\x1b[2J\x1b]0;t\x07\x9b31m\u202egnp\u2066\u200b\u2028\x85\r\x08[bold]red[/bold]\ud800\x00"


class Hostile:
    """Trains half of the way, and raises where there are biases and softplus."""

    name = version = TEXT
    capabilities = Capabilities(activations=("tanh", "relu"), losses=("mse",), optimizers=("sgd",))

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        sys.stderr.write(TEXT.encode(errors="replace").decode())
        if "relu" in network.activations and len(batch) > 1:
            raise ValueError(TEXT)
        after = NumpyPlain().train(network, parameters, batch, training)
        after.vector[...] = (after.vector + parameters.vector) / 2
        return after


class Refuses(Hostile):
    """Raises at once."""

    def train(self, *_: object) -> NoReturn:
        raise ValueError(TEXT)
