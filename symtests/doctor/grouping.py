"""Groups of units that can be exchanged: from the axes of a computation, from the names of experts, and confirmed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from symtests.doctor.axes import Axes, Axis
from symtests.doctor.model import Examined, Facts
from symtests.model.groups import Group, Indices, Part, Values, exchanged

__all__ = ["confirmed", "expert_candidates", "groups_of", "layer_of"]

_NOTHING: Final = Facts("", ())
_RECURRENT: Final = ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")


def groups_of(axes: Axes, tensors: Mapping[str, Sequence[Axis]], facts: Mapping[str, Facts]) -> list[Group]:
    """Return the groups of a computation: the atoms that no operation fixed, each with all axes in which it occurs.

    Parameters
    ----------
    axes, tensors
        What was found of the axes of each tensor.
    facts
        Of the parameters; tensors without facts are further state, as the averages of a normalization.
    """
    found: dict[int, dict[tuple[str, int], list[Indices]]] = {}
    for name, of_tensor in tensors.items():
        for place, axis in enumerate(of_tensor):
            for atom, members in axes.leaves(axis):
                if not axes.is_fixed(atom) and len(members) > 1:
                    found.setdefault(atom, {}).setdefault((name, place), []).append(members)
    groups = []
    for parts_of in found.values():
        parts = [Part((name,), place, np.hstack(members)) for (name, place), members in parts_of.items()]
        if any(part.tensors[0] in facts for part in parts):
            groups.append(_named(parts, facts))
    groups.sort(key=lambda group: min(facts[name].order for name in group.tensors if name in facts))
    return groups


def _named(parts: list[Part], facts: Mapping[str, Facts]) -> Group:
    own = sorted(
        (part for part in parts if part.tensors[0] in facts),
        key=lambda part: (not part.tensors[0].endswith("weight"), facts[part.tensors[0]].order),
    )
    matrices = [part for part in own if len(facts[part.tensors[0]].shape) > 1]
    makers = [part for part in matrices if _makes(part, facts)]
    maker = (makers or matrices or own)[0]
    kind = _kind(maker, parts, facts)
    if kind == "experts":
        maker = next(part for part in matrices if len(facts[part.tensors[0]].shape) == 3)
    fact = facts[maker.tensors[0]]
    return Group(
        layer_of(fact.name), kind, len(maker.positions), tuple(sorted(parts, key=lambda part: part is not maker))
    )


def layer_of(tensor: str) -> str:
    """Return the layer that a tensor belongs to: net.0 of net.0.weight, rnn layer 1 of rnn.weight_hh_l1."""
    owner, _, own = tensor.rpartition(".")
    if not owner or not re.fullmatch(r"(in_proj_)?(weight|bias)(_[ih]h_l\d+(_reverse)?)?|kernel|embeddings?", own):
        return tensor
    _, layered, number = own.partition("h_l")
    return f"{owner} layer {number}" if layered else owner


def _makes(part: Part, facts: Mapping[str, Facts]) -> bool:
    """Tell whether it is the axis of a layer's outputs."""
    kind, shape = facts[part.tensors[0]].kind, facts[part.tensors[0]].shape
    if kind.endswith("Last"):
        return part.axis == len(shape) - 1
    return part.axis == (1 if kind == "Embedding" or "Transpose" in kind or kind == "Conv1D" else 0)


def _kind(maker: Part, parts: Sequence[Part], facts: Mapping[str, Facts]) -> str:
    kinds = [facts[part.tensors[0]].kind for part in parts if part.tensors[0] in facts]
    kind = facts[maker.tensors[0]].kind.removesuffix("Last")
    block = maker.positions.shape[1]
    if kind.startswith("Conv") and kind != "Conv1D":
        return "channels" if block == 1 else "groups of channels" if _is_contiguous(maker) else "channels of each group"
    if kind in _RECURRENT:
        return "cells"
    if "Embedding" in kinds:
        return "embedding dimensions"
    if _is_low_rank(parts, facts):
        return "components"
    if sum(len(facts[part.tensors[0]].shape) == 3 for part in parts if part.tensors[0] in facts) > 1 and all(
        part.axis == 0 for part in parts if part.tensors[0] in facts and len(facts[part.tensors[0]].shape) == 3
    ):
        return "experts"
    blocks = [part.positions.shape[1] for part in parts if len(facts.get(part.tensors[0], _NOTHING).shape) > 1]
    if len(blocks) > 1 and min(blocks) > 1:
        return "heads" if _is_contiguous(maker) else "dimensions of heads"
    return "hidden units"


def _is_contiguous(part: Part) -> bool:
    return bool(part.positions[0, 1] == part.positions[0, 0] + 1)


def _is_low_rank(parts: Sequence[Part], facts: Mapping[str, Facts]) -> bool:
    """Tell whether it is the inner axis of two matrices of one module, without a bias."""
    names = [part.tensors[0] for part in parts]
    if len(parts) != 2 or len(set(names)) != 2 or any(name not in facts for name in names):
        return False
    if any("lora" in name.lower() for name in names):
        return True
    modules = {name.rpartition(".")[0] for name in names}
    shapes = [facts[name].shape for name in names]
    own = {name.rpartition(".")[2] for name in names}
    return len(modules) == 1 and "weight" not in own and all(len(shape) == 2 for shape in shapes)


