"""What is said of losses: a constant after fresh losses have shown it, a wrong loss beside a wrong gradient."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered, Question
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.reported import loss_told
from symtests.implementations.checked import Checked
from tests.diagnosis.examined import LONG_ENOUGH, diagnosis
from tests.diagnosis.measured.gradient_faults import GeluByTanh, InputsClipped, LossSummed, MeanMissing
from tests.diagnosis.measured.listing import fault_of
from tests.diagnosis.measured.reference import Reference


class LossOfAThird(Reference):
    """Reports 1.3 times the loss."""

    def loss(self, network, z, batch):
        return 1.3 * super().loss(network, z, batch)


class LossWithPenalty(Reference):
    """Adds an eighth of the sum of squares to the loss that it reports, and leaves the gradient as it is."""

    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss + float(parameters.vector @ parameters.vector) / 8, gradient


def answers_of(implementation: object, questions: Sequence[Question]) -> list[Answered]:
    return Interview(Checked(implementation, "float64"), LONG_ENOUGH).ask_all(questions)


@pytest.mark.parametrize(
    ("implementation", "words"),
    [
        (LossOfAThird, "the loss is 1.3 times too large"),
        (LossWithPenalty, "the loss is the right one with 0.125 times the sum of theta² added"),
    ],
)
def test_a_constant_is_named_after_fresh_losses_have_shown_it(implementation: type[Reference], words: str) -> None:
    answers = answers_of(implementation(), list(Designer(Reference.capabilities, "float64", None).series()))

    def fresh_of(other: type[Reference], most: int) -> str | None:
        return loss_told(answers, (), lambda questions: answers_of(other(), questions[:most]))

    assert (fresh_of(implementation, 99) or "").startswith(words)
    assert words not in (fresh_of(implementation, 2) or "")  # too few
    assert words not in (fresh_of(Reference, 99) or "")  # and these are refuted


def test_a_loss_that_is_wrong_by_no_constant_needs_no_fresh_one() -> None:
    answers = answers_of(LossSummed(), list(Designer(Reference.capabilities, "float64", None).series()))
    assert (loss_told(answers, (), lambda questions: ()) or "").startswith("the loss is N times too large")


def both(*names: str) -> Reference:
    return type("Both", tuple(fault_of(name).kind for name in names), {})()


@pytest.mark.parametrize("names", [("PenaltyInGradient", "LossSummed"), ("InputsClipped", "LossSummed"),
                                   ("GradientReversed", "LossSummed")])  # fmt: skip
def test_a_wrong_loss_beside_a_wrong_gradient_is_told_as_two(names: tuple[str, str]) -> None:
    told = diagnosis(both(*names))
    assert fault_of(names[0]).is_named_in(told)
    assert told.endswith(
        "Besides, the loss is N times too large, N being the batch size: the mean over the batch is missing."
    )


class LossOfTheRightInputs(InputsClipped):
    """Clips the inputs, but for the loss."""

    def loss_and_gradient(self, network, parameters, batch):
        loss, _ = Reference().loss_and_gradient(network, parameters, batch)
        return loss, super().loss_and_gradient(network, parameters, batch)[1]


@pytest.mark.parametrize("implementation", [GeluByTanh, InputsClipped, LossOfTheRightInputs, MeanMissing])
def test_a_loss_that_follows_from_the_cause_is_not_told_as_another(implementation: type[Reference]) -> None:
    told = diagnosis(implementation())
    assert "This explains the wrong answers" in told
    assert "the loss is" not in told
