"""What is wrong with losses, and with predictions beside a gradient that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.condition import Condition, separating
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered, Question
from symtests.diagnosis.trial import varied
from symtests.float_json import Array
from symtests.network import LOSSES
from symtests.oracle.activations import logistic, value
from symtests.oracle.losses import coefficients, loss_value, softmax
from symtests.parameters import Parameters

__all__ = ["Fresh", "loss_is_wrong", "loss_told", "predictions_told"]

Fresh = Callable[[Sequence[Question]], Sequence[Answered]]
"""Asks questions; returns the answers of which the loss that is due is known."""

_LEAST_SHARE: Final = 1e-300
_NUDGE: Final = 1.0625
"""A constant is seen in a loss that would be another one with a constant so many times as large."""
_FEWEST_FORETOLD: Final = 3
"""With fewer fresh losses that show its constant, a cause is a guess."""
_VARIED: Final = 4
"""Of how many questions with a wrong loss other numbers are asked about."""
_BISECTIONS: Final = 80


@dataclass(frozen=True)
class _LossFault:
    """A loss in place of the right one; `words` follow "the loss is".

    Where a constant was found from an answer, `of` is the loss as a function of it.
    """

    words: str
    loss: Callable[[Answered], float]
    of: Callable[[float], Callable[[Answered], float]] | None = None
    constant: float = 0.0


_FACTORS: Final[tuple[tuple[str, Callable[[Question], float]], ...]] = (
    ("N times too large, N being the batch size: the mean over the batch is missing", lambda q: q.samples),
    ("N times too small, N being the batch size: it is divided by N once more", lambda q: 1 / q.samples),
    ("m times too large, m being the number of outputs: the mean over the outputs is missing", lambda q: q.outputs),
    ("m times too small, m being the number of outputs: it is divided by m once more", lambda q: 1 / q.outputs),
    ("N m times too large, N being the batch size and m the number of outputs: both means are missing",
     lambda q: q.samples * q.outputs),
    ("2 times too large", lambda q: 2.0),
    ("2 times too small", lambda q: 0.5),
    ("N / 2 times too large, N being the batch size", lambda q: q.samples / 2),
    ("m / 2 times too large, m being the number of outputs", lambda q: q.outputs / 2),
    ("of the opposite sign", lambda q: -1.0),
    ("always 0", lambda q: 0.0),
)  # fmt: skip


def loss_told(
    answers: Sequence[Answered], seen: Sequence[Answered], fresh: Fresh, *, explained_only: bool = False
) -> str | None:
    """Return in words what is wrong with the losses; None where all are right or none is reported.

    Parameters
    ----------
    answers
        Answers of which the loss that is due is known, as that of a right gradient is.
    seen
        Those to what a property asked, if that is known: nothing is said where their losses are right; and where
        nothing explains all losses, those of their kind are looked at alone.
    fresh
        Asks further questions: a constant is named only after it has foretold what they show.
    explained_only
        Whether nothing is told of losses that no fault model explains.
    """
    if seen and not any(map(loss_is_wrong, seen)):
        return None
    seen = [answered for answered in seen if loss_is_wrong(answered)]
    told = _explained("the loss", [*answers, *seen], fresh)
    names = {answered.question.network.loss for answered in seen}
    if told is None and len(names) == 1:
        (name,) = names
        alike = [answered for answered in answers if answered.question.network.loss == name]
        told = _explained(f"the loss {name}", [*alike, *seen], fresh)
        if explained_only:
            return told
        told = told or _described(f"the loss {name}", alike) or _described(f"the loss {name}", [*alike, *seen])
    return told if explained_only else told or _described("the loss", answers)


def _explained(implementation: str, answers: Sequence[Answered], fresh: Fresh) -> str | None:
    """Return what gives all wrong losses and is contradicted by no right one, unless something sets these apart."""
    told, wrong, right = _sorted(answers)
    for fault_model in _fault_models(wrong) if wrong else ():
        against = [
            answered for answered in right if not _is_loss(answered, fault_model.loss(answered), answered.expected.loss)
        ]
        if not all(_is_loss(answered, fault_model.loss(answered), answered.loss) for answered in wrong):
            continue
        condition = separating(wrong, against) if against else None
        if against and condition is None:
            continue
        if fault_model.of is not None and not _foretells(fault_model, condition, wrong, fresh):
            continue
        return f"{implementation} is {fault_model.words}{_only(condition, told)}"
    return None


def _foretells(fault_model: _LossFault, condition: Condition | None, wrong: Sequence[Answered], fresh: Fresh) -> bool:
    """Tell whether fresh losses are as foretold, enough of which would be others with a constant that is near."""
    of_networks: dict[str, Question] = {}
    for answered in wrong:
        of_networks.setdefault(repr(answered.question.network), answered.question)
    asked = [other for question in list(of_networks.values())[:_VARIED] for other in varied(question)]
    answers = fresh([*asked, *(other for question in asked[:1] for other in varied(question))])
    ours = [answered for answered in answers if condition is None or condition.holds(answered)]
    if fault_model.of is None or not all(_is_loss(a, fault_model.loss(a), a.loss) for a in ours):
        return False
    other = fault_model.of(_NUDGE * fault_model.constant)
    return sum(not _is_loss(answered, other(answered), answered.loss) for answered in ours) >= _FEWEST_FORETOLD


def _described(implementation: str, answers: Sequence[Answered]) -> str | None:
    """Return how often losses are wrong, where, and by how much; None where none is."""
    told, wrong, right = _sorted(answers)
    if not wrong:
        return None
    errors = [abs(float(a.loss or 0.0) - a.expected.loss) / abs(a.expected.loss) for a in wrong if a.expected.loss]
    least, most = (f"{end(errors, default=0.0):.2g}" for end in (min, max))
    size = f"by {least if least == most else f'{least} to {most}'} of itself" if errors else "where it should be 0"
    condition = separating(wrong, right) if right else None
    often = f"{len(wrong)} of {len(told)} answers"
    return f"{implementation} is wrong in {often}{_only(condition, told)}, {size}"


def _sorted(answers: Sequence[Answered]) -> tuple[list[Answered], list[Answered], list[Answered]]:
    """Return the answers that tell a loss, those that tell a wrong one, and those that tell the right one."""
    told = [answered for answered in answers if answered.loss is not None]
    wrong = [answered for answered in told if loss_is_wrong(answered)]
    return told, wrong, [answered for answered in told if not loss_is_wrong(answered)]


def _only(condition: Condition | None, answers: Sequence[Answered]) -> str:
    return "" if condition is None else f", only {condition.told(answers)}"


def loss_is_wrong(answered: Answered) -> bool:
    """Tell whether a loss was reported that rounding cannot explain."""
    return answered.loss is not None and abs(answered.loss - answered.expected.loss) > answered.loss_bound


def _is_loss(answered: Answered, fault_model: float, loss: float | None) -> bool:
    """Tell whether a loss is the predicted one, up to rounding."""
    right = abs(answered.expected.loss)
    growth = max(1.0, abs(fault_model) / right) if right > 0 else 1.0
    reach = 4 * growth * answered.loss_bound + 64 * answered.unit_roundoff * abs(fault_model)
    return loss is not None and abs(fault_model - loss) <= reach


def _fault_models(wrong: Sequence[Answered]) -> Iterator[_LossFault]:
    for words, factor in _FACTORS:
        yield _scaled(words, factor)
    if len(wrong) > 1:  # some constant explains any one number
        yield from _clipped(wrong[0])
        yield from _constant_factor(wrong)
    for other in LOSSES:
        yield _LossFault(f"that of {other}", partial(_of_loss, other))
    yield _LossFault("that of the batch without sample weights", lambda a: _part(a, slice(None), weighted=False))
    for words, part in (("first", slice(0, 1)), ("last", slice(-1, None))):
        yield _LossFault(f"that of the {words} sample alone", partial(_part, samples=part))
    for words, part in (("first", slice(1, None)), ("last", slice(None, -1))):
        yield _LossFault(f"the mean over all samples but the {words}", partial(_part, samples=part))
        yield _LossFault(
            f"summed over all samples but the {words}, and divided by the number of all",
            partial(_part_of_sum, samples=part),
        )
    for words, penalty in _PENALTIES if len(wrong) > 1 else ():
        sizes = [(float(a.loss or 0) - a.expected.loss) / penalty(a.question) for a in wrong if penalty(a.question)]
        if sizes:
            yield _penalized(words, penalty, float(f"{float(np.median(sizes)):.5g}"))


def _clipped(wrong: Answered) -> Iterator[_LossFault]:
    """Yield the loss of probabilities that are kept away from 0 and 1, which loses what outputs far out cost."""
    if wrong.question.network.loss not in ("bce", "softmax_cross_entropy") or wrong.loss is None:
        return
    falls = wrong.loss < wrong.expected.loss  # as the share grows; where outputs are right, what is left of it rises
    least, most = _LEAST_SHARE, 0.1
    for _ in range(_BISECTIONS):
        share = float(np.sqrt(least * most))
        too_small = (_of_clipped(share, wrong) > wrong.loss) == falls
        least, most = (share, most) if too_small else (least, share)
    yield _LossFault(
        f"that of probabilities which are kept {share:.3g} away from 0 and 1: what is further out costs no more",
        partial(_of_clipped, share),
        lambda other: partial(_of_clipped, other),
        share,
    )


def _of_clipped(share: float, answered: Answered) -> float:
    """Return the loss of probabilities between `share` and 1 - `share`; the right one for other losses."""
    question, z = answered.question, answered.stages.pre_activations[-1]
    name, y = question.network.loss, question.batch.y.astype(np.float64)
    if name == "bce":
        p, other = (np.clip(logistic(side), share, 1 - share) for side in (z, -z))
        terms = -(y * np.log(p) + (1 - y) * np.log(other))
    elif name == "softmax_cross_entropy":
        terms = -y * np.log(np.clip(softmax(z), share, 1 - share))
    else:
        return answered.expected.loss
    return float((coefficients(name, question.batch) * terms).sum())


def _scaled(words: str, factor: Callable[[Question], float]) -> _LossFault:
    return _LossFault(words, lambda a: factor(a.question) * a.expected.loss)


def _constant_factor(wrong: Sequence[Answered]) -> Iterator[_LossFault]:
    ratios = [float(a.loss or 0) / a.expected.loss for a in wrong if a.expected.loss]
    factor = float(f"{float(np.median(ratios)):.5g}") if ratios else 0.0
    if np.isfinite(factor) and factor > 0:
        words = f"{factor:g} times too large" if factor > 1 else f"{1 / factor:.5g} times too small"
        yield _LossFault(words, _times(factor), _times, factor)


def _times(factor: float) -> Callable[[Answered], float]:
    return lambda answered: factor * answered.expected.loss


def _penalized(words: str, penalty: Callable[[Question], float], share: float) -> _LossFault:

    def of(share: float) -> Callable[[Answered], float]:
        return lambda answered: answered.expected.loss + share * penalty(answered.question)

    return _LossFault(f"the right one with {share:g} times {words} added", of(share), of, share)


def _weights_squared(question: Question) -> float:
    weights = Parameters(question.network, question.theta).weights
    return float(sum((weight * weight).sum() for weight in weights))


_PENALTIES: Final[tuple[tuple[str, Callable[[Question], float]], ...]] = (
    ("the sum of theta²", lambda q: float(q.theta @ q.theta)),
    ("the sum of W²", _weights_squared),
    ("the sum of |theta|", lambda q: float(np.abs(q.theta).sum())),
    ("1", lambda q: 1.0),
)


def _of_loss(name: str, answered: Answered) -> float:
    with np.errstate(all="ignore"):
        return loss_value(name, answered.stages.pre_activations[-1], answered.question.batch.astype(np.float64)).real


def _part_of_sum(answered: Answered, samples: slice) -> float:
    """Return what some samples add to the loss of all."""
    weights = answered.question.batch.sample_weights
    every = np.ones(answered.question.samples) if weights is None else weights.astype(np.float64)
    part = every if len(every) == 1 else every[samples]
    return _part(answered, samples) * float(part.sum() / every.sum())


def _part(answered: Answered, samples: slice, *, weighted: bool = True) -> float:
    """Return the loss of some samples; of all where there is only one."""
    batch, z = answered.question.batch.astype(np.float64), answered.stages.pre_activations[-1]
    if len(batch) == 1:
        samples = slice(None)
    weights = None if batch.sample_weights is None or not weighted else batch.sample_weights[samples]
    part = Batch(batch.x[samples], batch.y[samples], weights)
    return loss_value(answered.question.network.loss, z[samples], part).real


_Outputs = Callable[[Question, Array], Array]


def _through(name: str) -> _Outputs:
    return lambda question, z: value(name, z)


def _through_last(question: Question, z: Array) -> Array:
    return value(question.network.activations[-1], z) if question.network.activations else z


_OUTPUTS: Final[tuple[tuple[str, _Outputs], ...]] = (
    ("logistic(z) in place of the linear outputs z", lambda q, z: logistic(z)),
    ("softmax(z) in place of the linear outputs z", lambda q, z: softmax(z)),
    ("tanh(z) in place of the linear outputs z", _through("tanh")),
    ("sigma(z) in place of z, sigma being the activation of the last hidden layer", _through_last),
    ("the outputs in reverse order", lambda q, z: z[:, ::-1]),
    ("each output in the place of the next", lambda q, z: np.roll(z, 1, axis=1)),
    ("the samples in reverse order", lambda q, z: z[::-1]),
    ("each sample in the place of the next", lambda q, z: np.roll(z, 1, axis=0)),
    ("the means of the outputs over the batch", lambda q, z: np.broadcast_to(z.mean(axis=0), z.shape)),
    ("the negative outputs", lambda q, z: -z),
    ("class numbers in place of outputs", lambda q, z: np.eye(z.shape[1])[z.argmax(axis=1)]),
)


def predictions_told(interview: Interview, answers: Sequence[Answered]) -> str | None:
    """Return in words what is wrong with predictions, for questions whose gradient is right; None where they are."""
    if not interview.implementation.offers("predict"):
        return None
    seen = []
    for answered in answers[:16]:
        found = interview.predict(answered.question)
        if found is not None:
            seen.append((answered, found))
    wrong = [
        (answered, found) for answered, found in seen if not _are(answered, found, answered.stages.pre_activations[-1])
    ]
    if not wrong:
        return None
    for words, outputs in _OUTPUTS:
        if all(_are(a, found, outputs(a.question, a.stages.pre_activations[-1])) for a, found in seen):
            return f"predict returns {words}, while the gradient is right."
        # where the network gives the same outputs either way, nothing speaks against it
        losses = {a.question.network.loss for a, _ in wrong}
        ours = [(a, found) for a, found in seen if a.question.network.loss in losses]
        if all(_are(a, found, outputs(a.question, a.stages.pre_activations[-1])) for a, found in ours):
            only = f"only for the loss {' and '.join(sorted(losses))}"
            return f"predict returns {words}, {only}, while the gradient is right."
    return f"predictions are wrong in {len(wrong)} of {len(seen)} questions, while the gradient is right."


def _are(answered: Answered, found: Array, outputs: Array) -> bool:
    bound = answered.expected.stage_tolerances.pre_activations[-1].max()
    return bool((np.abs(found - outputs) <= 4 * bound + 64 * answered.unit_roundoff).all())
