"""How far the compilation of a kernel is, as Numba tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba import njit
from numba.core import event

from symtests.kernels.activations import activate
from symtests.kernels.compiling import compile_progress
from symtests.kernels.compiling.compile_progress import compiled_before, functions_of, tell_progress
from symtests.kernels.train import take_steps


@njit  # type: ignore[untyped-decorator, unused-ignore]
def inner(x):
    return x + 1


@njit  # type: ignore[untyped-decorator, unused-ignore]
def middle(x):
    return inner(x) * 2


def outer(x):
    return middle(x) + inner(x)


def test_what_a_kernel_calls_is_found_through_others_and_in_closures() -> None:
    kernel = njit(outer)
    assert functions_of(kernel) == {kernel, middle, inner}
    called = middle

    def closed(x):
        return called(x)

    kernel = njit(closed)
    assert functions_of(kernel) == {kernel, middle, inner}
    assert activate in functions_of(take_steps)
    assert len(functions_of(take_steps)) > 30


def test_each_function_is_told_and_the_last_one_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    listeners: list[event.Listener] = []
    register = event.register

    def note(kind: str, each: event.Listener) -> None:
        listeners.append(each)
        register(kind, each)

    monkeypatch.setattr(event, "register", note)
    tell_progress(lambda done, total: told.append((done, total)))
    ours = next(each for each in listeners if isinstance(each, compile_progress._Listener))
    try:
        assert njit(outer)(1.5) == 7.5
        assert told == [(1, 3), (2, 3), (3, 3)]
        told.clear()
        assert njit(outer)(np.float32(1.5)) == 7.5
        assert told == [(1, 3), (2, 3), (3, 3)]
        told.clear()
        assert njit(outer)(1.5) == 7.5
        assert told == [(1, 3)], "the others are compiled for this type"
    finally:
        event.unregister("numba:compile", ours)


def test_a_folder_with_machine_code_is_told_from_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_progress, "cache_folder", lambda: tmp_path)
    assert not compiled_before()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "train.take_steps-1.py311.nbi").write_bytes(b"")
    assert compiled_before()
    monkeypatch.setattr(compile_progress, "cache_folder", lambda: None)
    assert not compiled_before()
