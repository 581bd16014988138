"""Tensors that do not move: stuck for ever, or late and harmless; and what sets a stuck one free, tried in steps."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from symtests.doctor.findings import COSTLY, FATAL, HARMLESS, TO_KNOW, Finding, listed
from symtests.doctor.model import Examined
from symtests.doctor.watching import Record
from symtests.model.groups import Values

__all__ = ["judge_movement"]

_TRIED_STEPS: Final = 3
"""Steps of a trial: a path of two factors opens at the second."""
_TRIALS: Final = 24
_ALONE: Final = 8
"""Stuck tensors up to which each is tried alone."""
_TELLING_RATIO: Final = 100.0
"""Between gradients of layers of one kind, from which it is worth a sentence."""


def judge_movement(model: Examined, record: Record, explained: Collection[str] = ()) -> Iterator[Finding]:
    """Yield what is to be said of tensors whose gradient is exactly zero, at all steps or at the first ones.

    Parameters
    ----------
    model
        It is started again, and left at random values.
    record
        What its steps showed.
    explained
        Tensors of which it was said already why they get no gradient: the others in their groups are alike.
    """
    if not record.finite:
        step = next(place for place, loss in enumerate(record.losses) if not math.isfinite(loss))
        yield Finding(
            "not finite", FATAL, f"the loss is {record.losses[step]} at step {step}", (),
            "start smaller, or take a smaller learning rate", {"step": step},
        )  # fmt: skip
        return
    chosen = _members_beside_others(record)
    stuck = [name for name, each in record.tensors.items() if each.stuck and name not in chosen]
    stuck = [name for name in stuck if name not in explained and model.facts[name].size]
    if stuck:
        yield from _stuck(model, record, stuck)
    yield from _late(record, chosen)
    yield from _vanishing(model, record)


def _members_beside_others(record: Record) -> set[str]:
    """Return the tensors of experts that nothing chose, while others got a gradient: they are told of as units."""
    return {
        part.tensors[unit]
        for each in record.groups
        if len(each.dead) < each.group.size
        for part in each.group.parts
        if part.axis is None
        for unit in each.dead
    }


def _stuck(model: Examined, record: Record, stuck: Sequence[str]) -> Iterator[Finding]:
    free = _moved_at(model, model.generic(), stuck, update=False)
    by_start = [name for name in stuck if name in free]
    always = [name for name in stuck if name not in free]
    for together, cure, when in _freed_together(model, record, by_start):
        yield _stuck_by_start(model, record, together, cure, when)
    flat: dict[tuple[str, ...], list[str]] = {}
    for name in always:
        flat.setdefault(tuple(model.flat_operations(name)), []).append(name)
    asked = [name for name, fact in model.facts.items() if fact.trainable and not record.tensors[name].without]
    for operations, names in flat.items():
        everything = len(always) == len(asked)
        where = f" behind {listed(operations)!r}, which passes no gradient" if operations else ""
        yield Finding(
            "no gradient passes", FATAL if everything or operations else COSTLY,
            f"{listed(names)}: a gradient of exactly 0 at all {record.steps} steps, and at random values too{where}: "
            + ("" if operations else "not the start, but these batches or an operation that passes no gradient; ")
            + ("nothing learns" if everything else f"{len(names)} of {len(asked)} tensors do not learn"),
            tuple(names), "", {"operations": list(operations), "tensors": len(names)},
        )  # fmt: skip


def _stuck_by_start(model: Examined, record: Record, stuck: Sequence[str], cure: Sequence[str], when: int) -> Finding:
    zero = [name for name in stuck if record.tensors[name].constant == 0]
    number = sum(model.facts[name].size for name in stuck)
    said = (
        f"{listed(stuck)}: a gradient of exactly 0 at all {record.steps} steps: "
        f"{'it stays' if len(stuck) == 1 else 'they stay'} as at the start ({number:,} numbers)"
    )
    if zero and len(stuck) > 1:
        said += f"; {listed(zero)} {'is' if len(zero) == 1 else 'are'} 0, and each waits for the other"
    code = ""
    if cure:
        who = listed(cure)
        alone = "alone " if len(stuck) > len(cure) else ""
        bias = cure[0].endswith("bias") and record.tensors[cure[0]].constant != 0
        said += f". Tried: with {who} {alone}drawn at random, all of them move from step {when} on"
        code = model.code(cure[0], "zeros" if bias else "normal")
        code += f"  # and {len(cure) - 1} like it" if len(cure) > 1 else ""
    only_biases = all(name.endswith("bias") for name in stuck)  # what they are added to learns
    return Finding(
        "stuck",
        COSTLY if only_biases else FATAL,
        said,
        tuple(stuck),
        code,
        {"elements": number, "cure": list(cure), "moves_from_step": when},
    )


def _freed_together(
    model: Examined, record: Record, stuck: Sequence[str]
) -> Iterator[tuple[list[str], list[str], int]]:
    """Yield stuck tensors that are set free together, with what does so, and the step from which all of them move.

    Real steps are taken with random values of one tensor at a time; of many stuck ones, with those of one name in all
    layers, as every ``lora_B``. What no such trial frees is tried with all of it at random.
    """
    kinds: dict[str, list[str]] = {}
    by_name = len(stuck) > _ALONE
    for name in sorted(stuck, key=lambda each: (record.tensors[each].constant is None, -len(model.facts[each].shape))):
        kinds.setdefault(re.sub(r"\d+", "#", name) if by_name else name, []).append(name)
    trials = [(names, _moved_at(model, model.generic(names), stuck)) for names in list(kinds.values())[:_TRIALS]]
    left = list(stuck)
    while left:
        names, moved = max(
            trials,
            key=lambda trial: (len([each for each in left if each in trial[1]]), -max(trial[1].values(), default=0)),
        )
        freed = [each for each in left if each in moved]
        if not freed:
            break
        yield freed, names, max(moved[each] for each in freed)
        left = [each for each in left if each not in moved]
    if left:
        moved = _moved_at(model, model.generic(left), left)
        together = len(moved) == len(left)
        yield left, left if together else [], max(moved.values(), default=0)


def _moved_at(
    model: Examined, values: Mapping[str, Values], names: Sequence[str], *, update: bool = True
) -> dict[str, int]:
    """Return at which step of a trial from these values each tensor first gets a gradient, beyond rounding."""
    model.restart()
    model.put(values)
    found: dict[str, int] = {}
    for number in range(_TRIED_STEPS):
        loss = model.step(number, update=update)
        if not math.isfinite(loss):
            break
        largest = {
            name: float(abs(each).max(initial=0.0)) for name, each in model.gradients().items() if each is not None
        }
        least = model.unit_roundoff**0.75 * sorted(largest.values())[len(largest) // 2] if largest else 0.0
        for name in names:
            if largest.get(name, 0.0) > least:  # what a sum that cancels leaves, as before a normalization, is less
                found.setdefault(name, number)
    return found


def _late(record: Record, beside: set[str]) -> Iterator[Finding]:
    """Explain what moves from a later step on, and the zeros that do no harm."""
    firsts = {name: each.first_gradient for name, each in record.tensors.items() if each.first_gradient is not None}
    late = {name: step for name, step in firsts.items() if step and name not in beside}
    zero = [name for name, step in firsts.items() if step == 0 and record.tensors[name].constant == 0]
    matrices = [name for name in zero if not name.endswith("bias")]
    if late:
        step = max(late.values())
        whole = len(late) + sum(each == 0 for each in firsts.values())
        early = [name for name, each in firsts.items() if each == 0]
        cause = f"{listed(matrices)} {'is' if len(matrices) == 1 else 'are'} 0: " if matrices else ""
        first = (
            f"step 0 moves only {listed(early)}" if len(early) <= len(late)
            else f"at step 0 {listed(list(late))} {'gets' if len(late) == 1 else 'get'} a gradient of exactly 0"
        )  # fmt: skip
        yield Finding(
            "late", HARMLESS, f"{cause}{first}; from step {step} on every one of {whole} tensors moves",
            tuple(matrices or late), "", {"late": len(late), "step": step},
        )  # fmt: skip
    elif matrices:
        yield Finding(
            "zero start", HARMLESS,
            f"{listed(matrices)}: 0 at the start, moves from step 0 on; no other tensor waits for "
            f"{'it' if len(matrices) == 1 else 'them'}",
            tuple(matrices), "", {"tensors": len(matrices)},
        )  # fmt: skip


def _vanishing(model: Examined, record: Record) -> Iterator[Finding]:
    """Compare the gradients of tensors of one name in numbered layers, at the last step."""
    kinds: dict[str, list[str]] = {}
    step = record.steps - 1
    norms = {
        name: (each.gradients[step] or 0.0) / math.sqrt(max(1, model.facts[name].size))
        for name, each in record.tensors.items()
    }
    for name, fact in model.facts.items():
        if len(fact.shape) > 1 and norms[name] > 0:
            kinds.setdefault(re.sub(r"\d+", "#", name), []).append(name)
    for names in kinds.values():
        names.sort(key=norms.__getitem__)
        ratio = norms[names[-1]] / norms[names[0]]
        if ratio >= _TELLING_RATIO:
            layers = len(names) - 1
            yield Finding(
                "vanishing", TO_KNOW,
                f"{names[0]}: its gradient is 1/{ratio:.0f} of that of {names[-1]} a number at step {step}"
                + (f", {ratio ** (-1 / layers):.2g} per layer" if layers > 1 else "")
                + ": small, not 0; plain descent moves it so much less, Adam does not",
                (names[0],), "", {"ratio": ratio, "step": step},
            )  # fmt: skip
