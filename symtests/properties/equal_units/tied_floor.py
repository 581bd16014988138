"""EMB3 and EMB4: a tied network cannot learn the exclusive or, however long it is trained.

The floor. All units of each hidden layer are tied, so the network is f(x) = h(t(x)) with t affine and h a composition
of monotone maps. The four inputs are the corners of a parallelogram: t00 + t11 = t01 + t10, so that in the order of t
one diagonal pair encloses the other, and the targets come as 0, 1, 1, 0 or as 1, 0, 0, 1. The nearest monotone sequence
is (0, 2/3, 2/3, 2/3) or its mirror image, by pooling adjacent violators, for the squared error as for every other
Bregman divergence, of which the cross-entropy is one:

    mse  >= (2/3)^2 / 4 + 2 (1/3)^2 / 4 = 1/6,        bce >= 3/4 H(2/3) = 3/4 ln 3 - 1/2 ln 2 = 0.477386

The best constant answer has 1/4 and ln 2. A logistic at the output is one monotone map more, and its values lie in
[0, 1] as the best ones do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.oracle import passes
from symtests.parameters import Parameters
from symtests.properties.base import Case, Exactness, Judgement, Property, Violation
from symtests.properties.drawing.xor_starts import learning_cases, tied_cases
from symtests.properties.equal_units.symmetry import RUMELHART
from symtests.properties.judging.answers import Measured, measure
from symtests.properties.judging.judging import REJECTED, TRIVIAL, number

__all__ = ["EMB3", "EMB4", "XOR_FLOORS", "tie_all"]

XOR_FLOORS: Final = {
    "mse": 1 / 6,
    "logistic_mse": 1 / 6,
    "bce": 0.75 * math.log(3) - 0.5 * math.log(2),
}
"""The least loss of a tied network with monotone activations on the exclusive or."""
_OF_BEST_CONSTANT: Final = {"mse": 1 / 4, "logistic_mse": 1 / 4, "bce": math.log(2)}
_STRETCHES: Final = 2


def tie_all(parameters: Parameters) -> None:
    """Give all units of each hidden layer the mean of their incoming and the mean of their outgoing weights, in place.

    Rounding is done once for all units: they are equal bit for bit.
    """
    last = parameters.network.layer_count - 1
    for layer, (weight, bias) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        exact = weight.astype(np.float64)
        if layer:  # units below
            exact = np.broadcast_to(exact.mean(axis=0), exact.shape)
        if layer < last:  # units above
            exact = np.broadcast_to(exact.mean(axis=1, keepdims=True), exact.shape)
            bias[...] = bias.astype(np.float64).mean() if bias.size else bias
        weight[...] = exact


_DIVERGED: Final = 2.0**12
"""Size of a parameter, NaN included, from which on a training of the exclusive or is taken to diverge.

