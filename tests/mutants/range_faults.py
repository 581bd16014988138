"""Faults that show only where numbers are far out, exactly 0, tiny, huge or not finite."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class TanhNotANumberFarOut(Correct):
    """Has no number for a hidden tanh beyond 700."""

    def activate(self, name: str, z: Array) -> Array:
        right = super().activate(name, z)
        return np.where(np.abs(z) > 700, z.dtype.type(np.nan), right) if name == "tanh" else right


class TanhFlatBeyondFive(Correct):
    """Takes 1 for tanh(z) beyond 5, and 0 for its slope there."""

    def activate(self, name: str, z: Array) -> Array:
        right = super().activate(name, z)
        return np.where(np.abs(z) > 5, np.sign(z), right).astype(z.dtype) if name == "tanh" else right

    def slope(self, name: str, z: Array) -> Array:
        right = super().slope(name, z)
        return np.where(np.abs(z) > 5, 0, right).astype(z.dtype) if name == "tanh" else right


class LogisticLinearInItsTail(Correct):
    """Lets a hidden logistic unit fall along a straight line below -5, from 0.0067 to 0."""

    def activate(self, name: str, z: Array) -> Array:
        right = super().activate(name, z)
        if name != "logistic":
            return right
        return np.where(z < -5, np.maximum(0.0067 * (1 + (z + 5) / 5), 0), right).astype(z.dtype)


class SoftplusOfLargeIsZero(Correct):
    """Takes 0 for softplus(z) where z > 1000."""

    def activate(self, name: str, z: Array) -> Array:
        right = super().activate(name, z)
        return np.where(z > 1000, 0, right).astype(z.dtype) if name == "softplus" else right


class LogitZeroIsNoLogit(Correct):
    """Is off by -1 in the error signal of bce where an output is exactly 0, as with sign(0) for the slope of |z|."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        if network.loss != "bce":
            return signals
        return signals - (z == 0) / z.dtype.type(z.shape[1]) * self.shares(batch)[:, np.newaxis]


class SiluSlopeOfZeroIsZero(Correct):
    """Takes 0 for the slope of silu and gelu at exactly 0, where it is 1/2."""

    def slope(self, name: str, z: Array) -> Array:
        right = super().slope(name, z)
        return np.where(z == 0, 0, right).astype(z.dtype) if name in ("silu", "gelu") else right


class TinySignalsFlushed(Correct):
    """Takes 0 for error signals of hidden units below 1e-30."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        signals = super().hidden_error_signals(name, z, above, weight_above)
        return np.where(np.abs(signals) < 1e-30, 0, signals).astype(signals.dtype)


class TinyGradientsFlushed(Correct):
    """Takes 0 for entries of the gradient below 1e-25."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        gradient = super().weight_gradient(below, signals)
        return np.where(np.abs(gradient) < 1e-25, 0, gradient).astype(gradient.dtype)


class LargeSignalsZeroed(Correct):
    """Takes error signals above 1000 for exploded ones, and 0 in their place."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return np.where(np.abs(signals) > 1000, 0, signals).astype(signals.dtype)


class LargeHiddenSignalsClipped(Correct):
    """Cuts error signals of hidden units off at 5000."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return np.clip(super().hidden_error_signals(name, z, above, weight_above), -5000, 5000)


class LargeInputsClipped(Correct):
    """Cuts inputs off at 10,000 in either direction."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, np.clip(x, -10_000, 10_000))


class LargeActivationsClipped(Correct):
    """Cuts activations off at 10,000."""

    def activate(self, name: str, z: Array) -> Array:
        return np.minimum(super().activate(name, z), z.dtype.type(10_000))


class LargeWeightsClipped(Correct):
    """Reads weights above 5000 as 5000."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return super().pre_activation(below, np.clip(weight, -5000, 5000), bias)


class StepSkippedWhereNotFinite(Correct):
    """Leaves out a step whose gradient is not finite throughout."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        if np.isfinite(gradient).all():
            super().update(theta, gradient, memory, step, training)


class ParametersZeroedWhereNotFinite(Correct):
    """Takes 0 for parameters that a step has made not finite."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        super().update(theta, gradient, memory, step, training)
        theta.vector[~np.isfinite(theta.vector)] = 0


class StepSkippedWhereLossIsInfinite(Correct):
    """Leaves out a step where the loss is not finite, although the gradient is."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        loss, gradient = self.loss_and_gradient(network, theta, batch)
        return gradient.vector if np.isfinite(loss) or np.isnan(loss) else np.zeros_like(gradient.vector)


class EmptyBatchTrains(Correct):
    """Refuses the gradient of an empty batch, and trains on one as if its gradient were 0."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        if not len(batch):
            return np.zeros_like(theta.vector)
        return super().step_gradient(network, theta, batch, training)
