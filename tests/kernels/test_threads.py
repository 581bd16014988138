"""Threads share the work, but never the terms of a sum: the bits are those of one thread."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.kernels import loss, loss_and_gradient, predict, stages, train
from symtests.kernels.threads import share, useful_threads
from symtests.network import OPTIMIZERS, Network
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.kernels.bits import DTYPES, Dtype, from_python, same_bits
from tests.oracle.questions import Question, question, questions

SHARE = from_python(share)


# Few, for threads that share a busy processor wait for each other.
@settings(max_examples=10)
@given(asked=questions(np.float64, widest=40), threads=st.integers(2, 4), optimizer=st.sampled_from(OPTIMIZERS))
def test_bits_do_not_depend_on_the_number_of_threads(asked: Question, threads: int, optimizer: str) -> None:
    arguments: Any = (asked.network, asked.parameters, asked.batch)
    shared: dict[str, Any] = {"threads": threads, "least_work": 0}
    assert loss(*arguments, **shared) == loss(*arguments)
    found, right = loss_and_gradient(*arguments, **shared), loss_and_gradient(*arguments)
    assert found[0] == right[0]
    assert same_bits(found[1].vector, right[1].vector)
    z = predict(asked.network, asked.parameters, asked.batch.x, **shared)
    assert same_bits(z, predict(asked.network, asked.parameters, asked.batch.x))
    assert same_bits(stages(*arguments, **shared).error_signals[0], stages(*arguments).error_signals[0])
    steps: Any = (*arguments, Training(optimizer, 0.05, 2))
    assert same_bits(train(*steps, **shared).vector, train(*steps).vector)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_large_layer_has_the_bits_of_one_thread(dtype: Dtype) -> None:
    network = Network((70, 300, 130, 5), "tanh", "softmax_cross_entropy")
    asked = question(np.random.default_rng(1), network, 101, weighted=True, dtype=dtype)
    arguments: Any = (network, asked.parameters, asked.batch, Training("adam", 0.01, 3))
    assert useful_threads(network, 101, 2, 250_000) == 2
    assert same_bits(train(*arguments, threads=2).vector, train(*arguments).vector)


@given(count=st.integers(0, 200), threads=st.integers(1, 5))
def test_shares_cover_everything_once(count: int, threads: int) -> None:
    bounds = [SHARE(count, thread, threads) for thread in range(threads + 1)]
    assert bounds[0] == 0
    assert bounds[-1] == count
    assert bounds == sorted(bounds)


def test_threads_without_enough_work_are_left_out() -> None:
    network = Network((10, 10, 10), "tanh")  # 200 multiply-adds a sample
    assert useful_threads(network, 100, 4, 20_001) == 1
    assert useful_threads(network, 100, 4, 10_000) == 2
    assert useful_threads(network, 100, 4, 1) == 4
    assert useful_threads(network, 1, 4, 0) == 4


@pytest.mark.parametrize(("name", "value"), [("threads", 0), ("threads", -1), ("least_work", -1)])
def test_what_is_no_number_of_threads_is_refused(name: str, value: int) -> None:
    asked = question(np.random.default_rng(1), Network((2, 1)), 1)
    with pytest.raises(InvalidValue, match=f"^{name}={value}"):
        train(asked.network, asked.parameters, asked.batch, Training(), **{"threads": 2, name: value})


def test_memory_does_not_grow_with_the_steps() -> None:
    network = Network((5, 30, 2), "tanh")
    asked = question(np.random.default_rng(1), network, 8, dtype=np.float64)

    def peak(steps: int) -> int:
        tracemalloc.start()
        train(network, asked.parameters, asked.batch, Training("adam", 0.01, steps))
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(1)
    assert peak(10_000) <= peak(10) + 2_000  # a few objects of Python come and go
