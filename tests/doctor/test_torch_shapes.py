"""Operators that move, cut, join and choose: which axes stay free of the ones that stand beside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from symtests.doctor.torch_trace import traced

ROWS = torch.tensor([0, 2])
TURN = torch.polar(torch.ones(3), torch.arange(3.0))
INDEX = torch.zeros(2, 6, dtype=torch.long)


def free(change: Callable[[torch.Tensor], torch.Tensor]) -> list[int]:
    """Return the sizes of the free atoms of the six hidden units, of which a tensor of 3 × 6 is changed."""
    x, a, b = torch.randn(3, 4), torch.randn(4, 6, requires_grad=True), torch.randn(6, 2, requires_grad=True)
    trace, _ = traced(
        lambda: (change(x @ a) @ b[: change(torch.ones(3, 6)).shape[-1]]).square().mean(), {"a": a, "b": b}, [x]
    )
    assert trace.unknown == set()
    return [len(members) for atom, members in trace.axes.leaves(trace.of(a)[1]) if not trace.axes.is_fixed(atom)]


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h[ROWS], lambda h: h.index_select(0, ROWS), lambda h: h.gather(0, INDEX),
        lambda h: torch.zeros(3, 6).scatter_add(0, INDEX, h[:2]),
        lambda h: torch.zeros(3, 6).index_add_(0, ROWS, h[:2]),
        lambda h: torch.zeros(3, 6).index_put((ROWS,), h[:2]), lambda h: torch.zeros(3, 6).index_copy_(0, ROWS, h[:2]),
        lambda h: torch.stack(h.unbind(0)), lambda h: torch.cat(h.split(1), 0), lambda h: h[h.sum(1) < 1e9],
        lambda h: torch.zeros_like(h).copy_(h), lambda h: h.clone().masked_fill_(h > 9, 0.0),
        lambda h: h.transpose(0, 1).t(),
        lambda h: h.new_zeros(3, 6) + h, lambda h: h.select(0, 1)[None], lambda h: h.expand(2, 3, 6).mean(0),
    ],
)  # fmt: skip
def test_rows_are_chosen_and_units_stay_free(change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    assert free(change) == [6]


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.gather(1, torch.arange(6).expand(3, 6)), lambda h: h[:, ROWS],
        lambda h: torch.zeros(3, 6).scatter(1, torch.arange(6).expand(3, 6), h), lambda h: h[..., ::2],
        lambda h: torch.view_as_real(torch.view_as_complex(h.view(3, 3, 2)) * TURN).flatten(1),
    ],
)  # fmt: skip
def test_units_that_are_chosen_are_fixed(change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    assert free(change) == []


def test_halves_that_are_multiplied_are_one_group() -> None:
    assert free(lambda h: torch.nn.functional.glu(h, -1)) == [3, 3]
    assert free(lambda h: h[:, :3] * h[:, 3:]) == [3, 3]
    assert free(lambda h: torch.cat([h[:, 3:], h[:, :3]], 1) + h) == [3, 3]


def test_unequal_parts_are_groups_of_their_own() -> None:
    assert free(lambda h: torch.cat([h[:, :2].tanh(), h[:, 2:]], 1)) == [2, 4]
