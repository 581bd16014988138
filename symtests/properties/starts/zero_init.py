"""ZERO1, 2, 4, 5 and 6: what does not move when weights are zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.model.activations import activations_that
from symtests.network import OPTIMIZERS
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks, seeds, trainings
from symtests.properties.judging.judging import (
    PROMISE,
    Telling,
    expectation,
    gradient_tolerance,
    judge_equal,
    number,
    together,
)
from symtests.properties.judging.zero_judging import (
    all_but_output_bias,
    judge_output_bias_moves,
    judge_unmoved,
    judge_vanishing_gradient,
    judge_zero_gradient,
)

__all__ = ["ZERO1", "ZERO2", "ZERO4", "ZERO5", "ZERO6"]

_ZERO_AT_ZERO: Final = activations_that(lambda entry: entry.zero_at_zero)
_NONZERO_AT_ZERO: Final = activations_that(lambda entry: not entry.zero_at_zero)
_CHAIN_RULE: Final = "Follows from the chain rule: δₗ = (δₗ₊₁ Wₗ₊₁ᵀ) ⊙ σ′(zₗ), ∂Wₗ = aₗ₋₁ᵀ δₗ."
_WITH_BIAS_FIRST: Final = (True, False)


def _zeroed(case: Case, layers: Sequence[int]) -> Case:
    """Return the case with the weights and biases of these layers set to zero."""
    parameters = case.parameters.copy()
    for layer in layers:
        parameters.weight(layer)[...] = 0.0
        parameters.bias(layer)[...] = 0.0
    return replace(case, parameters=parameters)


def _all_zero(case: Case) -> Case:
    return _zeroed(case, range(case.network.layer_count))


def _hidden_zero(case: Case) -> Case:
    return _zeroed(case, range(case.network.layer_count - 1))


def _trained(domain: Domain, drawn: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.builds(lambda case, chosen: replace(case, training=chosen), drawn, trainings(domain, OPTIMIZERS))


# ZERO1: nothing but the output bias moves.


def _zero1_cases(domain: Domain, tier: Tier, activations: Sequence[str] = _ZERO_AT_ZERO) -> st.SearchStrategy[Case]:
    drawn = networks(domain, tier, activations=activations, bias=_WITH_BIAS_FIRST)
    return _trained(domain, cases(domain, tier, drawn).map(_all_zero))


def _judge_zero1(implementation: Checked, case: Case) -> Judgement:
    why = f"all parameters are 0 and {case.network.activations[-1]}(0) = 0"
    return _judge_only_output_bias_moves(implementation, case, why)


def _judge_only_output_bias_moves(implementation: Checked, case: Case, why: str) -> Judgement:
    answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    still = all_but_output_bias(case.network)
    judgements = [judge_zero_gradient(case, answer, still, why), judge_unmoved(implementation, case, still, why)]
    if case.network.bias:
        judgements.append(judge_output_bias_moves(implementation, case, answer))
    return together(*judgements)


# ZERO2: half of the output bias's gradient.


def _zero2_cases(domain: Domain, tier: Tier, activations: Sequence[str] = ("logistic",)) -> st.SearchStrategy[Case]:
    return cases(domain, tier, networks(domain, tier, activations=activations, bias=(True,))).map(_all_zero)


def _judge_zero2(implementation: Checked, case: Case) -> Judgement:
    answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    last = case.network.layer_count - 1
    weights, biases = case.network.weight_slice(last), case.network.bias_slice(last)
    hidden = np.arange(weights.start)
    expected = expectation(implementation, case)
    tolerance = gradient_tolerance(implementation, case, answer, expected)
    gradient = answer.gradient
    rows, outputs = case.network.sizes[last], case.network.sizes[last + 1]

    def tell(k: int) -> Telling:
        weight, bias = weights.start + k, biases.start + k % outputs
        names = gradient.name_of(weight), gradient.name_of(bias)
        values = number(gradient.vector[weight]), number(gradient.vector[bias])
        return Telling(
            f"all parameters are 0 and logistic(0) = 1/2, but the gradient of {names[0]} is {values[0]}, not half that "
            f"of {names[1]}, which is {values[1]}; rounding explains {bound[k]:.3g}",
            f"gradient of {names[0]}",
            ("g = gradient(parameters)", f"assert abs(g[{weight}] - g[{bias}] / 2) <= {float(bound[k])!r}"),
        )

    half = gradient.vector[biases].astype(np.float64) / 2
    bound = tolerance[weights] + np.tile(tolerance[biases] / 2, rows)
    of_output = judge_equal(
        gradient.vector[weights], np.tile(half, rows), tell, bound=bound, promise=PROMISE, tolerance=expected.form
    )
    why = "all parameters are 0, so no error signal reaches a hidden layer"
    return together(of_output, judge_zero_gradient(case, answer, hidden, why))


# ZERO4: no error signal passes weights that are zero.


def _zero4_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    def without_outgoing(case: Case) -> Case:
        parameters = case.parameters.copy()
        parameters.weight(case.network.layer_count - 1)[...] = 0.0
        return replace(case, parameters=parameters)

    return cases(domain, tier).map(without_outgoing)


def _judge_zero4(implementation: Checked, case: Case) -> Judgement:
    answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    hidden = np.arange(case.network.weight_slice(case.network.layer_count - 1).start)
    return judge_zero_gradient(case, answer, hidden, "all weights of the output layer are 0")


# ZERO5: balanced labels.


def _zero5_cases(domain: Domain, tier: Tier, *, balanced: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases at zero in which each output has as many samples with label 0 as with label 1.

    Sample and output counts are powers of two, so that every partial sum of error signals is exact.
    """

    @st.composite
    def labelled(draw: st.DrawFn) -> Case:
        case = _all_zero(draw(drawn))
        samples, outputs = case.batch.y.shape
        ones = samples // 2 if balanced else 0
        order = np.random.default_rng(draw(seeds() if tier == "wide" else st.integers(0, 1)))
        labels = np.repeat((1.0, 0.0), (ones, samples - ones))
        y = np.stack([order.permutation(labels) for _ in range(outputs)], axis=1)
        return replace(case, batch=Batch(case.batch.x, y.astype(domain.dtype)))

    # Without biases the output weights alone are left to see the labels, and they see them if sigma(0) is not 0.
    with_bias = True in domain.capabilities.bias
    activations = ("logistic", *_ZERO_AT_ZERO) if with_bias else ("logistic",)
    most = domain.capabilities.max_samples
    counts = [count for count in ((2,) if tier == "small" else (2, 4, 8, 16, 32)) if most is None or count <= most]
    if not counts:
        raise Unsupported("the property needs a batch of 2 samples; it takes 1 at a time")
    sizes = [(count, outputs) for count in counts for outputs in ((1, 2) if tier == "small" else (1, 2, 4, 8))]
    if domain.capabilities.few_shapes:  # each size changes all networks
        sizes = sizes[:1] + sizes[-1:]
    drawn = st.one_of([_of_size(domain, tier, activations, with_bias, *size) for size in sizes])
    return labelled()


