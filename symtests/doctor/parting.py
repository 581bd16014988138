"""What parts units that are alike: one tensor drawn at random, or noise; both are tried by real steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from symtests.doctor.findings import Finding, listed
from symtests.doctor.model import Examined, own_parts
from symtests.doctor.ties import distance, tie_classes
from symtests.doctor.watching import Record
from symtests.model.groups import Group, Part, Values

__all__ = ["redraw", "with_cure"]

_STEPS: Final = 3
_TRIALS: Final = 6
_NOISE: Final = 1e-3
"""Of the size of what belongs to the units."""


def redraw(model: Examined, tensors: Sequence[str]) -> str:
    """Return a line of code that draws tensors as layers do."""
    more = f"  # and {len(tensors) - 1} like it" if len(tensors) > 1 else ""
    return model.code(tensors[0], "layer") + more


def with_cure(model: Examined, group: Group, finding: Finding, record: Record) -> Finding:
    """Return a finding on units that stay alike with what was seen to part them.

    Parameters
    ----------
    model
        It is started again.
    group
        Theirs.
    finding
        What was found.
    record
        What the steps from the real start showed.
    """
    said, cure = finding.sentence, redraw(model, group.parts[0].tensors)
    asked = [
        part for part in group.parts if all(model.facts[name].trainable for name in part.tensors if name in model.facts)
    ]
    asked = [
        part for part in asked if all(name in model.facts and len(model.facts[name].shape) > 1 for name in part.tensors)
    ]
    asked.sort(key=lambda part: sum(model.facts[name].size for name in part.tensors))
    for part in asked[:_TRIALS]:
        step = _parts_at(model, group, part)
        if step is not None:
            said += (
                f". Tried: with {listed(part.tensors)} alone drawn at random, all of them differ from step {step} on"
            )
            cure = redraw(model, part.tensors)
            break
    if group.kind == "experts":
        said += _of_noise(model, group, record)
    return replace(finding, sentence=said, cure=cure)


def _parts_at(model: Examined, group: Group, part: Part) -> int | None:
    """Return after how many steps all units differ in every matrix, if one tensor of theirs is drawn at random."""
    model.restart()
    model.put(model.generic(part.tensors))
    names = [name for name in group.tensors if name in model.facts and len(model.facts[name].shape) > 1]
    others = [each for each in group.parts if each is not part and each.tensors[0] in names]
    for number in range(1, _STEPS + 1):
        if not math.isfinite(model.step(number - 1)):
            return None
        values = model.values()
        if not any(tie_classes(Group(group.name, group.kind, group.size, (each,)), values) for each in others):
            return number
    return None


def _of_noise(model: Examined, group: Group, record: Record) -> str:
    """Say how far apart noise on the units alone brings them, and how that grows."""
    model.restart()
    random = np.random.default_rng(0)
    values = model.values()
    own = own_parts(group, model.facts)
    noisy: dict[str, Values] = {}
    for part in own:
        for name in part.tensors:
            scale = float(np.sqrt(np.square(values[name]).mean()))
            noise = _NOISE * scale * random.standard_normal(values[name].shape)
            noisy[name] = (values[name] + noise).astype(values[name].dtype)
    model.put(noisy)
    inner = Group(group.name, group.kind, group.size, own)
    first = distance(inner, model.values(), range(group.size))
    for number in range(record.steps):
        model.step(number)
    last = distance(inner, model.values(), range(group.size))
    return (
        f"; with noise of {_NOISE:g} of their size on them alone they are {first:.3g} apart at the start and "
        f"{last:.3g} after {record.steps} steps ({(last / first) ** (1 / record.steps):.4f} times as much at each step)"
    )
