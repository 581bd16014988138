"""docs/tolerances.md shows what was measured, and what was measured can be measured again."""

from __future__ import annotations

import importlib.util
import itertools
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"


def loaded(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


fill_in, sharpness = loaded("fill_in"), loaded("sharpness")
POINTS, KEPT = sharpness.read()
PAGE = (DOCS / "tolerances.md").read_text(encoding="utf-8")


def test_every_point_of_the_picture_is_measured() -> None:
    grid = set(itertools.product(sharpness.PROMISE, sharpness.DEPTHS, sharpness.WIDTHS, sharpness.FORMS))
    assert {(p.dtype, p.depth, p.width, p.form) for p in POINTS} == grid
    assert max(sharpness.WIDTHS) == 256
    assert max(sharpness.DEPTHS) == 4


def test_each_promised_fault_that_was_put_in_was_caught() -> None:
    assert {(k.dtype, k.depth, k.width) for k in KEPT} == set(
        itertools.product(sharpness.PROMISE, sharpness.DEPTHS, sharpness.WIDTHS)
    )
    assert all(k.put_in == k.caught > 0 for k in KEPT)


def test_the_promise_is_kept_with_and_without_shown_stages() -> None:
    for point in POINTS:
        if point.form in ("statistical", "stage-local"):
            assert point.largest < sharpness.PROMISE[point.dtype], point


def test_stage_local_tolerances_see_the_fault_in_any_component_relative_to_its_matrix() -> None:
    for point in POINTS:
        if point.form == "stage-local":
            assert point.scale < sharpness.PROMISE[point.dtype], point


def test_the_fixed_tolerance_sees_none_of_these_faults() -> None:
    assert min(p.largest for p in POINTS if p.form == "fixed") > 1e-4


def test_the_page_and_the_picture_show_the_record() -> None:
    assert fill_in.filled(PAGE, lambda _, name: sharpness.table(name)) == PAGE
    drawn = (DOCS / "sharpness.svg").read_text(encoding="utf-8")
    for words in ("stage-local", "statistical", "certified", "rtol=1e-4", "depth 4", "float64"):
        assert words in re.sub(r"\s+", " ", drawn)
    assert "](sharpness.svg)" in PAGE


@pytest.mark.parametrize(("dtype", "depth", "width"), [("float32", 1, 8), ("float64", 2, 16)])
def test_points_are_what_is_measured(dtype: str, depth: int, width: int) -> None:
    """With another BLAS, rounding is another: figures repeat to a factor of 1.5."""
    found = {point.form: point for point in sharpness.points(dtype, depth, width, per_tensor=2)}
    for point in POINTS:
        if (point.dtype, point.depth, point.width) == (dtype, depth, width):
            new = found[point.form]
            assert point.largest / 1.5 < new.largest < point.largest * 1.5, point
            assert new.scale < point.scale * 1.5, point  # of two components in each matrix, instead of 16


def test_a_promised_fault_in_a_wide_network_is_caught_by_the_property_itself() -> None:
    kept = sharpness.promise_kept("float32", 1, 64)
    assert kept.put_in == kept.caught > 0
