"""BITS1: the same bits, however it is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import any_training
from symtests.properties.judging.judging import number, together, violated
from symtests.properties.judging.whole_answers import Part, ask, offered, script_lines
from symtests.properties.numerics.layout import arrays_of, laid_out_lines

__all__ = ["BITS1"]

_GAPS: Final = "every other number"


def _ways(domain: Domain) -> list[str]:
    """Return the ways of running to ask for: by day those for which nothing has to be compiled.

    Raises
    ------
    Unsupported
        Where there are none.
    """
    claimed = domain.capabilities.same_bits
    if not claimed:
        raise Unsupported("it does not claim the same bits in any other way of running (capabilities.same_bits)")
    asked = [way for way in claimed if domain.nightly or not way.startswith("cpu=")]
    if not asked:
        raise Unsupported(f"it claims the same bits for {' and '.join(claimed)}, which is asked at night only")
    return asked


def _cases_in_ways(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases with a way of running, ``details["way"]``."""
    way, drawn = st.sampled_from(_ways(domain)), any_training(domain, tier)
    return st.builds(lambda case, chosen: replace(case, details={"way": chosen}), drawn, way)


def _judge(implementation: Checked, case: Case) -> Judgement:
    way: str = case.details["way"]
    with implementation.running(way):
        there = {operation: ask(implementation, case, operation) for operation in offered(implementation)}
    judgements = [
        _judge_part(case, found, plain)
        for operation in offered(implementation)
        for found, plain in zip(there.get(operation, []), ask(implementation, case, operation), strict=False)
    ]
    return together(*judgements)


def _judge_part(case: Case, found: Part, plain: Part) -> Judgement:
    one, other = found.values.ravel(), plain.values.ravel()
    differing = np.flatnonzero(_bits(one) != _bits(other))
    if not differing.size:
        return Judgement("held", bitwise=True)
    k, way = int(differing[0]), case.details["way"]
    name = found.name_of(case, k)
    how = "where all arrays have gaps in memory" if way == "strided" else f"when it is run with {way}"
    return violated(
        f"{name} is {number(other[k])}, and {how} {number(one[k])}",
        name,
        (*_script(case, found), "assert np.array(found).tobytes() == np.array(before).tobytes(), (found, before)"),
        expected=float(other[k]),
        found=float(one[k]),
    )


def _bits(values: Array) -> Array:
    """Return the bits as whole numbers."""
    return values.view(f"u{values.itemsize}")


def _script(case: Case, part: Part) -> Sequence[str]:
    """Return lines that ask for a part in both ways, as `before` and `found`."""
    before = script_lines(part, "implementation", "parameters", "batch", "before")
    if case.details["way"] == "strided":
        lines = laid_out_lines(dict.fromkeys(arrays_of(case), _GAPS))
        return (*before, *lines, *script_lines(part, "implementation", "at", "laid_out", "found"))
    other = f"other = implementation.run_as({case.details['way']!r})"
    return (*before, other, *script_lines(part, "other", "parameters", "batch", "found"))


BITS1 = Property(
    id="BITS1",
    group="numerics",
    title="the same bits however it is run",
    statement="Loss, gradient, outputs and training have the same bits in every way of running for which the "
    "implementation claims it: with gaps in all arrays and with other numbers of threads, which are asked in every "
    "check, and compiled for another instruction set, which is asked at night only.",
    formula="f(A) = f(A run in another way), bit for bit",
    precondition="it claims the same bits in this way (capabilities.same_bits)",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="sums that are split by the number of threads or the width of a register, a product and a sum fused on one "
    "processor and not on another, elementary functions that are chosen by the processor, a second code path for "
    "arrays with gaps",
    source="IEEE 754-2019 specifies each operation; that the order of operations is the same is the implementation's "
    "claim.",
    cases=_cases_in_ways,
    judge=_judge,
)
