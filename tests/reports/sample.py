"""A synthetic results file in which everything occurs: every word, counterexamples, failures, observations, a story."""

# ruff: noqa: RUF001 (formulas have Greek letters)
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.reports.xor import story_line

Line = dict[str, Any]

PROPERTIES: Final = {
    "SYM1": ("symmetry", "Equal units get equal gradients",
             "Two hidden units with equal incoming and outgoing weights get identical gradients.",
             "wᵢ = wⱼ, vᵢ = vⱼ  ⇒  ∂L/∂wᵢ = ∂L/∂wⱼ, ∂L/∂vᵢ = ∂L/∂vⱼ"),
    "SYM2": ("symmetry", "Ties last over a training",
             "Units that begin equal stay equal over every step of a training.", "θᵢ(0) = θⱼ(0)  ⇒  θᵢ(t) = θⱼ(t)"),
    "ZERO1": ("zero start", "Zero weights never move",
              "From all zeros with σ(0) = 0, every gradient but that of the output bias is zero.",
              "θ = 0, σ(0) = 0  ⇒  ∂L/∂W = ∂L/∂V = 0"),
    "GRAD1": ("gradient", "The gradient is the derivative",
              "The gradient is the derivative of the loss.", "∇L(θ)ₖ = Im L(θ + ih eₖ)/h"),
    "STEP1": ("steps", "A step does not read what it writes",
              "The gradient recovered from one plain step does not depend on the learning rate.",
              "(θ − θ′)/η is the same for η = 1, ½, …, 2⁻¹⁰"),
    "NUM3": ("numerics", "An empty batch is refused", "An empty batch raises an error.", "N = 0  ⇒  an error"),
    "MST2": ("several starts", "More starts are never worse",
             "The best of n starts is the least of their losses.", "best(n) = min over k ≤ n of L(k)"),
    "OPT2": ("optimizers", "Constant gradients have closed forms",
             "For a constant gradient every optimizer moves by its closed form.", "Adam: Δθ = −η T g/(|g| + ε)"),
}  # fmt: skip

CLAIMS: Final = (
    {"id": "S1", "text": "Equal weights never learn.", "truth": "True of units with equal weights on both sides."},
    {"id": "S13", "text": "Equal units do the same for ever.", "truth": "True as it stands."},
    {"id": "S99", "text": "Nobody asks this.", "truth": "No property of this run names it."},
)

DIAGNOSIS: Final = "the gradient of the biases is 0, only for <b>tanh</b>"

DTYPES: Final = ("float32", "float64")

WORDS: Final = {
    ("SYM1", "numba", "float32"): "exact", ("SYM1", "numba", "float64"): "exact",
    ("SYM1", "mynet", "float32"): "violated", ("SYM1", "mynet", "float64"): "holds",
    ("SYM2", "numba", "float32"): "exact", ("SYM2", "numba", "float64"): "exact",
    ("SYM2", "mynet", "float32"): "known", ("SYM2", "mynet", "float64"): "fixed",
    ("ZERO1", "numba", "float32"): "exact", ("ZERO1", "numba", "float64"): "exact",
    ("ZERO1", "mynet", "float32"): "exact", ("ZERO1", "mynet", "float64"): "exact",
    ("GRAD1", "numba", "float32"): "holds", ("GRAD1", "numba", "float64"): "holds",
    ("GRAD1", "mynet", "float32"): "inconclusive", ("GRAD1", "mynet", "float64"): "holds",
    ("STEP1", "numba", "float32"): "holds", ("STEP1", "numba", "float64"): "holds",
    ("STEP1", "mynet", "float32"): "holds", ("STEP1", "mynet", "float64"): "holds",
    ("NUM3", "numba", "float32"): "exact", ("NUM3", "numba", "float64"): "exact",
    ("NUM3", "mynet", "float32"): "errored", ("NUM3", "mynet", "float64"): "unsupported",
    ("MST2", "numba", "float32"): "exact", ("MST2", "numba", "float64"): "exact",
    ("MST2", "mynet", "float32"): "unsupported", ("MST2", "mynet", "float64"): "unsupported",
    ("OPT2", "numba", "float32"): "holds", ("OPT2", "numba", "float64"): "holds",
    ("OPT2", "mynet", "float32"): "holds", ("OPT2", "mynet", "float64"): "holds",
}  # fmt: skip
"""The word of every check, by property, implementation and dtype."""

SENTENCES: Final = {
    "exact": "held bit for bit in 180 cases",
    "holds": "held within the bound in 180 cases",
    "violated": "broken after 14 cases",
    "known": "violated as the list of known failures says: BLAS sums the last column in another order",
    "fixed": "held in 180 cases although it is listed as a known failure: remove the entry",
    "inconclusive": "no conclusive case: in 44 of 44 the bound is wider than the promised 0.001",
    "unsupported": "needs `initialize`, which the implementation does not offer",
    "errored": "train raised IndexError for an empty batch",
}

CASE: Final = {
    "network": {"sizes": [2, 2, 1], "activations": ["tanh"], "loss": "mse", "bias": True},
    "parameters": {"dtype": "float32", "vector": [0.5, 0.5, -0.25, -0.25, 0.0, 0.0, 1.0, 1.0, 0.10000000149011612]},
    "batch": {"dtype": "float32", "shape": [2, 2, 1], "x": [1.0, 0.5, 0.0, -1.5], "y": [1.0, 0.0],
              "sample_weights": [1.0, 2.0]},
    "training": {"optimizer": "adam", "learning_rate": 0.1, "steps": 3, "momentum": 0.9, "mean_decay": 0.9,
                 "square_decay": 0.999, "epsilon": 0.5, "weight_decay": 0.0},
    "details": {"unit": 0, "twin": 1},
}  # fmt: skip

