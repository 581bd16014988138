"""An implementation under check, and what remains to be judged of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from symtests.checking.known.known_failure import KnownFailure, KnownFailures
from symtests.checking.one_check.judge_check import unsupported
from symtests.checking.results.verdict import Failure, Verdict
from symtests.checking.story import story_dtype
from symtests.implementations import BUILT_IN
from symtests.implementations.base import Capabilities
from symtests.properties.base import Property

__all__ = ["Assignment", "Record", "Task"]

Record = dict[str, Any]
"""A line of a results file."""


@dataclass(frozen=True)
class Task:
    """A task: one check, or without a property the training on the exclusive or.

    `again` tells that the process that judged it before has ended. `known` is how it is known to fail.
    """

    dtype: str
    reference: str = ""
    prop: Property | None = None
    again: bool = False
    known: KnownFailure | None = None


@dataclass(eq=False)
class Assignment:
    """An implementation under check, what it says of itself, and what remains to be judged of it.

    Parameters
    ----------
    name
        What it is called.
    implementation
        The implementation; None where child processes find it by its name.
    location, version, capabilities
        Where it was found and what it says of itself; `capabilities` is None while it has said nothing.
    fingerprint
        Of its code (`symtests.implementations.fingerprint`); empty while it is unknown.
    dtypes
        Those in which it is judged.
    failure
        Why no further check of it can be judged, or None.
    record
        Its line of the results file, once there is one.
    ready
        Whether it has answered the trivial questions.
    tasks
        What remains to be done.
    remark
        What a person should know before it is asked; mostly nothing.
    """

    name: str
    implementation: object = None
    location: str = ""
    version: str = ""
    capabilities: Capabilities | None = None
    dtypes: tuple[str, ...] = ()
    failure: Failure | None = None
    record: Record | None = None
    ready: bool = False
    fingerprint: str = ""
    tasks: deque[Task] = field(default_factory=deque)
    remark: str = ""

    @property
    def isolated(self) -> bool:
        """Whether it is judged in child processes."""
        return self.implementation is None

    @property
    def smoked(self) -> list[str]:
        """The dtypes in which it is judged and which it offers."""
        return [dtype for dtype in self.dtypes if self.capabilities is None or dtype in self.capabilities.dtypes]

    def plan(
        self,
        properties: Mapping[str, Property],
        dtypes: Sequence[str],
        done: Container[tuple[str, str, str]],
        *,
        story: bool,
    ) -> None:
        """Set the tasks: every property in every dtype, except those in `done`; then the story."""
        self.dtypes = tuple(dtypes)
        self.tasks = deque(
            Task(dtype, reference, prop)
            for reference, prop in properties.items()
            for dtype in self.dtypes
            if (self.name, prop.id, dtype) not in done
        )
        if story and self.smoked:
            self.tasks.append(Task(story_dtype(tuple(self.smoked))))

    def expect(self, known: KnownFailures) -> None:
        """Note with each task how its check is known to fail.

        Raises
        ------
        InvalidValue
            Where two entries are about one check.
        """
        names = {self.name, self.location}
        self.tasks = deque(
            task
            if task.prop is None
            else replace(task, known=known.of_check(names, task.prop.id, task.dtype, self.version))
            for task in self.tasks
        )

    def next_task(self, dtype: str | None) -> Task:
        """Take a task for a process: one in this dtype, in which it worked before, where each new shape is compiled.

        What is compiled for a shape is compiled for a dtype, and kept in a process.
        """
        if self.capabilities is not None and self.capabilities.few_shapes:
            for task in self.tasks:
                if task.dtype == dtype:
                    self.tasks.remove(task)
                    return task
        return self.tasks.popleft()

    def refused(self, seed: int) -> list[Verdict]:
        """Take out the tasks in dtypes that it does not offer; return their verdicts."""
        if self.capabilities is None:
            return []
        offered = " and ".join(self.capabilities.dtypes)
        refused = [task for task in self.tasks if task.dtype not in self.capabilities.dtypes]
        self.tasks = deque(task for task in self.tasks if task not in refused)
        return [
            unsupported(self.name, task.prop, task.dtype, f"it offers {offered} alone", seed)
            for task in refused
            if task.prop is not None
        ]

    def prepared(self, smoke: Failure | None) -> Record:
        """Set and return its line of the results file; `smoke` tells why it cannot be judged at all."""
        location = self.location or self.name
        self.record = {
            "type": "implementation",
            "name": self.name,
            "location": BUILT_IN[location].location if location in BUILT_IN else location,
            "version": self.version,
            "fingerprint": self.fingerprint,
            "capabilities": (self.capabilities or Capabilities()).to_json(),
            "dtypes": list(self.dtypes),
            "smoke": None if smoke is None else asdict(smoke),
        }
        return self.record
