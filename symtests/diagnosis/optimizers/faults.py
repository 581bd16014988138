"""All fault models of trainings by an optimizer."""

from __future__ import annotations

from functools import cache

from symtests.diagnosis.optimizers.adam_faults import adam_faults
from symtests.diagnosis.optimizers.general_faults import general_faults
from symtests.diagnosis.optimizers.loop_faults import loop_faults
from symtests.diagnosis.optimizers.root_faults import root_faults
from symtests.diagnosis.optimizers.step_fault import StepFault
from symtests.diagnosis.optimizers.velocity_faults import velocity_faults

__all__ = ["faults_for"]


@cache
def faults_for(optimizer: str) -> tuple[StepFault, ...]:
    """Return the faults that trainings by an optimizer may have, the most usual first."""
    own: list[StepFault] = []
    if optimizer in ("momentum", "nesterov"):
        own += velocity_faults(optimizer)
    if optimizer in ("adam", "adamw"):
        own += adam_faults(optimizer)
    if optimizer in ("rmsprop", "adagrad"):
        own += root_faults(optimizer)
    return (*own, *general_faults(optimizer), *loop_faults(optimizer))
