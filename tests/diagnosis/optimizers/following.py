"""Trainings that follow a rule exactly, as if an implementation had it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from symtests.diagnosis.optimizers.matching import rule_of
from symtests.diagnosis.optimizers.sources import right
from symtests.diagnosis.optimizers.step_fault import StepFault
from symtests.diagnosis.optimizers.trained import Trained, few_steps
from symtests.diagnosis.questions.series import Designer
from symtests.implementations.base import Capabilities

DESIGNER = Designer(Capabilities(), "float64", None)


def trainings_of(faults: Sequence[StepFault], optimizer: str) -> list[Trained]:
    """Return the designed trainings as an implementation with these faults does them."""
    rule, found = rule_of(faults), []
    for question, training in few_steps(DESIGNER, optimizer):
        asked = Trained(question, training, question.theta, right(question, 0.125), 2.0**-53)
        found.append(replace(asked, found=asked.after(rule)))
    return found


def are_alike(first: Sequence[StepFault], second: Sequence[StepFault], optimizer: str) -> bool:
    """Tell whether two sets of faults lead to the same parameters in all designed trainings."""
    return all(
        np.allclose(a.found, b.found, rtol=0, atol=1e-10, equal_nan=True)
        for a, b in zip(trainings_of(first, optimizer), trainings_of(second, optimizer), strict=True)
    )
