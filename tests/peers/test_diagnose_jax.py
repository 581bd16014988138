"""Models of JAX, Flax and Keras under examination: the same findings as of PyTorch's, and what cannot be examined."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symtests

WEIGHTS = np.random.default_rng(0)
FIRST, LAST = WEIGHTS.standard_normal((5, 6)).astype("f"), WEIGHTS.standard_normal((6, 2)).astype("f")


def batch(step: int) -> tuple[Any, Any]:
    random = np.random.default_rng(step)
    return random.standard_normal((16, 5)).astype("f"), random.standard_normal((16, 2)).astype("f")


def loss(net: Any, batch: Any) -> Any:
    x, y = batch
    output = jnp.tanh(x @ net["in"]["w"] + net["in"]["b"]) @ net["out"]["w"]
    return ((output - y) ** 2).mean(), output


def net(first: Any, last: Any) -> dict[str, Any]:
    return {"in": {"w": jnp.asarray(first), "b": jnp.zeros(6)}, "out": {"w": jnp.asarray(last)}}


def kinds(result: symtests.Diagnosis) -> dict[str, str]:
    return {each.kind: each.verdict for each in result.findings}


def test_a_random_start_is_sound_and_its_units_are_a_group() -> None:
    result = symtests.diagnose(net(FIRST, LAST), batch, loss, steps=4)
    assert not result.fatal
    (units,) = result.groups
    assert (units.group.kind, units.group.size, units.width) == ("hidden units", 6, 6)


def test_a_constant_start_is_tied() -> None:
    result = symtests.diagnose(net(0 * FIRST + 0.3, 0 * LAST + 0.1), batch, loss, steps=4)
    assert kinds(result)["tied"] == "fatal"
    assert "6 hidden units of in.w, effectively 1" in result.fatal[0].sentence
    assert "out.w" in result.fatal[0].cure


def test_a_zero_last_layer_is_harmless_and_two_are_stuck() -> None:
    assert kinds(symtests.diagnose(net(FIRST, 0 * LAST), batch, loss, steps=4))["late"] == "harmless"
    assert kinds(symtests.diagnose(net(0 * FIRST, 0 * LAST), batch, loss, steps=4))["stuck"] == "fatal"


def test_what_is_not_used_is_told_from_what_is_zero() -> None:
    both = {**net(FIRST, LAST), "idle": {"w": jnp.ones((2, 2))}}
    (unused,) = [each for each in symtests.diagnose(both, batch, loss, steps=3).findings if each.kind == "unused"]
    assert unused.where == ("idle.w",)


def test_an_optimizer_of_optax_takes_the_steps() -> None:
    optax = pytest.importorskip("optax")
    result = symtests.diagnose(net(FIRST, LAST), batch, loss, optax.sgd(0.5), steps=2)
    tensor = result.record.tensors["out.w"]
    assert tensor.gradients[0] is not None
    assert tensor.updates[0] == pytest.approx(0.5 * tensor.gradients[0], rel=1e-4)


def test_a_module_of_flax_is_examined_as_it_is() -> None:
    nnx = pytest.importorskip("flax.nnx")

    class Small(nnx.Module):  # type: ignore[misc, name-defined, unused-ignore] # flax may be missing
        def __init__(self, random: Any) -> None:
            self.a = nnx.Linear(5, 6, rngs=random)
            self.b = nnx.Linear(6, 2, kernel_init=nnx.initializers.zeros, rngs=random)

        def __call__(self, x: Any) -> Any:
            return self.b(nnx.relu(self.a(x)))

    model = Small(nnx.Rngs(0))
    before = np.asarray(model.b.bias[...])
    result = symtests.diagnose(model, batch, lambda m, b: ((m(b[0]) - b[1]) ** 2).mean(), steps=3)
    assert kinds(result)["late"] == "harmless"
    assert [each.group.title for each in result.groups] == ["hidden units of a"]
    np.testing.assert_array_equal(np.asarray(model.b.bias[...]), before)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch": None}, "hand over batch"),
        ({"loss": None}, "hand over loss"),
        ({"loss": lambda net, batch: net["in"]["w"]}, "returns a single number"),
        ({"optimizer": 3}, "hand over one of Optax"),
        ({"model": lambda: 3}, "build: gave a int"),
        ({"model": {"a": jnp.ones(3, jnp.int32)}}, "no parameters of floating point"),
    ],
)
def test_what_cannot_be_examined_says_what_to_hand_over(changes: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"model": net(FIRST, LAST), "batch": batch, "loss": loss, **changes}
    with pytest.raises(symtests.InvalidValue, match=said):
        symtests.diagnose(**given, steps=1)


def test_the_model_and_the_random_state_are_left_alone() -> None:
    given, state = net(FIRST, LAST), np.random.get_state()[1].copy()  # noqa: NPY002 - the state that is left alone
    symtests.diagnose(given, batch, loss, steps=2)
    np.testing.assert_array_equal(given["in"]["w"], FIRST)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002 - likewise


def test_a_loop_is_followed_from_turn_to_turn() -> None:
    start = {"w": jnp.asarray(FIRST), "u": jnp.full((6, 6), 0.1), "o": jnp.asarray(LAST)}

    def recurrent(net: Any, batch: Any) -> Any:
        x, y = batch

        def turn(h: Any, _: Any) -> Any:
            return jnp.tanh(x @ net["w"] + h @ net["u"]), None

        last, _ = jax.lax.scan(turn, jnp.zeros((len(x), 6)), None, length=3)
        return ((last @ net["o"] - y) ** 2).mean()

    (checks,) = symtests.diagnose(start, batch, recurrent, steps=2).groups
    assert checks.group.size == 6
    assert sorted(set(checks.group.tensors)) == ["o", "u", "w"]
