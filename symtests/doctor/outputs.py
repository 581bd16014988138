"""Whether outputs depend on inputs, and what the loss of a network is that knows nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.doctor.findings import FATAL, TO_KNOW, Finding
from symtests.doctor.model import Examined
from symtests.doctor.watching import Record
from symtests.model.groups import Values

__all__ = ["Ignorance", "ignorance", "judge_outputs", "same_for_all"]

_DIGITS: Final = 1e-4


@dataclass(frozen=True)
class Ignorance:
    """The loss of outputs that do not depend on the inputs.

    Parameters
    ----------
    name
        What it is, as in "ln 10".
    value
        The loss.
    """

    name: str
    value: float


def ignorance(outputs: Values | None, target: Values | None, loss: float) -> Ignorance | None:
    """Return the loss of the best outputs that do not depend on the inputs, if the loss is one of three.

        cross-entropy:        ln K, of equal probabilities for K classes
        mean squared error:   the variance of the targets over samples, mean over outputs
        binary cross-entropy: -p ln p - (1 - p) ln(1 - p), p the mean target of an output; mean over outputs

    Which one it is, is seen by computing it: to four digits, as PyTorch computes in float32.

    Parameters
    ----------
    outputs, target
        Of one batch; None where they are not known.
    loss
        Of that batch.
    """
    if outputs is None or target is None or target.size < 2 or not np.isfinite(outputs).all():
        return None
    z = outputs.astype(np.float64)
    if target.dtype.kind in "iu" and z.ndim == target.ndim + 1 and z.ndim > 1:
        if z.shape[:1] + z.shape[2:] == target.shape:
            z = np.moveaxis(z, 1, -1)
        classes = z.shape[-1]
        if z.shape[:-1] == target.shape and bool(((target >= 0) & (target < classes)).all()):
            peak = z.max(axis=-1, keepdims=True)
            rest = np.log(np.exp(z - peak).sum(axis=-1)) + peak[..., 0]
            chosen = np.take_along_axis(z, target[..., None].astype(np.int64), axis=-1)[..., 0]
            if _is((rest - chosen).mean(), loss):
                return Ignorance(f"ln {classes}", math.log(classes))
    elif target.dtype.kind == "f" and z.shape == target.shape:
        y = target.astype(np.float64)
        if _is(((z - y) ** 2).mean(), loss):
            return Ignorance("the variance of the targets", float(np.var(y, axis=0).mean()))
        if y.min() >= 0 and y.max() <= 1:
            with np.errstate(all="ignore"):
                of_logits = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
                of_probabilities = -(y * np.log(z) + (1 - y) * np.log1p(-z))
                p = y.mean(axis=0)
                entropy = np.nan_to_num(-p * np.log(p) - (1 - p) * np.log1p(-p))
            if _is(of_logits.mean(), loss) or _is(of_probabilities.mean(), loss):
                return Ignorance("the entropy of the targets", float(entropy.mean()))
    return None


def _is(value: float, loss: float) -> bool:
    return math.isclose(value, loss, rel_tol=_DIGITS)


def same_for_all(model: Examined, number: int) -> int | None:
    """Return for how many different samples the outputs of a batch are the same; None where they differ.

    Outputs are the same if they differ by less than the rounding error of sums as long as the longest fan-in n: n u of
    the largest output.
    """
    outputs, inputs = model.outputs(number), model.inputs(number)
    if outputs is None or not inputs or outputs.ndim < 1 or not np.isfinite(outputs).all():
        return None
    first = inputs[0]
    samples = len(first) if first.ndim else 0
    if samples < 2 or len(outputs) != samples or bool((first == first[:1]).all()):
        return None
    fan_in = max((math.prod(fact.shape[1:]) for fact in model.facts.values() if len(fact.shape) > 1), default=1)
    spread = float(np.abs(outputs - outputs[:1]).max())
    return samples if spread <= fan_in * model.unit_roundoff * float(np.abs(outputs).max()) else None


def judge_outputs(model: Examined, record: Record) -> Iterator[Finding]:
    """Yield whether the outputs after all steps depend on the inputs, and what the loss says.

    Parameters
    ----------
    model
        After its steps.
    record
        What they showed.
    """
    if not record.finite:
        return
    samples = same_for_all(model, 0)
    if samples is not None:
        yield Finding(
            "constant output", FATAL,
            f"the outputs are the same for all {samples} samples of a batch after {record.steps} steps: they do not "
            "depend on the inputs",
            (), "", {"samples": samples},
        )  # fmt: skip
    nothing = ignorance(model.outputs(0), model.target(0), record.losses[-1])
    first, last = record.losses[0], record.losses[-1]
    beside = (
        f"; {nothing.name} = {nothing.value:.4g} is the loss of a network that ignores its inputs" if nothing else ""
    )
    numbers = {"first": first, "last": last, "ignorance": nothing.value if nothing else None}
    if last >= first:
        yield Finding(
            "loss", TO_KNOW,
            f"the loss on the first batch is {first:.4g} at the start and {last:.4g} after {record.steps} steps: it "
            f"did not fall{beside}; whether it would needs more steps",
            (), "", numbers,
        )  # fmt: skip
    else:
        yield Finding(
            "loss", TO_KNOW, f"the loss on the first batch fell from {first:.4g} to {last:.4g} in "
            f"{record.steps} steps{beside}", (), "", numbers,
        )  # fmt: skip
