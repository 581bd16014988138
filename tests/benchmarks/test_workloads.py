from __future__ import annotations

import numpy as np
import pytest

from symtests.benchmarks.workloads import OPERATIONS, Workload, call, numbers, workloads
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES

ALL = workloads(quick=False)


def test_every_network_comes_in_every_dtype() -> None:
    assert [(each.name, each.dtype) for each in ALL] == [
        (name, dtype) for name in ("2-2-1", "2-16-1", "64-128-10", "256-256-10") for dtype in DTYPES
    ]


def test_quick_ones_are_some_of_the_others() -> None:
    names = [(each.name, each.dtype) for each in workloads(quick=True)]
    assert len(names) == 4
    assert set(names) < {(each.name, each.dtype) for each in ALL}


@pytest.mark.parametrize("workload", ALL, ids=lambda each: f"{each.name}-{each.dtype}")
def test_a_workload_can_be_trained_and_is_not_trivial(workload: Workload) -> None:
    assert workload.batch.x.dtype == workload.batch.y.dtype == workload.parameters.dtype
    gradient = numbers(call(NumpyPlain(), "loss_and_gradient", workload)())[1:]
    assert gradient.shape == workload.parameters.vector.shape
    for layer in range(workload.network.layer_count):
        assert np.count_nonzero(gradient[workload.network.weight_slice(layer)]) > 0


def test_a_call_leaves_the_workload_as_it_was_so_that_it_can_be_repeated() -> None:
    workload = ALL[0]
    before = workload.parameters.vector.copy()
    for operation in OPERATIONS:
        function = call(NumpyPlain(), operation, workload)
        np.testing.assert_array_equal(numbers(function()), numbers(function()))
    np.testing.assert_array_equal(workload.parameters.vector, before)


def test_the_numbers_of_an_answer_begin_with_the_loss() -> None:
    workload = ALL[0]
    loss, gradient = NumpyPlain().loss_and_gradient(workload.network, workload.parameters, workload.batch)
    expected = np.append(loss, gradient.vector.astype(np.float64))
    np.testing.assert_array_equal(numbers((loss, gradient)), expected)
    np.testing.assert_array_equal(numbers((loss, gradient.vector)), expected)
