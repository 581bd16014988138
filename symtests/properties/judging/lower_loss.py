"""Which of two points has the lower loss, as an implementation reports it."""

from __future__ import annotations

from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Judgement
from symtests.properties.judging.answers import measure
from symtests.properties.judging.judging import TRIVIAL, number, violated

__all__ = ["judge_lower"]


def judge_lower(implementation: Checked, case: Case, other: Case, where: str, script: tuple[str, ...]) -> Judgement:
    """Judge whether the loss of `other` is reported on the side of that of `case` on which it lies.

    It is trivial where no loss is reported, or where rounding may explain half of the difference.

    Parameters
    ----------
    implementation
        Who is asked.
    case, other
        Two questions about one network.
    where
        Says where `other` lies, as in "with weights of 1/8".
    script
        Lines that end with the parameters of `other` in `theta`, given those of `case` in `parameters`.
    """
    here, there = measure(implementation, case), measure(implementation, other)
    if here.answer.loss is None or there.answer.loss is None:
        return TRIVIAL
    right = there.expected.loss - here.expected.loss
    bound = here.loss_tolerance + there.loss_tolerance
    if abs(right) <= 2 * bound:
        return TRIVIAL
    found = there.answer.loss - here.answer.loss
    lies, sign = ("lower", "<") if right < 0 else ("higher", ">")
    if found * right > 0:
        return Judgement("held", fraction=abs(found - right) / bound, tolerance=here.expected.form)
    return violated(
        f"{where}, the loss is {lies} by {abs(right):.9g}, but it is reported as {number(there.answer.loss)} there and "
        f"as {number(here.answer.loss)} here",
        "loss",
        (
            *script,
            "loss = [float(implementation.loss_and_gradient(network, at, batch)[0]) for at in (parameters, theta)]",
            f"assert loss[1] {sign} loss[0], loss",
        ),
        expected=here.answer.loss + right,
        found=there.answer.loss,
    )
