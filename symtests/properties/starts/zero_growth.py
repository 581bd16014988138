"""ZERO3: from zero weights, one more layer of a logistic network, the output first, leaves zero at each step."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.oracle import train
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.judging.judging import REJECTED, number, violated
from symtests.training import Training

__all__ = ["ZERO3"]


def _growing_cases(domain: Domain, tier: Tier, *, one_sign: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases in which no sum over samples, outputs or units can cancel, and no output overtakes its target.

    Inputs are positive, and targets lie above what the network answers at zero, the largest at most twice as far as
    the smallest. A step moves an output by at most 1/16 of its way, since rate * curvature <= 1/16 with a curvature of
    at most 2 (H / 4 + 1) for H units in the last hidden layer; there are at most four steps.
    """

    @st.composite
    def growing(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        x, y = case.batch.x, case.batch.y
        if one_sign:
            x, y = np.abs(x), (1 + np.abs(y)) / 2 if case.network.loss == "mse" else np.ones_like(y)
        rate = 2.0 ** -np.ceil(np.log2(8 * (case.network.sizes[-2] + 4)))
        steps = draw(st.integers(1, case.network.layer_count))
        zero = Parameters.zeros(case.network, domain.dtype)
        return replace(case, parameters=zero, batch=Batch(x, y), training=Training("sgd", float(rate), steps))

    if "sgd" not in domain.capabilities.optimizers:
        raise Unsupported("the property is one of plain gradient descent; it has no sgd")
    drawn = cases(
        domain, tier,
        networks(
            domain, tier, activations=("logistic",), losses=("mse", "bce", "logistic_mse"), bias=(True, False),
            hidden_layers=(1, 3),
        ),
        sample_weights=False,
    )  # fmt: skip
    return growing()


def _least(implementation: Checked) -> float:
    """Return the least size of a result that no error signal on the way to it can have underflowed for."""
    if implementation.unit_roundoff > 2.0**-24:
        return 2.0**-14  # as of float16, whose numbers end there: a coarse arithmetic tells its digits, not its range
    return 2.0**-100 if implementation.dtype == "float32" else 2.0**-800


def _judge(implementation: Checked, case: Case) -> Judgement:
    network, steps = case.network, case.training.steps
    right = train(network, case.parameters, case.batch, case.training)
    moving = np.arange(network.parameter_count) >= network.weight_slice(max(network.layer_count - steps, 0)).start
    smallest = np.min(np.abs(right.vector[moving]))
    if 0 < smallest < _least(implementation):
        return REJECTED  # the product of so many small factors may underflow
    after = implementation.train(network, case.parameters, case.batch, case.training)
    wrong = np.flatnonzero((after.vector != 0) != moving)
    if not wrong.size:
        return Judgement("held", bitwise=True)
    index = int(wrong[0])
    name, value = after.name_of(index), number(after.vector[index])
    went = f"{steps} step{'s' * (steps > 1)} from zero, the last {steps} of {network.layer_count} weight layers"
    what = f"{name} is still 0" if moving[index] else f"{name} has moved to {value} although it is not among them"
    return violated(
        f"after {went} should have moved, but {what}",
        f"{name} after {steps} step{'s' * (steps > 1)}",
        (
            "after = implementation.train(network, parameters, batch, training)",
            'theta = np.asarray(getattr(after, "vector", after))',
            f"assert theta[{index}] {'!=' if moving[index] else '=='} 0, theta[{index}]  # {name}",
        ),
        expected=right.vector[index],
        found=after.vector[index],
    )


ZERO3: Final = Property(
    id="ZERO3",
    group="zero_init",
    title="from zero, one layer more moves each step",
    statement="A logistic network of L weight layers that starts at zero moves one layer more with each step of plain "
    "gradient descent: after t steps, exactly the last t layers differ from zero.",
    formula="θ(0) = 0  ⇒  after t steps, every entry of Wₗ and bₗ is ≠ 0 for l > L − t, and 0 for l ≤ L − t",
    precondition="logistic hidden units; mse, bce or logistic_mse; all inputs positive, all targets above the answer "
    "at zero, and a learning rate so small that no output overtakes a target: no sum can then cancel",
    exactness=Exactness.LOGICAL,
    catches="output weights updated before the hidden error signals are computed, a layer that is skipped or updated "
    "twice",
    source="Follows from the chain rule, layer by layer.",
    claims=("S11",),
    cases=_growing_cases,
    judge=_judge,
    without_precondition=lambda domain: _growing_cases(domain, "small", one_sign=False),
)
