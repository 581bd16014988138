"""What primitives of JAX that move, join, cut or multiply arrays say of their axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from symtests.doctor.axes import Axis

if TYPE_CHECKING:
    from symtests.doctor.jax_trace import JaxTrace

__all__ = ["RULES", "Known"]

Known = list[Axis]
"""The axes of an array."""


def _dot_general(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    (left_inner, right_inner), (left_batch, right_batch) = equation.params["dimension_numbers"]
    left, right = known
    for one, other in zip((*left_inner, *left_batch), (*right_inner, *right_batch), strict=True):
        trace.axes.unify(left[one], right[other])
    rest_left = [axis for place, axis in enumerate(left) if place not in (*left_inner, *left_batch)]
    rest_right = [axis for place, axis in enumerate(right) if place not in (*right_inner, *right_batch)]
    return [[*(left[place] for place in left_batch), *rest_left, *rest_right]]


def _convolution(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    spec, groups = equation.params["dimension_numbers"], equation.params["feature_group_count"]
    x, w = known
    for place in spec.lhs_spec[2:]:
        trace.axes.fix(x[place])
    for place in spec.rhs_spec[2:]:
        trace.axes.fix(w[place])
    ins, outs = x[spec.lhs_spec[1]], w[spec.rhs_spec[0]]
    if groups == 1 and equation.params["batch_group_count"] == 1:
        trace.axes.unify(ins, w[spec.rhs_spec[1]])
    elif trace.axes.size(ins) == trace.axes.size(outs) == groups:
        trace.axes.unify(ins, outs)
    else:
        trace.axes.fix(ins)
        trace.axes.fix(outs)
    found = trace.fresh(equation.outvars[0].aval.shape, fixed=True)
    found[spec.out_spec[0]], found[spec.out_spec[1]] = x[spec.lhs_spec[0]], outs
    return [found]


def _reshape(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    return [trace.axes.taken(known[0], [int(size) for size in equation.outvars[0].aval.shape])]


def _transpose(_trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    return [[known[0][place] for place in equation.params["permutation"]]]


def _broadcast(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    found = trace.fresh(equation.params["shape"], fixed=False)
    for axis, place in zip(known[0], equation.params["broadcast_dimensions"], strict=True):
        if axis:
            found[place] = axis
    return [found]


def _windows(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    """Pass on the axes of which the window has size 1, as of samples and channels; fix places."""
    window = equation.params["window_dimensions"]
    return [_kept(trace, equation, known[0], [size == 1 for size in window])]


def _pad(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    return [_kept(trace, equation, known[0], [tuple(each) == (0, 0, 0) for each in equation.params["padding_config"]])]


def _kept(trace: JaxTrace, equation: Any, axes: Known, keep: Sequence[bool]) -> Known:
    found = trace.fresh(equation.outvars[0].aval.shape, fixed=True)
    for place, (axis, kept) in enumerate(zip(axes, keep, strict=True)):
        if kept:
            found[place] = axis
        else:
            trace.axes.fix(axis)
    return found


def _concatenate(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    along = equation.params["dimension"]
    for other in known[1:]:
        for place, (one, two) in enumerate(zip(known[0], other, strict=True)):
            if place != along:
                trace.axes.unify(one, two)
    found = list(known[0])
    found[along] = trace.axes.joined([each[along] for each in known])
    return [found]


def _slice(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    parameters = equation.params
    strides = parameters["strides"] or [1] * len(known[0])
    found: Known = []
    for axis, start, stop, stride in zip(
        known[0], parameters["start_indices"], parameters["limit_indices"], strides, strict=True
    ):
        if stride == 1:
            found.append(trace.axes.sliced(axis, start, stop))
        else:
            trace.axes.fix(axis)
            found.append(trace.axes.new(-(-(stop - start) // stride), fixed=True))
    return [found]


def _split(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    along, start, found = equation.params["axis"], 0, []
    for size in equation.params["sizes"]:
        piece = list(known[0])
        piece[along] = trace.axes.sliced(known[0][along], start, start + size)
        found.append(piece)
        start += size
    return found


def _dynamic_slice(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    sizes = equation.params["slice_sizes"]
    return [_kept(trace, equation, known[0], [trace.axes.size(a) == s for a, s in zip(known[0], sizes, strict=True)])]


def _gather(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    numbers, sizes = equation.params["dimension_numbers"], equation.params["slice_sizes"]
    operand = known[0]
    gone = {*numbers.collapsed_slice_dims, *getattr(numbers, "operand_batching_dims", ())}
    found = trace.fresh(equation.outvars[0].aval.shape, fixed=True)
    left = [place for place in range(len(operand)) if place not in gone]
    for place, to in zip(left, numbers.offset_dims, strict=True):
        if sizes[place] == trace.axes.size(operand[place]):
            found[to] = operand[place]
        else:
            gone.add(place)
    for place in gone:
        trace.axes.fix(operand[place])
    return [found]


def _scan(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    """Follow one turn of a loop: what is carried out of it goes into the next one."""
    constants, carried = equation.params["num_consts"], equation.params["num_carry"]
    rows = [each[1:] for each in known[constants + carried :]]
    for each in known[constants + carried :]:
        trace.axes.fix(each[0])
    inner = [*known[: constants + carried], *rows]
    found, _ = trace.called(equation.params["jaxpr"], equation.invars, inner)
    for before, after in zip(known[constants : constants + carried], found[:carried], strict=True):
        for one, other in zip(before, after, strict=True):
            trace.axes.unify(one, other)
    length = int(equation.params["length"])
    return [*found[:carried], *([trace.axes.new(length, fixed=True), *each] for each in found[carried:])]


def _cond(trace: JaxTrace, equation: Any, known: list[Known]) -> list[Known]:
    results = [trace.called(branch, equation.invars[1:], known[1:])[0] for branch in equation.params["branches"]]
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            for a, b in zip(one, two, strict=True):
                trace.axes.unify(a, b)
    return results[0]


RULES: Final[dict[str, Callable[[JaxTrace, Any, list[Known]], list[Known]]]] = {
    "dot_general": _dot_general, "conv_general_dilated": _convolution, "reshape": _reshape, "squeeze": _reshape,
    "expand_dims": _reshape, "transpose": _transpose, "broadcast_in_dim": _broadcast, "reduce_window_sum": _windows,
    "reduce_window_max": _windows, "reduce_window_min": _windows, "reduce_window": _windows, "pad": _pad,
    "concatenate": _concatenate, "slice": _slice, "split": _split, "dynamic_slice": _dynamic_slice,
    "gather": _gather, "scan": _scan, "cond": _cond,
}  # fmt: skip
