"""Adds to a violation what is wrong with the implementation, as far as further questions show it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symtests.checking.results.verdict import Verdict
from symtests.diagnosis import Examination
from symtests.implementations.checked import Call, Checked
from symtests.implementations.misbehaviour import OutOfTime
from symtests.properties.base import Case, Property

__all__ = ["diagnosis_of", "with_diagnosis"]


def with_diagnosis(
    verdict: Verdict, prop: Property, implementation: Checked, examination: Examination, seconds: float
) -> Verdict:
    """Return a verdict whose counterexample, if it is a violation, says what is wrong.

    Whatever goes wrong here, the verdict stays: a diagnosis is worth less than what it is about. A fault of symtests
    in it is told among the observations.

    Parameters
    ----------
    verdict, prop
        What was found of which property.
    implementation
        The implementation in the dtype of the check.
    examination
        What is known of it already; one serves all checks of a dtype.
    seconds
        How long all questions may take; 0 for no questions.
    """
    found = verdict.counterexample
    if verdict.word != "violated" or found is None or seconds <= 0:
        return verdict
    try:
        told = diagnosis_of(Case.from_json(found.case), prop, implementation, examination, seconds)
    except Exception as error:
        sentence = f"The diagnosis failed by a fault of symtests: {type(error).__name__}: {error}. Please report it."
        return replace(verdict, observations=(*verdict.observations, {"sentence": sentence, "data": {}}))
    return replace(verdict, counterexample=replace(found, diagnosis=told))


def diagnosis_of(case: Case, prop: Property, implementation: Checked, examination: Examination, seconds: float) -> str:
    """Return what is wrong, in words, with an implementation that violates a property in this case; empty if unknown.

    Parameters
    ----------
    case, prop
        The smallest case, and which property it breaks.
    implementation, examination, seconds
        As for `with_diagnosis`.
    """
    with implementation.within(seconds):
        asked = _asked(implementation, prop, case)
        try:
            return examination.diagnosis_of(case, asked.operations, asked.gradients, asked.trainings)
        except OutOfTime:  # before that is known
            return ""


@dataclass(frozen=True)
class _Asked:
    """What a property asks of an implementation: which operations, and where for a gradient or a training."""

    operations: set[str] = field(default_factory=set)
    gradients: list[Case] = field(default_factory=list)
    trainings: list[Case] = field(default_factory=list)

    def note(self, case: Case, call: Call, *, is_scaled: bool) -> None:
        """Note one call; a training of a scaled loss is another one than was asked for."""
        self.operations.add(call.operation)
        if call.operation == "loss_and_gradient":
            network, parameters, batch = call.arguments
            self.gradients.append(replace(case, network=network, parameters=parameters, batch=batch))
        elif call.operation == "train" and not is_scaled:
            network, parameters, batch, training = call.arguments
            self.trainings.append(Case(network, parameters, batch, training))


def _asked(implementation: Checked, prop: Property, case: Case) -> _Asked:
    """Return what the property asks of the implementation in this case."""
    asked = _Asked()
    told_before = implementation.on_call

    def note(call: Call) -> None:
        asked.note(case, call, is_scaled=bool(implementation.capabilities.loss_scale))
        if told_before is not None:
            told_before(call)

    implementation.on_call = note
    try:
        prop.judge(implementation, case)
    except (Exception, OutOfTime):  # it may raise in one run and not in another; what was asked until then is known
        pass
    finally:
        implementation.on_call = told_before
    return asked
