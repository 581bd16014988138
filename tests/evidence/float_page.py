"""The record of the elementary functions, as a page for people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.evidence.elementary import FUNCTIONS, ElementaryFunction, compiled
from tests.evidence.float_record import FLOAT64_NUMBERS, Row
from tests.kernels.bits import Dtype

__all__ = ["broken_promises", "page"]


def broken_promises(function: ElementaryFunction, row: Row) -> Iterator[str]:
    """Yield a sentence for each promise of a function that the record shows broken, or not yet kept."""
    for dtype, error, at, most in (
        ("float32", row.trial.largest_error, row.trial.largest_at, function.most),
        ("float64", row.float64_error, row.float64_at, function.most_in_double),
    ):
        if not error <= most:
            found = f"{function.name}({at!r}) is off by {error:.2f} ulp in {dtype}"
            yield f"{found}: at most {most} is promised"
    if row.trial.faults:
        yield f"{function.name}: {row.trial.faults} results are out of range, not odd, or wrongly NaN or not"
    if function.monotone and row.trial.steps_back:
        yield f"{function.name}: {row.trial.steps_back} results lie on the wrong side of that of a neighbour"
    if not row.complete(function):
        yield f"{function.name}: not all float32 numbers have been tried; run it again to go on"


def page(rows: dict[str, Row]) -> str:
    """Return the page in Markdown."""
    inputs = sum(row.trial.inputs for row in rows.values())
    off_known = max(row.trial.off_known for row in rows.values())
    float64 = max(row.float64_error for row in rows.values())
    return f"""# The elementary functions of the kernels

Every kernel result depends on a few functions of one number. They are our own: branch-free, with the same bits on every
processor. Here is how near they come to the truth. Float32 was tried on **every number there is**, {inputs:,} results
in all; float64 on {FLOAT64_NUMBERS:,} numbers of all sizes for each function, against mpmath.

An *ulp* is a unit in the last place of the exact result: 2^(e-23) in float32 and 2^(e-52) in float64 for
2^e ≤ |exact result| < 2^(e+1), and never less than the smallest number above 0, so that subnormal results are judged
too. A correctly rounded result is off by at most half an ulp. A *step back* is a pair of neighbouring float32 numbers
whose results go the wrong way; where the function turns, each side has its own right way.

{_table(rows)}

Errors are in ulp. The derivatives of tanh and logistic are one rounding of 1 - a² and of a - a²; that of softplus is
logistic. Those of gelu and silu pass through 0, where no relative error can be kept: they are right to 4 machine
epsilons, of 1.

tanh is exactly odd, bit for bit at every number, and never beyond ±1; logistic is never outside [0, 1];
exponential, softplus and normal_tail are never below 0. NaN gives NaN and nothing else does.

## At the borders

{_special_values(list(rows))}

## What the float32 figures rest on

The truth is the float64 result of the same kernel, from other coefficients. It was compared with NumPy's or SciPy's at
every 256th of all float32 numbers and never differed by more than {off_known:.1g} of a float32 unit, mostly their
error; and with mpmath at the {FLOAT64_NUMBERS:,} float64 numbers of the table, where it was never off by more than
{float64:.1f} of a float64 unit, which is {float64:.1f} · 2⁻²⁹ of a float32 unit. It is never rounded to float32; the
difference of a result and the truth is exact, as both have nearly the same size (Sterbenz 1974).

[elementary_functions.json](elementary_functions.json) is the record. It holds a hash of each function's sources: after
a change of a formula or coefficient `tox -e every-float` tries that function again, and until then a test fails. It
also holds a hash of two million results of each function, which a test compares on every machine. The coefficients
come from [coefficients.py](coefficients.py).
"""


def _table(rows: dict[str, Row]) -> str:
    heads = ("function", "", "largest error in float32", "at x =", "steps back", "largest error in float64", "at x =")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, row in rows.items():
        single = f"{row.trial.largest_error:.3f} | {row.trial.largest_at:.9g} | {row.trial.steps_back:,}"
        double = f"{row.float64_error:.3f} | {row.float64_at:.17g}"
        lines.append(f"| {name} | {FUNCTIONS[name].formula} | {single} | {double} |")
    return "\n".join(lines)


def _special_values(names: list[str]) -> str:
    lines = ["| function | at -∞ | at -0 | at 0 | at ∞ |", "|---|---|---|---|---|"]
    for name in names:
        single, double = (_at_the_borders(FUNCTIONS[name], dtype) for dtype in (np.float32, np.float64))
        cells = [a if a == b else f"{a}, in float64 {b}" for a, b in zip(single, double, strict=True)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _at_the_borders(function: ElementaryFunction, dtype: Dtype) -> list[str]:
    x = np.array([-np.inf, -0.0, 0.0, np.inf], dtype)
    y = np.empty_like(x)
    compiled(function.kernel)(x, y)
    tried = [not (function.from_zero and np.signbit(each)) for each in x]
    return [str(each).replace("inf", "∞") if known else "" for each, known in zip(y, tried, strict=True)]
