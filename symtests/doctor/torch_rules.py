"""What each operator of PyTorch says of the axes of its operands: which positions meet, which are told apart.

The names are those of the ATen operators that a dispatch mode sees; composite ones (linear, einsum, lstm, attention)
have been taken apart by then. An operator that stands in no table fixes all that it touches: then less is found, and
nothing wrong is said.
"""

from __future__ import annotations

from typing import Any, Final

from symtests.doctor.axes import Axis
from symtests.doctor.torch_operands import Operands, Rule
from symtests.doctor.torch_shapes import (
    along,
    cat,
    complex_view,
    embedding,
    expand,
    from_values,
    halves,
    indexed,
    permute,
    places,
    put,
    repeat,
    scattered,
    select,
    sliced,
    split,
    stack,
    transpose,
    unbind,
    view,
)

__all__ = ["POINTWISE", "RULES"]


def _identity(call: Operands) -> list[list[Axis]]:
    return [call.known(call.args[0])]


def pointwise(call: Operands) -> list[list[Axis]]:
    """Unify the axes of all operands, aligned at the last."""
    tensors = [arg for arg in (*call.args, *call.kwargs.values()) if hasattr(arg, "shape")]
    out = call.out[0] if isinstance(call.out, (tuple, list)) else call.out
    found: list[Axis] = [()] * out.dim()
    for tensor in tensors:
        for place, axis in enumerate(reversed(call.known(tensor))):
            if axis and place < len(found):
                call.same((found[-1 - place], axis))
                found[-1 - place] = found[-1 - place] or axis
    return [found]


POINTWISE: Final[Rule] = pointwise


def _product(call: Operands, a: Any, b: Any, added: Any = None) -> list[list[Axis]]:
    """Return the axes of a matrix product, with or without a batch: the inner ones meet."""
    left, right = call.known(a), call.known(b)
    call.same((left[-1], right[-2] if len(right) > 1 else right[-1]))
    outer = [one or other for one, other in zip(left[:-2], right[:-2], strict=False)]
    call.same(*zip(left[:-2], right[:-2], strict=False))
    out = outer + ([left[-2]] if len(left) > 1 else []) + ([right[-1]] if len(right) > 1 else [])
    if added is not None:
        call.same(*zip(reversed(call.known(added)), reversed(out), strict=False))
    return [out]


