"""What is wrong with trainings of several steps, by a gradient that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from symtests.diagnosis.faults.later import right_gradient
from symtests.diagnosis.optimizers.rule import Memory, Step
from symtests.diagnosis.optimizers.rules import rules_for
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Question, tensors
from symtests.diagnosis.questions.series import Designer
from symtests.float_json import Array
from symtests.oracle import loss, train
from symtests.oracle.optimizers import apply, fresh_state
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["training_told"]

_ROUNDING: Final = 2.0**10
"""Unit roundoffs by which a training of at most five steps may be off: the questions are small and smooth."""
_DECISIVE: Final = 16.0
"""How many times the bound a training must be off before a rule is sought that explains it."""
_STEPS: Final = (1, 2, 3, 5)
_SETTINGS: Final = (
    {"momentum": 0.75, "mean_decay": 0.75, "square_decay": 0.9375, "epsilon": 0.015625, "weight_decay": 0.125},
    {"momentum": 0.5, "mean_decay": 0.625, "square_decay": 0.875, "epsilon": 0.0625, "weight_decay": 0.25},
)
"""Settings that are nobody's defaults, exact in any dtype, and no epsilon so small that it could not be seen."""


@dataclass(frozen=True, eq=False)
class _Trained:
    """A training beside the right one; `right` and `found` are the parameters after it, shape (n,)."""

    question: Question
    training: Training
    found: Array
    right: Array
    unit_roundoff: float

    def agrees(self, other: Array) -> bool:
        """Tell whether the parameters are these, up to rounding."""
        return bool((np.abs(self.found - other) <= self._bound).all())  # false for NaN

    @property
    def is_wrong(self) -> bool:
        """Whether they are not the right ones."""
        return not self.agrees(self.right)

    @property
    def is_far_off(self) -> bool:
        """Whether they are so far from the right ones that a rule which agrees does not do so by chance."""
        return bool((np.abs(self.found - self.right) > _DECISIVE * self._bound).any())

    @property
    def _bound(self) -> float:
        return _ROUNDING * self.unit_roundoff * (1 + float(np.abs(self.question.theta).max()))


def training_told(
    interview: Interview, designer: Designer, optimizer: str, *, gradient_is_known: bool = True
) -> str | None:
    """Return in words what is wrong with the trainings of an optimizer; None where they are right.

    Parameters
    ----------
    interview, designer, optimizer
        Who is asked, with which questions, about which optimizer.
    gradient_is_known
        Whether it is known that one gradient by itself is right.
    """
    answers = list(_asked(interview, designer, optimizer))
    wrong = [trained for trained in answers if trained.is_wrong]
    if not wrong:
        return None
    told = _memory_told(interview, answers)
    if told is not None:
        return told
    if not any(trained.is_far_off for trained in wrong):
        return _facts(optimizer, wrong, answers, gradient_is_known)
    for words, step in rules_for(optimizer):
        if _explains(step, answers):
            return f"the step is {words}. {_evidence(wrong, answers)}"
    paths = [_path(trained.question, trained.training) for trained in answers]
    for words, end in _ENDS:
        ends = (end(path, trained) for path, trained in zip(paths, answers, strict=True))
        if all(trained.agrees(theta) for trained, theta in zip(answers, ends, strict=True)):
            return f"{words}. {_evidence(wrong, answers)}"
    return _facts(optimizer, wrong, answers, gradient_is_known)


def _asked(interview: Interview, designer: Designer, optimizer: str) -> Iterator[_Trained]:
    question = replace(designer.plain(), rate=None)
    for settings in _SETTINGS:
        for steps in _STEPS:
            chosen = dict(settings) if optimizer == "adamw" else {**settings, "weight_decay": 0.0}
            training = Training(optimizer, 0.125, steps, **chosen)
            found = interview.train(question, training)
            if found is None:
                return
            right = train(question.network, question.parameters, question.batch, training, question.at_zero).vector
            yield _Trained(question, training, found, right, interview.subject.unit_roundoff)


