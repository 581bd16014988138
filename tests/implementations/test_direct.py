"""Direct: an answer may be computed when it is read, and fail then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from symtests.implementations.base import Unsupported
from symtests.implementations.misbehaviour import Misbehaviour
from tests.implementations.test_checked import BATCH, GOOD, NETWORK, PARAMETERS, STEP, implementation


class Late:
    """An answer that is computed when it is read."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self.compute = compute

    def __array__(self, *arguments: Any, **settings: Any) -> Any:
        return self.compute()


def test_an_answer_may_be_computed_when_it_is_read() -> None:
    def refuses() -> Any:
        raise Unsupported("no biases")

    def fails() -> Any:
        raise ValueError("an empty batch")

    assert (implementation(Late(lambda: GOOD)).train(NETWORK, PARAMETERS, BATCH, STEP).vector == GOOD).all()
    with pytest.raises(Unsupported, match="no biases"):
        implementation(Late(refuses)).train(NETWORK, PARAMETERS, BATCH, STEP)
    with pytest.raises(Misbehaviour, match="train raised ValueError when its answer was read: an empty batch"):
        implementation(Late(fails)).train(NETWORK, PARAMETERS, BATCH, STEP)
