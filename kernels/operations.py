"""The operations that callers use: plain data in, plain data out."""

from __future__ import annotations

from dataclasses import dataclass

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.kernels.arguments import check_batch, check_inputs, check_parameters
from symtests.kernels.runs import Run
from symtests.kernels.small_nets.choice import use_small_net
from symtests.kernels.small_nets.training import train_small_net
from symtests.kernels.threads import LEAST_WORK
from symtests.kernels.train import GRADIENT, LOSS, OUTPUTS
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Stages", "loss", "loss_and_gradient", "predict", "stages", "train"]


@dataclass(frozen=True, eq=False)
class Stages:
    """What forward and backward pass compute on the way.

    Parameters
    ----------
    pre_activations
        z_1, ..., z_L, each of shape (N, n_l).
    activations
        a_0 = x, a_1, ..., a_{L-1}.
    error_signals
        dL/dz_1, ..., dL/dz_L.
    """

    pre_activations: tuple[Array, ...]
    activations: tuple[Array, ...]
    error_signals: tuple[Array, ...]


def predict(
    network: Network, parameters: Parameters, x: Array, *, threads: int = 1, least_work: int = LEAST_WORK
) -> Array:
    """Return the linear outputs z_L.

    Parameters
    ----------
    network
        What is computed.
    parameters
        Float32 or float64.
    x
        Inputs, shape (N, n_0), N at least 1, of the dtype of the parameters, in any memory layout.
    threads, least_work
        How many threads may share the work, and how many multiply-adds of a forward pass each must have (0: any
        number will do). The bits are the same, however many there are.

    Returns
    -------
    array
        Shape (N, m).

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit.
    """
    dtype = check_parameters(network, parameters)
    inputs = check_inputs(network, x, dtype)
    run = Run(network, parameters, len(inputs), 0, threads, least_work)
    run.write("x", inputs)
    run.look(OUTPUTS)
    return run.outputs()


def loss(
    network: Network, parameters: Parameters, batch: Batch, *, threads: int = 1, least_work: int = LEAST_WORK
) -> float:
    """Return the loss defined in `symtests.network`, a number of the dtype of the parameters.

    Parameters
    ----------
    network
        What is computed.
    parameters
        Float32 or float64.
    batch
        At least one sample, of the dtype of the parameters, in any memory layout.
    threads, least_work
        How many threads may share the work, and how many multiply-adds of a forward pass each must have (0: any
        number will do). The bits are the same, however many there are.

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit, or all sample weights are 0.
    """
    return _on_batch(network, parameters, batch, threads, least_work).look(LOSS)


def loss_and_gradient(
    network: Network, parameters: Parameters, batch: Batch, *, threads: int = 1, least_work: int = LEAST_WORK
) -> tuple[float, Parameters]:
    """Return the loss and its gradient with respect to every parameter.

    The gradient has the dtype of the parameters. Arguments and errors are those of `loss`.
    """
    run = _on_batch(network, parameters, batch, threads, least_work)
    value = run.look(GRADIENT)
    return value, run.parameters("gradient")


def stages(
    network: Network, parameters: Parameters, batch: Batch, *, threads: int = 1, least_work: int = LEAST_WORK
) -> Stages:
    """Return pre-activations, activations and error signals of every layer.

    Arguments and errors are those of `loss`.
    """
    run = _on_batch(network, parameters, batch, threads, least_work)
    run.look(GRADIENT)
    return Stages(
        run.tables("pre_activations"), (run.inputs(), *run.tables("activations")), run.tables("error_signals")
    )


def train(
    network: Network, parameters: Parameters, batch: Batch, training: Training, *,
    threads: int = 1, least_work: int = LEAST_WORK,
) -> Parameters:  # fmt: skip
    """Return the parameters after full-batch steps from a fresh optimizer state.

    A small network that is trained for long gets a kernel that is compiled for its shape, with the same bits: see
    `symtests.kernels.explain_choice` and `compile_small_net`. It has one thread.

    Parameters
    ----------
    network, parameters, batch, threads, least_work
        As for `loss`; none is changed.
    training
        The optimizer, its settings and the number of steps.

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit, or all sample weights are 0.
    """
    run = _on_batch(network, parameters, batch, threads, least_work)
    start = run.parameters("parameters")
    if run.threads == 1 and use_small_net(network, len(batch), training, start.dtype):
        return Parameters(network, train_small_net(network, start.vector, batch, training))
    run.train(training)
    return run.parameters("parameters")


def _on_batch(network: Network, parameters: Parameters, batch: Batch, threads: int, least_work: int) -> Run:
    """Return what is to be run on the whole batch at once."""
    check_batch(network, batch, check_parameters(network, parameters))
    run = Run(network, parameters, len(batch), 0, threads, least_work)
    run.write_samples(batch)
    return run
