"""The examination of a model: a copy takes real steps, and what they show is put into words."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final

from symtests.doctor.alike import judge_groups
from symtests.doctor.findings import FATAL, TO_KNOW, Finding, accepted, merged, worst_first
from symtests.doctor.grouping import confirmed
from symtests.doctor.guessing import guessed
from symtests.doctor.model import Examined
from symtests.doctor.movement import judge_movement
from symtests.doctor.origins import Origin
from symtests.doctor.outputs import judge_outputs
from symtests.doctor.starts import Starts, many_starts
from symtests.doctor.streaming import digest
from symtests.doctor.ties import tie_classes
from symtests.doctor.watching import GroupRecord, Record, watch
from symtests.doctor.wiring import judge_wiring
from symtests.model.groups import Group
from symtests.validation import InvalidValue, integer_at_least

__all__ = ["CannotLearn", "Diagnosis", "assert_can_learn", "diagnose", "examined"]

_CONFIRMED: Final = 400
"""Groups of a small model that are confirmed."""
_CONFIRMED_OF_LARGE: Final = 8
"""Those of a large model with units that are alike come first."""
_GUESSED: Final = 200
"""Groups that are guessed from shapes and tried, where none were found otherwise."""
_LARGE: Final = 20_000_000
"""Numbers of parameters from which a forward pass for each group would take too long."""


_RANDOM: Final = Finding(
    "random batch", TO_KNOW,
    "no batch was handed over: random inputs of the shape that the first layer takes, and random targets; what hangs "
    "on the data was not seen",
    (), "def batch(): return inputs, targets",
)  # fmt: skip


class CannotLearn(AssertionError):
    """A model has a fatal finding; the message says which, and what cures it."""


@dataclass(frozen=True)
class Diagnosis:
    """What an examination found.

    Parameters
    ----------
    findings
        Worst first.
    record
        What the steps showed of each tensor and each group.
    steps
        How many there were.
    elements, tensors
        Of the model: numbers, and parameters.
    batches_differ
        Whether the steps saw different batches.
    candidates
        Groups that were tried; those that were confirmed stand in the record.
    unknown
        Operators of which it is not known what they say of axes; behind them no groups are found.
    seconds
        How long it took.
    starts
        What many starts showed, where they were asked for.
    origins
        Which line of the user's own files made each parameter, as far as that is known.
    """

    findings: tuple[Finding, ...]
    record: Record
    steps: int
    elements: int
    tensors: int
    batches_differ: bool
    candidates: int
    unknown: tuple[str, ...]
    seconds: float
    starts: Starts | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def fatal(self) -> tuple[Finding, ...]:
        """The fatal findings that nobody accepted."""
        return tuple(each for each in self.findings if each.verdict == FATAL and not each.accepted)

    @property
    def groups(self) -> tuple[GroupRecord, ...]:
        """The confirmed groups, in the order of the model."""
        return tuple(self.record.groups)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        from symtests.doctor.telling import as_json

        return as_json(self)

    def to_sarif(self, place: Origin | None = None, root: Path | None = None) -> dict[str, Any]:
        """Return the findings in the form of SARIF 2.1.0, in which CI systems show them at the line of the code.

        Parameters
        ----------
        place
            Where a finding stands whose tensors come from no line that is known; nowhere unless given.
        root
            Folder that paths begin at, as that of the repository; the current one unless given.
        """
        from symtests.doctor.sarif import as_sarif

        return as_sarif(self, place, root or Path.cwd())

    def to_markdown(self) -> str:
        """Return the findings as Markdown, for an issue."""
        from symtests.doctor.telling import as_markdown

        return as_markdown(self)

    def to_html(self) -> str:
        """Return everything as one HTML page with two drawings, which needs no network."""
        from symtests.doctor.telling import circumstances, headline
        from symtests.reports.examination import examination_page

        return examination_page(self, headline(self), circumstances(self))

    def __str__(self) -> str:
        from symtests.doctor.telling import as_text

        return as_text(self)


def examined(
    model: Examined, steps: int, reasons: Mapping[str, str], *, differ: Callable[[], bool], unknown: Callable[[], Any]
) -> Diagnosis:
    """Return what k steps of a model show.

    Parameters
    ----------
    model
        A copy, with which anything may be done.
    steps
        k, at least 1.
    reasons
        Why findings are meant: see `symtests.doctor.findings.accepted`.
    differ, unknown
        Tell afterwards whether batches differ, and which operators are not known.
    """
    begin = time.monotonic()
    tried = list(model.candidates())
    groups = _confirmed(model, tried)
    if not groups:  # no pass could be followed, or what it says is no symmetry
        tried = list(islice(guessed(model.facts), _GUESSED))
        groups = _without_overlap(_confirmed(model, tried))
    model.restart()
    start = {name: digest(value) for name, value in model.values().items()}
    record = watch(model, groups, steps)
    outputs = list(judge_outputs(model, record))
    found = list(judge_wiring(model, record, start))
    found += judge_groups(model, record)
    explained = {name for each in found if each.kind == "tied" for name in each.where}
    found += judge_movement(model, record, explained)
    found += outputs
    return Diagnosis(
        tuple(worst_first(accepted(merged(found), reasons))), record, steps,
        sum(fact.size for fact in model.facts.values()), len(model.facts), differ(), len(tried), tuple(unknown()),
        time.monotonic() - begin,
    )  # fmt: skip


def _confirmed(model: Examined, tried: list[Group]) -> list[Group]:
    size = sum(fact.size for fact in model.facts.values())
    most = _CONFIRMED
    if size >= _LARGE:
        tied = [group for group in tried if tie_classes(group, model.values())]
        most = len(tied) + _CONFIRMED_OF_LARGE
        tried = tied + [group for group in tried if group not in tied]
    twin = model.precise()  # half of the digits of float64 leave more room for the control
    found = confirmed(twin if twin is not None else model, tried, most)
    distinct: dict[frozenset[tuple[tuple[str, ...], int | None, bytes]], Group] = {}
    for group in found:
        own = [part for part in group.parts if set(part.tensors) & set(model.facts)]
        key = frozenset((part.tensors, part.axis, part.positions.tobytes()) for part in own)
        distinct.setdefault(key, group)
    return list(distinct.values())


def _without_overlap(groups: list[Group]) -> list[Group]:
    """Return guessed groups of which none has an axis of one before."""
    found: list[Group] = []
    taken: set[tuple[str, int | None]] = set()
    for group in groups:
        axes = {(name, part.axis) for part in group.parts for name in part.tensors}
        if not taken & axes:
            found.append(group)
            taken |= axes
    return found


def diagnose(
    model: Any,
    batch: Any = None,
    loss: Callable[..., Any] | None = None,
    optimizer: Any = None,
    *,
    steps: int = 20,
    seed: int = 0,
    starts: int = 0,
    accept: Mapping[str, str] | None = None,
) -> Diagnosis:
    """Take k real steps with a copy of a model and say what is wrong with its start.

    Nothing of the caller's is changed: neither the model, nor the optimizer, nor a global random state.

    Parameters
    ----------
    model
        A PyTorch module, parameters of JAX (or a module of Flax or Equinox), a compiled model of Keras on JAX, or a
        function that builds one of them.
    batch
        ``(inputs, targets)`` or a dict of named arguments; a list of batches; a loader; a function of the number of
        the step, or of nothing. Random numbers unless given.
    loss
        ``loss(output, target)``, ``loss(output)`` or ``loss(model, batch)``; None where the model returns it, or
        where it follows from the target.
    optimizer
        An optimizer of this model, or a function that makes one of a model; Adam unless given.
    steps
        k, at least 1.
    seed
        Of building and of the noise in each step.
    starts
        How often a model is built with other seeds; 0 for not at all. Needs a function as `model`.
    accept
        A reason for each finding that is meant, by kind, or by a pattern of its tensors.

    Returns
    -------
    Diagnosis
        Printed, it is the report.

    Raises
    ------
    NotExaminable
        For a model that cannot be examined; the message says what to hand over.
    InvalidValue
        For another argument that makes no sense.
    """
    integer_at_least("steps", steps, 1)
    integer_at_least("starts", starts, 0)
    if starts and (hasattr(model, "named_parameters") or not callable(model)):
        raise InvalidValue(f"starts={starts}: needs a function that builds the model; hand over build, not build()")
    if find_spec("torch") is None:
        return _with_jax(model, batch, loss, optimizer, steps, seed, starts, accept or {})
    from symtests.doctor.torch_examining import OtherFront, few_threads, prepared, undisturbed

    with undisturbed(model, optimizer, seed):
        try:
            own = prepared(model, batch, loss, optimizer, seed)
        except OtherFront as other:
            built = model if callable(model) and starts else other.model
            return _with_jax(built, batch, loss, optimizer, steps, seed, starts, accept or {})
        with few_threads(sum(fact.size for fact in own.facts.values())):
            result = examined(
                own, steps, accept or {}, differ=lambda: own.batches_differ, unknown=lambda: own.unknown_operations
            )
            result = replace(result, origins=own.origins)
            if batch is None:
                result = replace(result, findings=(*result.findings, _RANDOM))
            if starts:
                built = (prepared(model, batch, loss, optimizer, seed + number) for number in range(starts))
                result = replace(result, starts=many_starts(built, steps))
    return result


def _with_jax(
    model: Any, batch: Any, loss: Any, optimizer: Any, steps: int, seed: int, starts: int, accept: Mapping[str, str]
) -> Diagnosis:
    from symtests.doctor.fronts import of_jax

    own: Any = of_jax(model, batch, loss, optimizer, seed)
    result = examined(own, steps, accept, differ=lambda: own.batches_differ, unknown=lambda: own.unknown_operations)
    if starts:
        built = (of_jax(model, batch, loss, optimizer, seed + number) for number in range(starts))
        result = replace(result, starts=many_starts(built, steps))
    return result


def assert_can_learn(
    model: Any,
    batch: Any = None,
    loss: Callable[..., Any] | None = None,
    optimizer: Any = None,
    *,
    steps: int = 20,
    seed: int = 0,
    accept: Mapping[str, str] | None = None,
) -> None:
    """Raise `CannotLearn`, an AssertionError, if `diagnose` has a fatal finding that is not accepted.

    Parameters
    ----------
    model, batch, loss, optimizer, steps, seed, accept
        As for `diagnose`.
    """
    __tracebackhide__ = True
    result = diagnose(model, batch, loss, optimizer, steps=steps, seed=seed, accept=accept)
    if result.fatal:
        said = "\n".join(f"- {each.sentence}" + (f"\n  {each.cure}" if each.cure else "") for each in result.fatal)
        raise CannotLearn(f"{len(result.fatal)} fatal:\n{said}")
