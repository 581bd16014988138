"""How a model hangs together: what is frozen, forgotten, shared, cut off or never used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from symtests.doctor.findings import COSTLY, FATAL, TO_KNOW, Finding, listed
from symtests.doctor.model import Examined, Facts
from symtests.doctor.watching import Record

__all__ = ["judge_wiring"]


def judge_wiring(model: Examined, record: Record, start: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield what is wrong with, or a note on, the way from parameters to the loss and to the optimizer.

    Parameters
    ----------
    model
        After its steps.
    record
        What they showed.
    start
        A digest of each parameter before them, as of `symtests.doctor.streaming`.
    """
    facts = list(model.facts.values())
    yield from _cut_off(facts, record, start)
    yield from _of_the_optimizer(model, facts, record)
    yield from _frozen(facts)
    yield from _shared(model, facts)
    yield from _copies(model, record, start)
    yield from _lost(model)


def _cut_off(facts: Sequence[Facts], record: Record, start: Mapping[str, bytes]) -> Iterator[Finding]:
    """Tell None, where no path leads to the loss, from 0."""
    without = [fact for fact in facts if fact.trainable and record.tensors[fact.name].without]
    cut = [fact for fact in without if fact.cut_at is not None]
    if cut:
        names = tuple(fact.name for fact in cut)
        operations = sorted({fact.cut_at for fact in cut if fact.cut_at})
        matrices = any(len(fact.shape) > 1 for fact in cut)
        others = {start.get(fact.name) for fact in facts if fact not in cut}
        follows = all(start.get(fact.name) in others for fact in cut if fact.name in start and len(fact.shape) > 1)
        twin = matrices and bool(start) and follows
        end = f" ends at {listed(operations)}" if operations else " ends"
        yield Finding(
            "cut", TO_KNOW if twin else FATAL if matrices else COSTLY,
            f"{listed(names)}: no gradient at any of {record.steps} steps (None, not 0), though the loss depends on "
            f"{_it(names)}: the way to the loss{end} (under torch.no_grad, at .detach(), a sample, whole numbers)"
            + ("; each starts as a copy of one that learns, as a target network does that follows it" if twin else ""),
            names, "compute what lies between outside of torch.no_grad(), without .detach() and whole numbers",
            {"operations": operations, "elements": sum(fact.size for fact in cut)},
        )  # fmt: skip
    unused = [fact for fact in without if fact.cut_at is None]
    if unused:
        names = tuple(fact.name for fact in unused)
        read = " (an operation reads it, but its result does not reach the loss)" if all(f.used for f in unused) else ""
        yield Finding(
            "unused", TO_KNOW,
            f"{listed(names)}: not used by the loss: no gradient at any of {record.steps} steps (None, not 0); "
            f"{sum(fact.size for fact in unused):,} numbers stay as they are{read}",
            names, "", {"elements": sum(fact.size for fact in unused)},
        )  # fmt: skip


def _of_the_optimizer(model: Examined, facts: Sequence[Facts], record: Record) -> Iterator[Finding]:
    foreign, remembered = model.wiring.foreign, model.wiring.remembered
    asked = [fact for fact in facts if fact.trainable]
    forgotten = [
        fact for fact in asked if not fact.in_optimizer and record.tensors[fact.name].first_gradient is not None
    ]
    if foreign:
        none = not any(fact.in_optimizer for fact in asked)
        yield Finding(
            "foreign", FATAL if none else COSTLY,
            f"the optimizer holds {foreign:,} numbers that are no parameters of this model"
            + (" and none that are: no step changes the model" if none else ""),
            (), "make the optimizer after the model, from model.parameters()", {"elements": foreign},
        )  # fmt: skip
    if forgotten:
        names = tuple(fact.name for fact in forgotten)
        count = sum(fact.size for fact in forgotten)
        everything = len(forgotten) == len(asked)
        yield Finding(
            "forgotten", FATAL if everything else COSTLY,
            f"{listed(names)}: a gradient at every step, but the optimizer does not hold {_it(names)}: "
            f"{count:,} of {sum(fact.size for fact in asked):,} numbers never move",
            names,
            f'optimizer.add_param_group({{"params": [model.get_parameter("{names[0]}")]}})'
            + (f"  # and {len(names) - 1} more" if len(names) > 1 else ""),
            {"elements": count},
        )  # fmt: skip
    if remembered:
        yield Finding(
            "memory", TO_KNOW,
            f"the optimizer came with a memory of earlier steps for {remembered} tensors: moments of other values",
            (), "make a new optimizer where the model is a new one", {"tensors": remembered},
        )  # fmt: skip


