"""What a check of one's own can tell, in words: lines with a heading each, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symtests.own_check.agreement import AgreementReport, AtStep
from symtests.own_check.difference import Difference, DifferenceReport, TensorSeen
from symtests.own_check.setting import Setting

__all__ = ["agreement_told", "difference_told"]

Lines = list[tuple[str, str]]
"""Headings, empty where a line goes on with the one before it, and what stands beside them."""


def difference_told(setting: Setting, report: DifferenceReport) -> Lines:
    """Return what a check by differences can tell."""
    check, tried = report.check, _count(report.tried, report.components)
    kinks = f"; {report.kinks} steps cross a kink of an activation" if report.kinks else ""
    error = (
        f"{_number(report.truncation)} by the step{kinks}, {_number(report.rounding)} by rounding to {check.dtype} "
        f"(a correct loss may reach {_number(report.rounding_limit)})"
    )
    lines = [
        ("Check", _check(check)),
        ("Network", f"{setting.in_words()}; {tried} components tried"),
        ("Its own error", error),
        ("A right gradient", _right(report)),
    ]
    lines += [("By tensor" if tensor is report.tensors[0] else "", _tensor(tensor)) for tensor in report.tensors]
    lines += _listed("It misses", report.missed, "none of the faults tried")
    seen = [f"{fault.name} ({fault.fails} of {report.tried})" for fault in report.faults if fault.fails]
    lines += _listed("It sees", seen, "none of the faults tried")
    best, better = report.best_step, report.suggested
    own = next(tried for tried in report.steps if tried.step == check.step)
    steps = (
        f"the error is {_number(own.error)} of the largest gradient of its tensor with step {check.step:g}, and least, "
        f"{_number(best.error)}, with step {best.step:g}"
    )
    suggested = (
        f"step {better.check.step:g}, rtol {better.check.rtol:g}, atol {better.check.atol:g}: ten times what the right "
        f"gradient needs here; misses {_enumerated(better.missed) or 'none of the faults tried'}"
    )
    return [*lines, ("Other steps", steps), ("Better", suggested)]


def agreement_told(setting: Setting, report: AgreementReport) -> Lines:
    """Return what a comparison of two trainings can tell."""
    check = report.check
    settings = f"{check.training.optimizer}, learning rate {check.training.learning_rate:g}"
    lines = [
        ("Check", f"|a - b| <= {check.atol:g} + {check.rtol:g} |b|, parameters after a training in {check.dtype}"),
        ("Network", f"{setting.in_words()}; {settings}"),
        ("Compared", f"{report.ways} right trainings that differ by rounding alone, in pairs"),
    ]
    for at in report.at:
        lines += _at_step(at, check.rtol, check.atol)
    doubling = report.doubling_steps
    if doubling is not None:
        lines.append(("Growth", f"the difference of two right trainings doubles every {doubling:.3g} steps"))
    return lines


def _at_step(at: AtStep, rtol: float, atol: float) -> Lines:
    parted = (
        f"right trainings part by {_number(at.median_parted)} (median) to {_number(at.most_parted)} (largest); the "
        f"parameters have moved by {_number(at.moved)}"
    )
    lines = [(f"After {at.steps} step{'s' * (at.steps > 1)}", parted)]
    if at.pairs_failing:
        wide = f"rtol {_rounded_up(rtol * at.needed)}, atol {_rounded_up(atol * at.needed)} would pass them"
        lines.append(("", f"the check fails for {at.pairs_failing} of {at.pairs} right pairs; {wide}"))
    else:
        lines.append(("", f"the check passes for all {at.pairs} pairs, by {_number(at.most_share)} of what is allowed"))
    lines += (
        [("", line) for _, line in _listed("", at.missed, "", before="misses: ")]
        if at.missed
        else [("", f"misses none of the {len(at.faults)} faults tried")]
    )
    if at.hidden:
        lines.append(("", f"no tolerance would see: {_enumerated(at.hidden)}"))
    return lines


def _check(check: Difference) -> str:
    kind = "central" if check.central else "forward"
    return f"{kind} difference, step {check.step:g}, {check.dtype}: |g - d| <= {check.atol:g} + {check.rtol:g} |d|"


def _right(report: DifferenceReport) -> str:
    if not report.fails_when_right:
        return f"passes in all {report.tried} components"
    return (
        f"FAILS in {report.fails_when_right} of {report.tried} components: there the check's own error is larger than "
        "what it allows"
    )


def _tensor(tensor: TensorSeen) -> str:
    head = f"{tensor.name}, {_count(tensor.tried, tensor.components)}: "
    zero = f"; 0 passes for the gradient in {tensor.zero_passes}" if tensor.zero_passes else ""
    if tensor.factors is None:
        return f"{head}the right gradient fails{zero}"
    low, high = tensor.factors
    if not (math.isfinite(low) or math.isfinite(high)):
        return f"{head}the gradient is 0{zero}"
    return f"{head}a factor from {low:.6g} to {high:.6g} passes{zero}"


def _listed(heading: str, names: Sequence[str], none: str, before: str = "") -> Lines:
    if not names:
        return [(heading, none)]
    return [
        (heading if i == 0 else "", f"{before if i == 0 else ' ' * len(before)}{name}") for i, name in enumerate(names)
    ]


def _enumerated(names: Sequence[str]) -> str:
    return "; ".join(names)


def _count(tried: int, components: int) -> str:
    return f"all {components}" if tried == components else f"{tried} of {components}"


def _number(value: float) -> str:
    return f"{value:.2g}"


def _rounded_up(value: float) -> str:
    """Return the number rounded up to one digit."""
    if not (0 < value < math.inf):
        return f"{value:g}"
    power = 10.0 ** math.floor(math.log10(value))
    return f"{math.ceil(value / power) * power:g}"
