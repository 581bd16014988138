"""Trainings that were asked for, each beside what a rule leads one to expect of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.optimizers.rule import GradientAt, Layout, Rule, followed
from symtests.diagnosis.optimizers.sources import Source
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Question
from symtests.diagnosis.questions.series import Designer
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Trained", "designed", "few_steps", "long_ones", "trained"]

_ROUNDING: Final = 2.0**10
"""Unit roundoffs by which a training of few steps may be off: the questions are small and smooth."""
_FEW_STEPS: Final = 5
_CONCLUSIVE: Final = 16.0
"""How many times the bound a training must be off before a rule is sought that explains it."""
_STEPS: Final = (1, 2, 3, 5)
_RATES: Final = (0.125, 0.25)
_SAMPLES: Final = (3, 5)
_SETTINGS: Final = (
    {"momentum": 0.75, "mean_decay": 0.75, "square_decay": 0.9375, "epsilon": 0.015625, "weight_decay": 0.125},
    {"momentum": 0.5, "mean_decay": 0.625, "square_decay": 0.875, "epsilon": 0.0625, "weight_decay": 0.25},
)
"""Settings that are nobody's defaults, exact in any dtype, and no epsilon so small that it could not be seen."""
_DECIMAL: Final = {
    "momentum": 0.7, "mean_decay": 0.7, "square_decay": 0.95, "epsilon": 0.03, "weight_decay": 0.1,
}  # fmt: skip
"""Settings that no binary dtype has exactly."""
_LONG: Final = (12, 40, 130, 300)
"""Steps of long trainings of one weight: beyond the 8 bits of a counter, and beyond usual periods."""

_SHAKES: Final = 3
"""How many times a training is followed with gradients that are off by rounding, to see what that does."""
_OF_GRADIENT: Final = 64.0
"""Unit roundoffs of the largest component of a tensor by which a gradient may be off."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A training beside the right one.

    Parameters
    ----------
    question, training
        What was asked.
    found
        The parameters after it in float64, shape (n,).
    gradient_at
        The gradient with which it is judged.
    unit_roundoff
        u of the implementation.
    """

    question: Question
    training: Training
    found: Array
    gradient_at: GradientAt
    unit_roundoff: float

    def after(self, rule: Rule) -> Array:
        """Return the parameters to which a rule would lead, shape (n,)."""
        return followed(rule, self.question, self.training, self.gradient_at)

    def agrees(self, other: Array) -> bool:
        """Tell whether the parameters are these, up to rounding."""
        return bool((np.abs(self.found - other) <= self.bound).all())  # false for NaN

    def is_given_by(self, rule: Rule) -> bool:
        """Tell whether a rule leads to these parameters, up to what rounding may do on the way."""
        other = self.after(rule)
        return bool((np.abs(self.found - other) <= self.bound + self._shaken(rule, other)).all())

    @cached_property
    def right(self) -> Array:
        """The parameters to which the right rule leads, shape (n,)."""
        return self.after(Rule())

    @cached_property
    def is_wrong(self) -> bool:
        """Whether they are not the right ones."""
        return not self.agrees(self.right)

    @cached_property
    def is_far_off(self) -> bool:
        """Whether they are so far from the right ones that a rule which agrees does not do so by chance."""
        return bool((np.abs(self.found - self.right) > _CONCLUSIVE * self.bound).any())

    @cached_property
    def is_wrong_for_sure(self) -> bool:
        """Whether they are not the right ones, whatever rounding does on the way, as in steps that are large."""
        return self.is_wrong and not self.is_given_by(Rule())

    def _shaken(self, rule: Rule, after: Array) -> Array:
        """Return how far gradients that are off by rounding lead astray, with some reserve, shape (n,)."""
        random, layout = np.random.default_rng(0), Layout.of(self.question)

        def shaken(theta: Array) -> Array:
            g = self.gradient_at(theta).copy()
            for where in layout.tensors:
                size = _OF_GRADIENT * self.unit_roundoff * np.abs(g[where]).max(initial=0.0)
                g[where] += size * random.choice([-1.0, 1.0], g[where].shape)
            return g

        ends = [followed(rule, self.question, self.training, shaken) for _ in range(_SHAKES)]
        return _SHAKES * np.max([np.abs(end - after) for end in ends], axis=0)

    @cached_property
    def bound(self) -> float:
        """How far rounding may lead a component."""
        size = 1 + float(np.abs(self.question.theta).max(initial=0.0))
        return _ROUNDING * self.unit_roundoff * size * max(1.0, self.training.steps / _FEW_STEPS)


