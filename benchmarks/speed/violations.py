"""Which property a refused kernel breaks: head's own check of its kernels, in head's environment."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from symtests.benchmarks.speed.arm import Task
from symtests.benchmarks.speed.evidence import Verdict

__all__ = ["PROPERTIES", "violations_of", "with_violations"]

PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "predict": ("GRAD", "EQV"),
    "loss_and_gradient": ("GRAD", "LOSS"),
    "train": ("STEP", "OPT", "GRAD"),
    "many_starts": ("MST", "STEP"),
}
"""By what the name of a benchmark begins with, the families of properties that speak of what it computes."""
_SECONDS: Final = 600.0
_NAME: Final = re.compile(r"::test_(?:operation\[)?(\w+?)(?:-|\[|\]|$).*?(float32|float64)")


def with_violations(verdicts: Sequence[Verdict], head: Task) -> list[Verdict]:
    """Return the verdicts, with the violated properties in the reason of each refused kernel.

    Parameters
    ----------
    verdicts
        Of `benchmarks/bench_kernels.py`.
    head
        What head does: its interpreter, folder and environment are used.
    """
    questions = {verdict.name: _question(verdict.name) for verdict in verdicts if verdict.outcome == "refused"}
    answers = {question: violations_of(*question, head) for question in {*questions.values()} if question is not None}
    return [_with(verdict, answers, questions.get(verdict.name)) for verdict in verdicts]


def _question(name: str) -> tuple[tuple[str, ...], str] | None:
    found = _NAME.search(name)
    return (PROPERTIES[found[1]], found[2]) if found and found[1] in PROPERTIES else None


def _with(verdict: Verdict, answers: Mapping[Any, str], question: Any) -> Verdict:
    return replace(verdict, why=f"{verdict.why}; {answers[question]}") if question in answers else verdict


def violations_of(families: Iterable[str], dtype: str, head: Task) -> str:
    """Return in words which properties of these families head's kernels violate in a dtype.

    Parameters
    ----------
    families
        Names as `symtests check --property` takes them.
    dtype
        ``float32`` or ``float64``.
    head
        What head does.
    """
    asked = [word for family in families for word in ("--property", family)]
    with tempfile.TemporaryDirectory() as folder:
        command = [head.python, "-m", "symtests", "check", "numba", "--profile", "quick", "--dtype", dtype, *asked,
                   "--no-diagnosis", "--json", "--out", folder]  # fmt: skip
        try:
            done = subprocess.run(
                command, cwd=head.folder, env=dict(head.environment), stdin=subprocess.DEVNULL, capture_output=True,
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"its properties could not be checked ({type(error).__name__})"
    found = [_named(row) for row in _rows(done.stdout) if row.get("word") == "violated"]
    if found:
        return f"it violates {'; '.join(found)}"
    if done.returncode not in (0, 3):
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"status {done.returncode}"]
        return f"its properties could not be checked ({lines[-1][:200]})"
    return f"no property of {', '.join(families)} is seen to be violated, in {dtype}"


def _rows(output: bytes) -> Iterable[Mapping[str, Any]]:
    for line in output.splitlines():
        if line.startswith(b"{"):
            yield json.loads(line)


def _named(row: Mapping[str, Any]) -> str:
    """Return name and sentence; earlier revisions say property where later ones say property."""
    name = row.get("property") or row.get("property")
    sentence = (row.get("counterexample") or {}).get("sentence", "")
    return f"{name} ({sentence})" if sentence else str(name)
