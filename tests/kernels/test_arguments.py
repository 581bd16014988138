"""What the kernels accept, in whatever memory layout, and what they refuse in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.kernels import loss, loss_and_gradient, predict, stages, train
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.kernels.bits import DTYPES, Dtype, Numbers, same_bits
from tests.oracle.questions import question

NETWORK = Network((3, 20, 2), "tanh", "bce")
ON_A_BATCH: dict[str, Callable[[Network, Parameters, Batch], Any]] = {
    "loss": loss,
    "loss_and_gradient": loss_and_gradient,
    "stages": stages,
    "train": lambda network, parameters, batch: train(network, parameters, batch, Training()),
}


def strided(array: Numbers) -> Numbers:
    wide = np.zeros(tuple(2 * n for n in array.shape), array.dtype)
    part = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    part[...] = array
    return part


def reversed_rows(array: Numbers) -> Numbers:
    return array[::-1].copy()[::-1]


def read_only(array: Numbers) -> Numbers:
    array = array.copy()
    array.setflags(write=False)
    return array


def unaligned(array: Numbers) -> Numbers:
    space = np.zeros(array.nbytes + 1, np.uint8)
    moved = space[1:].view(array.dtype).reshape(array.shape)
    moved[...] = array
    return moved


def other_byte_order(array: Numbers) -> Numbers:
    return array.astype(array.dtype.newbyteorder())


@pytest.mark.parametrize("layout", [strided, reversed_rows, np.asfortranarray, read_only, unaligned, other_byte_order])
@pytest.mark.parametrize("dtype", DTYPES)
def test_memory_layout_changes_no_bit(layout: Callable[[Numbers], Numbers], dtype: Dtype) -> None:
    asked = question(np.random.default_rng(1), NETWORK, 7, weighted=True, dtype=dtype)
    batch = asked.batch
    weights: Any = batch.sample_weights
    laid = Batch(layout(batch.x), layout(batch.y), layout(weights))
    parameters = Parameters(NETWORK, layout(asked.parameters.vector))
    training = Training("adam", 0.1, 5)
    right = train(NETWORK, asked.parameters, batch, training)
    found = train(NETWORK, parameters, laid, training)
    assert same_bits(found.vector, right.vector)
    assert found.vector.dtype == dtype
    assert same_bits(predict(NETWORK, parameters, laid.x), predict(NETWORK, asked.parameters, batch.x))


def case(**changes: Any) -> tuple[Network, Parameters, Batch]:
    """A question that is right but for what is changed."""
    parts = {
        "network": NETWORK,
        "parameters": Parameters.zeros(changes.get("network", NETWORK)),
        "x": np.ones((4, 3)),
        "y": np.ones((4, 2)),
        "sample_weights": None,
        **changes,
    }
    return parts["network"], parts["parameters"], Batch(parts["x"], parts["y"], parts["sample_weights"])


INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "no sample": ({"x": np.ones((0, 3)), "y": np.ones((0, 2))}, r"^x=<no samples>: must have at least one row"),
    "inputs too wide": ({"x": np.ones((4, 5))}, r"^x=<array of shape \(4, 5\)>: must have shape \(samples, 3\)"),
    "targets too narrow": ({"y": np.ones((4, 1))}, r"^y=<array of shape \(4, 1\)>: must have shape \(samples, 2\)"),
    "another dtype": (
        {"x": np.ones((4, 3), np.float32), "y": np.ones((4, 2), np.float32)},
        r"^x=<float32 array>: must have the dtype of the parameters, which is float64; use astype",
    ),
    "half precision": (
        {"parameters": Parameters.zeros(NETWORK, np.float16)},
        r"^parameters=<float16>: must be float32 or float64",
    ),
    "weights of zero": ({"sample_weights": np.zeros(4)}, r"^sample_weights=<all 0>: must have a sum above 0"),
    "parameters of another network": (
        {"parameters": Parameters.zeros(Network((3, 5, 2), "tanh", "bce"))},
        r"^parameters=<of a network of sizes \(3, 5, 2\), bias=True>: must belong to a network of sizes \(3, 20, 2\)",
    ),
}


@pytest.mark.parametrize("name", ON_A_BATCH)
@pytest.mark.parametrize(("changes", "sentence"), INVALID.values(), ids=INVALID)
def test_what_does_not_fit_is_refused_in_one_sentence(changes: dict[str, Any], sentence: str, name: str) -> None:
    network, parameters, batch = case(**changes)
    with pytest.raises(InvalidValue, match=sentence) as raised:
        ON_A_BATCH[name](network, parameters, batch)
    assert "\n" not in str(raised.value)


def test_predict_refuses_the_same() -> None:
    parameters = Parameters.zeros(NETWORK)
    for x in (np.ones((0, 3)), np.ones((2, 4)), np.ones(3), np.ones((2, 3), np.float32), np.ones((2, 3), int)):
        with pytest.raises(InvalidValue, match=r"^x="):
            predict(NETWORK, parameters, x)


def test_layers_of_width_one_and_networks_without_hidden_layers() -> None:
    for sizes in ((1, 1), (1, 1, 1), (4, 1, 1, 3), (1, 7)):
        for bias in (True, False):
            asked = question(np.random.default_rng(5), Network(sizes, "gelu", "mse", bias), 3)
            found = stages(asked.network, asked.parameters, asked.batch)
            assert [z.shape for z in found.pre_activations] == [(3, width) for width in sizes[1:]]
            assert [a.shape for a in found.activations] == [(3, width) for width in sizes[:-1]]
            assert [d.shape for d in found.error_signals] == [(3, width) for width in sizes[1:]]
            assert same_bits(found.activations[0], asked.batch.x)
