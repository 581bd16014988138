"""What a property that asks for trainings has seen: an optimizer's fault, beside one of gradients or by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symtests.diagnosis.optimizers.sources import by_plain_steps, reported, right
from symtests.diagnosis.optimizers.trainings import TrainingFinding, Trainings
from symtests.diagnosis.questions.series import Designer
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import OutOfTime
from symtests.properties.base import Case

__all__ = ["Steps"]


class Steps:
    """Examines the optimizers of an implementation, each once.

    Where gradients are wrong, an optimizer is judged by the gradients that the implementation reports; where plain
    steps are, by what these follow.

    Parameters
    ----------
    implementation, seconds
        The implementation in one dtype, and how long it may be asked about each optimizer.
    designer
        Makes the questions.
    gradient_is_known
        Tells whether it is known that one gradient by itself is right.
    step_told
        What is wrong with plain steps, in words; empty where they are right.
    told_beside
        The same where gradients are wrong: what plain steps have besides.
    """

    def __init__(
        self,
        implementation: Checked,
        seconds: float,
        designer: Designer,
        *,
        gradient_is_known: Callable[[], bool],
        step_told: Callable[[Case], str],
        told_beside: Callable[[], str],
    ) -> None:
        self._implementation, self._seconds, self._designer = implementation, seconds, designer
        self._gradient_is_known, self._step_told, self._told_beside = gradient_is_known, step_told, told_beside
        self._known: dict[tuple[str, str], Trainings] = {}

    def told(self, case: Case, cases: Sequence[Case], of_gradient: str) -> str:
        """Return what is wrong, in words; empty where nothing is.

        Parameters
        ----------
        case
            The smallest case that broke a property.
        cases
            The trainings that it asked for.
        of_gradient
            What is wrong with gradients, in words; empty where they are right.
        """
        try:
            return self._told(case, cases, of_gradient)
        except OutOfTime:  # what is known of gradients is worth telling by itself
            if not of_gradient:
                raise
            return of_gradient

    def _told(self, case: Case, cases: Sequence[Case], of_gradient: str) -> str:
        optimizers = list(dict.fromkeys(each.training.optimizer for each in cases or [case]))
        if of_gradient:
            return self._told_with(of_gradient, optimizers, cases)
        findings = [self._finding(name, "right", cases) for name in optimizers]
        named = [finding.named for finding in findings if finding.named]
        if any(finding.is_kept for finding in findings) and self._step_told(case):
            return self._step_told(case)  # which may tell what is kept
        if named:
            return " Besides, ".join(dict.fromkeys(named))
        if all(finding.is_right for finding in findings):
            return self._step_told(case) if not cases else ""
        of_step = self._step_told(case)
        if not of_step:
            return next((finding.facts for finding in findings if finding.facts), "")
        others = [name for name in optimizers if name != "sgd"]
        return self._beside(of_step, [self._finding(name, "plain steps", cases) for name in others])

    def _told_with(self, of_gradient: str, optimizers: Sequence[str], cases: Sequence[Case]) -> str:
        """Return what is wrong with gradients and trainings, where both may be."""
        findings = [self._finding(name, self._way(name), cases) for name in optimizers]
        of_step = self._told_beside() if any(finding.facts for finding in findings) else ""
        if not of_step:
            return self._beside(of_gradient, findings)
        others = [self._finding(name, "plain steps", cases) for name in optimizers if name != "sgd"]
        return self._beside(f"{of_gradient} Besides, {of_step}", others)

    def _way(self, optimizer: str) -> str:
        """Return where gradients come from by which an optimizer is judged if they are wrong; empty: nowhere."""
        if self._implementation.offers("loss_and_gradient"):
            return "reported"
        return "plain steps" if optimizer != "sgd" and "sgd" in self._implementation.capabilities.optimizers else ""

    def _finding(self, optimizer: str, way: str, cases: Sequence[Case]) -> TrainingFinding:
        sources = {
            "right": right,
            "reported": reported(self._implementation),
            "plain steps": by_plain_steps(self._implementation),
        }
        if way not in sources:
            return TrainingFinding()
        if (optimizer, way) not in self._known:
            self._known[optimizer, way] = Trainings(
                self._implementation,
                self._seconds,
                self._designer,
                optimizer,
                sources[way],
                gradient_is_known=way == "right" and self._gradient_is_known(),
            )
        return self._known[optimizer, way].told(cases)

    def _beside(self, told: str, findings: Sequence[TrainingFinding]) -> str:
        """Return what was told with what is wrong besides."""
        further = [finding.named for finding in findings if finding.named]
        unexplained = [finding.facts for finding in findings if finding.facts]
        return " Besides, ".join(dict.fromkeys([told, *further, *unexplained[: not further]]))
