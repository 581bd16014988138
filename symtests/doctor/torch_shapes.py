"""What operators of PyTorch say of axes that only move, cut, join or choose positions."""

from __future__ import annotations

from symtests.doctor.axes import Axis
from symtests.doctor.torch_operands import Operands

__all__ = [
    "along",
    "cat",
    "complex_view",
    "embedding",
    "expand",
    "from_values",
    "halves",
    "indexed",
    "permute",
    "places",
    "put",
    "repeat",
    "scattered",
    "select",
    "sliced",
    "split",
    "stack",
    "transpose",
    "unbind",
    "view",
]


def view(call: Operands) -> list[list[Axis]]:
    """Cut the same positions into another shape."""
    return [call.axes.taken(call.known(call.args[0]), [int(size) for size in call.out.shape])]


def permute(call: Operands) -> list[list[Axis]]:
    """Put axes into another order."""
    known = call.known(call.args[0])
    return [[known[place] for place in call.args[1]]]


def transpose(call: Operands) -> list[list[Axis]]:
    """Exchange two axes."""
    known = list(call.known(call.args[0]))
    if len(known) > 1:
        one, other = (call.args[1], call.args[2]) if len(call.args) > 2 else (-1, -2)
        known[one], known[other] = known[other], known[one]
    return [known]


def expand(call: Operands) -> list[list[Axis]]:
    """Repeat what has size 1: a new axis, along which everything is the same."""
    known = call.known(call.args[0])
    shape = [int(size) for size in call.out.shape]
    known = [()] * (len(shape) - len(known)) + known
    return [[axis or call.axes.new(size) for axis, size in zip(known, shape, strict=True)]]


def repeat(call: Operands) -> list[list[Axis]]:
    """Put copies behind one another: copies × positions."""
    known, times = call.known(call.args[0]), [int(each) for each in call.args[1]]
    known = [()] * (len(times) - len(known)) + known
    return [[call.axes.new(each) + axis for axis, each in zip(known, times, strict=True)]]


def cat(call: Operands) -> list[list[Axis]]:
    """Join axes: the sum of them; along the others positions meet."""
    tensors = [each for each in call.args[0] if each.numel()]
    place = int(call.arg(1, "dim", 0)) % tensors[0].dim()
    all_axes = [call.known(each) for each in tensors]
    for other in all_axes[1:]:
        call.same(*(pair for at, pair in enumerate(zip(all_axes[0], other, strict=True)) if at != place))
    found = [next((axes[at] for axes in all_axes if axes[at]), ()) for at in range(len(all_axes[0]))]
    found[place] = call.axes.joined([axes[place] for axes in all_axes])
    return [found]


def stack(call: Operands) -> list[list[Axis]]:
    """Add an axis that tells the tensors apart; along the others positions meet."""
    all_axes = [call.known(each) for each in call.args[0]]
    for other in all_axes[1:]:
        call.same(*zip(all_axes[0], other, strict=True))
    found = [next((axes[at] for axes in all_axes if axes[at]), ()) for at in range(len(all_axes[0]))]
    place = int(call.arg(1, "dim", 0)) % (len(found) + 1)
    return [[*found[:place], call.axes.new(len(all_axes), fixed=True), *found[place:]]]


def sliced(call: Operands) -> list[list[Axis]]:
    """Take a range of positions."""
    known = list(call.known(call.args[0]))
    place = int(call.arg(1, "dim", 0)) % len(known)
    size, step = call.axes.size(known[place]), int(call.arg(4, "step", 1))
    start = call.arg(2, "start") or 0
    start = max(0, start + size) if start < 0 else start
    taken = int(call.out.shape[place])
    if step == 1:
        known[place] = call.axes.sliced(known[place], start, start + taken)
    else:
        call.axes.fix(known[place])
        known[place] = call.axes.new(taken, fixed=True)
    return [known]


def split(call: Operands) -> list[list[Axis]]:
    """Take ranges that follow one another."""
    known = call.known(call.args[0])
    place = int(call.arg(2, "dim", 0)) % len(known)
    found, start = [], 0
    for piece in call.out:
        size = int(piece.shape[place])
        part = call.axes.sliced(known[place], start, start + size)
        found.append([*known[:place], part, *known[place + 1 :]])
        start += size
    return found


def select(call: Operands) -> list[list[Axis]]:
    """Take one position, which tells all of them apart."""
    known = list(call.known(call.args[0]))
    call.axes.fix(known.pop(int(call.args[1]) % len(known)))
    return [known]