def _convolution(call: Operands) -> list[list[Axis]]:
    data, weight, bias = call.args[:3]
    transposed, groups = bool(call.args[6]), int(call.args[8])
    x, w = call.known(data), call.known(weight)
    for axis in (*x[2:], *w[2:]):
        call.axes.fix(axis)
    ins, outs = (w[0], w[1]) if transposed else (w[1], w[0])
    if groups == 1:
        call.same((x[1], ins))
    else:
        by, inner = call.axes.taken([x[1]], [groups, call.axes.size(x[1]) // groups])
        whole = w[0]  # the axis that runs over the groups too
        head, rest = call.axes.taken([whole], [groups, call.axes.size(whole) // groups])
        call.same((by, head), (inner, rest if transposed else ins))
        outs = head + (outs if transposed else rest)
    if bias is not None:
        call.same((call.known(bias)[0], outs))
    return [[x[0], outs, *call.fresh(call.out.shape[2:])]]


def _layer_norm(call: Operands) -> list[list[Axis]]:
    x = call.known(call.args[0])
    for factor in call.args[2:4]:
        if factor is not None and hasattr(factor, "shape"):
            call.same(*zip(reversed(call.known(factor)), reversed(x), strict=False))
    return [x]


def _batch_norm(call: Operands) -> list[list[Axis]]:
    x = call.known(call.args[0])
    for factor in call.args[1:5]:
        if factor is not None and hasattr(factor, "shape"):
            call.same((call.known(factor)[0], x[1]))
    return [x]


def _group_norm(call: Operands) -> list[list[Axis]]:
    x, groups = call.known(call.args[0]), int(call.args[6])
    channels = call.axes.size(x[1])
    axes = call.axes.taken([x[1]], [groups, channels // groups])
    whole = axes[0] + axes[1]
    for factor in call.args[1:3]:
        if factor is not None:
            call.same((call.known(factor)[0], whole))
    return [[x[0], whole, *x[2:]]]


def _places(call: Operands) -> list[int]:
    dims = call.arg(1, "dim")
    rank = len(call.known(call.args[0]))
    if dims is None or dims == []:
        return list(range(rank))
    return [place % max(rank, 1) for place in (dims if isinstance(dims, (list, tuple)) else [dims])]


def _reduction(call: Operands) -> list[list[Axis]]:
    """Leave out the axes that are reduced: a sum, a mean, a maximum tells no positions apart."""
    return [_reduced(call, _places(call))]


def _norm(call: Operands) -> list[list[Axis]]:
    dims = call.arg(2, "dim")
    rank = len(call.known(call.args[0]))
    return [_reduced(call, list(range(rank)) if dims is None else [place % rank for place in dims])]


def _reduced(call: Operands, places: list[int]) -> list[Axis]:
    known = call.known(call.args[0])
    out = call.out[0] if isinstance(call.out, (tuple, list)) else call.out
    if out.dim() == len(known):
        return [() if place in places else axis for place, axis in enumerate(known)]
    return [axis for place, axis in enumerate(known) if place not in places]


def _chosen(call: Operands) -> list[list[Axis]]:
    """Fix the axis along which an order matters, as in a cumulative sum."""
    known, out = list(call.known(call.args[0])), call.out[0] if isinstance(call.out, (tuple, list)) else call.out
    for place in _places(call):
        call.axes.fix(known[place])
        if out.dim() == len(known):
            known[place] = call.axes.new(int(out.shape[place]), fixed=True)
    kept = known if out.dim() == len(known) else [a for p, a in enumerate(known) if p not in _places(call)]
    return [kept]


def _topk(call: Operands) -> list[list[Axis]]:
    known = list(call.known(call.args[0]))
    place = int(call.arg(2, "dim", -1)) % len(known)
    call.axes.fix(known[place])
    known[place] = call.axes.new(int(call.out[0].shape[place]), fixed=True)
    return [known, known]


def _images(call: Operands) -> list[list[Axis]]:
    """Pass samples and channels on, and fix places, as pooling and padding do."""
    known = call.known(call.args[0])
    out = call.out[0] if isinstance(call.out, (tuple, list)) else call.out
    kept = 0
    while kept < min(2, len(known) - 1) and call.axes.size(known[kept]) == out.shape[kept]:
        kept += 1
    for axis in known[kept:]:
        call.axes.fix(axis)
    found = [*known[:kept], *call.fresh(out.shape[kept:])]
    return [found, found]


def _targets(call: Operands) -> list[list[Axis]]:
    for axis in call.known(call.args[0]):
        call.axes.fix(axis)
    return []


def _loss(call: Operands) -> list[list[Axis]]:
    one, other = call.known(call.args[0]), call.known(call.args[1])
    call.same(*zip(reversed(one), reversed(other), strict=False))
    return [one if call.out.dim() else []]


def _names(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


RULES: Final[dict[str, Rule]] = {
    **_names(_identity, "clone detach alias _to_copy contiguous lift_fresh lift_fresh_copy native_dropout cudnn_is_ok"),
    **_names(_identity, "_softmax _log_softmax _safe_softmax positive dropout view_as_real_copy detach_"),
    **_names(view, "view _unsafe_view reshape _reshape_alias unsqueeze squeeze flatten unsqueeze_ squeeze_"),
    **_names(permute, "permute"),
    **_names(transpose, "transpose t transpose_ numpy_T"),
    **_names(expand, "expand"),
    **_names(repeat, "repeat"),
    **_names(lambda call: _product(call, *call.args[:2]), "mm bmm mv dot matmul"),
    **_names(lambda call: _product(call, call.args[1], call.args[2], call.args[0]), "addmm baddbmm addmv addmm_"),
    **_names(_convolution, "convolution _convolution"),
    **_names(_layer_norm, "native_layer_norm _fused_rms_norm"),
    **_names(_batch_norm, "native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training"),
    **_names(_group_norm, "native_group_norm"),
    **_names(_reduction, "sum mean amax amin var std var_mean logsumexp any all prod median max min aminmax nansum"),
    **_names(_norm, "linalg_vector_norm norm"),
    **_names(_chosen, "cumsum cumprod logcumsumexp sort argsort flip argmax argmin tril triu"),
    **_names(_topk, "topk"),
    **_names(cat, "cat"),
    **_names(stack, "stack"),
    **_names(sliced, "slice"),
    **_names(split, "split split_with_sizes unsafe_split unsafe_split_with_sizes chunk unsafe_chunk"),
    **_names(select, "select"),
    **_names(unbind, "unbind"),
    **_names(embedding, "embedding"),
    **_names(indexed, "index _unsafe_index"),
    **_names(along, "index_select index_add index_add_ index_copy index_copy_"),
    **_names(scattered, "gather scatter scatter_ scatter_add scatter_add_"),
    **_names(put, "index_put index_put_ _index_put_impl_ _unsafe_index_put"),
    **_names(places, "nonzero nonzero_static"),
    **_names(complex_view, "view_as_complex view_as_real"),
    **_names(POINTWISE, "polar complex _prelu_kernel"),
    **_names(halves, "glu"),
    **_names(_images, "max_pool2d_with_indices max_pool2d avg_pool2d _adaptive_avg_pool2d adaptive_max_pool2d"),
    **_names(_images, "max_pool1d max_pool1d_with_indices avg_pool1d adaptive_avg_pool1d avg_pool3d"),
    **_names(
        _images, "_adaptive_avg_pool3d max_pool3d_with_indices constant_pad_nd reflection_pad2d replication_pad2d"
    ),
    **_names(_images, "upsample_nearest2d upsample_bilinear2d upsample_nearest1d upsample_bicubic2d reflection_pad1d"),
    **_names(from_values, "bernoulli normal multinomial"),
    **_names(POINTWISE, "copy_ masked_fill where addcmul addcdiv lerp fill_ zero_"),
    **_names(_targets, "nll_loss_forward nll_loss2d_forward nll_loss nll_loss2d"),
    **_names(_loss, "mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy soft_margin_loss"),
    **_names(_loss, "binary_cross_entropy_with_logits"),
}
"""The rule of each operator that is known by name; those that PyTorch tags as pointwise have `POINTWISE`."""
