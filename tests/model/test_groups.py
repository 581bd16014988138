"""Groups: an exchange changes nothing, and tied is what every exchange leaves as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.model.groups import Group, Model, Part, Positions, exchange, exchanged, pairs, swap, tie
from symtests.network import Network
from symtests.parameters import Parameters

CHECKS, FEATURES = 3, 2


def gates(count: int) -> np.ndarray:
    """Return the rows of each check where the rows of four gates are stacked."""
    return np.arange(count)[:, np.newaxis] + count * np.arange(4)


@dataclass(frozen=True)
class Lstm:
    """A layer of checks below a linear output: both axes of the recurrent matrix are checks."""

    tensors: Mapping[str, Positions]
    groups: Sequence[Group]

    def loss(self, theta: np.ndarray, x: np.ndarray) -> float:
        """Return the squared output after some steps of time."""
        w, u, b, v = (theta[self.tensors[name]] for name in ("W", "U", "b", "V"))
        h = c = np.zeros(CHECKS)
        for now in x:
            i, f, o, g = np.split(w @ now + u @ h + b, 4)
            c = np.tanh(f) * c + np.tanh(i) * np.tanh(g)
            h = np.tanh(o) * np.tanh(c)
        return float((v @ h) ** 2)


def lstm() -> Lstm:
    shapes = {"W": (4 * CHECKS, FEATURES), "U": (4 * CHECKS, CHECKS), "b": (4 * CHECKS,), "V": (CHECKS,)}
    tensors, start = {}, 0
    for name, shape in shapes.items():
        stop = start + int(np.prod(shape))
        tensors[name] = np.arange(start, stop).reshape(shape)
        start = stop
    one = np.arange(CHECKS)[:, np.newaxis]
    parts = (
        Part(("W",), 0, gates(CHECKS)), Part(("U",), 0, gates(CHECKS)), Part(("U",), 1, one),
        Part(("b",), 0, gates(CHECKS)), Part(("V",), 0, one, outgoing=True),
    )  # fmt: skip
    return Lstm(tensors, (Group("lstm", "checks", CHECKS, parts),))


def size_of(model: Model) -> int:
    return sum(where.size for where in model.tensors.values())


dense = st.builds(
    lambda sizes, bias: Network(sizes, "tanh", bias=bias),
    st.tuples(st.integers(1, 3), st.integers(2, 4), st.integers(2, 4), st.integers(1, 2)),
    st.booleans(),
)
models = dense | st.just(lstm())


@given(models, st.data())
def test_exchanges_compose_as_permutations_do(model: Model, data: st.DataObject) -> None:
    group = data.draw(st.sampled_from(model.groups))
    one, other = (data.draw(st.permutations(range(group.size))) for _ in range(2))
    both = exchange(model, group, one)[exchange(model, group, other)]
    assert (both == exchange(model, group, np.array(one)[other].tolist())).all()
    assert (exchange(model, group, list(range(group.size))) == np.arange(size_of(model))).all()


@given(dense, st.integers(0, 99), st.data())
def test_an_exchange_of_hidden_units_changes_no_loss(network: Network, seed: int, data: st.DataObject) -> None:
    group, random = data.draw(st.sampled_from(network.groups)), np.random.default_rng(seed)
    order = data.draw(st.permutations(range(group.size)))
    theta, x = random.normal(size=network.parameter_count), random.normal(size=(3, network.sizes[0]))
    batch = Batch(x, random.normal(size=(3, network.sizes[-1])))
    p = exchange(network, group, order)
    (loss, gradient), (same, moved) = (
        NumpyPlain().loss_and_gradient(network, Parameters(network, vector), batch) for vector in (theta, theta[p])
    )
    assert same == pytest.approx(loss, rel=1e-12)
    assert moved.vector == pytest.approx(gradient.vector[p], rel=1e-9, abs=1e-12)
    # One end alone is another network.
    assume(p.tolist() != list(range(len(p))))
    half = theta[exchange(network, group, order, group.incoming)]
    other, _ = NumpyPlain().loss_and_gradient(network, Parameters(network, half), batch)
    assert abs(other - loss) > 1e-9 * abs(loss)


@given(st.integers(0, 99), st.permutations(range(CHECKS)))
def test_an_exchange_of_checks_changes_no_loss(seed: int, order: list[int]) -> None:
    model, random = lstm(), np.random.default_rng(seed)
    (group,) = model.groups
    theta, x = random.normal(size=size_of(model)), random.normal(size=(4, FEATURES))
    assert model.loss(theta[exchange(model, group, order)], x) == pytest.approx(model.loss(theta, x), rel=1e-9)
    rows = [part for part in group.parts if not (part.name == "U" and part.axis == 1)]
    half = theta[exchange(model, group, order, rows)]
    assert order == sorted(order) or abs(model.loss(half, x) - model.loss(theta, x)) > 1e-12


@given(models, st.integers(0, 99), st.data())
def test_tied_is_what_every_exchange_leaves_as_it_is(model: Model, seed: int, data: st.DataObject) -> None:
    group = data.draw(st.sampled_from(model.groups))
    units = data.draw(st.lists(st.integers(0, group.size - 1), min_size=2, unique=True))
    theta = np.random.default_rng(seed).normal(size=size_of(model))
    before = theta.copy()
    tie(theta, model, group, units)
    for one in units:
        for other in units:
            assert (theta[exchange(model, group, swap(group, one, other))] == theta).all()
    firsts, twins = pairs(model, group, units)
    assert (theta[firsts] == theta[twins]).all()
    assert set(theta) <= set(before)
    untouched = np.setdiff1d(np.arange(len(theta)), np.concatenate([firsts, twins]))
    assert (theta[untouched] == before[untouched]).all()


@given(dense, st.data())
def test_pairs_are_those_of_the_exchanges(network: Network, data: st.DataObject) -> None:
    group = data.draw(st.sampled_from(network.groups))
    first, *others = units = sorted(data.draw(st.lists(st.integers(0, group.size - 1), min_size=2, unique=True)))
    expected = set()
    for twin in others:
        p = exchange(network, group, swap(group, first, twin))
        expected |= {(k, int(p[k])) for k in range(len(p)) if k < p[k]}
    firsts, twins = pairs(network, group, units)
    assert set(zip(firsts.tolist(), twins.tolist(), strict=True)) == expected
    assert len(firsts) == len(expected)


@given(st.permutations(range(4)), st.integers(0, 9))
def test_an_exchange_moves_blocks_and_comes_back(order: list[int], seed: int) -> None:
    positions = np.arange(8).reshape(4, 2)
    group = Group("net", "heads", 4, (Part(("a",), 0, positions), Part(("b",), 1, positions)))
    random = np.random.default_rng(seed)
    values = {"a": random.standard_normal((8, 3)), "b": random.standard_normal((2, 8))}
    there = exchanged(group, values, order, group.parts)
    assert np.array_equal(there["a"].reshape(4, 2, 3), values["a"].reshape(4, 2, 3)[order])
    back = exchanged(group, there, list(np.argsort(order)), group.parts)
    assert all(np.array_equal(back[name], values[name]) for name in values)


def test_both_axes_of_a_matrix_are_exchanged() -> None:
    whole = np.arange(2)[:, None]
    group = Group("net", "checks", 2, (Part(("w",), 0, whole), Part(("w",), 1, whole)))
    assert exchanged(group, {"w": np.array([[1, 2], [3, 4]])}, [1, 0], group.parts)["w"].tolist() == [[4, 3], [2, 1]]


def test_tensors_of_their_own_change_places() -> None:
    group = Group("moe", "experts", 2, (Part(("a", "b")),))
    found = exchanged(group, {"a": np.zeros(1), "b": np.ones(1)}, [1, 0], group.parts)
    assert (found["a"].item(), found["b"].item()) == (1, 0)


def test_groups_of_a_dense_network() -> None:
    first, second = Network((2, 3, 4, 1), "tanh").groups
    assert [part.name for part in first.incoming] == ["W1", "b1"]
    assert [part.name for part in second.outgoing] == ["W3"]
    assert (first.title, first.size, second.tensors) == ("hidden units of layer 1", 3, ("W2", "b2", "W3"))
    assert Network((2, 1)).groups == ()
