"""What an implementation may say of itself."""

from __future__ import annotations

import json

import pytest

from symtests.implementations.base import Capabilities, capabilities_of
from symtests.validation import InvalidValue


@pytest.mark.parametrize("way", ["threads", "threads=0", "threads=two", "cpu=", "gpu=1", "", "strided=yes", 2])
def test_a_way_of_running_has_one_of_three_forms(way: object) -> None:
    with pytest.raises(InvalidValue, match=r"same_bits=.*: must be 'strided', 'threads=<number>' or 'cpu=<instruction"):
        Capabilities(same_bits=(way,))  # type: ignore[arg-type]  # that is what is tried


def test_ways_of_running_survive_json() -> None:
    ways = ("strided", "threads=2", "cpu=x86-64-v3")

    class Claims:
        capabilities = json.loads(json.dumps(Capabilities(same_bits=ways).to_json()))

    assert capabilities_of(Claims()).same_bits == ways


def test_a_single_way_may_stand_alone() -> None:
    assert capabilities_of(type("Claims", (), {"capabilities": {"same_bits": "strided"}})).same_bits == ("strided",)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"min_width": 3, "max_width": 2}, "min_width=3: must be at most max_width, which is 2"),
        ({"min_hidden_layers": -1}, "min_hidden_layers=-1: must be a whole number of at least 0"),
        ({"max_inputs": 0}, "max_inputs=0: must be a whole number of at least 1"),
        ({"class_targets": ("mse",)}, "class_targets='mse': must be one of bce, logistic_mse, softmax_cross_entropy"),
        ({"one_activation": "tanh"}, "one_activation='tanh': must be True or False"),
        ({"positive_epsilon": 1}, "positive_epsilon=1: must be True or False"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_in_one_sentence(said: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        capabilities_of(type("Claims", (), {"capabilities": said}))
    assert str(refused.value).startswith(sentence)


def test_the_scale_of_a_loss_is_that_of_training_unless_it_is_said_not_to_be() -> None:
    both = Capabilities(loss_scale={"mse": 2.0})
    assert (both.scale_of("mse"), both.scale_in_training("mse"), both.scale_in_training("bce")) == (2.0, 2.0, 1.0)
    one = Capabilities(loss_scale={"mse": 2.0}, loss_scale_in_training=False)
    assert (one.scale_of("mse"), one.scale_in_training("mse")) == (2.0, 1.0)
