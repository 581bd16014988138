"""Faults of momentum and nesterov in one weight, where each step can be written down."""

import pytest

from symtests.diagnosis.optimizers.velocity_faults import velocity_faults
from tests.diagnosis.optimizers.one_weight import moves

# With g = 1 in every step, mu = 1/2 and eta = 1/4: how far the first three steps move, divided by -eta.
MOMENTUM = [
    ("v = mu v + (1 - mu) g", [1 / 2, 3 / 4, 7 / 8]),
    ("wrong sign (v = g - mu v)", [1, 1 / 2, 3 / 4]),
    ("forgets nothing", [1, 2, 3]),
    ("as a whole (v = mu (v + g))", [1 / 2, 3 / 4, 7 / 8]),
    ("multiplied by the learning rate again", [1, 1 + 1 / 8, 1 + 9 / 64]),
    ("(one step late)", [0, 1, 3 / 2]),
    ("scaled by 1 - mu", [0, 1 / 2, 3 / 4]),
    ("scaled by (1 - mu)^2", [0, 1 / 4, 3 / 8]),
]
NESTEROV = [
    ("without its look-ahead", [1, 3 / 2, 7 / 4]),
    ("whose look-ahead has the wrong sign", [1 / 2, 1 / 4, 1 / 8]),
    ("Nesterov's own form", [1, 3 / 2, 7 / 4]),
    ("v plus its own growth", [3 / 2, 7 / 4, 15 / 8]),
]


@pytest.mark.parametrize(
    ("optimizer", "words", "expected"),
    [*(("momentum", *row) for row in MOMENTUM), *(("nesterov", *row) for row in NESTEROV)],
)
def test_how_far_steps_move(optimizer: str, words: str, expected: list[float]) -> None:
    found = [fault for fault in velocity_faults(optimizer) if fault.words.endswith(words) or words in fault.words]
    assert moves(found[0] if len(found) == 1 else _shortest(found), optimizer) == pytest.approx(expected)


def _shortest(faults):
    return min(faults, key=lambda fault: len(fault.words))


def test_nesterov_with_the_old_velocity_is_momentum_and_not_fault_model_of() -> None:
    assert not any("one step late" in fault.words for fault in velocity_faults("nesterov"))