Up to it, losses and gradients of three hidden layers are far from an overflow in float32.
"""


def _judge(implementation: Checked, case: Case) -> Judgement:
    """Train in stretches, and judge the loss at the start and after each.

    Where ties are not promised bit for bit, the units are tied again after each stretch: then the floor is a theorem
    about the parameters, whatever rounding has done, and the loss that is reported of them is judged. Where they are
    promised, nobody ties them again.
    """
    reports = implementation.offers("loss_and_gradient")
    ties_again = not implementation.capabilities.index_independent and case.details.get("tied", True)
    if not reports and ties_again:
        raise Unsupported("it reports no loss, and does not claim that equal units stay equal bit for bit")
    theta, best = case.parameters, None
    for stretch in range(_STRETCHES + 1):
        if stretch:
            before, theta = theta, implementation.train(case.network, theta, case.batch, case.training, finite=False)
            if not (np.abs(theta.vector) < _DIVERGED).all():
                # One step never is a matter of rounding: NaN there is a misbehaviour.
                implementation.train(case.network, before, case.batch, case.training.with_steps(1))
                return REJECTED  # at such rates, whether it diverges is a matter of rounding
            if ties_again:
                tie_all(theta)
        reached = _Reached(measure(implementation, replace(case, parameters=theta)), stretch * case.training.steps)
        if reached.below > 0 and reached.below > reached.measured.loss_tolerance:
            violation = _violation(reached, stretch, ties_again)
            return Judgement("violated", violation=violation, tolerance=reached.measured.expected.form)
        if best is None or reached.loss < best.loss:
            best = reached
    return TRIVIAL if best is None or not best.conclusive else _held(best)


@dataclass(frozen=True, eq=False)
class _Reached:
    """What was answered after some steps."""

    measured: Measured
    steps: int

    @property
    def case(self) -> Case:
        """The case with the parameters that were reached."""
        return self.measured.case

    @property
    def floor(self) -> float:
        """The least loss of a tied network."""
        return XOR_FLOORS[self.case.network.loss]

    @cached_property
    def loss(self) -> float:
        """The loss as it is reported, or that of the parameters where none is."""
        reported = self.measured.answer.loss
        return passes.loss(self.case.network, self.case.parameters, self.case.batch) if reported is None else reported

    @property
    def below(self) -> float:
        """How far the loss lies below the floor."""
        return self.floor - self.loss

    @property
    def conclusive(self) -> bool:
        """Whether the loss is nearer to the floor than to what a constant answer has."""
        return self.loss < (self.floor + _OF_BEST_CONSTANT[self.case.network.loss]) / 2


def _held(best: _Reached) -> Judgement:
    bound = best.measured.loss_tolerance
    return Judgement(
        "held",
        fraction=max(best.below, 0.0) / bound if bound else 0.0,
        detectable=(max(-best.below, 0.0) + bound) / best.floor,
        tolerance=best.measured.expected.form,
    )


def _violation(reached: _Reached, stretch: int, ties_again: bool) -> Violation:
    implementation, case, floor = reached.measured.implementation, reached.case, reached.floor
    loss, found, bound = case.network.loss, reached.loss, reached.measured.loss_tolerance
    when = f"after {reached.steps} steps of {case.training.optimizer}, " if stretch else ""
    sentence = (
        f"the hidden units started equal, so that {loss} on the exclusive or cannot fall below {floor:.9g}, but "
        f"{when}it is {number(found)}; rounding explains {bound:.3g}"
    )
    scale = float(implementation.capabilities.loss_scale.get(loss, 1.0))
    lines = ["theta = parameters.copy()"]
    if stretch:
        lines += [
            f"for stretch in range({stretch}):",
            "    theta = implementation.train(network, theta, batch, training)",
            '    theta = Parameters(network, np.array(getattr(theta, "vector", theta)))',
            *(_TYING_LINES if ties_again else ()),
        ]
    if implementation.offers("loss_and_gradient"):
        lines.append(f"loss = float(implementation.loss_and_gradient(network, theta, batch)[0]) / {scale!r}")
        lines.append(f"assert loss >= {floor!r} - {bound!r}, loss")
    else:
        lines.append("assert (theta.weight(0) == theta.weight(0)[:, :1]).all(), theta.weight(0)  # equal units")
    return Violation(sentence, loss, floor, found, bound, tuple(lines))


_TYING_LINES: Final = (
    "    for k, (w, b) in enumerate(zip(theta.weights, theta.biases)):  # the units are made equal again",
    "        exact = w.astype(float)",
    "        exact = exact.mean(axis=0) if k else exact",
    "        last = k == len(theta.weights) - 1",
    "        w[...] = exact if last else exact.reshape(-1, w.shape[1]).mean(axis=1, keepdims=True)",
    "        b[...] = b if last else b.astype(float).mean()",
)

_STATEMENT: Final = (
    "A network whose hidden units start equal never gets {what} on the exclusive or below {floor}, however it is "
    "trained."
)
_PRECONDITION: Final = (
    "monotone activations; all units of each hidden layer start with equal incoming and equal outgoing weights; where "
    "equal units do not stay equal bit for bit, they are tied again after each stretch of training"
)
_CATCHES: Final = (
    "units that differ by noise or dropout of their own, a reported loss that leaves samples out, an activation that "
    "is not the monotone one that it is sold as"
)
_SOURCE: Final = (
    f"{RUMELHART}; the floor is an isotonic regression: T. Robertson, F. Wright, R. Dykstra, Order Restricted "
    "Statistical Inference (1988)"
)


def _property(number_of_property: str, title: str, what: str, floor: str, formula: str, losses: tuple[str, ...],
         claims: tuple[str, ...]) -> Property:  # fmt: skip
    return Property(
        id=number_of_property,
        group="embedding",
        title=title,
        statement=_STATEMENT.format(what=what, floor=floor),
        formula=formula,
        precondition=_PRECONDITION,
        exactness=Exactness.ROUNDING,
        catches=_CATCHES,
        source=_SOURCE,
        claims=claims,
        cases=lambda domain, tier: tied_cases(domain, tier, losses),
        judge=_judge,
        without_precondition=lambda domain: learning_cases(domain, losses),
    )


EMB3: Final = _property(
    "EMB3", "tied units cannot learn the exclusive or, by squared error", "the mean squared error", "1/6",
    "Σᵢ (f(xᵢ) − yᵢ)² / 4 ≥ 1/6", ("mse", "logistic_mse"), ("S1", "S7"),
)  # fmt: skip
EMB4: Final = _property(
    "EMB4", "tied units cannot learn the exclusive or, by cross-entropy", "the cross-entropy", "¾ ln 3 − ½ ln 2",
    "−Σᵢ (yᵢ ln pᵢ + (1 − yᵢ) ln(1 − pᵢ)) / 4 ≥ ¾ ln 3 − ½ ln 2 = 0.477386", ("bce",), ("S7",),
)  # fmt: skip
