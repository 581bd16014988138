"""The operations that callers use: plain data in, plain data out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.kernels.arguments import inputs_of, samples_of, vector_of
from symtests.kernels.arrays import Samples, Workspace, layers_of, workspace_for
from symtests.kernels.backward import backward
from symtests.kernels.forward import forward
from symtests.kernels.losses import loss_value, output_error_signals
from symtests.kernels.optimizers import settings_of
from symtests.kernels.small_net import train_small_net
from symtests.kernels.small_net_choice import use_small_net
from symtests.kernels.train import take_steps
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


def predict(network: Network, parameters: Parameters, x: Array) -> Array:
    """Return the linear outputs z_L.

    Parameters
    ----------
    network
        What is computed.
    parameters
        Float32 or float64.
    x
        Inputs, shape (N, n_0), N at least 1, of the dtype of the parameters, in any memory layout.

    Returns
    -------
    array
        Shape (N, m).

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit.
    """
    vector = vector_of(network, parameters)
    inputs = inputs_of(network, x, vector.dtype)
    work = workspace_for(network, len(x), vector.dtype)
    forward(layers_of(network), vector, inputs, work)
    return _tables(network, len(x), work.pre_activations)[-1].copy()


def loss(network: Network, parameters: Parameters, batch: Batch) -> float:
    """Return the loss defined in `symtests.network`, a number of the dtype of the parameters.

    Parameters
    ----------
    network
        What is computed.
    parameters
        Float32 or float64.
    batch
        At least one sample, of the dtype of the parameters, in any memory layout.

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit, or the sample weights sum to 0.
    """
    vector = vector_of(network, parameters)
    samples = samples_of(network, batch, vector.dtype)
    layers, work = layers_of(network), workspace_for(network, len(batch), vector.dtype)
    forward(layers, vector, samples.x, work)
    return float(loss_value(layers, work.pre_activations[-samples.y.size:], samples))


def loss_and_gradient(network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
    """Return the loss and its gradient with respect to every parameter.

    The gradient has the dtype of the parameters. Arguments and errors are those of `loss`.
    """
    value, _, work = _evaluate(network, parameters, batch)
    return value, Parameters(network, work.gradient)


def stages(network: Network, parameters: Parameters, batch: Batch) -> Stages:
    """Return pre-activations, activations and error signals of every layer.

    Arguments and errors are those of `loss`.
    """
    _, samples, work = _evaluate(network, parameters, batch)
    count = len(batch)
    return Stages(
        _tables(network, count, work.pre_activations),
        (samples.x.reshape(count, -1).copy(), *_tables(network, count, work.activations)),
        _tables(network, count, work.error_signals),
    )


def train(network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
    """Return the parameters after full-batch steps from a fresh optimizer state.

    A small network that is trained for long gets a kernel that is compiled for its shape, with the same bits: see
    `symtests.kernels.explain_choice` and `compile_small_net`.

    Parameters
    ----------
    network, parameters, batch
        As for `loss`; none is changed.
    training
        The optimizer, its settings and the number of steps.

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit, or the sample weights sum to 0.
    """
    vector = vector_of(network, parameters)
    samples = samples_of(network, batch, vector.dtype)
    if use_small_net(network, len(batch), training, vector.dtype):
        return Parameters(network, train_small_net(network, vector, batch, training))
    take_steps(
        layers_of(network), settings_of(training), training.steps, vector, samples,
        workspace_for(network, len(batch), vector.dtype), np.zeros_like(vector), np.zeros_like(vector),
    )
    return Parameters(network, vector)


def _evaluate(network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Samples, Workspace]:
    """Run forward and backward pass once."""
    vector = vector_of(network, parameters)
    samples = samples_of(network, batch, vector.dtype)
    layers, work = layers_of(network), workspace_for(network, len(batch), vector.dtype)
    forward(layers, vector, samples.x, work)
    outputs, signals = work.pre_activations[-samples.y.size:], work.error_signals[-samples.y.size:]
    output_error_signals(layers, outputs, samples, signals)
    backward(layers, vector, samples.x, work)
    return float(loss_value(layers, outputs, samples)), samples, work


def _tables(network: Network, samples: int, flat: Array) -> tuple[Array, ...]:
    """Return views, each of shape (samples, n_l), of the layers that lie one after another in ``flat``."""
    tables, start = [], 0
    for width in network.sizes[1:]:
        if start < flat.size:
            tables.append(flat[start:start + samples * width].reshape(samples, width))
            start += samples * width
    return tuple(tables)
