"""Who is measured, and who is left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from symtests.benchmarks.workloads import Workload
from symtests.implementations import BUILT_IN, find, missing
from symtests.implementations.base import capabilities_of

__all__ = ["Competitor", "LeftOut", "absent", "gather", "reason_to_leave_out"]


@dataclass(frozen=True)
class Competitor:
    """An implementation under the name by which it was asked for."""

    name: str
    implementation: Any

    @property
    def version(self) -> str:
        """Version that the implementation gives of itself, or an empty string."""
        return str(getattr(self.implementation, "version", ""))


@dataclass(frozen=True)
class LeftOut:
    """A measurement that was not made; `operation`, `network` and `dtype` are None where it is all of them.

    `failed` tells a competitor that raised or answered wrongly from one that is not here or cannot do it.
    """

    implementation: str
    reason: str
    operation: str | None = None
    network: str | None = None
    dtype: str | None = None
    failed: bool = False

    def to_json(self) -> dict[str, str | bool | None]:
        """Return this as plain JSON data."""
        return asdict(self)


def absent(name: str) -> str | None:
    """Return why a built-in implementation cannot be measured here, or None if it can."""
    return missing(name) if name in BUILT_IN else None


def gather(names: Sequence[str]) -> tuple[list[Competitor], list[LeftOut]]:
    """Return the named implementations that are here, in that order, and those that are not.

    Raises
    ------
    InvalidValue
        Where a name stands for nothing.
    """
    reasons = {name: absent(name) for name in dict.fromkeys(names)}
    present = [Competitor(name, find(name)) for name, reason in reasons.items() if reason is None]
    return present, [LeftOut(name, reason) for name, reason in reasons.items() if reason is not None]


def reason_to_leave_out(competitor: Competitor, operation: str, workload: Workload) -> str | None:
    """Return why a competitor cannot do an operation on a workload, by its own word, or None if it can."""
    can, network = capabilities_of(competitor.implementation), workload.network
    if not callable(getattr(competitor.implementation, operation, None)):
        return f"it has no operation {operation!r}"
    for word, known in (
        (workload.dtype, can.dtypes),
        (network.loss, can.losses),
        (network.activations[0], can.activations),
        (workload.training.optimizer, can.optimizers),
    ):
        if word not in known:
            return f"it cannot do {word}"
    for what, number, most in (
        ("hidden layers", len(network.hidden_sizes), can.max_hidden_layers),
        ("units in a layer", max(network.sizes), can.max_width),
        ("samples in a batch", len(workload.batch), can.max_samples),
    ):
        if most is not None and number > most:
            return f"it cannot do {number} {what}"
    return None if network.bias in can.bias else "it cannot do biases"
