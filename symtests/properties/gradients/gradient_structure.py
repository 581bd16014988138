"""GRAD3, GRAD6, GRAD8: the gradient of a layer is made of its inputs and its error signals, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.network import ACTIVATIONS
from symtests.oracle.activations import derivative, value
from symtests.oracle.losses import error_signal
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import ANY_DEPTH
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.drawing.units import incoming, outgoing
from symtests.properties.judging.answers import Measured, activation_of, mean_is_exact, measure, near_a_kink, positions
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    TRIVIAL,
    Telling,
    Tolerance,
    judge_equal,
    number,
    together,
)
from symtests.properties.judging.telling import READ_GRADIENT, assertion, explained

__all__ = ["GRAD3", "GRAD6", "GRAD8"]

_GROUP: Final = "gradient"
_FAR: Final = 1024.0
"""Beyond 710 exp overflows in float64, and beyond 89 in float32; a power of two divides without rounding."""
_RUMELHART: Final = (
    "D. Rumelhart, G. Hinton, R. Williams, Learning Internal Representations by Error Propagation (1986), "
    "the generalized delta rule"
)


# GRAD3: of one sample, an outer product.


def _with_biases(domain: Domain, tier: Tier, samples: tuple[int, int] | None) -> st.SearchStrategy[Case]:
    return cases(domain, tier, networks(domain, tier, bias=(True,), hidden_layers=ANY_DEPTH[tier]), samples=samples)


def _judge_outer_product(implementation: Checked, case: Case) -> Judgement:
    measured = measure(implementation, case)
    return together(*(_judge_layer(measured, layer) for layer in range(case.network.layer_count)))


def _judge_layer(measured: Measured, layer: int) -> Judgement:
    """Judge a layer by the right activations, within rounding; then by those that are reported, if bits are claimed."""
    right = _judge_outer_product_of(measured, layer, measured.expected.stages.activations[layer][0], bits=False)
    implementation, case = measured.implementation, measured.case
    may_read = layer == 0 or implementation.offers("stages")
    if right.outcome == "violated" or not (implementation.capabilities.index_independent and may_read):
        return right
    exact = _judge_outer_product_of(measured, layer, activation_of(implementation, case, layer)[0], bits=True)
    # Where the mean rounds, it may do so before the product with the activation or behind it.
    bits_are_due = mean_is_exact(case) and not measured.answer.recovered
    return right if exact.outcome == "violated" and not bits_are_due else exact


def _judge_outer_product_of(measured: Measured, layer: int, a: Array, *, bits: bool) -> Judgement:
    """Judge whether dL/dW of a layer is a^T dL/db; a has shape (fan_in,)."""
    gradient = measured.answer.gradient
    weight, bias = positions(measured.case.network, layer)
    found, of_bias = gradient.weight(layer), gradient.bias(layer)
    bound: Array | None = None
    expected: Array = a[:, np.newaxis] * of_bias
    if not bits:
        factors = np.broadcast_to(a[:, np.newaxis], weight.shape)[..., np.newaxis]
        expected, error = measured.sums(factors, np.broadcast_to(bias, weight.shape)[..., np.newaxis])
        bound = measured.own_tolerance[weight] + error

    def tell(k: int) -> Telling:
        row, column = divmod(k, weight.shape[1])
        largest = 0.0 if bound is None else float(bound[row, column])
        name = f"W{layer + 1}[{row},{column}]"
        source = f"np.{a.dtype}({float(a[row])!r})" if layer else f"batch.x[0, {row}]"
        product = f"{source} * g.bias({layer})[{column}]"
        return Telling(
            f"there is one sample, so the gradient of {name} is the activation {number(a[row])} times the gradient of "
            f"b{layer + 1}[{column}], {number(of_bias[column])}, which makes {number(expected[row, column])}, but it "
            f"is {number(found[row, column])}{explained(largest)}",
            f"gradient of {name}",
            (READ_GRADIENT, assertion(f"g.weight({layer})[{row}, {column}]", product, largest)),
        )

    form: Tolerance = "exact" if bound is None else measured.expected.form
    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=form)


# GRAD6: a relu that is off.


def _with_dead_unit(domain: Domain, tier: Tier, activations: Sequence[str] = ("relu",)) -> st.SearchStrategy[Case]:
    """Draw cases in which every input of one hidden unit is at least 0 and every weight to it is below 0."""

    @st.composite
    def dead_unit(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        layer = draw(st.integers(0, len(case.network.hidden_sizes) - 1))
        unit = draw(st.integers(0, case.network.hidden_sizes[layer] - 1))
        parameters, batch = case.parameters.copy(), case.batch
        where = incoming(case.network, layer, unit)
        parameters.vector[where] = -np.abs(parameters.vector[where])
        if layer == 0:  # further up the inputs come from relus
            batch = replace(batch, x=np.abs(batch.x))
        return replace(case, parameters=parameters, batch=batch, details={"layer": layer, "unit": unit})

    drawn = cases(domain, tier, networks(domain, tier, activations=activations))
    return dead_unit()


def _judge_dead_unit(implementation: Checked, case: Case) -> Judgement:
    layer, unit = case.details["layer"], case.details["unit"]
    measured = measure(implementation, case)
    stages, tolerances = measured.expected.stages, measured.expected.stage_tolerances
    z = stages.pre_activations[layer][:, unit]
    if not (z + tolerances.pre_activations[layer][:, unit] < 0).all():
        return REJECTED
    if not (stages.error_signals[layer + 1] @ case.parameters.weight(layer + 1)[unit]).any():
        return TRIVIAL
    gradient = measured.answer.gradient
    where = np.concatenate([incoming(case.network, layer, unit), outgoing(case.network, layer, unit)])

    def tell(k: int) -> Telling:
        name, found = gradient.name_of(int(where[k])), gradient.vector[where[k]]
        return Telling(
            f"hidden unit {unit} of layer {layer + 1} ({case.network.activations[layer]}) is off in every sample, its "
            f"largest pre-activation being {z.max():.6g}, but the gradient of {name} is {number(found)}",
            f"gradient of {name}",
            ("g = gradient(parameters)", f"assert g[{where[k]}] == 0, g[{where[k]}]  # {name}"),
        )

    return judge_equal(gradient.vector[where], np.zeros_like(gradient.vector[where]), tell, trivial=False)


# GRAD8: one hidden layer, written out.


def _with_one_hidden_layer(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    drawn = cases(domain, tier, networks(domain, tier, hidden_layers=(1, 1)))
    return st.one_of(drawn, st.builds(_with_far_units, drawn, st.integers(0, 2**16)))


def _with_far_units(case: Case, first: int) -> Case:
    """Return the case with pre-activations of about 1024 in one hidden unit, and of about -1024 in the one before."""
    units = case.network.sizes[1]
    first %= 2 * units  # a single unit lies on one of the two sides
    signs = {first % units: 1.0, (first - 1) % units: -1.0} if units > 1 else {0: 1.0 - 2 * first}
    parameters = case.parameters.copy()
    for unit, sign in signs.items():
        _move_far_out(case, parameters, unit, sign * _FAR)
    return replace(case, parameters=parameters)


def _move_far_out(case: Case, parameters: Parameters, unit: int, far: float) -> None:
    """Move the pre-activations of a hidden unit in place; what it adds to the outputs stays moderate."""
    parameters.weight(1)[unit] /= abs(far)
    if case.network.bias:
        parameters.bias(0)[unit] = far
        return
    column = parameters.weight(0)[:, unit]
    largest = float(np.abs(case.batch.x @ column).max())
    column *= np.copysign(2.0 ** np.clip(np.ceil(np.log2(abs(far) / largest)), 0, 20) if largest else 1.0, far)


def _written_out(case: Case) -> tuple[Array, Array, Array, Array]:
    """Return the gradient of W_1 by one sum over samples and outputs, and its factors sigma'(z), delta and V."""
    network, batch, parameters = case.network, case.batch.astype(np.float64), case.parameters.astype(np.float64)
    name, (w, v) = network.activations[0], parameters.weights
    b, c = parameters.biases if network.bias else (np.zeros(w.shape[1]), np.zeros(v.shape[1]))
    z = np.einsum("ik,kj->ij", batch.x, w) + b
    delta = error_signal(network.loss, np.einsum("ij,jm->im", value(name, z), v) + c, batch)
    slope = derivative(name, z)
    return np.einsum("ik,ij,im,jm->kj", batch.x, slope, delta, v, optimize=True), slope, delta, v


