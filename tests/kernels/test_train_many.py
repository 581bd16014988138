"""Many trainings at once: each is, bit for bit, the training that its start has alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.kernels import compile_population, loss, train, train_many, train_many_fast
from symtests.kernels.train_many import even_parts
from symtests.network import OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.kernels.bits import DTYPES, Dtype, Numbers, same_bits
from tests.oracle.questions import Question, questions

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
XOR = Batch(CORNERS, np.array([[0], [1], [1], [0]], float))
TWO_UNITS = Network((2, 2, 1), "tanh", "bce")


def starts_of(asked: Question, count: int) -> Numbers:
    """Starts around that of the question, itself among them; one is full of zeros, and from one training may fail."""
    vector = asked.parameters.vector
    random = np.random.default_rng(count)
    starts = vector + random.normal(size=(count, vector.size)).astype(vector.dtype)
    starts[0] = vector
    starts[count // 2] = 0
    starts[count // 3] *= vector.dtype.type(1e18)
    return starts


def alone(asked: Question, start: Numbers, training: Training) -> tuple[Numbers, float]:
    end = train(asked.network, Parameters(asked.network, start.copy()), asked.batch, training)
    return end.vector, loss(asked.network, end, asked.batch)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=25)
@given(data=st.data())
def test_each_end_is_that_of_its_start_alone(dtype: Dtype, data: st.DataObject) -> None:
    asked = data.draw(questions(dtype, widest=9))
    starts = starts_of(asked, data.draw(st.integers(1, 40)))
    training = Training(data.draw(st.sampled_from(OPTIMIZERS)), data.draw(st.sampled_from((0.1, 7.0))), 3)
    ends = train_many(asked.network, starts, asked.batch, training, threads=data.draw(st.integers(1, 3)))
    assert ends.steps_to_solve is None
    for start, end, found in zip(starts, ends.parameters, ends.losses, strict=True):
        vector, value = alone(asked, start, training)
        assert same_bits(end, vector)
        assert same_bits(float(found), value)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=12)
@given(data=st.data())
def test_a_training_stops_where_it_is_solved(dtype: Dtype, data: st.DataObject) -> None:
    asked = data.draw(questions(dtype, widest=9))
    starts = starts_of(asked, data.draw(st.integers(1, 40)))
    training = Training(data.draw(st.sampled_from(OPTIMIZERS)), 0.1, 6)
    at_start = train_many(asked.network, starts, asked.batch, training.with_steps(2)).losses
    bound = float(np.nan_to_num(np.quantile(at_start, data.draw(st.sampled_from((0.0, 0.3, 0.9)))), posinf=1.0))
    ends = train_many(asked.network, starts, asked.batch, training, solved_below=bound)
    assert ends.steps_to_solve is not None
    for start, end, steps in zip(starts, ends.parameters, ends.steps_to_solve, strict=True):
        losses = [alone(asked, start, training.with_steps(taken))[1] for taken in range(7)]
        expected = next((taken for taken, value in enumerate(losses) if value <= bound), -1)
        assert steps == expected
        assert same_bits(end, alone(asked, start, training.with_steps(6 if expected < 0 else expected))[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_neither_neighbours_nor_number_nor_threads_count(dtype: Dtype) -> None:
    starts = np.random.default_rng(0).normal(size=(301, 9)).astype(dtype)
    training = Training("sgd", 0.5, 200)
    ends = train_many(TWO_UNITS, starts, XOR.astype(dtype), training).parameters
    assert same_bits(train_many(TWO_UNITS, starts[::-1], XOR.astype(dtype), training).parameters[::-1], ends)
    assert same_bits(train_many(TWO_UNITS, starts[:77], XOR.astype(dtype), training, threads=2).parameters, ends[:77])
    assert same_bits(train_many(TWO_UNITS, starts, XOR.astype(dtype), training, threads=3).parameters, ends)


@pytest.mark.parametrize("dtype", DTYPES)
def test_about_half_of_all_starts_learn_exclusive_or(dtype: Dtype) -> None:
    """Of a million starts 0.493 have all four outputs on the right side then; here nearly as many have a small loss."""
    starts = np.random.default_rng(1).normal(size=(2048, 9)).astype(dtype)
    ends = train_many(TWO_UNITS, starts, XOR.astype(dtype), Training("sgd", 0.5, 3000), solved_below=0.1)
    assert ends.steps_to_solve is not None
    solved = ends.steps_to_solve >= 0
    assert 0.35 < solved.mean() < 0.54
    assert (ends.losses[solved] <= 0.1).all()
    assert (ends.losses[~solved] > 0.1).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "network",
    [
        TWO_UNITS,
        Network((2, 3, 2, 1), ("gelu", "relu"), "mse"),
        Network((2, 1), (), "bce"),
        Network((2, 2, 1), "identity", "logistic_mse", False),
        Network((2, 3, 1), "logistic", "logistic_mse"),
        Network((2, 2, 1), "silu"),
    ],
)
def test_kernel_for_the_shape_has_the_same_bits(network: Network, dtype: Dtype) -> None:
    random = np.random.default_rng(0)
    starts = random.normal(size=(40, network.parameter_count)).astype(dtype)
    starts[3] = 0
    starts[4] *= dtype(1e18)
    weights = np.array([0.5, 1.0, 0.0, 2.0])
    batch, training = Batch(XOR.x + 0.25, XOR.y, weights).astype(dtype), Training("sgd", 0.5, 7)
    before = train_many(network, starts, batch, training)
    assert compile_population(network, len(batch), training)
    after = train_many(network, starts, batch, training, threads=2)
    assert same_bits(after.parameters, before.parameters)
    assert same_bits(after.losses, before.losses)


def test_no_kernel_for_a_shape_that_is_not_small() -> None:
    assert not compile_population(Network((2, 99, 1), "tanh"), 4, Training())
    assert not compile_population(TWO_UNITS, 4, Training("adam"))
    assert not compile_population(Network((2, 2, 3), "tanh", "softmax_cross_entropy"), 4, Training())


def test_fast_form_is_near_and_each_training_alone() -> None:
    """After one step parameters differ by the rate times an error of a few units in the last place of 1."""
    starts, batch = np.random.default_rng(0).normal(size=(70, 9)).astype(np.float32), XOR.astype(np.float32)
    fast = train_many_fast(TWO_UNITS, starts, batch, Training("sgd", 0.5, 1))
    accurate = train_many(TWO_UNITS, starts, batch, Training("sgd", 0.5, 1))
    distance = np.abs(fast.parameters - accurate.parameters)
    assert 0 < distance.max() <= 32 * np.finfo(np.float32).eps
    assert same_bits(train_many_fast(TWO_UNITS, starts[5:7], batch, Training("sgd", 0.5, 1)).parameters,
                     fast.parameters[5:7])  # fmt: skip
    with pytest.raises(InvalidValue, match="there is no fast form of it"):
        train_many_fast(TWO_UNITS, starts, batch, Training("adam"))


def test_progress_rises_to_one() -> None:
    starts, told = np.zeros((3000, 9), np.float32), list[float]()
    for threads in (1, 2):
        train_many(
            TWO_UNITS, starts, XOR.astype(np.float32), Training("sgd", 0.5, 3000), threads=threads, progress=told.append
        )
        assert told == sorted(told)
        assert told[-1] == 1
        assert len(told) > 1
        told.clear()


def test_no_starts_have_no_ends() -> None:
    ends = train_many(TWO_UNITS, np.zeros((0, 9)), XOR, Training("sgd", 0.5, 3), solved_below=0.1)
    assert ends.parameters.shape == (0, 9)
    assert ends.losses.shape == (0,)


def test_starts_stay_as_they_were_in_any_layout() -> None:
    starts = np.asfortranarray(np.random.default_rng(0).normal(size=(40, 9)))
    before, training = starts.copy(), Training("adam", 0.1, 5)
    starts.setflags(write=False)
    ends = train_many(TWO_UNITS, starts, XOR, training)
    assert same_bits(starts, before)
    assert same_bits(train_many(TWO_UNITS, before.astype(">f8"), XOR, training).parameters, ends.parameters)


@pytest.mark.parametrize(
    ("starts", "options", "sentence"),
    [
        (np.zeros((3, 8)), {}, r"starts=<array of shape \(3, 8\)>: must have shape \(count, 9\)"),
        (np.zeros(9), {}, "starts=<array of shape"),
        (np.zeros((3, 9), np.float16), {}, "starts=<float16>: must be float32 or float64"),
        (np.zeros((3, 9), np.float32), {}, "x=<float64 array>: must have the dtype"),
        (np.zeros((3, 9)), {"threads": 0}, "threads=0"),
        (np.zeros((3, 9)), {"solved_below": -0.1}, "solved_below=-0.1"),
        (np.zeros((3, 9)), {"solved_below": math.nan}, "solved_below=nan"),
    ],
)
def test_bad_input_is_named(starts: Numbers, options: dict[str, float], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        train_many(TWO_UNITS, starts, XOR, Training(), **options)  # type: ignore[arg-type] # bad input


@given(blocks=st.integers(0, 20_000), steps=st.integers(0, 5000), threads=st.integers(1, 5))
def test_work_is_divided_into_even_parts_as_many_for_each_thread(blocks: int, steps: int, threads: int) -> None:
    parts = even_parts(Network((2, 2, 1), "tanh"), Training("sgd", 1.0, steps), 4, blocks, 16, threads)
    sizes = [stop - first for first, stop in parts]
    assert [first for first, _ in parts] == [0, *np.cumsum(sizes)][:-1]
    assert sum(sizes) == blocks
    assert len(parts) % threads == 0 or len(parts) == blocks
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