def _path(question: Question, training: Training) -> list[Array]:
    """Return the right parameters after 0, 1, ... steps, twice as many as the training asks for."""
    theta, state = question.theta, fresh_state(question.network.parameter_count)
    path = [theta]
    for step in range(1, 2 * training.steps + 1):
        theta, state = apply(training, theta, right_gradient(question, theta), state, step)
        path.append(theta)
    return path


def _followed(question: Question, training: Training, step: Step) -> Array:
    """Return the parameters after a training by a wrong rule."""
    theta = question.theta
    kept: Memory = {name: np.zeros_like(theta) for name in ("m", "s", "best", "is_bias")}
    for tensor in tensors(question.network):
        kept["is_bias"][tensor.where] = tensor.is_bias
    with np.errstate(all="ignore"):
        for number in range(1, training.steps + 1):
            theta = step(training, theta, lambda at: right_gradient(question, at), kept, number)
    return theta


def _explains(step: Step, answers: Sequence[_Trained]) -> bool:
    return all(trained.agrees(_followed(trained.question, trained.training, step)) for trained in answers)


def _least_loss(path: list[Array], trained: _Trained) -> Array:
    """Return the parameters of least loss that a training comes past, its start included."""
    question = trained.question

    def loss_at(theta: Array) -> float:
        return loss(question.network, Parameters(question.network, theta), question.batch)

    return min(path[: trained.training.steps + 1], key=loss_at)


def _mean(path: list[Array]) -> Array:
    mean: Array = np.mean(path, axis=0)
    return mean


_ENDS: Final[tuple[tuple[str, Callable[[list[Array], _Trained], Array]], ...]] = (
    ("a training takes one step, whatever number is asked for", lambda path, t: path[1]),
    ("a training takes one step more than it is asked for", lambda path, t: path[t.training.steps + 1]),
    ("a training of several steps takes one more than it is asked for",
     lambda path, t: path[t.training.steps + (t.training.steps > 1)]),
    ("a training takes one step less than it is asked for", lambda path, t: path[t.training.steps - 1]),
    ("a training of several steps takes one less than it is asked for",
     lambda path, t: path[t.training.steps - (t.training.steps > 1)]),
    ("a training takes twice the steps that it is asked for", lambda path, t: path[2 * t.training.steps]),
    ("a training returns the mean of the parameters after each of its steps",
     lambda path, t: _mean(path[1 : t.training.steps + 1])),
    ("a training returns the mean of the parameters before and after each of its steps",
     lambda path, t: _mean(path[: t.training.steps + 1])),
    ("a training returns those of the parameters on its way whose loss is least", _least_loss),
    ("a training returns the parameters that it is given", lambda path, t: path[0]),
)  # fmt: skip
"""Where a training may end that takes the right steps."""


def _memory_told(interview: Interview, answers: Sequence[_Trained]) -> str | None:
    """Tell whether a training goes on with what the one before has left."""
    last = answers[-1]
    before = interview.train(last.question, last.training)
    again = interview.train(last.question, last.training)
    if before is None or again is None or np.abs(again - before).max() <= _ROUNDING * last.unit_roundoff:
        return None
    return (
        f"the same training by {last.training.optimizer}, asked twice in a row, leads to different parameters: "
        "something is kept from training to training."
    )


def _facts(optimizer: str, wrong: Sequence[_Trained], answers: Sequence[_Trained], gradient_is_known: bool) -> str:
    steps_wrong = sorted({trained.training.steps for trained in wrong})
    steps_right = sorted({trained.training.steps for trained in answers} - set(steps_wrong))
    right = f"right for steps = {_listed(steps_right)} and " if steps_right else ""
    wrong_ones = f"wrong for steps = {_listed(steps_wrong)}"
    beside = ", while one gradient by itself is right" if gradient_is_known else ""
    return f"trainings by {optimizer} are {right}{wrong_ones}{beside}."


def _listed(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last


def _evidence(wrong: Sequence[_Trained], answers: Sequence[_Trained]) -> str:
    return f"This explains all {len(answers)} trainings asked, {len(wrong)} of which are wrong."
