"""Small networks: XOR in one batch of four, trained by plain gradient descent, ours beside its peers.

A network of two hidden units costs some hundred floating-point operations a step: what is measured is how much else
each way of writing it costs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from symtests import kernels
from symtests.benchmarks import small_net_peers as peers
from symtests.benchmarks.comparison import Comparison, Peer
from symtests.benchmarks.one_hidden_layer import Problem, Train, work_of
from symtests.datasets import load
from symtests.float_json import Array
from symtests.initialization import initialize
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["comparisons"]

_COMPILED_STEPS = 50_000  # in one call, where the loop itself is compiled: what a call costs does not show
_STEPS_OF_THE_ANSWER = 200


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: two hidden units and sixteen, float64."""
    return (_comparison(2, 300, 5, 3_000, quick=True), _comparison(16, 150, 10, 2_000, quick=False))


def _comparison(hidden: int, numpy: float, jax: float, torch: float, *, quick: bool) -> Comparison:
    """Return the comparison of a network; the numbers are how many times as long each peer should take."""
    network = Network((2, hidden, 1), "tanh", "mse")
    problem = Problem(network, initialize(network, "glorot_uniform", 0, "float64"), load("xor"), 0.1)
    known: tuple[tuple[str, Callable[[Problem], Train], int, float | None], ...] = (
        ("C, libm", peers.c_with_libm, _COMPILED_STEPS, 2.5),
        ("C, our tanh", peers.c_with_our_tanh, _COMPILED_STEPS, 1.0),
        ("JAX, lax.fori_loop", peers.jax_loop, _COMPILED_STEPS, jax),
        ("JAX, a call a step", peers.jax_steps, 50, None),
        ("NumPy by hand", peers.numpy_by_hand, 50, numpy),
        ("PyTorch by hand", peers.torch_by_hand, 10, None),
        ("PyTorch by hand, torch.compile", peers.torch_compiled, 20, None),
        ("PyTorch autograd, optim.SGD", peers.torch_autograd, 4, torch),
    )
    return Comparison(
        "small-nets",
        "-".join(map(str, network.sizes)),
        "float64",
        "training step",
        partial(work_of, _ours, problem, _COMPILED_STEPS, _STEPS_OF_THE_ANSWER),
        tuple(
            Peer(name, partial(work_of, build, problem, steps, _STEPS_OF_THE_ANSWER), target)
            for name, build, steps, target in known
        ),
        quick=quick,
    )


def _ours(problem: Problem) -> Train:
    """Return our training, by the kernel that is compiled for the shape, as the peers are compiled for theirs."""
    once = Training("sgd", problem.learning_rate, 1)
    kernels.compile_small_net(problem.network, len(problem.batch), once, problem.parameters.dtype)

    def train(steps: int) -> Array:
        training = Training("sgd", problem.learning_rate, steps)
        trained: Parameters = kernels.train(problem.network, problem.parameters, problem.batch, training)
        return np.asarray(trained.vector)

    return train
