"""SYM4 and SYM5: features and outputs that are equal stay equal."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.drawing.units import copy_incoming, incoming, index_groups
from symtests.properties.equal_units.symmetry import with_training
from symtests.properties.judging.judging import PROMISE, together
from symtests.properties.judging.tie_judging import Pairs, judge_gradient_ties, judge_training_ties

__all__ = ["SYM4", "SYM5"]


def _feature_pairs(case: Case) -> Pairs:
    first, *twins = case.details["features"]
    rows = np.arange(case.network.parameter_count)[case.network.weight_slice(0)].reshape(-1, case.network.sizes[1])
    return Pairs(
        np.tile(rows[first], len(twins)),
        rows[twins].ravel(),
        lambda k: (
            f"features {first} and {twins[k // rows.shape[1]]} are equal in every sample, and so are their rows of W1"
        ),
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
    return with_training(domain, equal_features())


def _judge_sym4(implementation: Checked, case: Case) -> Judgement:
    pairs = _feature_pairs(case)
    of_gradient = judge_gradient_ties(implementation, case, pairs)
    if not implementation.capabilities.index_independent:
        return of_gradient  # one plain step would show the same gradient, less sharply
    return together(of_gradient, judge_training_ties(implementation, case, pairs))


def _with_equal_outputs(domain: Domain, tier: Tier, *, targets_too: bool = True) -> st.SearchStrategy[Case]:
    @st.composite
    def equal_outputs(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        softmax = case.network.loss == "softmax_cross_entropy"
        # The targets of a softmax share their sum: halves stay exact.
        outputs = draw(index_groups(case.network.sizes[-1], "small" if softmax else tier))
        parameters, y = case.parameters.copy(), case.batch.y.copy()
        copy_incoming(parameters, case.network.layer_count - 1, outputs)
        if targets_too and softmax and case.network.loss in domain.capabilities.class_targets:
            other = next(k for k in range(case.network.sizes[-1]) if k not in outputs)
            y[y[:, outputs].any(axis=1), other] = 1.0  # a class that is none of the two
            y[:, outputs] = 0.0
        elif targets_too:
            y[:, outputs] = y[:, outputs].sum(axis=1, keepdims=True) / 2 if softmax else y[:, outputs[:1]]
        batch = Batch(case.batch.x, y, case.batch.sample_weights)
        return replace(case, parameters=parameters, batch=batch, details={"outputs": outputs})

    least = 0 if domain.capabilities.max_hidden_layers == 0 else 1
    fewest = 3 if "softmax_cross_entropy" in domain.capabilities.class_targets else 2
    drawn = cases(
        domain, tier,
        networks(domain, tier, hidden_layers=(least, 2), outputs=(fewest, 3 if tier == "small" else 33)),
    )  # fmt: skip
    return equal_outputs()


def _judge_sym5(implementation: Checked, case: Case) -> Judgement:
    return judge_gradient_ties(implementation, case, _output_pairs(case))


SYM4: Final = Property(
    id="SYM4",
    group="symmetry",
    title="equal features get equal gradient rows",
    statement="Features that are equal in every sample get equal rows of the first gradient; rows of the first "
    "weight matrix that start equal stay so.",
    formula="xᵢⱼ = xᵢₖ for all i  ⇒  (∂W₁)ⱼ = (∂W₁)ₖ, rows of ∂W₁",
    precondition="the features are equal in every sample, and the rows of W₁ as well (for the training)",
    exactness=Exactness.BITWISE,
    catches="features indexed wrongly in the gradient of the first layer, strides of the input ignored",
    source="Follows from ∂W₁ = xᵀ δ₁.",
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
    formula="(W_L)ⱼ = (W_L)ₖ, cⱼ = cₖ, yᵢⱼ = yᵢₖ for all i  ⇒  (∂W_L)ⱼ = (∂W_L)ₖ, ∂cⱼ = ∂cₖ, columns of W_L",
    precondition="incoming weights, biases and target columns are all equal",
    exactness=Exactness.BITWISE,
    catches="targets rolled or paired with the wrong output, an output left out of the loss",
    source="Follows from δ_L being the same function of z_L and y for every output.",
    cases=_with_equal_outputs,
    judge=_judge_sym5,
    promise=PROMISE,
    without_precondition=lambda domain: _with_equal_outputs(domain, "small", targets_too=False),
)
