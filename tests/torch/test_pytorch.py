"""PyTorch as an implementation: right within rounding, started by its own rules, and no setting of the user changed."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from symtests.batch import Batch
from symtests.implementations import find
from symtests.implementations.base import Implementation
from symtests.implementations.checked import Checked
from symtests.implementations.pytorch import PyTorch
from symtests.initialization import INITIALIZATIONS
from symtests.network import DTYPES, LOSSES, OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.properties.drawing.questions import samples_of
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.implementations.questions import assert_right, assert_trains, question


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", PyTorch.capabilities.activations)
def test_every_answer_is_right_within_rounding(dtype: str, activation: str, loss: str) -> None:
    for bias in (True, False):
        for weighted in (True, False):
            assert_right(PyTorch(), dtype, *question(dtype, activation, loss, bias=bias, weighted=weighted))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_ends_where_the_oracle_does(optimizer: str) -> None:
    assert_trains(PyTorch(), optimizer)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_stays_in_float32(optimizer: str) -> None:
    network, parameters, batch = question("float32", "gelu", "bce", weighted=True)
    trained = Checked(PyTorch(), "float32").train(network, parameters, batch, Training(optimizer, 0.1, 2))
    assert trained.vector.dtype == np.float32


def test_nesterov_without_momentum_is_plain_descent() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    plain = PyTorch().train(network, parameters, batch, Training("sgd", 0.1, 3))
    nesterov = PyTorch().train(network, parameters, batch, Training("nesterov", 0.1, 3, momentum=0.0))
    assert plain.vector.tobytes() == nesterov.vector.tobytes()


@pytest.mark.parametrize("z", [15.0, 20.5, 25.0, 39.0, 41.0, 800.0])
def test_softplus_is_exact_where_pytorch_would_return_its_argument(z: float) -> None:
    network = Network((1, 1, 1), "softplus", bias=False)
    outputs = PyTorch().predict(network, Parameters(network, np.array([1.0, 1.0])), np.array([[z]]))
    assert outputs[0, 0] == pytest.approx(z + math.log1p(math.exp(-z)), rel=4e-16, abs=0)


def test_the_mean_of_nothing_is_its_nan() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    loss, _ = PyTorch().loss_and_gradient(network, parameters, samples_of(batch, slice(0)))
    assert math.isnan(loss)


@pytest.fixture
def user_settings() -> Iterator[None]:
    """Set what a user may have set, and assert that it is still so."""
    before = torch.get_num_threads(), torch.get_default_dtype()
    torch.set_num_threads(2)
    torch.set_default_dtype(torch.float16)
    random_state = torch.random.get_rng_state()
    with torch.no_grad():
        yield
        assert not torch.is_grad_enabled()
    assert torch.get_num_threads() == 2
    assert torch.get_default_dtype() == torch.float16
    assert torch.equal(torch.random.get_rng_state(), random_state)
    torch.set_num_threads(before[0])
    torch.set_default_dtype(before[1])


@pytest.mark.usefixtures("user_settings")
def test_settings_of_the_user_are_neither_used_nor_changed() -> None:
    network, parameters, batch = question("float32", "silu", "softmax_cross_entropy")
    assert_right(PyTorch(), "float32", network, parameters, batch)
    PyTorch().train(network, parameters, batch, Training("adam", 0.1, 2))
    assert PyTorch().initialize(network, "he_normal", 1).dtype == np.float64


@pytest.mark.usefixtures("user_settings")
def test_threads_come_back_after_an_error() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    with pytest.raises(RuntimeError):
        PyTorch().predict(network, parameters, batch.x[:, :1])


@pytest.mark.parametrize("scheme", INITIALIZATIONS)
def test_a_start_has_the_mean_and_the_spread_of_its_name(scheme: str) -> None:
    """The weights of a layer with fan-in 300 and fan-out 100, and those biases that are drawn."""
    network = Network((300, 100, 200), "tanh")
    start = PyTorch().initialize(network, scheme, 3)
    weight, count = start.weight(0), 300 * 100
    variance = {
        "zeros": 0.0, "constant": 0.0, "uniform": 1 / 12, "normal": 1.0,
        "glorot_uniform": 2 / 400, "glorot_normal": 2 / 400, "he_uniform": 2 / 300, "he_normal": 2 / 300,
        "lecun_uniform": 1 / 300, "lecun_normal": 1 / 300, "orthogonal": 1 / 300,
    }[scheme]  # fmt: skip
    mean = 0.5 if scheme == "constant" else 0.0
    # Five standard deviations of a mean and of a mean square; a fourth moment of 3 variance^2 is that of the normal.
    assert abs(weight.mean() - mean) <= 5 * math.sqrt(variance / count)
    assert abs(((weight - mean) ** 2).mean() - variance) <= 5 * variance * math.sqrt(2 / count)
    assert bool(start.bias(0).any()) == (scheme in ("constant", "uniform", "normal"))
    if scheme == "orthogonal":
        assert np.abs(weight.T @ weight - np.eye(100)).max() <= 1e-12


def test_a_seed_decides_the_start() -> None:
    network = Network((2, 3, 1), "tanh")
    first, again, other = (PyTorch().initialize(network, "normal", seed).vector for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert (first != other).all()


def test_an_unknown_start_is_refused() -> None:
    with pytest.raises(InvalidValue, match="did you mean 'he_normal'"):
        PyTorch().initialize(Network((1, 1)), "henormal", 0)


def test_it_is_found_by_name() -> None:
    found = find("torch")
    assert isinstance(found, Implementation)
    assert isinstance(found, PyTorch)
    assert found.version == torch.__version__


def test_arrays_of_any_layout_are_read_right() -> None:
    network, parameters, batch = question("float64", "tanh", "mse")
    wide = np.zeros((6, 9))
    wide[:, ::3] = batch.x
    strided = Batch(wide[:, ::3], np.asfortranarray(batch.y))
    expected, found = (PyTorch().loss_and_gradient(network, parameters, each) for each in (batch, strided))
    assert found[0] == expected[0]
    assert found[1].vector.tobytes() == expected[1].vector.tobytes()
