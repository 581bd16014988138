"""The adapters of examples/ that were written from the docs alone: short, right, and tried where their library is."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from symtests.checking.closer_look import closer_look
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import find_profile
from symtests.checking.smoke import smoke_check
from symtests.implementations import find
from symtests.implementations.checked import Checked
from symtests.implementations.process import Command
from symtests.properties import find as find_property

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
SHORT = ("python/micrograd_net.py", "python/neurolab_net.py", "javascript/synaptic.mjs", "javascript/convnet.mjs")
NEUROLAB = os.environ.get("NEUROLAB_PYTHON", "")
"""A Python that has neurolab, and so an older NumPy than symtests can use."""


@contextmanager
def served(place: str) -> Iterator[object]:
    """Give the implementation of an example, or skip the test where its library is not installed."""
    path = EXAMPLES / place
    if place.endswith(".mjs"):
        library = {"synaptic.mjs": "synaptic", "convnet.mjs": "convnetjs"}[path.name]
        if shutil.which("node") is None or not (path.parent / "node_modules" / library).exists():
            pytest.skip(f"{library} is not installed: npm install in examples/javascript")
        with closing(Command(["node", str(path)])) as command:
            yield command
    elif "neurolab" in place:
        if not NEUROLAB:
            pytest.skip("neurolab is not installed: NEUROLAB_PYTHON names no Python that has it")
        with closing(Command([NEUROLAB, str(ROOT / "symtests" / "serve.py"), f"{path}:Neurolab"])) as command:
            yield command
    else:
        if importlib.util.find_spec("micrograd") is None:
            pytest.skip("micrograd is not installed: pip install micrograd")
        yield find(f"{path}:Micrograd")


@pytest.mark.parametrize("place", SHORT)
def test_an_adapter_fits_in_forty_lines(place: str) -> None:
    assert len((EXAMPLES / place).read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.skipif(sys.platform == "win32", reason="commands need a POSIX system")
@pytest.mark.parametrize("place", SHORT)
def test_an_adapter_is_right_and_its_gradient_is_what_its_library_computes(place: str) -> None:
    with served(place) as implementation:
        checked = Checked(implementation, "float64")
        assert smoke_check(checked) is None
        assert closer_look(checked) is None
        verdict = judge_check(checked, find_property("GRAD1"), find_profile("quick", examples=6))
    # docs/findings.md: synaptic moves the output weights before it reads them, and tanh of ConvNetJS overflows
    if "convnet" in place and verdict.word == "violated":
        assert "NaN" in verdict.sentence or "finite" in verdict.sentence, verdict
    else:
        assert verdict.word == ("violated" if "synaptic" in place else "holds"), verdict