def unbind(call: Operands) -> list[list[Axis]]:
    """Take each position, which tells them apart."""
    known = list(call.known(call.args[0]))
    call.axes.fix(known.pop(int(call.arg(1, "dim", 0)) % len(known)))
    return [known] * len(call.out)


def embedding(call: Operands) -> list[list[Axis]]:
    """Take rows by index: the table's rows are told apart."""
    table, indices = call.known(call.args[0]), call.known(call.args[1])
    call.axes.fix(table[0])
    return [[*indices, table[1]]]


def indexed(call: Operands) -> list[list[Axis]]:
    """Take positions by index: they are told apart."""
    known, indices = call.known(call.args[0]), list(call.args[1])
    places = [place for place, index in enumerate(indices) if index is not None]
    side_by_side = places == list(range(places[0], places[0] + len(places)))
    if not side_by_side or any(index.dtype.is_floating_point for index in indices if index is not None):
        raise NotImplementedError
    at = sum(indices[place].dim() if str(indices[place].dtype) == "torch.bool" else 1 for place in places)
    for axis in known[places[0] : places[0] + at]:
        call.axes.fix(axis)
    before, after = known[: places[0]], known[places[0] + at :]
    new = call.fresh(call.out.shape[len(before) : len(call.out.shape) - len(after)])
    return [[*before, *new, *after]]


def along(call: Operands) -> list[list[Axis]]:
    """Fix the axis that an index runs over, as in index_select and index_add."""
    known = list(call.known(call.args[0]))
    place = int(call.args[1]) % len(known)
    for tensor in (call.args[0], call.arg(3, "source")):
        if hasattr(tensor, "shape"):
            other = call.known(tensor)
            call.axes.fix(other[place])
            call.same(*(pair for at, pair in enumerate(zip(known, other, strict=True)) if at != place))
    known[place] = call.axes.new(int(call.out.shape[place]), fixed=True)
    return [known]


def scattered(call: Operands) -> list[list[Axis]]:
    """Read or write by an index along one axis, which is fixed; along the others positions meet."""
    known = list(call.known(call.args[0]))
    place = int(call.args[1]) % max(1, len(known))
    call.axes.fix(known[place])
    for tensor in call.args[2:]:
        if hasattr(tensor, "shape") and tensor.dim() == len(known):
            other = call.known(tensor)
            call.axes.fix(other[place])
            call.same(*(pair for at, pair in enumerate(zip(known, other, strict=True)) if at != place))
    known[place] = call.axes.new(int(call.out.shape[place]), fixed=True)
    return [known]


def put(call: Operands) -> list[list[Axis]]:
    """Write values at indices: the indexed axes are fixed, the others meet those of the values."""
    known, indices = call.known(call.args[0]), list(call.args[1])
    places = [place for place, index in enumerate(indices) if index is not None]
    for axis in known[: places[-1] + 1]:
        call.axes.fix(axis)
    after = known[places[-1] + 1 :]
    if any(str(indices[place].dtype) == "torch.bool" and indices[place].dim() > 1 for place in places):
        raise NotImplementedError
    call.same(*zip(reversed(after), reversed(call.known(call.args[2])), strict=False))
    return [list(known)]


def halves(call: Operands) -> list[list[Axis]]:
    """Multiply one half of an axis with a function of the other: they meet."""
    known = list(call.known(call.args[0]))
    place = int(call.arg(1, "dim", -1)) % len(known)
    size = call.axes.size(known[place])
    one = call.axes.sliced(known[place], 0, size // 2)
    call.axes.unify(one, call.axes.sliced(known[place], size // 2, size))
    known[place] = one
    return [known]


def places(call: Operands) -> list[list[Axis]]:
    """Tell where there is something: all positions are told apart."""
    for axis in call.known(call.args[0]):
        call.axes.fix(axis)
    return []


def complex_view(call: Operands) -> list[list[Axis]]:
    """Take pairs as complex numbers, or the other way round."""
    known = call.known(call.args[0])
    if len(call.out.shape) < len(known):
        call.axes.fix(known[-1])
        return [known[:-1]]
    return [[*known, call.axes.new(2, fixed=True)]]


def from_values(call: Operands) -> list[list[Axis]]:
    """Give a new tensor the axes that its values show, and leave alone the one whose shape it has."""
    return [call.known(call.out)]