def _of_size(
    domain: Domain, tier: Tier, activations: Sequence[str], with_bias: bool, samples: int, outputs: int
) -> st.SearchStrategy[Case]:
    drawn = networks(
        domain, tier, activations=activations, losses=("bce", "logistic_mse"), bias=(with_bias,),
        outputs=(outputs, outputs),
    )  # fmt: skip
    return cases(domain, tier, drawn, samples=(samples, samples), sample_weights=False)


def _judge_zero5(implementation: Checked, case: Case) -> Judgement:
    answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    why = "all parameters are 0 and each output has as many labels 0 as 1"
    return judge_vanishing_gradient(implementation, case, answer, why)


# ZERO6: dead at the kink.


def _zero6_networks(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    at_zero = domain.capabilities.relu_derivative_at_zero
    if at_zero != 0:
        raise Unsupported(f"the property is one of relu'(0) = 0; it declares relu'(0) = {at_zero:g}")
    return _trained(domain, cases(domain, tier, networks(domain, tier, activations=("relu",), bias=_WITH_BIAS_FIRST)))


def _zero6_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return _zero6_networks(domain, tier).map(_hidden_zero)


def _judge_zero6(implementation: Checked, case: Case) -> Judgement:
    why = "all hidden weights and biases are 0 and relu'(0) = 0"
    return _judge_only_output_bias_moves(implementation, case, why)


ZERO1: Final = Property(
    id="ZERO1",
    group="zero_init",
    title="from zero, only the output bias moves",
    statement="Where all parameters are zero and the activation is zero at zero, every gradient but that of the output "
    "bias is exactly zero, and training moves nothing else, ever.",
    formula="θ = 0, σ(0) = 0  ⇒  ∂θₖ = 0 for every k but the output biases, and ∂c = Σᵢ δᵢ",
    precondition="all parameters are zero and σ(0) = 0, as with identity, tanh, relu and silu; any value of "
    "relu′(0); an optimizer that does not move where the gradient is zero",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="weights that are silently replaced or jittered, activations that are not zero at zero, noise",
    source=_CHAIN_RULE,
    claims=("S11", "S14"),
    cases=_zero1_cases,
    judge=_judge_zero1,
    without_precondition=lambda domain: _zero1_cases(domain, "small", _NONZERO_AT_ZERO),
)
ZERO2: Final = Property(
    id="ZERO2",
    group="zero_init",
    title="from zero, logistic units pass on half",
    statement="Where all parameters are zero and the last hidden layer is logistic, the gradient of each output weight "
    "is half that of the output bias, and no hidden gradient differs from zero.",
    formula="θ = 0, σ(0) = ½ in layer L − 1  ⇒  (∂W_L)ⱼₖ = ½ ∂cₖ for every j, and ∂Wₗ = 0, ∂bₗ = 0 for l < L",
    precondition="all parameters are zero; logistic hidden units; with biases",
    # The weights' and the bias's gradients are sums that an index-independent implementation may order differently.
    exactness=Exactness.ROUNDING,
    catches="a forward pass that is wrong at zero, as in a table of values",
    source=_CHAIN_RULE,
    claims=("S11",),
    cases=_zero2_cases,
    judge=_judge_zero2,
    promise=PROMISE,
    without_precondition=lambda domain: _zero2_cases(domain, "small", ("tanh", "softplus", "relu")),
)
ZERO4: Final = Property(
    id="ZERO4",
    group="zero_init",
    title="no error signal passes zero weights",
    statement="Where all output weights are zero, every hidden gradient is exactly zero, whatever the hidden weights.",
    formula="W_L = 0  ⇒  ∂Wₗ = 0, ∂bₗ = 0 for l < L",
    precondition="all weights of the output layer are zero",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="error signals that are not multiplied by the weights above, weights that are silently replaced",
    source=_CHAIN_RULE,
    claims=("S11", "S12", "S14"),
    cases=_zero4_cases,
    judge=_judge_zero4,
    without_precondition=lambda domain: cases(domain, "small"),
)
ZERO5: Final = Property(
    id="ZERO5",
    group="zero_init",
    title="balanced labels leave zero at rest",
    statement="Where all parameters are zero, the output is logistic and each output has as many labels 0 as 1, as in "
    "XOR, the whole gradient is zero, but for what the rounding of its elementary functions leaves.",
    formula="θ = 0, Σᵢ (yᵢₖ − ½) = 0 for every k  ⇒  ∂θ = 0",
    precondition="all parameters are zero; bce or logistic_mse; labels 0 and 1 in equal numbers for each output; the "
    "numbers of samples and of outputs are powers of two, so that every sum is exact; any activation but softplus, "
    "whose ln 2 is rounded; no sample weights",
    # A logistic(0) that is an ulp above 1/2 leaves an ulp: only what elementary functions make of 0 is exactly 0.
    exactness=Exactness.ROUNDING,
    catches="samples skipped or counted twice, updates within the batch, a logistic that is not ½ at zero",
    source="Follows from δᵢ = (½ − yᵢ) / (N m), or half of it.",
    claims=("S11",),
    cases=_zero5_cases,
    judge=_judge_zero5,
    without_precondition=lambda domain: _zero5_cases(domain, "small", balanced=False),
)
ZERO6: Final = Property(
    id="ZERO6",
    group="zero_init",
    title="relu′(0) = 0 leaves hidden units dead",
    statement="Where all hidden weights and biases are zero and relu′(0) = 0, only the output bias moves, whatever "
    "the output weights.",
    formula="Wₗ = 0, bₗ = 0 for l < L, relu′(0) = 0  ⇒  ∂θₖ = 0 for every k but the output biases",
    precondition="relu hidden units; hidden weights and biases are zero; the implementation takes relu′(0) = 0",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="another value of relu′(0) than declared",
    source="D. Bertoin, J. Bolte, S. Gerchinovitz, E. Pauwels, Numerical influence of ReLU′(0) on backpropagation "
    "(2021): the choice of relu′(0) shows in training",
    claims=("S11",),
    cases=_zero6_cases,
    judge=_judge_zero6,
    without_precondition=lambda domain: _zero6_networks(domain, "small"),
)
