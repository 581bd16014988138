"""Both passes and a training in numbers with bounds, unit by unit, as the formulas of `symtests.network` say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from symtests.batch import Batch
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.vectors.bounded import Arithmetic, Bounded
from symtests.vectors.functions import activation, exponential, logistic, softplus

__all__ = ["Answer", "loss_and_gradient", "train"]

_ZERO, _ONE, _TWO = Bounded(Decimal(0)), Bounded(Decimal(1)), Bounded(Decimal(2))
Row = list[Bounded]


@dataclass(frozen=True)
class Answer:
    """The outputs z row by row, the loss, and its gradient as one flat vector."""

    outputs: Row
    loss: Bounded
    gradient: Row


def loss_and_gradient(arithmetic: Arithmetic, network: Network, theta: Sequence[Bounded], batch: Batch) -> Answer:
    """Return what a network answers to a batch."""
    weights = _numbers([1.0] * len(batch)) if batch.sample_weights is None else _numbers(batch.sample_weights.tolist())
    share = arithmetic.total(weights)
    terms: list[Row] = [[] for _ in theta]
    outputs: Row = []
    losses: Row = []
    for x, y, weight in zip(batch.x.tolist(), batch.y.tolist(), weights, strict=True):
        below, slopes = _forward(arithmetic, network, theta, _numbers(x))
        z = below.pop()
        outputs += z
        loss, signal = _loss(arithmetic, network.loss, z, _numbers(y))
        losses.append(arithmetic.times(weight, loss))
        signal = [arithmetic.over(arithmetic.times(weight, each), share) for each in signal]
        _backward(arithmetic, network, theta, below, slopes, signal, terms)
    gradient = [arithmetic.total(each) for each in terms]
    return Answer(outputs, arithmetic.over(arithmetic.total(losses), share), gradient)


def train(arithmetic: Arithmetic, parameters: Parameters, batch: Batch, training: Training) -> Row:
    """Return the parameters after the training."""
    theta = _numbers(parameters.vector.tolist())
    first, second = [_ZERO] * len(theta), [_ZERO] * len(theta)
    for step in range(1, training.steps + 1):
        gradient = loss_and_gradient(arithmetic, parameters.network, theta, batch).gradient
        moved = [
            _step(arithmetic, training, step, *numbers) for numbers in zip(theta, gradient, first, second, strict=True)
        ]
        theta, first, second = ([numbers[k] for numbers in moved] for k in range(3))
    return theta


def _forward(arithmetic: Arithmetic, network: Network, theta: Sequence[Bounded], x: Row) -> tuple[list[Row], list[Row]]:
    """Return x, the activations of each hidden layer and z; and the slopes of each hidden layer."""
    layers, slopes = [x], []
    for layer in range(network.layer_count):
        z = [arithmetic.total(terms) for terms in _terms(arithmetic, network, theta, layer, layers[-1])]
        if layer < network.layer_count - 1:
            pairs = [activation(arithmetic, network.activations[layer], each) for each in z]
            slopes.append([slope for _, slope in pairs])
            z = [value for value, _ in pairs]
        layers.append(z)
    return layers, slopes


def _terms(arithmetic: Arithmetic, network: Network, theta: Sequence[Bounded], layer: int, below: Row) -> list[Row]:
    """Return for each unit the terms of its pre-activation."""
    fan_out, start = network.sizes[layer + 1], network.weight_slice(layer).start
    biases = theta[network.bias_slice(layer)]
    return [
        [arithmetic.times(a, theta[start + i * fan_out + unit]) for i, a in enumerate(below)]
        + list(biases[unit : unit + 1])
        for unit in range(fan_out)
    ]


def _backward(
    arithmetic: Arithmetic,
    network: Network,
    theta: Sequence[Bounded],
    below: list[Row],
    slopes: list[Row],
    signal: Row,
    terms: list[Row],
) -> None:
    """Add to `terms`, in place, what one sample gives to each component of the gradient."""
    for layer in reversed(range(network.layer_count)):
        fan_out, start = network.sizes[layer + 1], network.weight_slice(layer).start
        for i, a in enumerate(below[layer]):
            for unit, each in enumerate(signal):
                terms[start + i * fan_out + unit].append(arithmetic.times(a, each))
        if network.bias:
            for unit, each in enumerate(signal):
                terms[network.bias_slice(layer).start + unit].append(each)
        if layer:
            back = [
                arithmetic.total([arithmetic.times(theta[start + i * fan_out + k], s) for k, s in enumerate(signal)])
                for i in range(network.sizes[layer])
            ]
            signal = [arithmetic.times(b, slope) for b, slope in zip(back, slopes[layer - 1], strict=True)]


def _loss(arithmetic: Arithmetic, name: str, z: Row, y: Row) -> tuple[Bounded, Row]:
    """Return the loss of one sample, and its derivatives with respect to the outputs."""
    count = Bounded(Decimal(len(z)))
    if name == "softmax_cross_entropy":
        return _softmax_cross_entropy(arithmetic, z, y)
    if name == "bce":
        parts = [arithmetic.minus(softplus(arithmetic, a), arithmetic.times(b, a)) for a, b in zip(z, y, strict=True)]
        slopes = [arithmetic.minus(logistic(arithmetic, a), b) for a, b in zip(z, y, strict=True)]
    else:
        found = [logistic(arithmetic, a) for a in z] if name == "logistic_mse" else z
        differences = [arithmetic.minus(a, b) for a, b in zip(found, y, strict=True)]
        parts = [arithmetic.times(each, each) for each in differences]
        slopes = [arithmetic.times(_TWO, each) for each in differences]
        if name == "logistic_mse":
            inner = [arithmetic.times(p, arithmetic.minus(_ONE, p)) for p in found]
            slopes = [arithmetic.times(a, b) for a, b in zip(slopes, inner, strict=True)]
    return arithmetic.over(arithmetic.total(parts), count), [arithmetic.over(each, count) for each in slopes]


def _softmax_cross_entropy(arithmetic: Arithmetic, z: Row, y: Row) -> tuple[Bounded, Row]:
    largest = max(z, key=lambda each: each.value)
    powers = [exponential(arithmetic, arithmetic.minus(each, largest)) for each in z]
    whole = arithmetic.total(powers)
    log = arithmetic.mapped(whole.value.ln(), whole, 1 / (whole.value - whole.error), Decimal(16))
    losses = [
        arithmetic.times(target, arithmetic.total([log, largest, Bounded(-each.value, each.error)]))
        for each, target in zip(z, y, strict=True)
    ]
    slopes = [arithmetic.minus(arithmetic.over(power, whole), target) for power, target in zip(powers, y, strict=True)]
    return arithmetic.total(losses), slopes


def _step(
    arithmetic: Arithmetic, training: Training, step: int, theta: Bounded, g: Bounded, first: Bounded, second: Bounded
) -> tuple[Bounded, Bounded, Bounded]:
    """Return a parameter and its state after one step of the optimizer, by the formulas of `symtests.training`."""
    number, times, total = _number, arithmetic.times, arithmetic.total
    name, rate, epsilon = training.optimizer, number(training.learning_rate), number(training.epsilon)
    if name in ("sgd", "momentum", "nesterov"):
        mu = number(0.0 if name == "sgd" else training.momentum)
        first = total([times(mu, first), g])
        move = total([g, times(mu, first)]) if name == "nesterov" else first
        return arithmetic.minus(theta, times(rate, move)), first, second
    b1, b2 = number(training.mean_decay), number(training.square_decay)
    square = times(g, g)
    if name == "adagrad":
        second = total([second, square])
    else:
        second = total([times(b2, second), times(arithmetic.minus(_ONE, b2), square)])
    mean, denominator = g, second
    if name in ("adam", "adamw"):
        kept = times(arithmetic.minus(_ONE, b1), g)
        first = total([times(b1, first), kept])
        mean = arithmetic.over(first, arithmetic.minus(_ONE, number(training.mean_decay**step)))
        denominator = arithmetic.over(second, arithmetic.minus(_ONE, number(training.square_decay**step)))
    if training.weight_decay:
        theta = times(theta, arithmetic.minus(_ONE, times(rate, number(training.weight_decay))))
    move = arithmetic.over(times(rate, mean), total([arithmetic.root(denominator), epsilon]))
    return arithmetic.minus(theta, move), first, second


def _number(value: float) -> Bounded:
    return Bounded(Decimal(value))


def _numbers(values: Sequence[float]) -> Row:
    return [_number(value) for value in values]
