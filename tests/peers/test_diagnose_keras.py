"""Compiled models of Keras under examination, with the loss and the optimizer of `fit`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import symtests

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((16, 5)).astype("f")
Y = RANDOM.integers(0, 2, (16, 1)).astype("f")


def model(*inner: Any, loss: str = "mse") -> Any:
    made = keras.Sequential([keras.Input((5,)), *inner])
    made.compile("adam", loss)
    return made


def test_a_softmax_over_one_unit_is_named() -> None:
    result = symtests.diagnose(model(layers.Dense(4, "relu"), layers.Dense(1, "softmax")), (X, Y), steps=3)
    first = result.fatal[0]
    assert (first.kind, first.numbers["operations"]) == ("no gradient passes", ["softmax over one unit"])


def test_constant_kernels_are_tied_and_the_cure_names_a_layer() -> None:
    net = model(
        layers.Dense(4, "tanh", kernel_initializer=keras.initializers.Constant(0.2)),
        layers.Dense(2, kernel_initializer="ones"),
    )
    (tied,) = symtests.diagnose(net, (X, np.hstack([Y, Y])), steps=3).fatal
    assert tied.sentence.startswith("4 hidden units of dense, effectively 1")
    assert f'model.get_layer("{net.layers[-1].name}").kernel.assign(' in tied.cure


def test_a_sound_network_is_left_alone() -> None:
    net = model(layers.Dense(4, "tanh"), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(1))
    before = [np.asarray(each) for each in net.get_weights()]
    result = symtests.diagnose(net, (X, Y), steps=3)
    assert not result.fatal
    assert [each.group.title for each in result.groups] == ["hidden units of dense"]
    for one, other in zip(before, net.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_names_are_those_of_one_build_in_all_starts() -> None:
    def build() -> Any:
        return model(layers.Dense(2, "relu", bias_initializer=keras.initializers.Constant(-99.0)), layers.Dense(1))

    starts = symtests.diagnose(build, (X, Y), steps=2, starts=3).starts
    assert starts is not None
    assert [share.count for share in starts.shares if share.what.startswith("dense.kernel")] == [3]


def test_what_is_missing_is_said() -> None:
    net = keras.Sequential([keras.Input((5,)), layers.Dense(1)])
    with pytest.raises(symtests.InvalidValue, match="is not compiled"):
        symtests.diagnose(net, (X, Y))
    with pytest.raises(symtests.InvalidValue, match="hand over \\(x, y\\)"):
        symtests.diagnose(model(layers.Dense(1)))
    net.compile("adam", "mse")
    net.trainable = False
    with pytest.raises(symtests.InvalidValue, match="no variable is trainable"):
        symtests.diagnose(net, (X, Y))


def test_the_callback_stops_a_fit_that_cannot_learn() -> None:
    from symtests.doctor.callbacks import for_keras

    net = model(layers.Dense(1, "softmax"))
    with pytest.raises(AssertionError, match="softmax over one unit"):
        net.fit(X, Y, verbose=0, callbacks=[for_keras((X, Y), steps=2)])
    with pytest.warns(UserWarning, match="fatal"):
        net.fit(X, Y, verbose=0, epochs=1, callbacks=[for_keras((X, Y), steps=2, on_fatal="warn")])
