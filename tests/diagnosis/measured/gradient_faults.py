"""Faults of gradients and losses that go together with each other and with those of steps."""

import math
from dataclasses import replace

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.diagnosis.measured.reference import Reference


class MeanMissing(Reference):
    """Sums over the batch where the mean is due."""

    def shares(self, batch):
        return super().shares(batch) * len(batch)


class FactorTwoMissing(Reference):
    """Takes z - y for the derivative of the squared error."""

    def output_error_signals(self, network, z, batch):
        signals = super().output_error_signals(network, z, batch)
        return signals / 2 if network.loss == "mse" else signals


class SlopeMissing(Reference):
    """Sends error signals back without the slope of the activation."""

    def slope(self, name, z):
        return np.ones_like(super().slope(name, z))


class SlopeOfActivation(Reference):
    """Takes the slope at a in place of z, for tanh."""

    def slope(self, name, z):
        return super().slope(name, np.tanh(z) if name == "tanh" else z)


class LogisticSlopePlus(Reference):
    """Takes a (1 + a) for the slope of the logistic function."""

    def slope(self, name, z):
        if name != "logistic":
            return super().slope(name, z)
        a = self.activate(name, z)
        return a * (1 + a)


class OtherLeakySlope(Reference):
    """Has a slope of 0.2 below 0 for leaky_relu in the backward pass."""

    def slope(self, name, z):
        return super().slope(name, z) if name != "leaky_relu" else np.where(z > 0, z.dtype.type(1), z.dtype.type(0.2))


class GeluByTanh(Reference):
    """Computes gelu by its approximation with tanh, in both passes."""

    def activate(self, name, z):
        if name != "gelu":
            return super().activate(name, z)
        return z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))) / 2

    def slope(self, name, z):
        if name != "gelu":
            return super().slope(name, z)
        root = math.sqrt(2 / math.pi)
        t = np.tanh(root * (z + 0.044715 * z**3))
        return (1 + t) / 2 + z * (1 - t * t) / 2 * root * (1 + 3 * 0.044715 * z * z)


class WeightsNotTransposed(Reference):
    """Sends error signals back through W where it is square."""

    def sent_back(self, above, weight_above):
        square = weight_above.shape[0] == weight_above.shape[1]
        return super().sent_back(above, weight_above.T if square else weight_above)


class OwnActivation(Reference):
    """Forms the weight gradient with the layer's own activation where its shape is that of the one below."""

    def below(self, stages, layer):
        below = super().below(stages, layer)
        own = stages.activations[layer + 1] if layer + 1 < len(stages.activations) else below
        return own if own.shape == below.shape else below


class PreActivationsBelow(Reference):
    """Forms the weight gradient with the pre-activations of the layer below."""

    def below(self, stages, layer):
        return stages.pre_activations[layer - 1] if layer else super().below(stages, layer)


class BiasAveragedTwice(Reference):
    """Divides the bias gradient by the number of samples once more."""

    def bias_gradient(self, signals):
        return super().bias_gradient(signals) / len(signals)


class BiasOfSummedUnits(Reference):
    """Sums the bias gradient over the units of the layer too."""

    def bias_gradient(self, signals):
        gradient = super().bias_gradient(signals)
        return np.full_like(gradient, gradient.sum())


class HiddenSignalsClipped(Reference):
    """Clips the error signals of hidden units at 1/8."""

    def hidden_error_signals(self, name, z, above, weight_above):
        return np.clip(super().hidden_error_signals(name, z, above, weight_above), -0.125, 0.125)


class FirstLayerDetached(Reference):
    """Leaves the first of several hidden layers without a gradient."""

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        if len(network.hidden_sizes) > 1:
            gradient.weight(0)[...] = 0
            gradient.bias(0)[...] = 0
        return gradient


class GradientReversed(Reference):
    """Reports the gradient of the negative loss, and ascends."""

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        return Parameters(network, -gradient.vector)


class PenaltyInGradient(Reference):
    """Adds a 64th of the parameters to the gradient."""

    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss, Parameters(network, gradient.vector + parameters.vector / 64)


class InputsClipped(Reference):
    """Clips the inputs at 1."""

    def forward(self, network, parameters, x):
        return super().forward(network, parameters, np.clip(x, -1, 1))


class InputsCentred(Reference):
    """Takes the mean over the batch off each feature."""

    def forward(self, network, parameters, x):
        return super().forward(network, parameters, x - x.mean(axis=0) if len(x) else x)


