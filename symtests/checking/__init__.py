"""The engine: tries properties on implementations, and gives verdicts and events as they come."""

from symtests.checking.events import (
    Check,
    Event,
    Finished,
    Judged,
    Planned,
    Prepared,
    Preparing,
    Started,
    StoryTold,
    Warned,
)
from symtests.checking.run import check, verdicts

__all__ = [
    "Check",
    "Event",
    "Finished",
    "Judged",
    "Planned",
    "Prepared",
    "Preparing",
    "Started",
    "StoryTold",
    "Warned",
    "check",
    "verdicts",
]