def trained(interview: Interview, question: Question, training: Training, source: Source) -> Trained | None:
    """Return a training as the implementation does it; None where it does not."""
    found = interview.train(question, training)
    if found is None:
        return None
    return Trained(
        question, training, found, source(question, training.learning_rate), interview.implementation.unit_roundoff
    )


def designed(interview: Interview, designer: Designer, optimizer: str, source: Source) -> Iterator[Trained]:
    """Yield the trainings that are asked for in any case; none behind one that is not done."""
    for question, training in few_steps(designer, optimizer):
        asked = trained(interview, question, training, source)
        if asked is None:
            return
        yield asked


def long_ones(interview: Interview, optimizer: str, at_zero: float, source: Source) -> Iterator[Trained]:
    """Yield long trainings of one weight and one bias, without a hidden layer."""
    can = interview.implementation.capabilities
    loss = "mse" if "mse" in can.losses else can.losses[0]
    network = Network((1, 1), loss=loss, bias=True in can.bias)
    dtype = interview.implementation.dtype
    start = Parameters(network, np.array([0.5, 0.25])[: network.parameter_count].astype(dtype))
    batch = Batch(np.ones((1, 1), dtype), np.array([[-1.0 if loss == "mse" else 0.0]], dtype))
    question = Question(network, start, batch, None, at_zero)
    for steps in _LONG:
        training = _training(optimizer, 0.015625, steps, {**_SETTINGS[0], "mean_decay": 0.9375})
        asked = trained(interview, question, training, source)
        if asked is None:
            return
        yield asked


def few_steps(designer: Designer, optimizer: str) -> Iterator[tuple[Question, Training]]:
    """Yield the questions and the trainings of few steps that an optimizer is asked for."""
    for settings, rate, samples in zip(_SETTINGS, _RATES, _SAMPLES, strict=True):
        question = replace(designer.plain(samples), rate=None)
        for steps in _STEPS:
            yield question, _training(optimizer, rate, steps, settings)
    question = replace(designer.plain(), rate=None)
    for steps in (1, 3):
        yield question, _training(optimizer, 0.1, steps, _DECIMAL)
    dying = _dying(designer.can, designer.dtype)
    if dying is not None:
        for steps in (2, 4):
            yield dying, _training(optimizer, 0.25, steps, _SETTINGS[0])


def _training(optimizer: str, rate: float, steps: int, settings: Mapping[str, float]) -> Training:
    decay = settings["weight_decay"] if optimizer == "adamw" else 0.0
    return Training(optimizer, rate, steps, **{**settings, "weight_decay": decay})


def _dying(can: Capabilities, dtype: str) -> Question | None:
    """Return a question whose one relu is off after the first step: its gradients are 0 from then on."""
    if "relu" not in can.activations or "mse" not in can.losses or can.max_hidden_layers == 0:
        return None
    network = Network((1, 1, 1), "relu", "mse", bias=True in can.bias)
    numbers = np.array([0.0625, 0.0, 1.0, 0.0] if network.bias else [0.0625, 1.0], dtype)
    batch = Batch(np.ones((1, 1), dtype), np.array([[-8.0]], dtype))
    return Question(network, Parameters(network, numbers), batch, None, can.relu_derivative_at_zero)