class LastFeatureDropped(Reference):
    """Takes the last feature for 0, where there are several."""

    def forward(self, network, parameters, x):
        kept = x.copy()
        kept[:, 1:][:, -1:] = 0
        return super().forward(network, parameters, kept)


class TargetsReversed(Reference):
    """Compares the outputs with the targets in reverse order."""

    def data(self, network, batch):
        batch = super().data(network, batch)
        return replace(batch, y=np.ascontiguousarray(batch.y[:, ::-1]))


class TargetsTruncated(Reference):
    """Cuts targets down to whole numbers."""

    def data(self, network, batch):
        batch = super().data(network, batch)
        return replace(batch, y=np.trunc(batch.y))


class FirstSampleSkipped(Reference):
    """Leaves out the first of several samples, and divides by the number of all."""

    def shares(self, batch):
        shares = super().shares(batch).copy()
        shares[: len(shares) > 1] = 0
        return shares


class SamplesBehindBlock(Reference):
    """Leaves out the samples behind the last whole block of four, where there is one."""

    def shares(self, batch):
        shares = super().shares(batch).copy()
        whole = len(shares) - len(shares) % 4
        if whole:
            shares[whole:] = 0
        return shares


class SampleWeightsIgnored(Reference):
    """Ignores the sample weights."""

    def shares(self, batch):
        return super().shares(Batch(batch.x, batch.y))


class SampleWeightsByLargest(Reference):
    """Divides the sample weights by their largest, in place of their sum, and takes the mean over the batch."""

    def shares(self, batch):
        weights = batch.sample_weights
        right = super().shares(batch)
        return right if weights is None else weights / weights.max() / len(batch) * right.dtype.type(1)


class SoftmaxDiagonal(Reference):
    """Multiplies by the diagonal of the Jacobian of the softmax alone."""

    def output_error_signals(self, network, z, batch):
        if network.loss != "softmax_cross_entropy":
            return super().output_error_signals(network, z, batch)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return -batch.y * (1 - p) * self.shares(batch)[:, np.newaxis]


class ResidualsClipped(Reference):
    """Clips the residuals of the squared error at 1."""

    def output_error_signals(self, network, z, batch):
        if network.loss != "mse":
            return super().output_error_signals(network, z, batch)
        return super().output_error_signals(network, batch.y + np.clip(z - batch.y, -1, 1), batch)


class SlopeTwiceInBce(Reference):
    """Multiplies the error signal of the binary cross-entropy by the slope of the logistic function."""

    def output_error_signals(self, network, z, batch):
        signals = super().output_error_signals(network, z, batch)
        p = 1 / (1 + np.exp(-np.clip(z, -80, 80)))
        return signals * p * (1 - p) if network.loss == "bce" else signals


class LossSummed(Reference):
    """Reports the sum of the losses of the samples; the gradient is right."""

    def loss(self, network, z, batch):
        return super().loss(network, z, batch) * len(batch)


class SumsInBfloat16(Reference):
    """Rounds the gradient to eight bits."""

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        mantissa, exponent = np.frexp(gradient.vector)
        return Parameters(network, np.ldexp(np.round(mantissa * 256) / 256, exponent).astype(gradient.dtype))


class GradientInFloat32(Reference):
    """Rounds the gradient to float32 in float64."""

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        return Parameters(network, gradient.vector.astype(np.float32).astype(gradient.dtype))


class LastUnitSkipped(Reference):
    """Leaves out the bias gradient of the last of several units."""

    def bias_gradient(self, signals):
        gradient = super().bias_gradient(signals).copy()
        gradient[1:][-1:] = 0
        return gradient


class RemainderForgetsBias(Reference):
    """Forgets the biases of the units behind the last whole block of eight, where there is one."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        z = super().pre_activation(below, weight, bias)
        rest = z.shape[1] - z.shape[1] % 8
        if bias is not None and rest:
            z[:, rest:] -= bias[rest:]
        return z


class OutputBiasForgotten(Reference):
    """Takes the output biases for 0."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = super().forward(network, parameters, x)
        if network.bias:
            pre_activations[-1] = pre_activations[-1] - parameters.bias(network.layer_count - 1)
        return pre_activations, activations


class SamplesAbove32(Reference):
    """Leaves out the samples behind the 32nd, and takes the mean over the others."""

    def data(self, network, batch):
        batch = super().data(network, batch)
        weights = None if batch.sample_weights is None else batch.sample_weights[:32]
        return Batch(batch.x[:32], batch.y[:32], weights)


class TinyFlushed(Reference):
    """Sets components of the gradient below 1e-6 to 0."""

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        return Parameters(network, np.where(np.abs(gradient.vector) < 1e-6, 0, gradient.vector))
