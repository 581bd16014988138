"""Why an implementation could not be judged, from what it did."""

from __future__ import annotations

from symtests.checking.results.verdict import Failure
from symtests.implementations.direct import traceback_of
from symtests.implementations.misbehaviour import Misbehaviour

__all__ = ["failure_of"]


def failure_of(problem: Misbehaviour, advice: str = "") -> Failure:
    """Return the failure that a misbehaviour is, with advice and with the traceback where it raised."""
    message = f"{problem}; {advice}" if advice else str(problem)
    return Failure(problem.kind, message, problem.output or traceback_of(problem.__cause__))