def expert_candidates(facts: Mapping[str, Facts], listed: Mapping[str, Sequence[str]]) -> Iterator[Group]:
    """Yield what may be groups of experts: members of a list, or slices of tensors, with the router's axes.

    Parameters
    ----------
    facts
        Of the parameters.
    listed
        For each list of modules its members, all with the same names and shapes of parameters.
    """
    for owner, members in listed.items():
        inner = [tuple(name for name in facts if name.startswith(f"{member}.")) for member in members]
        if not inner[0] or len({len(names) for names in inner}) != 1:
            continue
        columns = list(zip(*inner, strict=True))
        if any(len({facts[name].shape for name in column}) != 1 for column in columns):
            continue
        parts = [Part(column) for column in columns]
        taken = {name for column in columns for name in column}
        yield from _with_router(owner, parts, taken, facts, len(members))
    yield from _stacked(facts)


def _stacked(facts: Mapping[str, Facts]) -> Iterator[Group]:
    def module(name: str) -> str:
        return name.rpartition(".")[0]

    thick = [name for name, fact in facts.items() if len(fact.shape) == 3 and "Conv" not in fact.kind]
    for owner, names in groupby(thick, key=module):
        stacks = list(names)
        size = facts[stacks[0]].shape[0]
        if len(stacks) > 1 and size > 1 and all(facts[name].shape[0] == size for name in stacks):
            flat = [name for name, fact in facts.items() if module(name) == owner and fact.shape[:1] == (size,)]
            parts = [Part((name,), 0, np.arange(size)[:, None]) for name in dict.fromkeys([*stacks, *flat])]
            yield from _with_router(owner or stacks[0], parts, {*stacks, *flat}, facts, size)


def _with_router(
    owner: str, parts: list[Part], taken: set[str], facts: Mapping[str, Facts], size: int
) -> Iterator[Group]:
    """Yield the parts with the axes that a router near them may have, the likeliest first; then without any."""
    above = owner.rpartition(".")[0]
    near = [
        fact
        for name, fact in facts.items()
        if name not in taken and name.startswith(f"{above}." if above else "") and size in fact.shape
    ]
    near = [fact for fact in near if name_depth(fact.name) <= name_depth(owner) + 2]
    for axis in (0, -1):
        router = [
            Part((fact.name,), axis % len(fact.shape), np.arange(size)[:, None])
            for fact in near
            if fact.shape[axis] == size
        ]
        if router:
            yield Group(owner, "experts", size, (*parts, *router))
    yield Group(owner, "experts", size, tuple(parts))


def name_depth(name: str) -> int:
    """Return how many modules stand around what has that name."""
    return name.count(".")


def confirmed(model: Examined, groups: Iterable[Group], most: int) -> Iterator[Group]:
    """Yield the groups of which two members can be exchanged, at random values, without a change of the loss.

    The change that is allowed comes from a control: the same exchange in the first tensor alone. With unit roundoff u
    the whole exchange may change the loss by the square root of u times as much: half of all digits lie between what
    rounding changes and what a change of the function would. Where two members matter too little for that, all members
    stand in the reverse order.

    Parameters
    ----------
    model
        At any values; it comes back at the same ones.
    groups
        Candidates. Of those that overlap with an equal name and kind, the first that is confirmed counts.
    most
        How many are tried.
    """
    here = {name: value.copy() for name, value in model.values().items()}
    there = dict(here)
    there.update(model.generic())
    model.put(there)
    found: set[tuple[str, str]] = set()
    before = model.evaluate()
    for number, group in enumerate(groups):
        if number >= most:
            break
        is_expert = group.kind == "experts"
        if (is_expert and (group.name, group.kind) in found) or not _is_symmetry(model, group, there, before):
            continue
        if is_expert:
            found.add((group.name, group.kind))
        yield group
    model.put(here)


def _is_symmetry(model: Examined, group: Group, values: Mapping[str, Values], here: float) -> bool:
    if len(group.tensors) < 2:  # a tensor alone has no control, and is alike by accident
        return False
    swapped = [1, 0, *range(2, group.size)]
    for order in (swapped, list(range(group.size))[::-1]):
        whole = _changed(model, group, values, order, group.parts)
        one = _changed(model, group, values, order, group.parts[:1])
        change, control = abs(whole - here), abs(one - here)
        if not math.isfinite(change) or not math.isfinite(control):
            return False
        if change <= math.sqrt(model.unit_roundoff) * control:
            return True
        if change > model.unit_roundoff**0.25 * control:
            return False
    return False


def _changed(
    model: Examined, group: Group, values: Mapping[str, Values], order: Sequence[int], parts: Sequence[Part]
) -> float:
    changed = exchanged(group, values, order, parts)
    model.put(changed)
    loss = model.evaluate()
    model.put({name: values[name] for name in changed})
    return loss
