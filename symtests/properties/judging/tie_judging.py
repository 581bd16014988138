"""How ties are judged: in the gradient, after a training, in the error signals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.implementations.checked_answers import require_finite
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.model.groups import Positions
from symtests.oracle import Expectation
from symtests.parameters import Parameters
from symtests.properties.base import Case, Judgement
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    Telling,
    Tolerance,
    expectation,
    gradient_tolerance,
    judge_equal,
    number,
    step_tolerance,
    train_if_it_converges,
)

__all__ = ["Pairs", "judge_error_signal_ties", "judge_gradient_ties", "judge_training_ties"]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of components of the parameter vector that a property says are equal.

    Parameters
    ----------
    firsts, twins
        Their positions in the vector, two arrays of one length.
    why
        Says of the pair at an index why it is equal, as in "hidden units 0 and 2 of layer 1 have equal weights".
    """

    firsts: Positions
    twins: Positions
    why: Callable[[int], str]


def judge_gradient_ties(implementation: Checked, case: Case, pairs: Pairs) -> Judgement:
    """Judge whether the gradient is equal at each pair: bit for bit where that is claimed, else within rounding."""
    answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    gradient = answer.gradient
    bound, form = None, _EXACT
    if not implementation.capabilities.index_independent:
        expected = expectation(implementation, case)
        tolerance = gradient_tolerance(implementation, case, answer, expected)
        right = expected.gradient.vector
        bound, form = _of_pairs(_at_its_scale(gradient.vector, right, tolerance, _tensors(case)), pairs), expected.form

    def tell(k: int) -> Telling:
        i, j = int(pairs.firsts[k]), int(pairs.twins[k])
        names, numbers = _both(gradient.name_of, i, j), _both(number, gradient.vector[i], gradient.vector[j])
        return Telling(
            f"{pairs.why(k)}, but the gradients of {names} differ: {numbers}{_explained(bound, k)}",
            f"gradient of {gradient.name_of(j)}",
            ("g = gradient(parameters)", _assertion(f"g[{i}]", f"g[{j}]", bound, k, names)),
        )

    found, expected_numbers = gradient.vector[pairs.twins], gradient.vector[pairs.firsts]
    return judge_equal(found, expected_numbers, tell, bound=bound, promise=PROMISE, tolerance=form)


def judge_training_ties(implementation: Checked, case: Case, pairs: Pairs) -> Judgement:
    """Judge whether parameters that start equal at each pair are equal after the training.

    Where bits are not claimed, the training must be one plain step.
    """
    after = train_if_it_converges(implementation, case)
    if after is None:
        return REJECTED
    bound, form = None, _EXACT
    if not implementation.capabilities.index_independent:
        expected = expectation(implementation, case)
        bound, form = _of_pairs(_tolerance_of_step(implementation, case, after, expected), pairs), expected.form

    def tell(k: int) -> Telling:
        i, j = int(pairs.firsts[k]), int(pairs.twins[k])
        names, numbers = _both(after.name_of, i, j), _both(number, after.vector[i], after.vector[j])
        steps = f"{case.training.steps} step{'s' * (case.training.steps > 1)} of {case.training.optimizer}"
        return Telling(
            f"{pairs.why(k)}, but after {steps} {names} differ: {numbers}{_explained(bound, k)}",
            f"{after.name_of(j)} after {steps}",
            (
                "after = implementation.train(network, parameters, batch, training)",
                'theta = np.asarray(getattr(after, "vector", after))',
                _assertion(f"theta[{i}]", f"theta[{j}]", bound, k, names),
            ),
        )

    first_after, twin_after = after.vector[pairs.firsts], after.vector[pairs.twins]
    before = case.parameters.vector[pairs.firsts]
    if bound is None:
        stayed = (first_after == before) & (twin_after == before)
        return judge_equal(twin_after, first_after, tell, trivial=bool(stayed.all()))
    # The movements are judged: what a fault is relative to is the step, which may be far smaller than the parameter.
    first_step, twin_step = (parameter.astype(np.float64) - before for parameter in (first_after, twin_after))
    judgement = judge_equal(twin_step, first_step, tell, bound=bound, promise=PROMISE, tolerance=form)
    return replace(judgement, bitwise=bool((first_after == twin_after).all()))


