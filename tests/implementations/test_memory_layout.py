"""Memory layouts: the same numbers lying otherwise, and lines of NumPy that say how."""

import numpy as np
import pytest

from symtests.implementations.memory_layout import LAYOUTS, changes, lay_out, lines
from symtests.network import DTYPES

SHAPES = [(3, 4), (5,), (1, 1), (1, 3), (3, 1), (1,)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_stay_what_they_are(layout: str, shape: tuple[int, ...], dtype: str) -> None:
    array = np.random.default_rng(0).random(shape).astype(dtype)
    found = lay_out(array, layout)
    assert np.array_equal(found, array)
    assert found.dtype == array.dtype
    assert not np.shares_memory(found, array)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_an_array_lies_otherwise_where_it_is_said_to(layout: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).random(shape)
    found = lay_out(array, layout)
    # The stride of a dimension of one number leads nowhere.
    steps = [[s for s, length in zip(a.strides, shape, strict=True) if length > 1] for a in (found, array)]
    elsewhere = steps[0] != steps[1] or not found.flags.aligned or not found.flags.writeable
    assert elsewhere or not changes(shape, layout) or layout == "every other number"
    assert elsewhere <= changes(shape, layout)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_lines_of_a_script_do_the_same(layout: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).random(shape)
    names = {"np": np, "numbers": array.copy()}
    exec("\n".join(lines("numbers", layout)), names)
    found, wanted = names["numbers"], lay_out(array, layout)
    assert np.array_equal(found, wanted)
    if changes(shape, layout):
        assert found.strides == wanted.strides
    assert (found.flags.aligned, found.flags.writeable) == (wanted.flags.aligned, wanted.flags.writeable)


@pytest.mark.parametrize("layout", ["every other number", "rows of a wider table"])
def test_what_lies_between_is_another_finite_number(layout: str) -> None:
    memory = lay_out(np.array([[0.5, -2.0], [0.0, 1.0]]), layout).base
    assert isinstance(memory, np.ndarray)
    assert np.isfinite(memory).all()
    assert set(memory.ravel()) == {0.5, -2.0, 0.0, 1.0, 2.0, -3.0, 3.0}
