"""What primitives of JAX say of axes: which positions may be exchanged, tried by exchanging them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from symtests.doctor.grouping import groups_of
from symtests.doctor.jax_trace import JaxTrace
from symtests.doctor.model import Facts
from symtests.model.groups import exchanged

RANDOM = np.random.default_rng(0)


def drawn(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.standard_normal(shape).astype("f")


X, IMAGE, WORDS = drawn(5, 3), drawn(2, 6, 6, 2), RANDOM.integers(0, 7, (4, 3))
HEADS = {"q": (3, 8), "k": (3, 8), "v": (3, 8), "o": (8, 2)}


def attention(p: Any) -> Any:
    q, k, v = ((X @ p[name]).reshape(5, 2, 4) for name in "qkv")
    weights = jax.nn.softmax(jnp.einsum("thd,shd->hts", q, k), axis=-1)
    return ((jnp.einsum("hts,shd->thd", weights, v).reshape(5, 8) @ p["o"]) ** 2).mean()


def convolution(p: Any) -> Any:
    made = jax.lax.conv_general_dilated(IMAGE, p["a"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    pooled = jax.lax.reduce_window(jax.nn.relu(made), -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return ((pooled.reshape(2, -1) @ p["b"]) ** 2).mean()


def embedding(p: Any) -> Any:
    return ((jnp.take(p["e"], WORDS, axis=0).mean(1) @ p["w"]) ** 2).mean()


def halves(p: Any) -> Any:
    one, other = jnp.split(X @ p["w"], 2, axis=-1)
    return ((jnp.tanh(one) * jax.nn.sigmoid(other) @ p["o"]) ** 2).mean()


MODELS: dict[str, tuple[Callable[[Any], Any], Any, set[int]]] = {
    "heads": (attention, HEADS, {2, 4}),
    "channels": (convolution, {"a": (3, 3, 2, 4), "b": (36, 3)}, {4}),
    "embedding dimensions": (embedding, {"e": (7, 4), "w": (4, 2)}, {4}),
    "gated units": (halves, {"w": (3, 8), "o": (4, 2)}, {4}),
}


@pytest.mark.parametrize("name", MODELS)
def test_each_group_can_be_exchanged_and_none_is_missing(name: str) -> None:
    compute, shapes, sizes = MODELS[name]
    values = {each: drawn(*shape) for each, shape in shapes.items()}
    trace, order = JaxTrace(), sorted(shapes)
    closed = jax.make_jaxpr(compute)(values)
    trace.follow(closed, [trace.fresh(shapes[each], fixed=False) for each in order])
    tensors = {each: trace.axes_of(one) for each, one in zip(order, closed.jaxpr.invars, strict=True)}
    groups = groups_of(trace.axes, tensors, {each: Facts(each, shape) for each, shape in shapes.items()})
    inner = [group for group in groups if len(group.tensors) > 1]
    assert sizes <= {group.size for group in inner}
    loss = float(compute(values))
    for group in inner:
        swapped = exchanged(group, values, [1, 0, *range(2, group.size)], group.parts)
        assert float(compute({**values, **swapped})) == pytest.approx(loss, rel=1e-5)  # sums of a few dozen terms


def test_a_function_that_is_called_twice_has_variables_of_its_own() -> None:
    values = {"a": drawn(3, 4), "b": drawn(3, 4)}
    half = jax.jit(lambda x, w: jnp.tanh(x @ w))

    def loss(p: Any) -> Any:
        half(X, p["a"])
        return half(X, p["b"]).sum()

    trace = JaxTrace()
    closed = jax.make_jaxpr(loss)(values)
    trace.follow(closed, [trace.fresh((3, 4), fixed=False) for _ in range(2)])
    first, second = (trace.number(each) for each in closed.jaxpr.invars)
    reached = trace.reaching(trace.number(closed.jaxpr.outvars[0]))
    assert second in reached
    assert first not in reached


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (lambda x: jnp.round(x), ["round"]),
        (lambda x: jax.nn.softmax(x[:, :1], axis=-1), ["softmax over one unit"]),
        (lambda x: jax.nn.softmax(x, axis=-1), []),
        (jax.lax.stop_gradient, ["stop_gradient"]),
    ],
)
def test_what_passes_no_gradient_is_named(function: Callable[[Any], Any], named: list[str]) -> None:
    closed = jax.make_jaxpr(lambda w: (function(X @ w) ** 2).sum())(drawn(3, 4))
    trace = JaxTrace()
    trace.follow(closed, [trace.fresh((3, 4), fixed=False)])
    assert trace.flat(trace.number(closed.jaxpr.invars[0])) == named
