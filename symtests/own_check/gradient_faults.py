"""Wrong gradients that a check of one's own should see: the common mistakes, each as it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.oracle.activations import Numbers, derivative, value
from symtests.oracle.passes import Stages, gradient_of, matrices_of, stages
from symtests.own_check.setting import Setting

__all__ = ["GRADIENT_FAULTS", "GradientFault", "right_gradient"]

Slope = Callable[[str, Numbers], Numbers]
"""An activation by name and its pre-activations; returns what is taken for its derivative."""


def _always(_setting: Setting) -> bool:
    return True


@dataclass(frozen=True)
class GradientFault:
    """A mistake in the gradient.

    Parameters
    ----------
    name
        What is wrong, as in "all gradients are doubled".
    gradient
        Returns the wrong gradient, shape (n,), float64.
    applies
        Whether a setting has what is wrong.
    """

    name: str
    gradient: Callable[[Setting], Array]
    applies: Callable[[Setting], bool] = _always


def right_gradient(setting: Setting) -> Array:
    """Return the right gradient, shape (n,), float64."""
    return gradient_of(setting.network, _stages(setting)).vector


def _stages(setting: Setting) -> Stages:
    return stages(setting.network, setting.parameters, setting.batch)


def _times(factor: float) -> Callable[[Setting], Array]:
    return lambda setting: factor * right_gradient(setting)


def _tensor_times(name: str, factor: float) -> Callable[[Setting], Array]:
    def gradient(setting: Setting) -> Array:
        found = right_gradient(setting)
        found[setting.tensors[name]] *= factor
        return found

    return gradient


def _without_biases(setting: Setting) -> Array:
    found = right_gradient(setting)
    for layer in range(setting.network.layer_count):
        found[setting.network.bias_slice(layer)] = 0.0
    return found


def _smallest_lost(setting: Setting) -> Array:
    """Set the smaller half of the components of W1 to 0."""
    found = right_gradient(setting)
    where = found[setting.tensors["W1"]]
    where[np.abs(where) <= np.median(np.abs(where))] = 0.0
    return found


def _last_sample_lost(setting: Setting) -> Array:
    batch = setting.batch
    weights = None if batch.sample_weights is None else batch.sample_weights[:-1]
    return right_gradient(Setting(setting.network, setting.parameters, Batch(batch.x[:-1], batch.y[:-1], weights)))


def _mean_without_one(setting: Setting) -> Array:
    return right_gradient(setting) * (len(setting.batch) / (len(setting.batch) - 1))


def _backward(setting: Setting, slope: Slope) -> Array:
    """Return the gradient with other slopes: delta_l = (delta_{l+1} W_{l+1}^T) * slope_l."""
    network, right = setting.network, _stages(setting)
    matrices = matrices_of(network, setting.parameters.vector.astype(np.float64))
    delta = [right.error_signals[-1]]
    for layer in reversed(range(network.layer_count - 1)):
        slopes = slope(network.activations[layer], right.pre_activations[layer])
        delta.insert(0, (delta[0] @ matrices[layer + 1][0].T) * slopes)
    return gradient_of(network, Stages(right.pre_activations, right.activations, tuple(delta))).vector


def _no_slope(setting: Setting) -> Array:
    return _backward(setting, lambda _name, z: np.ones_like(z))


def _slope_of_activation(setting: Setting) -> Array:
    """Take the derivative at the activation in place of the pre-activation."""
    return _backward(setting, lambda name, z: derivative(name, value(name, z)))


def _slope_at(rounded: str) -> Callable[[Setting], Array]:
    """Take the derivative in a smaller dtype."""
    return lambda setting: _backward(setting, lambda name, z: derivative(name, z).astype(rounded).astype(np.float64))


def _is_curved(setting: Setting) -> bool:
    return any(name != "identity" for name in setting.network.activations)


def _has_samples(setting: Setting) -> bool:
    return len(setting.batch) > 1


GRADIENT_FAULTS: Final = (
    GradientFault("all gradients are doubled", _times(2.0)),
    GradientFault("all gradients are 10 % too large", _times(1.1)),
    GradientFault("all gradients are 1 % too large", _times(1.01)),
    GradientFault("all gradients are 0.01 % too large", _times(1.0001)),
    GradientFault("the gradient of W1 is a quarter of what it should be", _tensor_times("W1", 0.25)),
    GradientFault("the gradient of W1 has the wrong sign", _tensor_times("W1", -1.0)),
    GradientFault("the gradient of W1 is 0", _tensor_times("W1", 0.0)),
    GradientFault("the smaller half of the gradient of W1 is 0", _smallest_lost),
    GradientFault("biases have no gradient", _without_biases, lambda setting: setting.network.bias),
    GradientFault("the last sample is left out", _last_sample_lost, _has_samples),
    GradientFault("the mean is taken over one sample less", _mean_without_one, _has_samples),
    GradientFault("the derivative of the activation is left out", _no_slope, _is_curved),
    GradientFault("the derivative is taken at the activation", _slope_of_activation, _is_curved),
    GradientFault("the derivative is computed in float16", _slope_at("float16"), _is_curved),
    GradientFault("the derivative is computed in float32", _slope_at("float32"), _is_curved),
)
"""The mistakes that are tried, the large ones first."""
