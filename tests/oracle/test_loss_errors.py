"""Error bounds of the losses and their error signals alone: exact outputs, outputs that are off, every formula."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.network import LOSSES, Network
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.loss_errors import error_signal_error, loss_error
from symtests.oracle.losses import error_signal, loss_value
from tests.oracle.questions import targets
from tests.oracle.rounded_implementations import (
    NAIVE,
    STABLE,
    differentiated_residuals,
    loss_terms,
    residuals,
)

ROUNDOFFS = {"float32": 2.0**-24, "float64": 2.0**-53}
OUTPUTS = 3


def a_batch(random: np.random.Generator, loss: str, dtype: npt.DTypeLike, weighted: bool) -> Batch:
    y = targets(random, Network((1, OUTPUTS), loss=loss), 6)
    weights = random.uniform(0, 3, 6) if weighted else None
    return Batch(np.zeros((6, 1)), y, weights).astype(dtype)


@pytest.mark.parametrize("dtype", ROUNDOFFS)
@pytest.mark.parametrize("loss", LOSSES)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1e-3, 1.0, 10.0, 80.0]), weighted=st.booleans())
def test_each_formula_is_within_its_bound(loss: str, dtype: str, seed: int, scale: float, weighted: bool) -> None:
    random = np.random.default_rng(seed)
    z = (random.normal(size=(6, OUTPUTS)) * scale).astype(dtype)
    batch, wide_z = a_batch(random, loss, dtype, weighted), z.astype(np.float64)
    wide = batch.astype(np.float64)
    model, zero = ErrorModel("certified", ROUNDOFFS[dtype]), np.zeros(z.shape)
    # the oracle rounds too
    both = 1 + 2.0**-53 / ROUNDOFFS[dtype]
    of_signal = both * error_signal_error(model, loss, wide_z, zero, wide)
    of_loss = both * loss_error(model, loss, wide_z, zero, wide)
    weights = np.ones(6, z.dtype) if batch.sample_weights is None else batch.sample_weights
    count = weights.sum() * z.dtype.type(1 if loss == "softmax_cross_entropy" else OUTPUTS)
    for formula in (residuals, differentiated_residuals):
        for logistic in (STABLE["logistic"], NAIVE["logistic"]):
            with np.errstate(all="ignore"):
                signal = weights[:, np.newaxis] * formula(loss, z, batch.y, logistic) / count
                total = (weights @ loss_terms(loss, z, batch.y, logistic).sum(axis=1)) / count
            assert (np.abs(signal - error_signal(loss, wide_z, wide)) <= of_signal).all()
            assert abs(float(total) - np.real(loss_value(loss, wide_z, wide))) <= of_loss


@pytest.mark.parametrize("loss", LOSSES)
@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([1e-3, 1.0, 10.0]),
    exponent=st.integers(-12, 1),
)
def test_outputs_that_are_off_are_followed(loss: str, seed: int, scale: float, exponent: int) -> None:
    random = np.random.default_rng(seed)
    z, batch = random.normal(size=(6, OUTPUTS)) * scale, a_batch(random, loss, np.float64, True)
    error = random.uniform(0, 10.0**exponent, z.shape)
    model = ErrorModel("certified", 2.0**-53)
    of_signal, of_loss = error_signal_error(model, loss, z, error, batch), loss_error(model, loss, z, error, batch)
    for _ in range(4):
        moved = z + random.choice([-1.0, -0.5, 1.0], z.shape) * error
        difference = np.abs(error_signal(loss, moved, batch) - error_signal(loss, z, batch))
        assert (difference <= 2 * of_signal).all()  # both are rounded
        assert (difference <= of_signal + 2.0**-45 * (1 + scale)).all()
        off = abs(np.real(loss_value(loss, moved, batch)) - np.real(loss_value(loss, z, batch)))
        assert off <= of_loss + 2.0**-45 * (1 + scale) ** 2
