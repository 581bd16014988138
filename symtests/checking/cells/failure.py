"""Why an implementation could not be judged, from what it raised."""

from __future__ import annotations

import traceback
from typing import Final

from symtests.checking.results.verdict import Failure
from symtests.implementations.misbehaviour import Misbehaviour

__all__ = ["OUTPUT_KEPT", "failure_of", "traceback_of"]

OUTPUT_KEPT: Final = 4000
"""Characters kept of a traceback or of what an implementation wrote: the end, which says most."""


def failure_of(problem: Misbehaviour, advice: str = "") -> Failure:
    """Return the failure that a misbehaviour is, with advice and with the traceback where it raised."""
    message = f"{problem}; {advice}" if advice else str(problem)
    return Failure(problem.kind, message, traceback_of(problem.__cause__))


def traceback_of(error: BaseException | None) -> str:
    """Return the end of the traceback of an error; nothing for None."""
    if error is None:
        return ""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))[-OUTPUT_KEPT:]
