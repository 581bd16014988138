"""What an implementation shows of its passes, judged stage by stage, each by what it was computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked_answers import require_finite
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.model.groups import Positions
from symtests.oracle import StageExpectation, Stages, expect_stages
from symtests.properties.base import Judgement
from symtests.properties.judging.answers import Measured
from symtests.properties.judging.judging import PROMISE, Telling, judge_equal, number, together
from symtests.properties.judging.telling import assertion, explained, in_float32

__all__ = [
    "LEAST_SIGNALS",
    "ShownStages",
    "features_of_samples",
    "judge_chain",
    "judge_gradient_of",
    "shown_stages",
]

LEAST_SIGNALS: Final = 64
"""So many error signals, equal bit for bit, tell that two passes are one.

Two correct evaluations in different order agree in the last bit of a number about as often as not; in 64, never.
"""


@dataclass(frozen=True, eq=False)
class ShownStages:
    """The stages that an implementation shows of a case, beside the gradient that it has answered.

    Parameters
    ----------
    measured
        The case and the answer.
    stages
        What is shown, in float64, of the loss defined in `symtests.network`.
    first_error_signals
        dL/dz_1 as an implementation would put it into its gradient, shape (N, n_1): in the dtype of the gradient.
    """

    measured: Measured
    stages: Stages
    first_error_signals: Array

    @cached_property
    def expected(self) -> StageExpectation:
        """What each stage should be, given those before it."""
        implementation, case = self.measured.implementation, self.measured.case
        at_zero = implementation.capabilities.relu_derivative_at_zero
        return expect_stages(
            case.network, case.parameters, case.batch, self.stages, implementation.unit_roundoff, at_zero
        )

    @cached_property
    def gradient_tolerance(self) -> Array:
        """How far rounding may lead a gradient of these signals; division by the scale of the loss is one rounding."""
        expected, u = self.expected, self.measured.implementation.unit_roundoff
        tolerance: Array = (1 + u) * expected.gradient_tolerance + u * np.abs(expected.gradient.vector)
        return tolerance

    @cached_property
    def is_of_the_gradient(self) -> bool:
        """Whether the gradient can be seen to come from the very pass that is shown.

        Where a feature is 1 in one sample and 0 in all others, its row of dL/dW_1 is that sample's error signal,

            dL/dW_1[i, :] = sum_n x[n, i] delta_1[n, :] = delta_1[s, :],

        and nothing is rounded. Into delta_1 goes every stage of both passes: a pass of its own, which rounds
        differently, has others. One number may differ: it is what is judged.
        """
        features, samples = features_of_samples(self.measured.case.batch)
        in_gradient = self.measured.answer.gradient.weight(0)[features]
        shown = self.first_error_signals[samples]
        told = shown != 0
        return bool(told.sum() >= LEAST_SIGNALS and np.count_nonzero(in_gradient != shown) <= 1)


def features_of_samples(batch: Batch) -> tuple[Positions, Positions]:
    """Return the features that are 1 in one sample and 0 in all others, and that sample of each."""
    x = batch.x
    features = np.flatnonzero((np.count_nonzero(x, axis=0) == 1) & (x.sum(axis=0) == 1))
    return features, np.argmax(x[:, features] == 1, axis=0)


def shown_stages(measured: Measured) -> ShownStages | None:
    """Return the stages that the implementation shows of a case, or None where it shows none.

    Raises
    ------
    Misbehaviour
        Where what it returns are no stages.
    """
    implementation, case = measured.implementation, measured.case
    if not implementation.offers("stages") or measured.answer.recovered:
        return None
    try:
        answer = implementation.stages(case.network, case.parameters, case.batch)
    except Unsupported:
        return None
    sizes, dtype = case.network.sizes, measured.answer.gradient.dtype
    scale = float(implementation.capabilities.loss_scale.get(case.network.loss, 1.0))
    z, a, delta = (
        [_array(answer, name, layer, (len(case.batch), width)) for layer, width in enumerate(widths)]
        for name, widths in (("pre_activations", sizes[1:]), ("activations", sizes[:-1]), ("error_signals", sizes[1:]))
    )
    in_float64 = Stages(
        tuple(array.astype(np.float64) for array in z),
        tuple(array.astype(np.float64) for array in a),
        tuple(array.astype(np.float64) / scale for array in delta),
    )
    return ShownStages(measured, in_float64, delta[0].astype(dtype) / dtype.type(scale))


def _array(answer: Any, name: str, layer: int, shape: tuple[int, int]) -> Array:
    try:
        array = np.array(getattr(answer, name)[layer])
    except Exception as error:  # an object may refuse in any way
        raise Misbehaviour("wrong type", f"stages returned no {name}[{layer}]: {error}") from error
    if array.dtype.kind != "f" or array.shape != shape:
        found = f"{array.dtype} of shape {array.shape}"
        raise Misbehaviour("wrong shape", f"stages returned {name}[{layer}] as {found}: must be floats, {shape}")
    require_finite("stages", array, f"{name}[{layer}]")
    return array


class _Stage(NamedTuple):
    """One shown array, what it should be, and the words for both."""

    name: str
    layer: int
    array: str
    origin: str
    found: Array
    expected: Array
    tolerance: Array


def judge_chain(shown: ShownStages) -> Judgement:
    """Judge each stage by those before it, in the order in which they are computed, up to the first that is wrong."""
    judgements = []
    for stage in _in_order(shown):
        judged = judge_equal(
            stage.found, stage.expected, _teller(shown, stage), bound=stage.tolerance, promise=PROMISE,
            tolerance="stage-local",
        )  # fmt: skip
        if judged.outcome == "violated":
            return judged
        judgements.append(judged)
    return together(*judgements)


def judge_gradient_of(shown: ShownStages) -> Judgement:
    """Judge a gradient that comes from the pass that is shown by its activations and error signals."""
    found = shown.measured.answer.gradient.vector
    right, bound = shown.expected.gradient.vector, shown.gradient_tolerance
    tell = partial(_tell_of_gradient, shown)
    return judge_equal(found, right, tell, bound=bound, promise=PROMISE, tolerance="stage-local")


def _tell_of_gradient(shown: ShownStages, k: int) -> Telling:
    network, found = shown.measured.case.network, shown.measured.answer.gradient
    layer = next(layer for layer in range(network.layer_count) if k < network.bias_slice(layer).stop)
    row, column = divmod(k - network.weight_slice(layer).start, network.sizes[layer + 1])
    name, right, bound = found.name_of(k), shown.expected.gradient.vector[k], float(shown.gradient_tolerance[k])
    if row == network.sizes[layer]:
        sources, product = "", f"delta[:, {column}].sum()"
    else:
        sources = f"activations of layer {layer} and the " if layer else "inputs and the "
        product = f"a[:, {row}] @ delta[:, {column}]"
    sentence = (
        f"the gradient of {name} is {number(found.vector[k])}, but the {sources}error signals of layer {layer + 1}, "
        f"from which it comes, make it {number(found.dtype.type(right))}{explained(bound)}"
    )
    script = (
        "stages = implementation.stages(network, parameters, batch)",
        f"a, delta = (np.asarray(s[{layer}], float) for s in (stages.activations, stages.error_signals))",
        f"from_stages = {product}{_divided(shown)}",
        f"g = gradient(parameters)[{k}]",
        assertion("g", "from_stages", bound),
    )
    return Telling(sentence, f"gradient of {name}", script)


def _of_stage_in_float32(shown: ShownStages, stage: _Stage, index: int) -> str:
    """Say of an activation that its function has the accuracy of float32, and of another stage that something has."""
    case, dtype = shown.measured.case, shown.measured.implementation.dtype
    found, expected, bound = (float(a.flat[index]) for a in (stage.found, stage.expected, stage.tolerance))
    said = in_float32(case.network, dtype, found, expected, bound)
    if not said or stage.array != "activations" or not stage.layer:
        return said
    return f"; {case.network.activations[stage.layer - 1]} has the accuracy of float32 alone"


def _divided(shown: ShownStages) -> str:
    """Return what a script puts behind an error signal of a loss that is larger than ours."""
    scale = float(shown.measured.implementation.capabilities.loss_scale.get(shown.measured.case.network.loss, 1.0))
    return "" if scale == 1 else f" / {scale!r}"


def _in_order(shown: ShownStages) -> Iterator[_Stage]:
    found, right, bound = shown.stages, shown.expected.stages, shown.expected.stage_tolerances
    network = shown.measured.case.network
    last = network.layer_count - 1
    for layer in range(last + 1):
        before = "x" if layer == 0 else f"the activations of layer {layer}"
        yield _Stage(
            "activation", layer, "activations", "x itself" if layer == 0 else f"the pre-activations of layer {layer}",
            found.activations[layer], right.activations[layer], bound.activations[layer],
        )  # fmt: skip
        yield _Stage(
            "pre-activation", layer + 1, "pre_activations", before,
            found.pre_activations[layer], right.pre_activations[layer], bound.pre_activations[layer],
        )  # fmt: skip
    for layer in reversed(range(last + 1)):
        behind = "the outputs and y" if layer == last else f"the error signals of layer {layer + 2}"
        yield _Stage(
            "error signal", layer + 1, "error_signals", behind,
            found.error_signals[layer], right.error_signals[layer], bound.error_signals[layer],
        )  # fmt: skip


def _teller(shown: ShownStages, stage: _Stage) -> Callable[[int], Telling]:
    def tell(index: int) -> Telling:
        sample, unit = divmod(index, stage.found.shape[1])
        found, expected, bound = (float(a.flat[index]) for a in (stage.found, stage.expected, stage.tolerance))
        quantity = f"{stage.name} of unit {unit} of layer {stage.layer} for sample {sample}"
        position = stage.layer if stage.array == "activations" else stage.layer - 1
        divided = _divided(shown) if stage.array == "error_signals" else ""
        return Telling(
            f"the {quantity} is shown as {number(found)}, but from {stage.origin} it is {number(expected)}"
            f"{explained(bound)}{_of_stage_in_float32(shown, stage, index)}",
            quantity,
            (
                "stages = implementation.stages(network, parameters, batch)",
                f"shown = np.asarray(stages.{stage.array}[{position}], float)[{sample}, {unit}]{divided}",
                assertion("shown", repr(expected), bound),
            ),
        )

    return tell
