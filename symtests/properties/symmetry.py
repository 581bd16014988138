"""SYM1 to SYM5: units, features and outputs that are equal stay equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.subject import Subject
from symtests.network import OPTIMIZERS
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.judging import PROMISE, together
from symtests.properties.strategies import SIXTEENTHS, cases, networks, trainings
from symtests.properties.tie_judging import Pairs, judge_error_signal_ties, judge_gradient_ties, judge_training_ties
from symtests.properties.tie_observation import observe_ties
from symtests.properties.units import (
    Positions,
    copy_incoming,
    copy_outgoing,
    incoming,
    index_groups,
    outgoing,
    tied_units,
)

__all__ = ["SYM1", "SYM2", "SYM3", "SYM4", "SYM5"]

_RUMELHART: Final = (
    "D. Rumelhart, G. Hinton, R. Williams, Learning Internal Representations by Error Propagation (1986), "
    'under "Symmetry breaking"'
)


# SYM1 and SYM2: units with equal incoming and outgoing weights.


def _tied_pairs(case: Case, layer: int, units: Sequence[int]) -> Pairs:
    """Pair every weight of the first unit with the same weight of each other unit of a hidden layer."""

    def all_of(unit: int) -> Positions:
        return np.concatenate([incoming(case.network, layer, unit), outgoing(case.network, layer, unit)])

    first, *twins = units
    of_first = all_of(first)
    return Pairs(
        np.tile(of_first, len(twins)),
        np.concatenate([all_of(twin) for twin in twins]),
        lambda k: _tied_in_words(layer, first, twins[k // len(of_first)]),
    )


def _tied_in_words(layer: int, unit: int, twin: int) -> str:
    return f"hidden units {unit} and {twin} of layer {layer + 1} have equal incoming and outgoing weights"


def _tie(case: Case, layer: int, units: Sequence[int], *, ends: Sequence[str] = ("incoming", "outgoing")) -> Case:
    """Return the case with these units tied, by both ends or by one."""
    parameters = case.parameters.copy()
    if "incoming" in ends:
        copy_incoming(parameters, layer, units)
    if "outgoing" in ends:
        copy_outgoing(parameters, layer, units)
    return replace(case, parameters=parameters, details={"layer": layer, "units": list(units)})


def _tied_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    @st.composite
    def tied(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        return _tie(case, *draw(tied_units(case.network, tier)))

    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return tied()


def _half_tied_cases(domain: Domain) -> st.SearchStrategy[Case]:
    @st.composite
    def half_tied(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        ends = draw(st.sampled_from((("incoming",), ("outgoing",))))
        return _tie(case, *draw(tied_units(case.network, "small")), ends=ends)

    drawn = cases(domain, "small", networks(domain, "small", least_widest=2))
    return half_tied()


def _judge_sym1(subject: Subject, case: Case) -> Judgement:
    layer, (first, *twins) = case.details["layer"], case.details["units"]
    of_gradient = judge_gradient_ties(subject, case, _tied_pairs(case, layer, [first, *twins]))
    if not subject.offers("stages"):
        return of_gradient
    of_signals = judge_error_signal_ties(
        subject, case, layer, first, twins, lambda twin: _tied_in_words(layer, first, twin)
    )
    return together(of_gradient, of_signals)


def _with_training(domain: Domain, drawn: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    """Add a training: several steps of any optimizer where ties are judged bit for bit, else one plain step."""
    if domain.capabilities.index_independent:
        training = trainings(domain, OPTIMIZERS)
    else:
        training = trainings(domain, ("sgd",), steps=(1, 1), largest_rate=1.0)
    return st.builds(lambda case, chosen: replace(case, training=chosen), drawn, training)


def _judge_sym2(subject: Subject, case: Case) -> Judgement:
    return judge_training_ties(subject, case, _tied_pairs(case, case.details["layer"], case.details["units"]))


# SYM3: every matrix constant.


def _constant_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    @st.composite
    def constant(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        parameters = case.parameters.copy()
        *hidden_weights, last = parameters.weights
        for weight, bias in zip(hidden_weights, parameters.biases, strict=False):
            # In the wide tier the sum over the fan-in stays of the size of one term: units do not saturate.
            scale = 1.0 if tier == "small" else 2.0 ** -np.ceil(np.log2(len(weight)))
            weight[...] = scale * abs(draw(st.sampled_from(SIXTEENTHS)))
            bias[...] = draw(st.sampled_from(SIXTEENTHS))
        last[...] = last[0]
        return replace(case, parameters=parameters)

    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return _with_training(domain, constant())


def _constant_per_unit_cases(domain: Domain) -> st.SearchStrategy[Case]:
    @st.composite
    def constant_per_unit(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        parameters = case.parameters.copy()
        for weight in parameters.weights:
            weight[...] = weight[0]  # each column has one value, but the columns differ
        return replace(case, parameters=parameters)

    drawn = cases(domain, "small", networks(domain, "small", least_widest=2))
    return _with_training(domain, constant_per_unit())


def _judge_sym3(subject: Subject, case: Case) -> Judgement:
    pairs = [
        _tied_pairs(case, layer, range(width)) for layer, width in enumerate(case.network.hidden_sizes) if width > 1
    ]
    firsts = np.concatenate([pair.firsts for pair in pairs])
    twins = np.concatenate([pair.twins for pair in pairs])
    why = "each hidden layer's weights hold one value, its biases too, and the outputs weigh all units alike"
    return judge_training_ties(subject, case, Pairs(firsts, twins, lambda _: why))


# SYM4: equal features. SYM5: equal outputs.


def _feature_pairs(case: Case) -> Pairs:
    first, *twins = case.details["features"]
    rows = np.arange(case.network.parameter_count)[case.network.weight_slice(0)].reshape(-1, case.network.sizes[1])
    return Pairs(
        np.tile(rows[first], len(twins)),
        rows[twins].ravel(),
        lambda k: f"features {first} and {twins[k // rows.shape[1]]} are equal in every sample, "
        "and so are their rows of W1",
    )


def _output_pairs(case: Case) -> Pairs:
    last = case.network.layer_count - 1
    first, *twins = case.details["outputs"]
    of_first = incoming(case.network, last, first)
    return Pairs(
        np.tile(of_first, len(twins)),
        np.concatenate([incoming(case.network, last, twin) for twin in twins]),
        lambda k: f"outputs {first} and {twins[k // len(of_first)]} have equal incoming weights and equal targets",
    )


def _with_equal_features(domain: Domain, tier: Tier, *, inputs_too: bool = True) -> st.SearchStrategy[Case]:
    @st.composite
    def equal_features(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        features = draw(index_groups(case.network.sizes[0], tier))
        parameters, x = case.parameters.copy(), case.batch.x.copy()
        parameters.weight(0)[features] = parameters.weight(0)[features[0]]
        if inputs_too:
            x[:, features] = x[:, features[:1]]
        batch = Batch(x, case.batch.y, case.batch.sample_weights)
        return replace(case, parameters=parameters, batch=batch, details={"features": features})

    least = 0 if domain.capabilities.max_hidden_layers == 0 else 1
    drawn = cases(
        domain, tier,
        networks(domain, tier, hidden_layers=(least, 2), inputs=(2, 2 if tier == "small" else 130)),
    )  # fmt: skip
    return _with_training(domain, equal_features())


def _judge_sym4(subject: Subject, case: Case) -> Judgement:
    pairs = _feature_pairs(case)
    of_gradient = judge_gradient_ties(subject, case, pairs)
    if not subject.capabilities.index_independent:
        return of_gradient  # one plain step would show the same gradient, less sharply
    return together(of_gradient, judge_training_ties(subject, case, pairs))


def _with_equal_outputs(domain: Domain, tier: Tier, *, targets_too: bool = True) -> st.SearchStrategy[Case]:
    @st.composite
    def equal_outputs(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        softmax = case.network.loss == "softmax_cross_entropy"
        # The targets of a softmax share their sum: halves stay exact.
        outputs = draw(index_groups(case.network.sizes[-1], "small" if softmax else tier))
        parameters, y = case.parameters.copy(), case.batch.y.copy()
        copy_incoming(parameters, case.network.layer_count - 1, outputs)
        if targets_too:
            y[:, outputs] = y[:, outputs].sum(axis=1, keepdims=True) / 2 if softmax else y[:, outputs[:1]]
        batch = Batch(case.batch.x, y, case.batch.sample_weights)
        return replace(case, parameters=parameters, batch=batch, details={"outputs": outputs})

    least = 0 if domain.capabilities.max_hidden_layers == 0 else 1
    drawn = cases(
        domain, tier,
        networks(domain, tier, hidden_layers=(least, 2), outputs=(2, 3 if tier == "small" else 33)),
    )  # fmt: skip
    return equal_outputs()


def _judge_sym5(subject: Subject, case: Case) -> Judgement:
    return judge_gradient_ties(subject, case, _output_pairs(case))


SYM1: Final = Property(
    id="SYM1",
    group="symmetry",
    title="tied units get identical gradients",
    statement="Hidden units with equal incoming and outgoing weights get identical error signals and gradients.",
    formula="w_i = w_j, b_i = b_j, v_i = v_j  =>  δ_i = δ_j, ∂w_i = ∂w_j, ∂b_i = ∂b_j, ∂v_i = ∂v_j",
    precondition="incoming and outgoing weights are both equal; any activation, loss, depth and batch",
    exactness=Exactness.BITWISE,
    catches="noise or dropout by unit, remainder loops that compute something else, a transposed or mis-strided "
    "matrix in the backward pass",
    source=_RUMELHART,
    claims=("S2", "S13"),
    cases=_tied_cases,
    judge=_judge_sym1,
    promise=PROMISE,
    without_precondition=_half_tied_cases,
)
SYM2: Final = Property(
    id="SYM2",
    group="symmetry",
    title="ties persist over training",
    statement="Hidden units that start with equal incoming and outgoing weights keep them equal, whatever the "
    "optimizer and however many steps it takes.",
    formula="θ_i = θ_j at step 0  =>  θ_i = θ_j at every step t",
    precondition="incoming and outgoing weights are both equal and the optimizer's state is fresh; where the "
    "arithmetic is not index-independent, one plain step",
    exactness=Exactness.BITWISE,
    catches="units updated one after the other, optimizer state mixed up between units, noise in the update",
    source=_RUMELHART,
    claims=("S3", "S13"),
    cases=lambda domain, tier: _with_training(domain, _tied_cases(domain, tier)),
    judge=_judge_sym2,
    promise=PROMISE,
    without_precondition=lambda domain: _with_training(domain, _half_tied_cases(domain)),
    observe=observe_ties,
)
SYM3: Final = Property(
    id="SYM3",
    group="symmetry",
    title="a constant start stays one unit a layer",
    statement="When the weights of each hidden layer hold a single value, its biases too, and each output weighs all "
    "units alike, all units of a hidden layer stay equal throughout training, at any depth.",
    formula="for l < L: W_l = ω_l 1 1ᵀ, b_l = β_l 1; W_L = 1 vᵀ  =>  for 1 < l < L: W_l(t) = ω_l(t) 1 1ᵀ; W_1(t) has "
    "equal columns, W_L(t) equal rows, b_l(t) = β_l(t) 1",
    precondition="hidden matrices are constant along their rows as well as their columns, the rows of the last one are "
    "equal, the optimizer's state is fresh; where the arithmetic is not index-independent, one plain step",
    exactness=Exactness.BITWISE,
    catches="faults of one layer of a deep network that a single hidden layer does not show",
    source=_RUMELHART,
    claims=("S1",),
    cases=_constant_cases,
    judge=_judge_sym3,
    promise=PROMISE,
    without_precondition=_constant_per_unit_cases,
)
SYM4: Final = Property(
    id="SYM4",
    group="symmetry",
    title="equal features get equal gradient rows",
    statement="Features that are equal in every sample get equal rows of the first gradient; rows of the first "
    "weight matrix that start equal stay so.",
    formula="x_ik = x_ik' for all i  =>  (∂W_1)_k = (∂W_1)_k'",
    precondition="the features are equal in every sample, and the rows of W_1 as well (for the training)",
    exactness=Exactness.BITWISE,
    catches="features indexed wrongly in the gradient of the first layer, strides of the input ignored",
    source="Follows from ∂W_1 = xᵀ δ_1.",
    cases=_with_equal_features,
    judge=_judge_sym4,
    promise=PROMISE,
    without_precondition=lambda domain: _with_equal_features(domain, "small", inputs_too=False),
)
SYM5: Final = Property(
    id="SYM5",
    group="symmetry",
    title="outputs with equal weights and targets tie",
    statement="Output units with equal incoming weights and equal targets get equal gradients.",
    formula="(W_L)_k = (W_L)_k', b_k = b_k', y_ik = y_ik' for all i  =>  (∂W_L)_k = (∂W_L)_k', ∂b_k = ∂b_k'",
    precondition="incoming weights, biases and target columns are all equal",
    exactness=Exactness.BITWISE,
    catches="targets rolled or paired with the wrong output, an output left out of the loss",
    source="Follows from δ_L being one function of z, y for every output.",
    cases=_with_equal_outputs,
    judge=_judge_sym5,
    promise=PROMISE,
    without_precondition=lambda domain: _with_equal_outputs(domain, "small", targets_too=False),
)
