"""PyTorch: its autograd, activations, losses, optimizers and initializations.

The weight of its linear layer is (fan-out, fan-in): W is transposed on the way in and out. Its threads are started for
the whole process: a pass here uses one, and the number that was set is put back. The other differences from the
conventions of `symtests.network` are in `symtests.implementations.pytorch_functions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import DEFAULT_START, Capabilities
from symtests.implementations.pytorch_functions import ACTIVATIONS, LOSSES, OPTIMIZERS, STARTS
from symtests.implementations.stages import Stages
from symtests.initialization import STARTS_OF_BIASES
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.start_distributions import Drawn, StartDistribution
from symtests.training import Training
from symtests.validation import one_of

__all__ = ["PyTorch"]


_ROOT = Drawn("uniform", 1 / 3, "fan_in")  # bounded by 1 / sqrt(fan-in)
_OWN_START = StartDistribution(_ROOT, _ROOT)
"""That of `torch.nn.Linear`, as its manual says: weights and biases from U(-sqrt(k), sqrt(k)), k = 1 / in_features."""


class PyTorch:
    """PyTorch on the CPU, in float32 or float64, as its users write it: functional layers, autograd, `torch.optim`."""

    name = "torch"
    version = str(torch.__version__)
    capabilities = Capabilities(
        dtypes=("float32", "float64"),
        activations=tuple(ACTIVATIONS),
        losses=tuple(LOSSES),
        optimizers=tuple(OPTIMIZERS),
        start_distributions={DEFAULT_START: _OWN_START},
    )

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        with _one_thread():
            return _numpy(_forward(network, _Leaves.of(parameters), _tensor(x))[0][-1])

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient by autograd."""
        with _one_thread():
            leaves = _Leaves.of(parameters)
            loss = _loss(network.loss, _forward(network, leaves, _tensor(batch.x))[0][-1], batch)
            loss.backward()
            return loss.item(), leaves.to_parameters(network, lambda leaf: leaf.grad)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        """Return the pre-activations, activations and error signals of one pass."""
        with _one_thread():
            pre_activations, activations = _forward(network, _Leaves.of(parameters), _tensor(batch.x))
            for z in pre_activations:
                z.retain_grad()
            _loss(network.loss, pre_activations[-1], batch).backward()
            error_signals = [z.grad for z in pre_activations]
            return Stages(*(tuple(map(_numpy, each)) for each in (pre_activations, activations, error_signals)))

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps of the optimizer of that name in `torch.optim`."""
        with _one_thread():
            leaves, x = _Leaves.of(parameters), _tensor(batch.x)
            optimizer = OPTIMIZERS[training.optimizer](leaves.all, training)
            for _ in range(training.steps):
                optimizer.zero_grad()
                _loss(network.loss, _forward(network, leaves, x)[0][-1], batch).backward()
                optimizer.step()
            return leaves.to_parameters(network, lambda leaf: leaf)

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return a start by `torch.nn.init`, or that of `torch.nn.Linear`, in float64, from a generator of its own."""
        if scheme == DEFAULT_START:
            return _default_start(network, seed)
        fill = STARTS[one_of("scheme", scheme, STARTS)]
        random = torch.Generator().manual_seed(seed)
        leaves = _Leaves.of(Parameters.zeros(network))
        for weight in leaves.weights:
            fill(weight, random)
        for bias in leaves.biases if scheme in STARTS_OF_BIASES else ():
            fill(bias, random)
        return leaves.to_parameters(network, lambda leaf: leaf)


def _default_start(network: Network, seed: int) -> Parameters:
    """Return what layers are made with; they draw from the generator of the process, which is put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [torch.nn.Linear(*shape, network.bias, dtype=torch.float64) for shape in pairwise(network.sizes)]
    biases = [_numpy(layer.bias) for layer in layers] if network.bias else ()
    return Parameters.from_layers(network, [_numpy(layer.weight).T for layer in layers], biases)


class _Leaves(NamedTuple):
    """The tensors that autograd differentiates by: weights of shape (fan-out, fan-in), and biases if there are any."""

    weights: list[Any]
    biases: list[Any]

    @classmethod
    def of(cls, parameters: Parameters) -> _Leaves:
        biases = parameters.biases if parameters.network.bias else ()
        return cls(
            [_tensor(weight.T).requires_grad_() for weight in parameters.weights],
            [_tensor(bias).requires_grad_() for bias in biases],
        )

    @property
    def all(self) -> list[Any]:
        return [*self.weights, *self.biases]

    def to_parameters(self, network: Network, part: Callable[[Any], Any]) -> Parameters:
        weights, biases = ([_numpy(part(leaf)) for leaf in leaves] for leaves in self)
        return Parameters.from_layers(network, [weight.T for weight in weights], biases, weights[0].dtype)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one thread and autograd in here, whatever the user has set, and put both back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.set_num_threads(threads)


def _tensor(array: Array) -> Any:
    """Return a tensor of its own; PyTorch takes no negative strides, so the array is copied first."""
    return torch.from_numpy(array.copy())


def _numpy(tensor: Any) -> Array:
    array: Array = tensor.detach().numpy()
    return array


def _forward(network: Network, leaves: _Leaves, x: Any) -> tuple[list[Any], list[Any]]:
    """Return z_1 .. z_L and a_0 .. a_{L-1}; the output layer is linear."""
    pre_activations: list[Any] = []
    activations = [x]
    for layer, weight in enumerate(leaves.weights):
        if layer > 0:
            activations.append(ACTIVATIONS[network.activations[layer - 1]](pre_activations[-1]))
        bias = leaves.biases[layer] if network.bias else None
        pre_activations.append(functional.linear(activations[-1], weight, bias))
    return pre_activations, activations


def _loss(name: str, z: Any, batch: Batch) -> Any:
    y = _tensor(batch.y)
    if batch.sample_weights is None:
        return LOSSES[name](z, y, reduction="mean")
    each = LOSSES[name](z, y, reduction="none")  # (N,) for softmax_cross_entropy, else (N, m)
    weights = _tensor(batch.sample_weights)
    return (weights * (each.mean(dim=1) if each.ndim == 2 else each)).sum() / weights.sum()
