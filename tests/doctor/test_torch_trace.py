"""What a pass says of the axes of a PyTorch model, operator by operator."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional

from symtests.doctor.torch_trace import Trace, traced


def free(axes: Trace, tensor: torch.Tensor) -> list[list[int]]:
    """Return, for each axis of a tensor, the sizes of its atoms that are not fixed."""
    return [
        [len(positions) for atom, positions in axes.axes.leaves(axis) if not axes.axes.is_fixed(atom)]
        for axis in axes.of(tensor)
    ]


def followed(compute: Callable[..., torch.Tensor], *shapes: tuple[int, ...]) -> list[list[list[int]]]:
    """Return the free atoms of parameters of these shapes after a computation with data of 3 × 4."""
    x = torch.randn(3, 4)
    tensors = {f"w{place}": torch.randn(shape, requires_grad=True) for place, shape in enumerate(shapes)}
    trace, _ = traced(lambda: compute(x, *tensors.values()), tensors, [x])
    assert trace.unknown == set()
    return [free(trace, tensor) for tensor in tensors.values()]


@pytest.mark.parametrize(
    "middle",
    [
        torch.relu, torch.tanh, lambda h: h.softmax(-1), lambda h: functional.layer_norm(h, (6,)), lambda h: h * 2 + 1,
        lambda h: h.view(3, 2, 3).reshape(3, 6), lambda h: h - h.mean(-1, keepdim=True), lambda h: h.t().t(),
        lambda h: torch.where(h > 0, h, -h), lambda h: h / h.norm(dim=-1, keepdim=True), lambda h: h[:2],
        lambda h: h.unsqueeze(1).expand(3, 5, 6).mean(1), lambda h: torch.cat([h, h], 0), lambda h: h.clamp(min=0),
        lambda h: h.repeat(2, 1), lambda h: torch.stack([h, h]).sum(0), lambda h: torch.einsum("bh->bh", h),
    ],
)  # fmt: skip
def test_hidden_units_stay_free_through(middle: Callable[[torch.Tensor], torch.Tensor]) -> None:
    first, last = followed(lambda x, a, b: (middle(x @ a) @ b).square().mean(), (4, 6), (6, 2))
    assert first[0] == []
    assert sum(first[1]) == sum(last[0]) > 0 or first[1] == [2, 3]


@pytest.mark.parametrize(
    "middle",
    [
        lambda h: h.cumsum(-1), lambda h: h.flip(-1), lambda h: h.sort(-1).values, lambda h: h[:, torch.arange(6)],
        lambda h: h * torch.arange(6.0), lambda h: h.index_select(1, torch.arange(6)), lambda h: h.roll(1, -1),
        lambda h: functional.pad(h, (1, 0))[:, 1:], lambda h: torch.stack(h.unbind(-1), -1), lambda h: h.tril(),
    ],
)  # fmt: skip
def test_what_tells_units_apart_fixes_them(middle: Callable[[torch.Tensor], torch.Tensor]) -> None:
    x, a, b = torch.randn(3, 4), torch.randn(4, 6, requires_grad=True), torch.randn(6, 2, requires_grad=True)
    trace, _ = traced(lambda: (middle(x @ a) @ b).square().mean(), {"a": a, "b": b}, [x])
    assert free(trace, a) == [[], []]


def test_heads_and_their_width_are_two_groups() -> None:
    def attention(x: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, o: torch.Tensor) -> torch.Tensor:
        split = [(x @ each).view(3, 2, 3).transpose(0, 1) for each in (q, k, v)]
        mixed = functional.scaled_dot_product_attention(*split)
        return (mixed.transpose(0, 1).reshape(3, 6) @ o).square().mean()

    q, _, v, o = followed(attention, (4, 6), (4, 6), (4, 6), (6, 2))
    assert q[1] == v[1] == [2, 3]
    assert o[0] == [2, 3]


def test_an_operator_without_a_rule_fixes_and_is_named() -> None:
    x, a = torch.randn(3, 4), torch.randn(4, 4, requires_grad=True)
    trace, _ = traced(lambda: torch.linalg.det(a) * (x @ a).sum(), {"a": a}, [x])
    assert "_linalg_det" in trace.unknown
    assert free(trace, a) == [[], []]


def test_two_directions_of_a_recurrent_layer_are_not_one() -> None:
    layer, x = nn.LSTM(4, 3, bidirectional=True), torch.randn(5, 2, 4)
    tensors = dict(layer.named_parameters())
    trace, _ = traced(lambda: layer(x)[0].square().mean(), tensors, [x])
    there, back = trace.of(tensors["weight_hh_l0"])[1], trace.of(tensors["weight_hh_l0_reverse"])[1]
    assert trace.axes.resolved(there) != trace.axes.resolved(back)


def test_where_a_way_ends() -> None:
    x, a, b = torch.randn(3, 4), torch.randn(4, 4, requires_grad=True), torch.randn(4, requires_grad=True)

    def cut(how: Callable[[torch.Tensor], torch.Tensor]) -> str | None:
        trace, loss = traced(lambda: (how(x @ a) * b).sum(), {"a": a, "b": b}, [x])
        assert trace.ends(b, loss) is not None
        return trace.ends(a, loss)

    assert cut(lambda h: h.detach()) == "detach"
    assert cut(lambda h: h.argmax(-1, keepdim=True)) == "argmax"

    def blind(x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return torch.exp(x)

    assert cut(blind) == "exp"


def test_a_tensor_without_a_way_to_the_loss() -> None:
    x, a, b = torch.randn(3, 4), torch.randn(4, 4, requires_grad=True), torch.randn(4, requires_grad=True)

    def compute() -> torch.Tensor:
        b.exp()
        return (x @ a).sum()

    trace, loss = traced(compute, {"a": a, "b": b}, [x])
    assert trace.ends(b, loss) is None
    assert trace.used(b)


def test_flat_operators_are_named() -> None:
    x, a = torch.randn(3, 4), torch.randn(4, 1, requires_grad=True)
    trace, _ = traced(lambda: torch.round(x @ a).softmax(1).sum(), {"a": a}, [x])
    assert trace.flat(a) == ["round", "_softmax"]