def _judge_written_out(implementation: Checked, case: Case) -> Judgement:
    measured = measure(implementation, case)
    right, slope, delta, v = _written_out(case)
    found = measured.answer.gradient.weight(0)
    bound = measured.tolerance[positions(case.network, 0)[0]]

    def tell(k: int) -> Telling:
        row, column = divmod(k, found.shape[1])
        name, largest = f"W1[{row},{column}]", float(bound[row, column])
        terms = [
            f"{case.batch.x[i, row]:.6g} * {slope[i, column]:.6g} * ({delta[i] @ v[column]:.6g})"
            for i in range(min(len(delta), 2))
        ]
        more = f" + ... ({len(delta)} samples)" if len(delta) > 2 else ""
        return Telling(
            f"the gradient of {name} should be the sum over samples of x * sigma'(z) * (delta V^T), "
            f"{' + '.join(terms)}{more} = {right[row, column]:.9g}, and is {number(found[row, column])}"
            f"{explained(largest)}",
            f"gradient of {name}",
            (READ_GRADIENT, assertion(f"g.weight(0)[{row}, {column}]", repr(float(right[row, column])), largest)),
        )

    judgement = judge_equal(found, right, tell, bound=bound, promise=PROMISE, tolerance=measured.expected.form)
    return REJECTED if judgement.outcome == "too_wide" and near_a_kink(case, measured.expected) else judgement


