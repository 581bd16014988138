"""`symtests smoke`: what is wrong with an adapter is named, with the message, the field and what to do."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from symtests.checking.adapter import try_adapter
from symtests.validation import InvalidValue

HOSTILE = Path(__file__).parents[1] / "implementations" / "hostile.py"
MISBEHAVING = Path(__file__).with_name("misbehaving.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="commands need a POSIX system")


def wrong(name: str, time_limit: float = 60.0) -> str:
    *right, last = try_adapter(name, time_limit)
    assert not any(step.wrong for step in right)
    return last.wrong


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("no seq", "lacks 'seq'; repeat the request's seq, and flush standard output after each line"),
        ("other field", "lacks 'parameters': the parameters after the last step"),
        ("too few", "train answered parameters with "),
        ("banner", "write nothing but answers to standard output"),
        ("banner at hello", "write nothing but answers to standard output"),
        ("wrong capability", 'must be the name of an activation; one of "identity"'),
        ("exit", "it ended with status 7"),
        ("error", "make this call work, which every property needs"),
    ],
)
def test_a_wrong_adapter_is_told_what_to_do(way: str, sentence: str) -> None:
    found = wrong("command:" + shlex.join([sys.executable, str(HOSTILE), way]))
    assert sentence in found


def test_a_silent_adapter_is_given_up() -> None:
    name = "command:" + shlex.join([sys.executable, str(HOSTILE), "hang"])
    assert "it had not answered after 2 s" in wrong(name, 2.0)


def test_an_adapter_in_python_is_tried_in_a_process_of_its_own(tmp_path: Path) -> None:
    assert not wrong(f"{MISBEHAVING}:Good")
    line = "class Net:\n    def train(self, network, parameters, batch, training):\n        "
    for name, body, words in (
        ("short", "return parameters.vector[1:]", "parameters are one flat vector: W1 row by row"),
        ("deadly", "import os; os._exit(4)", "it ended the process with status 4"),
    ):
        path = tmp_path / f"{name}.py"
        path.write_text(line + body + "\n", encoding="utf-8")
        assert words in wrong(f"{path}:Net")


def test_what_cannot_be_found_is_refused() -> None:
    with pytest.raises(InvalidValue, match="must be one of"):
        wrong("nump")
