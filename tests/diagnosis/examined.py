"""How the tests ask what is wrong with an implementation."""

from symtests.diagnosis import Examination
from symtests.diagnosis.questions.series import Designer
from symtests.implementations.checked import Checked
from symtests.properties.base import Case
from symtests.training import Training

LONG_ENOUGH = 60.0
"""Seconds: what is said here must not depend on how busy the machine is."""


def case_for(checked: Checked, optimizer: str = "sgd") -> Case:
    question = Designer(checked.capabilities, checked.dtype, None).plain()
    return Case(question.network, question.parameters, question.batch, Training(optimizer))


def diagnosis(
    implementation: object, operation: str = "loss_and_gradient", optimizer: str = "sgd", dtype: str = "float64"
) -> str:
    """Return what is said after a property has been broken that asks for one operation."""
    checked = Checked(implementation, dtype)
    return Examination(checked, LONG_ENOUGH).diagnosis_of(case_for(checked, optimizer), [operation])
