"""Results and timings in which every text from outside is the same one."""

from __future__ import annotations

import copy
from typing import Any

from tests.reports import diagnosis_sample, sample, timing_sample

KEPT: frozenset[str] = frozenset(
    {"type", "started", "finished", "word", "dtype", "dtypes", "tolerance", "exactness", "start", "x", "y", "vector",
     "expected", "found", "bound", "datetime", "optimizer", "loss", "activations", "reference"}
)  # fmt: skip
"""Fields whose text is no free text: words that the reader checks, numbers, moments."""


CELLS = [("SYM1", "mynet", "float32"), ("SYM2", "mynet", "float32"), ("NUM3", "mynet", "float32")]


def lines(text: str) -> list[sample.Line]:
    """All lines of a run with counterexamples, failures, observations and no story, full of `text`."""
    smoke = {"kind": "kind", "message": "message", "output": "output"}
    content = [
        sample.run_line(len(CELLS) + 1),
        sample.implementation_line("numba"),
        sample.implementation_line("mynet"),
        sample.implementation_line("third", smoke=smoke),
        *(sample.verdict_line(cell) for cell in CELLS),
        sample.end_line(),
    ]
    return [filled(line, text) for line in content]


def timings(text: str) -> timing_sample.Line:
    """A file of timings full of `text`."""
    content = timing_sample.benchmarks()
    about = [entry["extra_info"] for entry in content["benchmarks"]]
    for each in about:
        each["implementation"] += text
        each["reference"] += text
        each["operation"] += text
    for entry in content["benchmarks"]:
        entry["group"] = f"{entry['extra_info']['operation']} {entry['group']}{text}"
    content["machine_info"]["cpu"]["brand_raw"] += text
    content["symtests"]["left_out"][0]["reason"] += text
    return content


def diagnosis(text: str) -> sample.Line:
    """A file of an examined model full of `text`."""
    found = filled(diagnosis_sample.RECORD, text, "")
    verdicts = [each["verdict"] for each in diagnosis_sample.RECORD["findings"]]
    findings = [{**each, "verdict": verdict} for each, verdict in zip(found["findings"], verdicts, strict=True)]
    return {**found, "made": diagnosis_sample.RECORD["made"], "findings": findings}


def filled(value: Any, text: str, name: str = "") -> Any:
    """Return plain data with `text` behind each free string, and behind the names of open objects."""
    if isinstance(value, str):
        return value if name in KEPT else value + text
    if isinstance(value, list):
        return [filled(item, text, name) for item in value]
    if isinstance(value, dict):
        is_open = name in ("details", "data", "capabilities", "packages")
        return {key + text if is_open else key: filled(item, text, key) for key, item in copy.deepcopy(value).items()}
    return value
