"""Where answers are wrong: what all wrong ones have in common and no right one has."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from symtests.diagnosis.questions.question import Answered, Question
from symtests.network import ACTIVATIONS, LOSSES

__all__ = ["Condition", "separating", "separating_pair"]


@dataclass(frozen=True)
class Condition:
    """Something that a question is or is not.

    Parameters
    ----------
    words
        As they follow "only".
    holds
        Whether it is so.
    of_widths
        Whether it is about the widths of hidden layers.
    """

    words: str
    holds: Callable[[Answered], bool]
    of_widths: bool = False

    def told(self, answers: Sequence[Answered]) -> str:
        """Return its words with what the answers show."""
        if not self.of_widths:
            return self.words
        single = [a for a in answers if len(a.question.network.hidden_sizes) == 1]
        wrong = sorted({a.question.network.hidden_sizes[0] for a in single if a.is_wrong})
        right = sorted({a.question.network.hidden_sizes[0] for a in single} - set(wrong))
        return f"{self.words} (wrong at width {_listed(wrong)}; right at {_listed(right)})"


def separating(wrong: Sequence[Answered], right: Sequence[Answered]) -> Condition | None:
    """Return the first condition that holds for all of `wrong` and for none of `right`."""
    for condition in itertools.chain(_conditions(), _of_sizes(wrong, right)):
        if all(map(condition.holds, wrong)) and not any(map(condition.holds, right)):
            return condition
    return None


def separating_pair(wrong: Sequence[Answered], right: Sequence[Answered]) -> Condition | None:
    """Return the first two conditions, as one, that hold for all of `wrong`, and never both for one of `right`."""
    shared = [condition for condition in _conditions() if all(map(condition.holds, wrong))]
    for first, second in itertools.combinations(shared, 2):
        if not any(first.holds(answered) and second.holds(answered) for answered in right):
            return _both(first, second)
    return None


def _both(first: Condition, second: Condition) -> Condition:
    return Condition(
        f"{first.words}, {second.words}", lambda answered: first.holds(answered) and second.holds(answered)
    )


@dataclass(frozen=True)
class _Size:
    """A size of a question; `words` name it in the plural."""

    words: str
    size: Callable[[Question], int]

    def with_words(self, words: str, holds: Callable[[int], bool]) -> Condition:
        return Condition(words, lambda answered: holds(self.size(answered.question)))


_SIZES: Final = (
    _Size("samples", lambda q: q.samples),
    _Size("inputs", lambda q: q.network.sizes[0]),
    _Size("outputs", lambda q: q.outputs),
    _Size("hidden layers", lambda q: len(q.network.hidden_sizes)),
    _Size("units in the widest hidden layer", lambda q: max(q.network.hidden_sizes, default=0)),
)


def _of_sizes(wrong: Sequence[Answered], right: Sequence[Answered]) -> Iterator[Condition]:
    """Yield the sizes that tell wrong answers from right ones: one size, or all from one on, or all up to one."""
    if not wrong or not right:
        return
    for size in _SIZES:
        ours, theirs = ({size.size(answered.question) for answered in some} for some in (wrong, right))
        least, most = min(ours), max(ours)
        if least == most:
            yield size.with_words(f"with {least} {size.words}", least.__eq__)
        if least > max(theirs):
            shown = f"right up to {max(theirs)}"
            yield size.with_words(f"with {least} {size.words} or more ({shown})", least.__le__)
        if most < min(theirs):
            shown = f"right from {min(theirs)} on"
            yield size.with_words(f"with {most} {size.words} or fewer ({shown})", most.__ge__)


def _conditions() -> Iterator[Condition]:
    for name in ACTIVATIONS:
        yield _of_activation(name)
    for name in LOSSES:
        yield _of_loss(name)
    yield _of_question("with sample weights", lambda q: q.batch.sample_weights is not None)
    yield _of_question("without biases", lambda q: not q.network.bias)
    yield _of_question("with biases", lambda q: q.network.bias)
    yield _of_question("for a batch of one sample", lambda q: q.samples == 1)
    yield _of_question("for batches of several samples", lambda q: q.samples > 1)
    yield _of_question("for one output", lambda q: q.outputs == 1)
    yield _of_question("for several outputs", lambda q: q.outputs > 1)
    yield _of_question("without a hidden layer", lambda q: not q.network.hidden_sizes)
    yield _of_question("with a hidden layer", lambda q: bool(q.network.hidden_sizes))
    yield _of_question("with two hidden layers or more", lambda q: len(q.network.hidden_sizes) > 1)
    yield _of_question("with three hidden layers or more", lambda q: len(q.network.hidden_sizes) > 2)
    yield _of_question("where a matrix of hidden weights is square", _has_square_matrix)
    yield _of_question("where all parameters are 0", lambda q: not q.theta.any())
    yield Condition("at kinks (a pre-activation of exactly 0)", lambda a: a.has_kink)
    yield Condition("where units are saturated", lambda a: a.is_saturated)
    yield _of_question("where a parameter is 0", lambda q: not q.theta.all())
    yield from _width_conditions()
    yield _of_question("where hidden layers have different activations", lambda q: len(set(q.network.activations)) > 1)
    yield from map(_of_rate, (1.0, 0.5, 0.25))
    yield _of_question("at learning rates below 1", lambda q: q.rate is not None and q.rate < 1)


def _of_activation(name: str) -> Condition:
    return _of_question(f"for the activation {name}", lambda q: name in q.network.activations)


def _of_loss(name: str) -> Condition:
    return _of_question(f"for the loss {name}", lambda q: q.network.loss == name)


def _of_rate(rate: float) -> Condition:
    return _of_question(f"at the learning rate {rate:g}", lambda q: q.rate == rate)


def _of_question(words: str, holds: Callable[[Question], bool]) -> Condition:
    return Condition(words, lambda answered: holds(answered.question))


def _has_square_matrix(question: Question) -> bool:
    sizes = question.network.sizes
    return any(a == b for a, b in itertools.pairwise(sizes))


def _width_conditions() -> Iterator[Condition]:
    for block in (2, 4, 8, 16):
        yield from _block_conditions(block)
    yield _of_widths("at width 1", lambda width: width == 1)


def _block_conditions(block: int) -> Iterator[Condition]:
    yield _of_widths(
        f"at widths that are no multiple of {block}: the remainder of a loop over {block} units",
        lambda width: width % block != 0,
    )
    yield _of_widths(
        f"at widths above {block} that are no multiple of it: the units behind the last whole block of {block}",
        lambda width: width > block and width % block != 0,
    )
    yield _of_widths(f"at widths that are a multiple of {block}", lambda width: width % block == 0)
    yield _of_widths(f"at widths of {block} and more", lambda width: width >= block)
    yield _of_widths(f"at widths above {block}", lambda width: width > block)


def _of_widths(words: str, holds: Callable[[int], bool]) -> Condition:
    return Condition(words, lambda a: any(map(holds, a.question.network.hidden_sizes)), of_widths=True)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"
