"""The example of an activation of one's own: OWN1 sees whether its derivative is right, whatever name it goes by."""

from __future__ import annotations

from pathlib import Path

import pytest

from symtests.checking.closer_look import closer_look
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import find_profile
from symtests.checking.smoke import smoke_check
from symtests.implementations import find
from symtests.implementations.checked import Checked
from symtests.properties import find as find_property

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "own_activation.py"


def word_of(path: Path, prop: str) -> str:
    implementation = Checked(find(f"{path}:Snake"), "float64")
    assert smoke_check(implementation) is None
    assert closer_look(implementation) is None
    return judge_check(implementation, find_property(prop), find_profile("quick", examples=30)).word


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("1 + np.sin(2 * z)", "1 + np.cos(2 * z)"),
        ("1 + np.sin(2 * z)", "1 + 2 * np.sin(z)"),
        ("2 * (z - batch.y)", "(z - batch.y)"),
    ],
)
def test_a_wrong_derivative_is_seen_under_another_name(right: str, wrong: str, tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count(right) == 1
    path = tmp_path / "own_activation.py"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    assert word_of(path, "OWN1") == "violated"


def test_the_right_derivative_holds_and_its_definition_is_another() -> None:
    assert word_of(EXAMPLE, "OWN1") == "holds"
    assert word_of(EXAMPLE, "GRAD1") == "violated", "it is no tanh, which is why nothing but OWN1 is asked"