def _frozen(facts: Sequence[Facts]) -> Iterator[Finding]:
    frozen = [fact for fact in facts if not fact.trainable]
    if frozen:
        names = tuple(fact.name for fact in frozen)
        count, total = sum(fact.size for fact in frozen), sum(fact.size for fact in facts)
        yield Finding(
            "frozen", TO_KNOW,
            f"{listed(names)}: frozen (requires_grad is False): {count:,} of {total:,} numbers stay as they are",
            names, "", {"elements": count},
        )  # fmt: skip


def _shared(model: Examined, facts: Sequence[Facts]) -> Iterator[Finding]:
    """Name what is one object under several names, module by module, and different objects in one storage."""
    modules: dict[tuple[str, ...], list[Facts]] = {}
    for fact in facts:
        if fact.other_names:
            modules.setdefault(_owners((fact.name, *fact.other_names)), []).append(fact)
    alike: dict[tuple[int, int], list[tuple[str, ...]]] = {}
    for owners, of_them in modules.items():
        alike.setdefault((len(owners), len(of_them)), []).append(owners)
    for (names, tensors), owned in alike.items():
        of_all = [fact for owners in owned for fact in modules[owners]]
        more = f" (and {len(owned) - 1} more such {'set' if len(owned) == 2 else 'sets'})" if len(owned) > 1 else ""
        yield Finding(
            "shared", TO_KNOW,
            f"{listed(owned[0])} are one object{more}: {names} names, {tensors} tensor{'s' * (tensors > 1)}: {names} "
            f"times fewer numbers than it seems ({sum(fact.size for fact in of_all):,}); is it meant?",
            tuple(fact.name for fact in of_all),
            "build each of them anew, as in [Layer() for _ in range(n)], if it is not meant",
            {"names": names, "tensors": tensors * len(owned)},
        )  # fmt: skip
    storages: dict[int, list[str]] = {}
    for name, place in model.wiring.storages.items():
        if model.facts[name].size:
            storages.setdefault(place, []).append(name)
    for together in storages.values():
        if len(together) > 1:
            yield Finding(
                "storage", TO_KNOW,
                f"{listed(together)}: different parameters in one storage: a step of one may change the other",
                tuple(together), "make each a tensor of its own with .clone()", {"tensors": len(together)},
            )  # fmt: skip


def _owners(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the modules that are one, or the tensors where their own names differ, as of two tied layers."""
    last = {name.rpartition(".")[2] for name in names}
    owners = tuple(name.rpartition(".")[0] for name in names)
    while len(last) == 1 and len({owner.rpartition(".")[2] for owner in owners}) == 1:
        shorter = tuple(owner.rpartition(".")[0] for owner in owners)
        if len(set(shorter)) < len(owners) or "" in shorter:
            break
        owners = shorter
    return owners if len(last) == 1 and "" not in owners and len(set(owners)) == len(owners) else names


def _copies(model: Examined, record: Record, start: Mapping[str, bytes]) -> Iterator[Finding]:
    """Name modules of one list that start with the same random numbers, as deep copies do."""
    of_groups = {
        name for each in record.groups if each.ties and each.group.kind == "experts" for name in each.group.tensors
    }
    end = model.values()
    for siblings in model.wiring.siblings:
        found: dict[bytes, list[str]] = {}
        for module in siblings:
            own = [name for name in model.facts if name.startswith(f"{module}.")]
            if any(record.tensors[name].constant is None and len(model.facts[name].shape) > 1 for name in own):
                key = b"".join(start[name] for name in own)
                found.setdefault(key, []).append(module)
        for alike in found.values():
            tensors = tuple(name for name in model.facts if name.startswith(tuple(f"{each}." for each in alike)))
            if len(alike) < 2 or of_groups.intersection(tensors):
                continue
            first, second = ([name for name in tensors if name.startswith(f"{each}.")] for each in alike[:2])
            part = any(not np.array_equal(end[a], end[b]) for a, b in zip(first, second, strict=True))
            yield Finding(
                "copies", TO_KNOW if part else COSTLY,
                f"{listed(alike)} start with the same random numbers (copies of one); after {record.steps} steps they "
                + ("differ, as they stand in different places" if part else "are still alike"),
                tensors, "draw each of them anew: module.apply(lambda m: getattr(m, 'reset_parameters', int)())",
                {"modules": len(alike)},
            )  # fmt: skip


def _lost(model: Examined) -> Iterator[Finding]:
    """Name what was set to a constant while the model was built, and is random now."""
    lost = model.wiring.lost
    if lost:
        names = tuple(lost)
        yield Finding(
            "lost start", TO_KNOW,
            f"{listed(names)}: set to a constant while the model was built, and drawn at random afterwards "
            f"({', '.join(lost[names[0]])}): that start got lost; it is random at the first step",
            names, "set it after everything that draws, as after self.apply(init)", {"tensors": len(names)},
        )  # fmt: skip


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