GRAD3 = Property(
    id="GRAD3",
    group=_GROUP,
    title="of one sample, an outer product",
    statement="With a single sample, the gradient of a weight matrix is the outer product of what the layer is fed "
    "with and the gradient of its bias.",
    formula="N = 1  ⇒  ∂Wₗ = aₗ₋₁ᵀ ∂bₗ",
    precondition="one sample; the layers have biases",
    exactness=Exactness.BITWISE,
    catches="a cached activation of another layer or of the sample before, a bias gradient that is missing or scaled "
    "apart, weights indexed by fan-out and fan-in",
    source=_RUMELHART,
    cases=lambda domain, tier: _with_biases(domain, tier, (1, 1)),
    judge=_judge_outer_product,
    promise=PROMISE,
    without_precondition=lambda domain: _with_biases(domain, "small", (2, 2)),
)
GRAD6 = Property(
    id="GRAD6",
    group=_GROUP,
    title="a relu that is off gets no gradient",
    statement="A relu whose pre-activation is below 0 in every sample gets the gradient 0, and so do its outgoing "
    "weights.",
    formula="zᵢⱼ < 0 for all i  ⇒  ∂wⱼ = 0, ∂bⱼ = 0, ∂vⱼ = 0",
    precondition="relu; the pre-activations are below 0 by more than rounding",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="relu′ missing, taken at a wrong argument or from another unit; a leaky unit sold as relu",
    source="Follows from relu(z) = relu′(z) = 0 for z < 0.",
    cases=_with_dead_unit,
    judge=_judge_dead_unit,
    promise=PROMISE,
    without_precondition=lambda domain: _with_dead_unit(
        domain, "small", [name for name in ACTIVATIONS if name != "relu"]
    ),
)
GRAD8 = Property(
    id="GRAD8",
    group=_GROUP,
    title="one hidden layer, written out",
    statement="With one hidden layer, the gradient of the first weights is one sum over samples and outputs of input, "
    "slope, error signal and outgoing weight.",
    formula="(∂W₁)ₚⱼ = Σᵢ xᵢₚ σ′(zᵢⱼ) Σₖ δᵢₖ Vⱼₖ",
    precondition="one hidden layer; no pre-activation within rounding of a kink",
    exactness=Exactness.ROUNDING,
    catches="σ′ missing or at a wrong argument, an exponential that overflows far out, V transposed, one output or one "
    "sample only, factors of the loss",
    source=_RUMELHART,
    cases=_with_one_hidden_layer,
    judge=_judge_written_out,
    promise=PROMISE,
)
