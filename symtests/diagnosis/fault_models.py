"""What is thought of wrong gradients, one cause at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from symtests.diagnosis.clock import Clock
from symtests.diagnosis.combination import FaultModel, composed, predicted
from symtests.diagnosis.factors import factors
from symtests.diagnosis.faults.approximate import APPROXIMATE_FAMILIES, APPROXIMATE_FAULTS
from symtests.diagnosis.faults.backward import BACKWARD_FAMILIES, BACKWARD_FAULTS
from symtests.diagnosis.faults.data import DATA_FAMILIES, DATA_FAULTS
from symtests.diagnosis.faults.fault import Family, Fault, Gradient, concerns
from symtests.diagnosis.faults.fitting import fitted_constants
from symtests.diagnosis.faults.forward import FORWARD_FAMILIES, FORWARD_FAULTS
from symtests.diagnosis.faults.later import LATER_FAMILIES, LATER_FAULTS
from symtests.diagnosis.faults.loss import LOSS_FAMILIES, LOSS_FAULTS
from symtests.diagnosis.faults.slope import SLOPE_FAMILIES, SLOPE_FAULTS
from symtests.diagnosis.faults.step import STEP_FAMILIES, STEP_FAULTS
from symtests.diagnosis.questions.question import Answered
from symtests.float_json import Array
from symtests.network import Network

__all__ = ["FAMILIES", "FAULTS", "fault_models", "named_fault_models"]

FAULTS: Final = (
    *LOSS_FAULTS,
    *SLOPE_FAULTS,
    *FORWARD_FAULTS,
    *DATA_FAULTS,
    *BACKWARD_FAULTS,
    *APPROXIMATE_FAULTS,
    *LATER_FAULTS,
    *STEP_FAULTS,
)
FAMILIES: Final = (
    *LATER_FAMILIES,
    *LOSS_FAMILIES,
    *SLOPE_FAMILIES,
    *FORWARD_FAMILIES,
    *BACKWARD_FAMILIES,
    *DATA_FAMILIES,
    *APPROXIMATE_FAMILIES,
    *STEP_FAMILIES,
)
_NUDGE: Final = 1.0625
"""A constant is seen in an answer that would be another one with a constant so many times as large."""
_LEAST_CONSTANT: Final = 1e-9
"""A constant that is found and smaller is 0, but for rounding."""
_NAMED: Final = tuple(FaultModel(f.words, "", f.gradient, is_convention=f.is_convention) for f in FAULTS)


def named_fault_models(network: Network) -> Iterator[FaultModel]:
    """Yield the faults without a constant that may show in a network."""
    for fault, fault_model in zip(FAULTS, _NAMED, strict=True):
        if concerns(fault.implementation, network):
            yield fault_model


def fault_models(
    wrong: Sequence[Answered], clock: Clock, over: FaultModel | None = None, *, of_measures: bool = False
) -> Iterator[FaultModel]:
    """Yield what may be wrong with some answers: factors first, then what has no constant, then what has one.

    Parameters
    ----------
    wrong
        Wrong answers; factors and constants are found from the first of them that shows such.
    clock
        When to end.
    over
        A fault model that is taken for true already: constants are found from answers with that fault.
    of_measures
        Whether only factors and what has a constant are asked for.
    """
    yield from factors(wrong, over)
    for fault, fault_model in () if of_measures else zip(FAULTS, _NAMED, strict=True):
        if _may_show(fault, wrong) and not (fault in STEP_FAULTS and wrong[0].question.rate is None):
            yield fault_model
        if clock.is_over:
            return
    for family in FAMILIES:
        if not _may_show(family, wrong):
            continue
        if family in STEP_FAMILIES and wrong[0].question.rate is None:
            continue
        telling = [answered for answered in wrong if concerns(family.implementation, answered.question.network)]
        if over is None and len(telling) > 1 and not of_measures:
            telling.sort(key=lambda answered: not answered.is_far_off)
        yield from _fitted(family, telling[0], None if over is None else over.gradient)
        if clock.is_over:
            return


def _may_show(fault: Fault | Family, wrong: Sequence[Answered]) -> bool:
    return any(concerns(fault.implementation, answered.question.network) for answered in wrong)


def _fitted(family: Family, answered: Answered, over: Gradient | None) -> Iterator[FaultModel]:
    def curve(constant: float) -> Array:
        own = family.of(constant)
        return predicted(own if over is None else composed([over, own]), answered.question)

    for constant in family.constants or fitted_constants(curve, answered):
        if abs(constant) < _LEAST_CONSTANT or (family.is_of_size and constant < 0):
            continue
        fault = family.with_constant(constant)
        yield FaultModel(fault.words, "", fault.gradient, family.of, constant, _near(constant, family.constants))


def _near(constant: float, constants: Sequence[float]) -> tuple[float, ...]:
    """Return the next ones of some constants, and where there are none but this one, one that is a little larger."""
    if not constants:
        return (_NUDGE * constant,)
    ordered = sorted(constants)
    at = ordered.index(constant)
    return (*ordered[max(at - 1, 0) : at], *ordered[at + 1 : at + 2])