def judge_error_signal_ties(
    implementation: Checked, case: Case, layer: int, first: int, twins: list[int], why: Callable[[int], str]
) -> Judgement:
    """Judge whether the error signals of units of one layer are equal to the first's, sample by sample.

    `why` says of a twin why it is equal.
    """
    signals = _error_signals(implementation, case, layer)
    bound, form = None, _EXACT
    if not implementation.capabilities.index_independent:
        expected = expectation(implementation, case)
        right, tolerance = expected.stages.error_signals[layer], expected.stage_tolerances.error_signals[layer]
        tolerance = _at_its_scale(signals, right, tolerance, (slice(None),))
        bound, form = (tolerance[:, [first]] + tolerance[:, twins]).ravel(), expected.form

    def tell(k: int) -> Telling:
        sample, twin = k // len(twins), twins[k % len(twins)]
        numbers = _both(number, signals[sample, first], signals[sample, twin])
        return Telling(
            f"{why(twin)}, but their error signals for sample {sample} differ: {numbers}{_explained(bound, k)}",
            f"error signal of unit {twin} of layer {layer + 1} for sample {sample}",
            (
                f"signals = np.asarray(implementation.stages(network, parameters, batch).error_signals[{layer}])",
                _assertion(f"signals[{sample}, {first}]", f"signals[{sample}, {twin}]", bound, k, "error signals"),
            ),
        )

    of_first = np.repeat(signals[:, [first]], len(twins), axis=1)
    return judge_equal(signals[:, twins], of_first, tell, bound=bound, promise=PROMISE, tolerance=form)


_EXACT: Tolerance = "exact"


def _tensors(case: Case) -> tuple[slice, ...]:
    """Return where each weight matrix and each bias vector lies in the parameter vector."""
    layers = range(case.network.layer_count)
    both = (*map(case.network.weight_slice, layers), *map(case.network.bias_slice, layers))
    return tuple(where for where in both if where.start < where.stop)


def _at_its_scale(found: Array, right: Array, tolerance: Array, tensors: tuple[slice, ...]) -> Array:
    """Return how far rounding may lead each number of an answer that need not be the right one.

    A tie says nothing of the values. Where they are right within their tolerances, these are returned; where not,
    rounding is as much larger as the numbers are: by the largest factor by which a tensor of them outgrows the right
    one. A number that ought to be exactly 0, and is not, is allowed as much as its tensor; where that ought to vanish
    altogether, nothing is known of its rounding.

    Parameters
    ----------
    found, right, tolerance
        The answer, the right one, and how far rounding may lead from it, all of one shape.
    tensors
        The parts that have a scale of their own.
    """
    if (np.abs(found.astype(np.float64) - right) <= tolerance).all():
        return tolerance
    stretch, scaled = 1.0, np.array(tolerance)
    for where in tensors:
        own, largest = float(np.abs(found[where]).max()), float((np.abs(right[where]) + tolerance[where]).max())
        if largest > 0:
            stretch = max(stretch, own / largest)
            scaled[where] = np.where(tolerance[where] > 0, tolerance[where], tolerance[where].max())
        elif own > 0:
            scaled[where] = np.inf
    stretched: Array = stretch * scaled
    return stretched


def _tolerance_of_step(implementation: Checked, case: Case, after: Parameters, expected: Expectation) -> Array:
    """Return how far rounding may lead each parameter in one plain step, which need not be the right one."""
    rate, tolerance = case.training.learning_rate, step_tolerance(implementation, case, expected)
    step = after.vector.astype(np.float64) - case.parameters.vector
    right, of_gradient = -rate * expected.gradient.vector, rate * expected.gradient_tolerance
    if (np.abs(step - right) <= tolerance).all():
        return tolerance
    # What is lost in rounding the parameters does not grow with the gradient; the rest of `recovered_tolerance` does.
    error = _at_its_scale(step, right, of_gradient, _tensors(case))
    whole: Array = tolerance + error + 6 * implementation.unit_roundoff * (np.abs(step) + error)
    return whole


def _of_pairs(bound: Array, pairs: Pairs) -> Array:
    """Return how far rounding may part each pair, given how far it may lead each component."""
    together: Array = bound[pairs.firsts] + bound[pairs.twins]
    return together


def _both(word: Callable[[int], str] | Callable[[float], str], one: float, other: float) -> str:
    return f"{word(one)} and {word(other)}"  # type: ignore[arg-type]  # both of the kind that `word` takes


def _explained(bound: Array | None, k: int) -> str:
    return "" if bound is None else f"; rounding explains {bound[k]:.3g}"


def _assertion(one: str, other: str, bound: Array | None, k: int, names: str) -> str:
    prop = f"{one} == {other}" if bound is None else f"abs({one} - {other}) <= {float(bound[k])!r}"
    return f"assert {prop}, ({one}, {other})  # {names}"


def _error_signals(implementation: Checked, case: Case, layer: int) -> Array:
    """Return the error signals of one layer, shape (N, n_l), as the implementation reports them."""
    answer = implementation.stages(case.network, case.parameters, case.batch)
    try:
        signals = np.asarray(answer.error_signals[layer])
    except (AttributeError, IndexError, TypeError, KeyError) as error:
        raise Misbehaviour("wrong type", f"stages returned no error_signals[{layer}]: {error}") from error
    shape = (len(case.batch), case.network.sizes[layer + 1])
    if signals.dtype.kind != "f" or signals.shape != shape:
        found = f"{signals.dtype} of shape {signals.shape}"
        raise Misbehaviour("wrong shape", f"stages returned error_signals[{layer}] as {found}: must be {shape}")
    require_finite("stages", signals, f"error_signals[{layer}]")
    return signals