SCRIPT: Final = """import numpy as np
import mynet

W1 = np.array([[0.5, 0.5], [-0.25, -0.25]], np.float32)
gradient = mynet.gradient(W1)
assert gradient[0, 0] == gradient[0, 1], gradient
"""


def run_line(cells: int = len(WORDS)) -> Line:
    return {
        "type": "run", "schema": 1, "symtests": "0.1.0", "started": "2026-03-20T14:05:00+00:00", "profile": "default",
        "seed": 20260320, "examples": {"small": 100, "wide": 80},
        "command": "symtests check numba mynet.py:MyNet --seed 20260320",
        "machine": {"platform": "Linux 6.1 x86_64", "python": "3.12.4", "processor": "AMD EPYC 7B13",
                    "cores": 8, "packages": {"numpy": "2.1.0", "numba": "0.61.0", "hypothesis": "6.115.0"}},
        "implementations": ["numba", "mynet"], "dtypes": None, "properties": [prop(name) for name in PROPERTIES],
        "claims": [dict(claim) for claim in CLAIMS], "checks": cells,
        "notes": ["new, not counted: NEW1 came after symtests 0.1, to whose properties this run is pinned"],
    }  # fmt: skip


def prop(name: str) -> Line:
    group, title, statement, formula = PROPERTIES[name]
    return {
        "id": name, "version": 1, "group": group, "title": title, "statement": statement, "formula": formula,
        "precondition": "any activation, loss and depth; no noise", "exactness": "BITWISE",
        "exactness_words": "bit for bit, where the arithmetic is index-independent; otherwise within rounding",
        "catches": "noise that depends on the index; a transposed or mis-strided backward pass",
        "source": "Rumelhart, Hinton and Williams 1986", "claims": ["S1", "S13"] if group == "symmetry" else ["S1"],
    }  # fmt: skip


def implementation_line(name: str, **changes: Any) -> Line:
    return {
        "type": "implementation", "name": name, "location": f"{name}.py:Net", "version": "1.2",
        "capabilities": {"dtypes": ["float32", "float64"], "sample_weights": True, "max_width": None,
                         "loss_scale": {"mse": 2.0}},
        "dtypes": list(DTYPES), "smoke": None, **changes,
    }  # fmt: skip


def counterexample(**changes: Any) -> Line:
    return {
        "sentence": "hidden units 1 and 2 have equal weights, but the gradients of W1[0,0] and W1[0,1] differ: "
                    "0.25 and 0.25000003",
        "case": CASE, "hidden_units": 2, "samples": 2,
        "command": "symtests check mynet.py:MyNet --property SYM1 --dtype float32 --seed 20260320",
        "script": SCRIPT, "quantity": "gradient of W1[0,1]", "expected": 0.25, "found": 0.2500000298023224,
        "bound": 0.0, "diagnosis": DIAGNOSIS, **changes,
    }  # fmt: skip


def verdict_line(cell: tuple[str, str, str], **changes: Any) -> Line:
    word = WORDS.get(cell, "holds")
    bounded = word in ("holds", "inconclusive", "violated", "known")
    return {
        "type": "verdict", "implementation": cell[1], "property": cell[0], "dtype": cell[2], "word": word,
        "sentence": SENTENCES[word], "property_version": 1,
        "tally": {"conclusive": 0 if word == "inconclusive" else 180, "trivial": 12, "rejected": 3,
                  "too_wide": 44 if word == "inconclusive" else 0, "unsupported": 0},
        "worst_fraction": 0.31 if bounded else None, "detectable": 2.3e-6 if bounded else 0.0,
        "tolerance": "certified" if bounded else "exact", "bitwise_cases": 180 if word == "exact" else 7,
        "counterexample": counterexample() if word in ("violated", "known") else None,
        "failure": {"kind": "raised", "message": "train raised IndexError: index 0 is out of bounds",
                    "output": "Traceback (most recent call last):\n  File \"mynet.py\", line 31\nIndexError"}
        if word == "errored" else None,
        "observations": [{"sentence": "ties break at width 7, step 29",
                          "data": {"width": 7, "step": 29, "largest_spread": 1.51}}] if word == "known" else [],
        "known": {"reason": "BLAS sums the last column <b>last</b>", "link": "my-net ticket 12 </p>",
                  "file": "known.toml", "entry": 3} if word == "known" else None,
        "seconds": 0.42, "seed": 20260320, **changes,
    }  # fmt: skip


def end_line() -> Line:
    return {"type": "end", "finished": "2026-03-20T14:07:05+00:00", "seconds": 125.4, "counts": {}, "exit_status": 1}


def lines(story: bool = True) -> list[Line]:
    """All lines of a complete run."""
    return [
        run_line(),
        implementation_line("numba"),
        implementation_line("mynet"),
        *(verdict_line(cell) for cell in WORDS),
        *([story_line()] if story else []),
        end_line(),
    ]


def write(path: Path, content: list[Line], end: str = "\n") -> Path:
    """Write lines as a results file; `end` follows the last line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(line) for line in content) + end, encoding="utf-8")
    return path
