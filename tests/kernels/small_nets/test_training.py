"""Code that is compiled for one shape gives the bits of the general kernel, and is used where it pays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests import kernels
from symtests.batch import Batch
from symtests.kernels.shape_use import use_of
from symtests.kernels.small_nets import choice as small_net_choice
from symtests.kernels.small_nets.training import OPTIMIZERS_OF_SMALL_NETS, train_small_net
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.kernels.bits import DTYPES, Dtype, same_bits

SGD = Training("sgd", 0.25, 7)


@pytest.fixture(autouse=True)
def nothing_was_used() -> Iterator[None]:
    use_of.cache_clear()
    yield
    use_of.cache_clear()


def problem(network: Network, samples: int, seed: int, scale: float, dtype: Dtype) -> tuple[Parameters, Batch]:
    random = np.random.default_rng(seed)
    vector = random.normal(scale=scale, size=network.parameter_count)
    y = random.dirichlet(np.ones(network.sizes[-1]), size=samples)
    batch = Batch(random.normal(size=(samples, network.sizes[0])), y, random.uniform(0, 2, size=samples))
    return Parameters(network, vector.astype(dtype)), batch.astype(dtype)


def check(network: Network, samples: int, training: Training, dtype: Dtype, seed: int = 0, scale: float = 1.0) -> None:
    start, batch = problem(network, samples, seed, scale, dtype)
    before = start.vector.copy()
    found = train_small_net(network, start.vector, batch, training)
    assert same_bits(found, kernels.train(network, start, batch, training).vector)
    assert same_bits(start.vector, before)
    assert not same_bits(found, before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_has_the_same_bits(activation: str, dtype: Dtype) -> None:
    check(Network((3, 5, 2), activation, "mse"), 3, SGD, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_has_the_same_bits(loss: str, dtype: Dtype) -> None:
    check(Network((2, 4, 3), "tanh", loss), 4, SGD, dtype)


@pytest.mark.parametrize("optimizer", OPTIMIZERS_OF_SMALL_NETS)
def test_every_optimizer_has_the_same_bits(optimizer: str) -> None:
    settings_of_it = {} if optimizer == "sgd" else {"momentum": 0.75}
    check(Network((2, 3, 1), "tanh", "bce"), 4, Training(optimizer, 0.1, 30, **settings_of_it), np.float64)


# Widths at and beside those of registers; one sample; no hidden layer; several.
SHAPES = [((1, 1), 1), ((2, 2, 1), 4), ((2, 16, 1), 4), ((2, 17, 1), 3), ((5, 7, 9, 3), 5), ((3, 8), 9), ((4, 1, 4), 2)]


@pytest.mark.parametrize(("dtype", "bias"), [(np.float32, False), (np.float64, True)])
@pytest.mark.parametrize(("sizes", "samples"), SHAPES)
def test_every_shape_has_the_same_bits(sizes: tuple[int, ...], samples: int, bias: bool, dtype: Dtype) -> None:
    check(Network(sizes, "relu", "mse", bias=bias), samples, SGD, dtype)


networks = st.builds(
    lambda sizes, activation, loss, bias: Network(tuple(sizes), activation, loss, bias=bias),
    st.lists(st.integers(1, 9), min_size=2, max_size=4), st.sampled_from(ACTIVATIONS), st.sampled_from(LOSSES),
    st.booleans(),
)  # fmt: skip


@settings(max_examples=max(8, settings().max_examples // 10))  # each is compiled, which takes a second
@given(
    networks, st.integers(1, 6), st.sampled_from(OPTIMIZERS_OF_SMALL_NETS), st.sampled_from(DTYPES),
    st.integers(0, 2**32), st.sampled_from([1e-3, 1.0, 30.0]),
)  # fmt: skip
def test_any_small_network_has_the_same_bits(
    network: Network, samples: int, optimizer: str, dtype: Dtype, seed: int, scale: float
) -> None:
    training = Training(optimizer, 0.125, 3, **({} if optimizer == "sgd" else {"momentum": 0.5}))
    start, batch = problem(network, samples, seed, scale, dtype)
    found = train_small_net(network, start.vector, batch, training)
    assert same_bits(found, kernels.train(network, start, batch, training).vector)


def test_no_step_changes_nothing_and_nan_stays() -> None:
    network = Network((2, 3, 1), "tanh", "mse")
    start, batch = problem(network, 4, 0, 1.0, np.float64)
    assert same_bits(train_small_net(network, start.vector, batch, Training("sgd", 0.1, 0)), start.vector)
    start.vector[0] = np.nan
    assert np.isnan(train_small_net(network, start.vector, batch, SGD)).all()


def test_tied_units_stay_tied() -> None:
    network = Network((2, 6, 1), "tanh", "mse")
    _, batch = problem(network, 4, 0, 1.0, np.float32)
    start = Parameters(network, np.full(network.parameter_count, 0.5, np.float32))
    trained = Parameters(network, train_small_net(network, start.vector, batch, Training("sgd", 0.1, 500)))
    first, second = trained.weights
    assert all(same_bits(column, first[:, 0]) for column in first.T)
    assert all(same_bits(row, second[0]) for row in second)


def test_the_general_kernel_is_used_until_compiling_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network((2, 2, 1), "tanh", "mse")  # 9 parameters and 4 samples: 36 multiply-adds a step
    monkeypatch.setattr(small_net_choice, "_WORK_THAT_PAYS", 36 * 100)
    start, batch = problem(network, 4, 0, 1.0, np.float64)
    asked = [kernels.explain_choice(network, 4, SGD)]
    for steps in (50, 49, 1):
        training = Training("sgd", 0.25, steps)
        trained = kernels.train(network, start, batch, training)
        assert same_bits(trained.vector, train_small_net(network, start.vector, batch, training))
        asked.append(kernels.explain_choice(network, 4, SGD))
    assert asked == [
        "the general kernel: one that is compiled for this shape pays after 100 more steps",
        "the general kernel: one that is compiled for this shape pays after 50 more steps",
        "a kernel that is compiled for this shape: 7 steps pay for it",
        "the kernel that is compiled for this shape",
    ]
    assert kernels.explain_choice(network, 4, SGD, np.float32).startswith("the general kernel")


def test_it_can_be_compiled_ahead() -> None:
    network = Network((2, 2, 1), "tanh", "mse")
    assert kernels.compile_small_net(network, 4, SGD)
    assert kernels.explain_choice(network, 4, SGD) == "the kernel that is compiled for this shape"
    assert kernels.explain_choice(network, 5, SGD).startswith("the general kernel")


@pytest.mark.parametrize(
    ("sizes", "samples", "training", "reason"),
    [
        ((2, 2, 1), 4, Training("adam", 0.1, 10**9), "not for adam"),
        ((64, 128, 10), 64, Training("sgd", 0.1, 10**9), "64 samples of 128 units are more than 512"),
        ((30, 30, 30), 16, Training("sgd", 0.1, 10**9), "operations on registers, more than"),
    ],
)
def test_what_is_not_small_is_named(sizes: tuple[int, ...], samples: int, training: Training, reason: str) -> None:
    network = Network(sizes, "tanh", "mse")
    assert not kernels.compile_small_net(network, samples, training)
    assert not small_net_choice.use_small_net(network, samples, training, "float64")
    sentence = kernels.explain_choice(network, samples, training)
    assert sentence.startswith("the general kernel: ")
    assert reason in sentence
