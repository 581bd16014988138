"""How the tests ask what is wrong with an implementation."""

from symtests.diagnosis import Examination
from symtests.diagnosis.questions.series import Designer
from symtests.implementations.subject import Subject
from symtests.properties.base import Case
from symtests.training import Training

LONG_ENOUGH = 60.0
"""Seconds: what is said here must not depend on how busy the machine is."""


def case_for(subject: Subject, optimizer: str = "sgd") -> Case:
    question = Designer(subject.capabilities, subject.dtype, None).plain()
    return Case(question.network, question.parameters, question.batch, Training(optimizer))


def diagnosis(
    implementation: object, operation: str = "loss_and_gradient", optimizer: str = "sgd", dtype: str = "float64"
) -> str:
    """Return what is said after a law has been broken that asks for one operation."""
    subject = Subject(implementation, dtype)
    return Examination(subject, LONG_ENOUGH).diagnosis_of(case_for(subject, optimizer), [operation])
