"""Numbers with bounds: what float32 and float64 compute, in any order, lies within them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symtests.implementations.numpy_functions import ACTIVATION_PAIRS
from symtests.model.activations import ACTIVATIONS_OF_0_1
from symtests.vectors.bounded import Arithmetic, Bounded, precise
from symtests.vectors.functions import activation

ROUNDOFFS = {"float32": 2.0**-24, "float64": 2.0**-53}
NUMBERS = st.floats(-64, 64, width=32).filter(lambda x: x == 0 or abs(x) > 1e-6)
DTYPES = st.sampled_from(["float32", "float64"])


def exact(value: float) -> Bounded:
    return Bounded(Decimal(float(value)))


def within(computed: Any, number: Bounded) -> bool:
    return bool(abs(Decimal(float(computed)) - number.value) <= number.error)


@given(DTYPES, st.lists(NUMBERS, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_sums_of_products_in_any_order(dtype: str, values: list[float], random: Any) -> None:
    arithmetic, numbers = Arithmetic(ROUNDOFFS[dtype]), np.array(values, dtype)
    others = numbers[::-1].copy()
    products = list(numbers * others)
    random.shuffle(products)
    computed = np.dtype(dtype).type(0)
    for each in products:
        computed = computed + each
    with precise():
        right = arithmetic.total([arithmetic.times(exact(a), exact(b)) for a, b in zip(numbers, others, strict=True)])
        assert within(computed, right)


@given(DTYPES, NUMBERS, NUMBERS)
def test_differences_quotients_and_roots(dtype: str, a: float, b: float) -> None:
    assume(b != 0)
    arithmetic, x, y = Arithmetic(ROUNDOFFS[dtype]), np.array(a, dtype), np.array(b, dtype)
    with precise():
        assert within(x - y, arithmetic.minus(exact(a), exact(b)))
        assert within(x / y, arithmetic.over(exact(a), exact(b)))
        assert within(x * (1 / y), arithmetic.over(exact(a), exact(b)))
        assert within(np.sqrt(abs(x)), arithmetic.root(exact(abs(a))))
        chained = arithmetic.root(arithmetic.over(exact(abs(a)), exact(abs(b))))
        assert within(np.sqrt(abs(x) / abs(y)), chained)


@given(st.lists(st.integers(-512, 512), min_size=1, max_size=8))
def test_what_lies_on_a_coarse_grid_is_not_rounded(values: list[int]) -> None:
    numbers = [exact(value / 1024) for value in values]
    with precise():
        assert Arithmetic(2.0**-24).total(numbers) == Bounded(Decimal(sum(values)) / 1024)


@pytest.mark.parametrize("name", ACTIVATIONS_OF_0_1)
@given(DTYPES, st.floats(-8, 8, width=32).filter(lambda x: abs(x) > 1e-3))
def test_activations_and_their_derivatives(name: str, dtype: str, value: float) -> None:
    pair: tuple[Callable[..., Any], ...] = ACTIVATION_PAIRS[name]
    z = np.array([value], dtype)
    with precise():
        found = activation(Arithmetic(ROUNDOFFS[dtype]), name, exact(value))
        for function, right in zip(pair, found, strict=True):
            assert within(function(z)[0], right)
            assert right.error < Decimal(50) * Decimal(ROUNDOFFS[dtype]) * (1 + abs(right.value))


def test_a_kink_within_rounding_has_no_answer() -> None:
    with precise(), pytest.raises(ValueError, match="kink"):
        activation(Arithmetic(2.0**-24), "relu", Bounded(Decimal("1e-9"), Decimal("1e-8")))
