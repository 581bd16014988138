"""A fault model of gradients: what is wrong in plain words, and the gradient that it predicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symtests.diagnosis.questions.question import Answered, Question
from symtests.float_json import Array
from symtests.network import Network

__all__ = ["Family", "Fault", "Gradient", "concerns"]

Gradient = Callable[[Question], Array]
"""The gradient, shape (n,), of a question: one that changes another is a function of `Question.gradient`."""


@dataclass(frozen=True)
class Fault:
    """A fault and what follows from it.

    Parameters
    ----------
    words
        What is wrong, as a clause that can begin a sentence.
    gradient
        The gradient that an implementation with this fault would report.
    implementation
        Name of the activation or the loss without which the fault does not show; empty for any.
    is_convention
        Whether it is but another choice where no choice is right, as the slope at a kink is.
    """

    words: str
    gradient: Gradient
    implementation: str = ""
    is_convention: bool = False

    def predict(self, answered: Answered) -> Array:
        """Return the gradient that is to be expected in place of the right one."""
        return self.gradient(answered.question)


@dataclass(frozen=True)
class Family:
    """A fault with a constant that has to be found.

    Parameters
    ----------
    words
        What is wrong, with ``{}`` in place of the constant.
    of
        The gradient as it is for one constant.
    implementation
        As in `Fault`.
    constants
        All constants that there may be; where none are given, they are found from an answer.
    """

    words: str
    of: Callable[[float], Gradient]
    implementation: str = ""
    constants: tuple[float, ...] = ()

    @property
    def is_of_size(self) -> bool:
        """Whether the constant is a size that something is compared with, and so above 0."""
        return any(word in self.words for word in ("clipped", "cut off", "capped", "shortened", "never falls below"))

    def with_constant(self, constant: float) -> Fault:
        """Return the fault with this constant."""
        text = self.words.replace("{}", f"{constant:.6g}")
        return Fault(text, self.of(constant), self.implementation)


def concerns(implementation: str, network: Network) -> bool:
    """Tell whether a fault of this activation or loss can show in a network."""
    return not implementation or implementation in network.activations or implementation == network.loss
