"""Answers to different questions that a property relates: one is a linear combination of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.model.groups import Positions
from symtests.properties.base import Case, Judgement
from symtests.properties.judging.answers import OWN_ROUNDOFF, measure, near_a_kink
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    TRIVIAL,
    Telling,
    Tolerance,
    judge_equal,
    number,
    together,
)
from symtests.properties.judging.telling import assertion, explained

__all__ = ["Relation", "Term", "exactly", "judge_relation", "on_grid", "same_answer"]

_SMALLEST: Final = {"float32": 2.0**-40, "float64": 2.0**-300}
"""Products of a few numbers above this, and what they leave when they nearly cancel, are far from underflow."""
_IEEE_ROUNDOFF: Final = {"float32": 2.0**-24, "float64": 2.0**-53}
_ASKED_AGAIN: Final = 3


@dataclass(frozen=True, eq=False)
class Term:
    """What the answer to one question contributes: ``coefficients * gradient[where]`` and ``of_loss * loss``.

    Parameters
    ----------
    case
        The question.
    coefficients
        Exact, shape (n,), for n parameters of the network that the relation is about.
    where
        Positions in the gradient of this question, shape (n,).
    of_loss
        Coefficient of the loss.
    """

    case: Case
    coefficients: Array
    where: Positions
    of_loss: float


@dataclass(frozen=True, eq=False)
class Relation:
    """A question whose answer is the sum of `terms`.

    Parameters
    ----------
    case, terms
        The question and the terms, mathematically exact: all data are exact in their dtype.
    why
        Says why, as in "features 0 and 1 are multiplied by 2 and their weights divided by 2".
    script
        Lines of Python that end with the answer in `found`, and have the one that it is compared with in `before`;
        they ask by ``ask(parameters)``, and what they ask about are the variables `network` and `batch`. With terms of
        more than one question, `before` is their sum.
    relevant
        Components of the gradient that the property is about: where they are all 0, it is trivial. All unless given.
    """

    case: Case
    terms: tuple[Term, ...]
    why: str
    script: tuple[str, ...]
    relevant: Positions | None = None


def same_answer(case: Case) -> Term:
    """Return the term of an answer that stays what it was; vary it with `dataclasses.replace`."""
    count = case.network.parameter_count
    return Term(case, np.ones(count), np.arange(count), 1.0)


def on_grid(values: Array, step: float) -> Array:
    """Return the nearest multiples of `step`, a power of two, whose sums are exact; 0 becomes `step`."""
    multiples = np.rint(values / step)
    grid: Array = (np.where(multiples == 0, 1, multiples) * step).astype(values.dtype)
    return grid


def exactly(values: Array, dtype: Any) -> Array | None:
    """Return float64 values in `dtype`, or None where that would round one."""
    cast = values.astype(dtype)
    return cast if bool((cast == values).all()) else None


def judge_relation(implementation: Checked, relation: Relation, *, bits: bool = False) -> Judgement:
    """Judge whether the answer is the sum of its terms, within rounding or, with `bits`, bit for bit.

    Bits are asked for where every operation of any arithmetic commutes with the transformation, as products with
    powers of two do. That needs IEEE rounding, and numbers far from underflow; and an implementation that answers the
    same question differently each time is judged within rounding, for NUM4 tells of that.
    """
    asked = _Asked(implementation, relation)
    if not bits or implementation.unit_roundoff != _IEEE_ROUNDOFF[implementation.dtype]:
        return asked.judged(bits=False)
    judgement = asked.judged(bits=True)
    if judgement.outcome != "violated":
        return judgement
    if asked.near_underflow():
        return REJECTED
    return judgement if asked.steady() else asked.judged(bits=False)


class _Asked:
    """The answers to all questions of a relation, and what they say of it."""

    def __init__(self, implementation: Checked, relation: Relation) -> None:
        self.implementation = implementation
        self.relation = relation
        self.found = measure(implementation, relation.case)
        cases = {id(term.case): term.case for term in relation.terms}
        answers = {key: measure(implementation, case) for key, case in cases.items()}
        self.answers = [answers[id(term.case)] for term in relation.terms]
        self.questions = [self.found, *answers.values()]

    def judged(self, *, bits: bool) -> Judgement:
        """Judge gradient and loss; the gradient alone where no loss is reported."""
        of_gradient = self._gradient(bits)
        if any(measured.answer.loss is None for measured in self.questions):
            return self._without_kinks(of_gradient)
        of_loss = self._loss(bits)
        if of_gradient.outcome == "trivial" and of_loss.outcome != "violated":
            return TRIVIAL
        return self._without_kinks(together(of_gradient, of_loss))

    def near_underflow(self) -> bool:
        """Tell whether a number on the way of any pass is so small that a product with it may underflow."""
        least = _SMALLEST[self.implementation.dtype]
        for measured in self.questions:
            stages, batch = measured.expected.stages, measured.case.batch
            arrays = [*stages.pre_activations, *stages.activations, *stages.error_signals, batch.y]
            for array in (*arrays, measured.case.parameters.vector):
                if ((array != 0) & (np.abs(array) < least)).any():
                    return True
        return False

    def steady(self) -> bool:
        """Tell whether each question gets the same gradient when it is asked again."""
        return all(
            measure(self.implementation, measured.case).vector.tobytes() == measured.vector.tobytes()
            for measured in self.questions
            for _ in range(_ASKED_AGAIN)
        )

    def _without_kinks(self, judgement: Judgement) -> Judgement:
        """Blame a bound that is too wide on the kink where there is one: such a case will not do."""
        kinked = judgement.outcome == "too_wide" and near_a_kink(self.relation.case, self.found.expected)
        return REJECTED if kinked else judgement

    def _gradient(self, bits: bool) -> Judgement:
        relation, found = self.relation, self.found.answer.gradient
        parts = [
            term.coefficients * measured.vector[term.where]
            for term, measured in zip(relation.terms, self.answers, strict=True)
        ]
        expected = np.sum(parts, axis=0)
        bound = None if bits else self._gradient_bound(np.sum(np.abs(parts), axis=0))
        relevant = slice(None) if relation.relevant is None else relation.relevant
        trivial = not (found.vector[relevant].any() or expected[relevant].any())

        def tell(k: int) -> Telling:
            name, largest = found.name_of(k), 0.0 if bound is None else float(bound[k])
            return Telling(
                _sentence(relation.why, f"the gradient of {name}", expected[k], found.vector[k], largest),
                f"gradient of {name}",
                self._script("gradient", f"found[{k}]", self._expected_in_words(k), largest),
            )

        form: Tolerance = "exact" if bound is None else self.found.expected.form
        return judge_equal(found.vector, expected, tell, bound=bound, promise=PROMISE, tolerance=form, trivial=trivial)

    def _gradient_bound(self, size: Array) -> Array:
        """Return how far rounding may part both sides: of each answer, and of the sum of the terms."""
        bound = self.found.own_tolerance + (len(self.answers) + 1) * OWN_ROUNDOFF * size
        for term, measured in zip(self.relation.terms, self.answers, strict=True):
            bound = bound + np.abs(term.coefficients) * measured.own_tolerance[term.where]
        return bound

    def _loss(self, bits: bool) -> Judgement:
        relation, found = self.relation, float(self.found.answer.loss or 0.0)
        parts = [
            term.of_loss * float(measured.answer.loss or 0.0)
            for term, measured in zip(relation.terms, self.answers, strict=True)
        ]
        expected, bound = float(np.sum(parts)), 0.0
        if not bits:
            bound = self.found.loss_tolerance + (len(parts) + 1) * OWN_ROUNDOFF * float(np.abs(parts).sum())
            for term, measured in zip(relation.terms, self.answers, strict=True):
                bound += abs(term.of_loss) * measured.loss_tolerance
        factor = "" if len(self.questions) > 2 else f"{relation.terms[0].of_loss!r} * "
        told = Telling(
            _sentence(relation.why, "the loss", expected, found, bound),
            "loss",
            self._script("loss", "found", f"{factor}before", bound),
        )
        if bits:
            return judge_equal([found], [expected], lambda _: told)
        form = self.found.expected.form
        return judge_equal([found], [expected], lambda _: told, bound=bound, promise=PROMISE, tolerance=form)

    def _expected_in_words(self, k: int) -> str:
        if len(self.questions) > 2:
            return f"before[{k}]"
        terms = [(float(term.coefficients[k]), int(term.where[k])) for term in self.relation.terms]
        return " + ".join(f"{factor!r} * before[{i}]" for factor, i in terms if factor) or "0"

    def _script(self, what: str, found: str, expected: str, bound: float) -> tuple[str, ...]:
        can, asks = self.implementation.capabilities, self.implementation.offers("loss_and_gradient")
        scales = dict(can.loss_scale) if asks or can.loss_scale_in_training else {}
        answer = "gradient(at).astype(float)"
        if what == "loss":
            divided = f" / {scales!r}.get(network.loss, 1.0)" if scales else ""
            answer = f"float(implementation.loss_and_gradient(network, at, batch)[0]){divided}"
        lines = ["", "", "def ask(at):", f"    return {answer}", "", "", *self.relation.script]
        first, second = self.relation.terms[0].case.network.loss, self.relation.case.network.loss
        factor = scales.get(first, 1.0) / scales.get(second, 1.0)
        if what == "gradient" and factor != 1:  # `gradient` divides by the scale of the first
            lines.append(f"found = found * {factor!r}")
        return (*lines, assertion(found, expected, bound))


def _sentence(why: str, what: str, expected: Any, found: Any, bound: float) -> str:
    wanted = expected if isinstance(found, float) else found.dtype.type(expected)
    return f"{why}: {what} should be {number(wanted)} and is {number(found)}{explained(bound)}"
