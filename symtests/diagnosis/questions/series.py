"""The questions: a plain one, and others that differ from it in one thing each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.model.activations import activations_that
from symtests.model.losses import LOSS_TABLE, losses_that
from symtests.network import Network
from symtests.parameters import Parameters

__all__ = ["RATES", "Designer"]

RATES: Final = (1.0, 0.5, 0.25, 0.015625)
"""Learning rates of plain steps: powers of two, which round nothing."""
_WIDTHS: Final = (8, 9, 7, 16, 17, 1, 2, 4, 12)
"""Widths at and beside whole blocks of 2, 4, 8 and 16 units."""
_GRID: Final = 64.0
"""Numbers are multiples of 1/64: exact in any dtype."""
_MIXED: Final = 1000
"""Seeds from which on those of mixed questions begin."""
_ALIKE: Final = 0.6
_SELDOM: Final = 0.2
"""Shares of mixed questions with one activation in all layers, with sample weights, with an idle unit."""


class Designer:
    """Makes the questions for one implementation in one dtype; always the same ones.

    Parameters
    ----------
    capabilities
        What the implementation can do: nothing else is asked.
    dtype
        Dtype of parameters and data.
    rate
        Learning rate of plain steps, where gradients are recovered from such; None where they are reported.
    seed
        Another one makes the same questions with other numbers.
    """

    def __init__(self, capabilities: Capabilities, dtype: str, rate: float | None, seed: int = 0) -> None:
        self.can = capabilities
        self.dtype = dtype
        self.rate = rate
        self.seed = seed
        self.activation = _first_of(activations_that(lambda entry: entry.is_curved), capabilities.activations)
        self.loss = _first_of(losses_that(lambda entry: entry.of_each_output), capabilities.losses)
        self.bias = True in capabilities.bias

    def plain(self, samples: int = 3) -> Question:
        """Return the question that the others vary."""
        return self._asked(samples=samples)

    def fresh(self) -> tuple[Question, Question, Question]:
        """Return a question of unusual shapes, the same shapes with other numbers, and the first again."""
        first = self._asked(samples=41, hidden=(29, 3))
        other = self._asked(samples=41, hidden=(29, 3), seed=1)
        return first, other, first

    def series(self) -> Iterator[Question]:
        """Yield all questions, the most telling first."""
        yield self.plain()
        yield from self._with_other_losses()
        yield from (self._asked(samples=samples) for samples in (1, 5))
        yield from self._with_other_activations()
        yield from (self._asked(outputs=outputs) for outputs in (1, 3))
        yield from (self._asked(hidden=hidden) for hidden in ((), (4,), (4, 4, 4)))
        yield from (replace(self.plain(), rate=rate) for rate in RATES[1:] if self.rate is not None)
        yield from self._with_other_data()
        yield from (self._asked(hidden=(width,)) for width in _WIDTHS)
        yield from self._with_other_parameters()
        yield from (self._asked(samples=samples) for samples in (2, 8, 9, 17))
        yield self._asked(outputs=4)

    def resized(self, question: Question, number: int) -> Iterator[Question]:
        """Yield questions like another one with one more, one less and twice as many of something, one at a time."""
        network = question.network
        inputs, outputs, hidden = network.sizes[0], network.sizes[-1], network.hidden_sizes
        asked = partial(
            self._asked, activations=network.activations, loss=network.loss, bias=network.bias, seed=_MIXED + number
        )
        for other in _beside(question.samples):
            yield asked(samples=other, inputs=inputs, outputs=outputs, hidden=hidden)
        for other in _beside(inputs):
            yield asked(samples=question.samples, inputs=other, outputs=outputs, hidden=hidden)
        for more in (1, -1, None) if hidden else ():
            widths = tuple(2 * width if more is None else max(width + more, 1) for width in hidden)
            yield asked(samples=question.samples, inputs=inputs, outputs=outputs, hidden=widths)

    def mixed(self, number: int) -> Question:
        """Return one of many questions that differ from the plain one in everything, with numbers of its own."""
        random = np.random.default_rng(number)
        depth = int(random.choice((0, 1, 1, 2, 2, 3, 4)))
        names = random.choice(self.can.activations, depth)
        if random.random() < _ALIKE:
            names[:] = names[:1]
        asked = self._asked(
            inputs=int(random.integers(1, 7)),
            hidden=tuple(int(width) for width in random.integers(1, 11, depth)),
            activations=tuple(map(str, names)),
            outputs=int(random.choice((1, 2, 2, 3, 4))),
            samples=int(random.choice((1, 2, 3, 4, 5, 6, 11, 20))),
            loss=str(random.choice(self.can.losses)),
            bias=bool(random.choice(self.can.bias)),
            input_scale=float(random.choice((0.25, 0.5, 1, 1, 2, 4))),
            weight_scale=float(random.choice((0.5, 1, 1, 2))),
            target_scale=float(random.choice((0.5, 1, 1, 2))),
            seed=_MIXED + number,
        )
        if self.can.sample_weights and asked.samples > 1 and random.random() < _SELDOM:
            weights = (random.integers(1, 13, asked.samples) / 4).astype(self.dtype)
            asked = replace(asked, batch=replace(asked.batch, sample_weights=weights))
        if asked.network.hidden_sizes and random.random() < _SELDOM:
            asked = _with_idle_unit(asked)
        return asked if self.rate is None else replace(asked, rate=float(random.choice(RATES)))

    def _with_other_losses(self) -> Iterator[Question]:
        for loss in self.can.losses:
            if loss != self.loss:
                yield self._asked(loss=loss)
        if "softmax_cross_entropy" in self.can.losses:
            one_hot = self._asked(loss="softmax_cross_entropy", outputs=3)
            y = np.eye(3, dtype=self.dtype)[np.arange(one_hot.samples) % 3]
            yield replace(one_hot, batch=replace(one_hot.batch, y=y))

    def _with_other_activations(self) -> Iterator[Question]:
        for activation in self.can.activations:
            if activation != self.activation:
                yield self._asked(activation=activation)
        if len(self.can.activations) > 1 and self._depth() > 1:
            other = next(a for a in reversed(self.can.activations) if a != self.activation)
            yield self._asked(activations=(self.activation, other))

    def _with_other_data(self) -> Iterator[Question]:
        plain = self.plain()
        if self.can.sample_weights and plain.samples > 1:
            weights = np.array([0.5, 2.0, 1.75][: plain.samples], self.dtype)
            yield replace(plain, batch=replace(plain.batch, sample_weights=weights))
        if self.bias and False in self.can.bias:
            yield self._asked(bias=False)
        yield self._asked(input_scale=4.0)
        yield self._asked(input_scale=0.25, weight_scale=0.5, target_scale=0.25)
        yield self._asked(input_scale=0.25, weight_scale=0.5, target_scale=6.0)

    def _with_other_parameters(self) -> Iterator[Question]:
        for activation in ("tanh", "logistic"):
            if activation in self.can.activations:
                yield self._asked(activation=activation, weight_scale=5.0)
        for activation in (self.activation, *activations_that(lambda entry: entry.homogeneous and bool(entry.kinks))):
            if activation in self.can.activations and self._depth() > 0:
                yield _with_idle_unit(self._asked(activation=activation))
        zero = self.plain()
        yield replace(zero, parameters=Parameters.zeros(zero.network, self.dtype))

    def _depth(self) -> int:
        return 2 if self.can.max_hidden_layers is None else min(2, self.can.max_hidden_layers)

    def _asked(
        self,
        *,
        samples: int = 3,
        inputs: int = 3,
        outputs: int = 2,
        hidden: tuple[int, ...] | None = None,
        activation: str | None = None,
        activations: tuple[str, ...] | None = None,
        loss: str | None = None,
        bias: bool | None = None,
        input_scale: float = 1.0,
        weight_scale: float = 1.0,
        target_scale: float = 1.0,
        seed: int = 0,
    ) -> Question:
        """Return a question within what the implementation can do: what is too much is cut down."""
        most = self.can.max_samples
        samples = samples if most is None else min(samples, most)
        depth = self._depth()
        shape = (5, 4)[:depth] if hidden is None else hidden
        if self.can.max_hidden_layers is not None:
            shape = shape[: self.can.max_hidden_layers]
        if self.can.max_width is not None:
            shape = tuple(min(width, self.can.max_width) for width in shape)
        names = (activations or (activation or self.activation,) * len(shape))[: len(shape)]
        network = Network((inputs, *shape, outputs), names, loss or self.loss, bias=self.bias if bias is None else bias)
        random = np.random.default_rng([samples, *network.sizes, self.seed + seed])
        parameters = Parameters(network, random.normal(size=network.parameter_count))
        for weight in parameters.weights:
            weight[...] /= np.sqrt(len(weight))
        parameters = Parameters(network, self._rounded(weight_scale * parameters.vector))
        x = self._rounded(input_scale * random.normal(size=(samples, inputs)))
        y = self._targets(network, target_scale * random.normal(size=(samples, outputs)))
        return Question(network, parameters, Batch(x, y), self.rate, self.can.relu_derivative_at_zero)

    def _targets(self, network: Network, drawn: Array) -> Array:
        if LOSS_TABLE[network.loss].targets == "numbers":
            return self._rounded(drawn)
        shares = self._rounded(1 / (1 + np.exp(-drawn)))
        if network.loss == "softmax_cross_entropy":  # the last class takes what is left of 1
            shares = self._rounded(shares / drawn.shape[1])
            shares[:, -1] = 1 - shares[:, :-1].sum(axis=1)
        return shares

    def _rounded(self, numbers: Array) -> Array:
        return (np.round(numbers * _GRID) / _GRID).astype(self.dtype)


def _beside(size: int) -> Iterator[int]:
    yield from (size + 1, 2 * size)
    if size > 1:
        yield size - 1


def _first_of(wanted: tuple[str, ...], offered: tuple[str, ...]) -> str:
    return next((name for name in wanted if name in offered), offered[0])


def _with_idle_unit(question: Question) -> Question:
    """Return the question with a first hidden unit whose incoming weights and bias are 0: z is 0 exactly."""
    parameters = question.parameters.copy()
    parameters.weight(0)[:, 0] = 0
    if question.network.bias:
        parameters.bias(0)[:1] = 0
    return replace(question, parameters=parameters)
