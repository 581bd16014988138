"""Training over mini-batches is nothing but its steps, whatever the order, the last batch and the threads."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.kernels import train, train_in_batches
from symtests.network import OPTIMIZERS, Network
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.kernels.bits import same_bits
from tests.oracle.questions import Question, question, questions

NETWORK = Network((3, 20, 2), "tanh", "softmax_cross_entropy")


def chosen(batch: Batch, places: Any) -> Batch:
    weights = batch.sample_weights
    return Batch(batch.x[places], batch.y[places], None if weights is None else weights[places])


@given(
    asked=questions(np.float32, widest=33),
    batch_size=st.integers(1, 9),
    epochs=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_each_batch_is_a_step(asked: Question, batch_size: int, epochs: int, seed: int) -> None:
    network, data, training = asked.network, asked.batch, Training("sgd", 0.1, 7)
    if data.sample_weights is not None:
        data = Batch(data.x, data.y, data.sample_weights + 1)  # some batch could have no weight at all
    random, stepped = np.random.default_rng(seed), asked.parameters
    for _ in range(epochs):
        order = random.permutation(len(data))
        for start in range(0, len(data), batch_size):
            part = chosen(data, order[start : start + batch_size])
            stepped = train(network, stepped, part, training.with_steps(1))
    found = train_in_batches(
        network, asked.parameters, data, training, batch_size=batch_size, epochs=epochs, order_seed=seed
    )
    assert same_bits(found.vector, stepped.vector)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("weighted", [False, True])
def test_one_batch_again_and_again_is_training(optimizer: str, weighted: bool) -> None:
    """The state of the optimizer is kept from batch to batch, and from epoch to epoch."""
    asked = question(np.random.default_rng(3), NETWORK, 6, weighted=weighted, dtype=np.float64)
    training = Training(optimizer, 0.05, 6)
    whole = train(NETWORK, asked.parameters, asked.batch, training)
    order = np.tile(np.arange(6), (2, 3))
    by_epochs = train_in_batches(NETWORK, asked.parameters, asked.batch, training, batch_size=100, epochs=6)
    by_batches = train_in_batches(NETWORK, asked.parameters, asked.batch, training, batch_size=6, epochs=2, order=order)
    assert same_bits(by_epochs.vector, whole.vector)
    assert same_bits(by_batches.vector, whole.vector)


def test_orders_differ_by_seed_and_epoch_and_change_the_result() -> None:
    asked = question(np.random.default_rng(4), NETWORK, 40, dtype=np.float64)

    def trained(**order: Any) -> Any:
        settings = {"batch_size": 16, "epochs": 2, **order}
        return train_in_batches(NETWORK, asked.parameters, asked.batch, Training("adam", 0.01), **settings).vector

    random = np.random.default_rng(8)
    given_order = np.array([random.permutation(40), random.permutation(40)])
    assert same_bits(trained(order_seed=8), trained(order=given_order))
    results = [trained(), trained(order_seed=8), trained(order_seed=9), trained(order=given_order[::-1])]
    assert not any(same_bits(a, b) for a, b in pairwise(results))
    assert same_bits(trained(), trained(order=np.tile(np.arange(40), (2, 1))))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "empty batches": ({"batch_size": 0}, r"^batch_size=0"),
    "negative epochs": ({"epochs": -1}, r"^epochs=-1"),
    "two orders": ({"order": np.zeros((2, 5), int), "order_seed": 1}, r"^order_seed=1: must be left out"),
    "an order too short": ({"order": np.zeros((1, 5), int)}, r"^order=<int64 array of shape \(1, 5\)>: must be"),
    "an order of floats": ({"order": np.zeros((2, 5))}, r"^order=<float64 array"),
    "no such sample": ({"order": np.full((2, 5), 5)}, r"^order=<from 5 to 5>: must lie in 0\.\.4"),
    "a batch without weight": ({}, r"^sample_weights=<all 0 in a batch>"),
}


@pytest.mark.parametrize(("changes", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], sentence: str) -> None:
    asked = question(np.random.default_rng(4), NETWORK, 5, dtype=np.float64)
    data = Batch(asked.batch.x, asked.batch.y, np.array([1.0, 0.0, 0.0, 1.0, 1.0]))
    before = asked.parameters.vector.copy()
    with pytest.raises(InvalidValue, match=sentence):
        train_in_batches(NETWORK, asked.parameters, data, Training(), **{"batch_size": 1, "epochs": 2, **changes})
    assert same_bits(asked.parameters.vector, before)


def test_threads_change_no_bit() -> None:
    asked = question(np.random.default_rng(4), NETWORK, 30, weighted=True, dtype=np.float64)
    assert asked.batch.sample_weights is not None
    data = Batch(asked.batch.x, asked.batch.y, asked.batch.sample_weights + 1)
    arguments: Any = (NETWORK, asked.parameters, data, Training("momentum", 0.1))
    order: dict[str, Any] = {"batch_size": 12, "epochs": 2, "order_seed": 0}
    shared = train_in_batches(*arguments, **order, threads=2, least_work=0)
    assert same_bits(shared.vector, train_in_batches(*arguments, **order).vector)
